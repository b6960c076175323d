"""Two recurrent layers over one input run at once, whatever becomes of their outputs."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from graph.toy import Toy
from kmin.graph.ir import Graph
from kmin.graph.precision import with_precision
from kmin.ops import kernels
from kmin.plan.compile import compile_plan
from kmin.plan.pair_directions import pair_directions

TIERS = kernels.AVAILABLE[1:]
MERGES = ("concat", "sum", "multiply", "average", "apart")

pytestmark = pytest.mark.skipif(not TIERS, reason="no compiled kernels in this install")


def bidirectional(
    op: str, merge: str, sequences: bool, masked: bool = False, first_backwards: bool = False, states: bool = False
) -> Graph:
    """What a Bidirectional layer becomes, between two others."""
    toy = Toy()
    x = toy.dense(toy.input(6, 3), 4)
    mask = toy.input(6, name="mask", dtype="bool") if masked else None
    count = 2 if op == "lstm" else 1
    given = [tuple(toy.input(18, name=f"s{way}{at}") for at in range(count if states else 0)) for way in range(2)]
    options = {"return_sequences": sequences, "zero_output_for_mask": sequences and masked}
    y, *finals = toy.recurrent(op, x, 18, mask, given[0], go_backwards=first_backwards, **options)
    other, *others = toy.recurrent(op, x, 18, mask, given[1], go_backwards=not first_backwards, **options)
    if sequences:
        other = toy.add("reverse", other, axis=1)
    if merge == "apart":
        return toy.graph(toy.dense(y, 2), toy.dense(other, 2), *finals, *others)
    if merge == "concat":
        y = toy.add("concat", y, other, axis=-1)
    else:
        y = toy.add("binary", y, other, kind="multiply" if merge == "multiply" else "add")
        if merge == "average":
            y = toy.add("binary", y, toy.constant(np.float32(0.5)), kind="multiply")
    return toy.graph(toy.dense(y, 2), *finals, *others)


def feed(graph: Graph, rows: int) -> list[np.ndarray]:
    rng = np.random.default_rng(5)
    shapes = [(graph.specs[tensor].dtype, (rows, *graph.specs[tensor].shape[1:])) for tensor in graph.inputs]
    return [rng.random(s) < 0.6 if dtype == "bool" else rng.normal(size=s).astype(dtype) for dtype, s in shapes]


def ops_after(graph: Graph, tier: str = TIERS[-1] if TIERS else "") -> Counter[str]:
    found = kernels.tier(tier)
    assert found is not None
    return Counter(node.op for node in pair_directions(graph, found)[0].nodes)


@pytest.mark.parametrize("sequences", [False, True])
@pytest.mark.parametrize("merge", MERGES)
@pytest.mark.parametrize("op", ["gru", "lstm", "simple_rnn"])
@pytest.mark.parametrize("tier", TIERS)
def test_the_same_in_one_native_call(tier: str, op: str, merge: str, sequences: bool) -> None:
    for masked, backwards, states in ((False, False, False), (True, True, False), (True, False, True)):
        graph = bidirectional(op, merge, sequences, masked, backwards, states)
        assert ops_after(graph, tier) == {"dense": 3 if merge == "apart" else 2, op: 1}
        plans = [compile_plan(graph, tier, threads) for threads in (1, 2)]
        assert [step.kernel for step in plans[0].steps] == ["native"]
        for rows in (0, 1, 2, 31):
            arrays = feed(graph, rows)
            one, two = (plan.run(arrays) for plan in plans)
            plain = compile_plan(graph, "numpy").run(arrays)
            truth = compile_plan(with_precision(graph, "float64"), "numpy").run(
                [array if array.dtype == bool else array.astype("float64") for array in arrays]
            )
            for got, other, near, exact in zip(one, two, plain, truth, strict=True):
                np.testing.assert_array_equal(got, other)
                # Unscaled weights amplify rounding from step to step: NumPy's own error is the measure.
                bound = 1e-5 + 2 * np.abs(near - exact).max(initial=0.0)
                np.testing.assert_allclose(got, exact, rtol=0, atol=bound)


def test_layers_one_after_the_other_stay_apart() -> None:
    toy = Toy()
    y, _ = toy.recurrent("gru", toy.input(6, 4), 4, return_sequences=True)
    z, _ = toy.recurrent("gru", y, 4, go_backwards=True, return_sequences=True)
    assert ops_after(toy.graph(toy.add("concat", y, z, axis=-1))) == {"gru": 2, "concat": 1}


def test_a_state_handed_on_keeps_them_apart() -> None:
    toy = Toy()
    x = toy.input(6, 4)
    y, h = toy.recurrent("gru", x, 4)
    z, _ = toy.recurrent("gru", x, 4, states=(h,), go_backwards=True)
    assert ops_after(toy.graph(toy.add("concat", y, z, axis=-1))) == {"gru": 2, "concat": 1}


def test_what_is_read_in_between_keeps_them_apart() -> None:
    toy = Toy()
    x = toy.input(6, 4)
    y, h = toy.recurrent("gru", x, 4)
    seen = toy.dense(h, 2)
    z, _ = toy.recurrent("gru", x, 4, go_backwards=True)
    assert ops_after(toy.graph(toy.add("concat", y, z, axis=-1), seen))["gru"] == 2


def test_other_units_activations_and_masks_keep_them_apart() -> None:
    for units, options, masked in ((5, {}, False), (4, {"activation": "relu"}, False), (4, {}, True)):
        toy = Toy()
        x = toy.input(6, 4)
        mask = toy.input(6, name="mask", dtype="bool") if masked else None
        y, _ = toy.recurrent("gru", x, 4)
        z, _ = toy.recurrent("gru", x, units, mask, go_backwards=True, **options)
        assert ops_after(toy.graph(toy.add("concat", y, z, axis=-1)))["gru"] == 2


def test_an_output_that_is_read_twice_is_not_merged_away() -> None:
    toy = Toy()
    x = toy.input(6, 4)
    y, _ = toy.recurrent("gru", x, 4)
    z, _ = toy.recurrent("gru", x, 4, go_backwards=True)
    graph = toy.graph(toy.add("concat", y, z, axis=-1), y)
    assert ops_after(graph) == {"gru": 1, "concat": 1}  # run together, joined later
    for tier in TIERS:
        arrays = feed(graph, 3)
        for got, wanted in zip(
            compile_plan(graph, tier).run(arrays), compile_plan(graph, "numpy").run(arrays), strict=True
        ):
            np.testing.assert_allclose(got, wanted, rtol=2e-5, atol=2e-5)

"""Plans of every tier give what NumPy gives, with any number of rows, outputs and threads."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from graph.toy import Toy
from kmin.errors import KminError
from kmin.graph.ir import Graph
from kmin.ops import kernels
from kmin.ops.kernels.bind import BINDERS
from kmin.ops.kernels.bound import Bound
from kmin.plan.compile import compile_plan

TIERS = kernels.AVAILABLE[1:]


def chain() -> Graph:
    """Six dense layers wider than a tile, with activations of every sort."""
    toy = Toy()
    x = toy.input(5)
    for units, kind in ((40, "relu"), (70, "tanh"), (33, "linear"), (64, "gelu"), (16, "relu6")):
        x = toy.dense(x, units, activation=kind)
    return toy.graph(toy.add("softmax", toy.dense(x, 3), axes=(-1,)))


def branches() -> Graph:
    """Outputs in the middle, views of outputs, of inputs and of each other, and a step that NumPy runs."""
    toy = Toy()
    x = toy.input(6)
    seen = toy.add("reshape", x, target=(("x", 0), 2, 3))
    trunk = toy.dense(x, 8, activation="silu")
    folded = toy.add("reshape", trunk, target=(("x", 0), 2, 4))
    activated = toy.add("activation", trunk, kind="sigmoid")
    twice = toy.add("activation", activated, kind="exponential")
    joined = toy.add("sort", toy.add("concat", folded, seen, axis=-1), axis=-1)
    last = toy.dense(joined, 5)
    return toy.graph(seen, trunk, folded, activated, twice, last, trunk)


def images() -> Graph:
    """A residual net with everything that images pass through, and values that live over many steps."""
    toy = Toy()
    one = {"strides": (1, 1), "dilation": (1, 1)}

    def conv(x: str, size: int, filters: int, **attrs: Any) -> str:
        channels = toy.builder.specs[x].shape[-1] or 0
        weights = toy.constant(toy.rng.normal(size=(size, size, channels, filters)).astype(np.float32) / (size * 4))
        return toy.add("conv", x, weights, toy.weight(filters), **{**one, "padding": "same", **attrs})

    x = conv(toy.input(11, 9, 3), 3, 20, strides=(2, 2), activation="relu")
    left = conv(conv(x, 1, 8, activation="relu6"), 3, 20)
    taps = toy.weight(3, 3, 20, 1)
    right = toy.add("depthwise_conv", x, taps, None, **one, padding="same", activation="silu")
    y = toy.add("activation", toy.add("binary", left, right, kind="add"), kind="relu")
    gates = toy.dense(toy.add("reduce", y, kind="mean", axes=(1, 2), keepdims=True), 20, activation="sigmoid")
    y = toy.add("binary", gates, y, kind="multiply")
    y = toy.add("concat", y, x, toy.add("max_pool", x, window=(3, 3), strides=(1, 1), padding="same"), axis=-1)
    statistics = [toy.weight(60), toy.weight(60), toy.weight(60), toy.weight(60, low=0.5)]
    y = toy.add("batch_norm", y, *statistics, axis=-1, epsilon=1e-3)
    y = toy.add("pad", y, pads=((0, 0), (1, 0), (0, 2), (0, 0)))
    y = toy.add("avg_pool", y, window=(2, 2), strides=(2, 2), padding="same")
    y = toy.add("binary", y, toy.constant(np.float32(0.1)), kind="multiply")
    return toy.graph(toy.dense(toy.add("reshape", y, target=(("x", 0), -1)), 5), x)


GRAPHS = {"branches": branches, "chain": chain, "images": images}
# `chain` has unscaled weights and large logits: NumPy in float32 is 8e-5 away from float64 there.
TOLERANCES = {"branches": 1e-5, "chain": 2e-4, "images": 1e-5}


def rows_of(graph: Graph, rows: int) -> list[np.ndarray]:
    rng = np.random.default_rng(5)
    return [rng.normal(size=(rows, *graph.specs[t].shape[1:])).astype(np.float32) for t in graph.inputs]


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 17, 223, 224, 225, 1000])
@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize("name", TIERS)
def test_same_as_numpy(name: str, graph: str, rows: int) -> None:
    made = GRAPHS[graph]()
    arrays = rows_of(made, rows)
    wanted = compile_plan(made, "numpy").run(arrays)
    for got, want in zip(compile_plan(made, name).run(arrays), wanted, strict=True):
        assert got.shape == want.shape
        np.testing.assert_allclose(got, want, rtol=TOLERANCES[graph], atol=TOLERANCES[graph])


@pytest.mark.parametrize("graph", ["chain", "images"])
@pytest.mark.parametrize("name", TIERS)
def test_rows_do_not_depend_on_the_batch(name: str, graph: str) -> None:
    plan = compile_plan(GRAPHS[graph](), name)
    (x,) = rows_of(GRAPHS[graph](), 500)
    whole = plan.run([x])[0]
    for at, rows in ((0, 1), (10, 2), (220, 14), (100, 300)):
        np.testing.assert_array_equal(plan.run([x[at : at + rows]])[0], whole[at : at + rows])


@pytest.mark.parametrize("name", TIERS)
def test_a_net_of_images_is_one_call(name: str) -> None:
    plan = compile_plan(images(), name, threads=1)
    assert [step.kernel for step in plan.steps] == ["native"]
    peak = plan.peak_bytes(1)
    assert peak is not None
    row = 4 * (11 * 9 * 3 + 6 * 5 * 20 + 5)  # the input and both outputs
    live = 4 * 60 * (6 * 5 + 7 * 7)  # the normalised concatenation and the padded one
    scratch = 2 * 112 * 9 * 8  # pointers to the cells of windows that are looked up together
    assert row < peak <= row + live + scratch + 64 * 8


@pytest.mark.parametrize("name", TIERS)
def test_inputs_are_left_alone_and_may_be_strided(name: str) -> None:
    plan = compile_plan(branches(), name)
    (x,) = rows_of(branches(), 9)
    kept = x.copy()
    wanted = plan.run([x])
    np.testing.assert_array_equal(x, kept)
    for odd in (np.asfortranarray(x), np.repeat(x, 2, axis=1)[:, ::2], x[::-1][::-1]):
        for got, want in zip(plan.run([odd]), wanted, strict=True):
            np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("name", TIERS)
def test_other_row_shapes_are_refused(name: str) -> None:
    plan = compile_plan(chain(), name)
    with pytest.raises(ValueError, match=r"rows of shape \(5,\) are read; received float32 of shape \(2, 6\)"):
        plan.run([np.zeros((2, 6), np.float32)])


@pytest.mark.parametrize("name", TIERS)
def test_the_shortest_way_takes_only_what_fits(name: str) -> None:
    plan = compile_plan(chain(), name)
    (x,) = rows_of(chain(), 7)
    np.testing.assert_array_equal(plan.call(x), plan.run([x])[0])
    strided = np.repeat(x, 2, axis=1)[:, ::2]
    swapped = x.astype(x.dtype.newbyteorder())
    for other in (x.tolist(), x[:0], x[:, :4], x[0], x[None], strided, swapped, x.astype(np.float64), None):
        assert plan.call(other) is None
    assert plan.call(np.ma.masked_array(x)) is None
    assert compile_plan(branches(), name).call(x) is None
    assert compile_plan(chain(), "numpy").call(x) is None


@pytest.mark.parametrize("rows", [1, 700])
@pytest.mark.parametrize("name", TIERS)
def test_many_threads_on_one_plan(name: str, rows: int) -> None:
    plan = compile_plan(chain(), name)
    inputs = [rows_of(chain(), rows)[0] * np.float32(1 + number) for number in range(8)]
    wanted = [plan.run([x])[0] for x in inputs]
    wrong: list[int] = []

    def work(number: int) -> None:
        for _ in range(30):
            if not np.array_equal(plan.call(inputs[number]), wanted[number]):
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("name", TIERS)
def test_results_are_new_arrays(name: str) -> None:
    plan = compile_plan(chain(), name)
    (x,) = rows_of(chain(), 3)
    first = plan.call(x)
    assert first is not None
    kept = first.copy()
    second = plan.call(x * 2)
    assert second is not None
    assert not np.shares_memory(first, second)
    np.testing.assert_array_equal(first, kept)


@pytest.mark.parametrize("name", TIERS)
def test_a_plan_prints_its_kernels_and_its_memory(name: str) -> None:
    plan = compile_plan(chain(), name)
    text = str(plan)
    assert f"{name}:dense+relu(x)" in text
    assert f"{name}:softmax" in text
    assert "6 kernels" in text or "7 kernels" in text
    widest = 4 * (40 + 70)  # two neighbours in the chain share the workspace
    one, many = plan.peak_bytes(1), plan.peak_bytes(10_000)
    assert one is not None
    assert many is not None
    assert 4 * (5 + 3) + widest <= one <= 4 * (5 + 3) + widest + 2 * 64
    assert many < 10_000 * 4 * (5 + 3) + 300 * one  # rows pass in blocks


def test_numpy_plan_knows_its_memory() -> None:
    toy = Toy()
    x = toy.input(4)
    y = toy.dense(toy.dense(x, 100), 2)
    plan = compile_plan(toy.graph(y), "numpy")
    assert plan.peak_bytes(10) == 10 * 4 * (4 + 100)
    free = Toy()
    assert compile_plan(free.graph(free.dense(free.input(None, 4), 2)), "numpy").peak_bytes(10) is None


def test_unknown_tier_is_refused() -> None:
    with pytest.raises(KminError, match=r"kernels must be one of numpy.*received 'mmx'"):
        compile_plan(chain(), "mmx")


@pytest.mark.parametrize("name", TIERS)
def test_many_segments_between_numpy_steps(name: str) -> None:
    toy = Toy()
    x = toy.input(4)
    for _ in range(400):
        x = toy.add("activation", x, kind="tanh")
        x = toy.add("transpose", toy.add("transpose", x, perm=(1, 0)), perm=(1, 0))
    made = toy.graph(x)
    plan = compile_plan(made, name)
    assert sum(step.native is not None for step in plan.steps) == 400
    arrays = rows_of(made, 3)
    np.testing.assert_allclose(plan.run(arrays)[0], compile_plan(made, "numpy").run(arrays)[0], atol=1e-5)


@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize("shape", ["chain", "fan", "many inputs"])
def test_more_inputs_and_outputs_than_one_native_call_takes(name: str, shape: str) -> None:
    toy = Toy()
    x = toy.input(4)
    if shape == "many inputs":
        rest = [toy.input(2, name=f"x{number}") for number in range(80)]
        results = [toy.dense(toy.add("concat", x, *rest, axis=1), 3)]
    else:
        results = [toy.dense(x, 4, activation="tanh")]
        for _ in range(150):
            results.append(toy.dense(results[-1] if shape == "chain" else x, 4, activation="tanh"))
    made = toy.graph(*results)
    arrays = rows_of(made, 3)
    plan = compile_plan(made, name)
    assert any(step.native is not None for step in plan.steps)
    for got, want in zip(plan.run(arrays), compile_plan(made, "numpy").run(arrays), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", TIERS)
def test_more_axes_than_a_native_call_takes(name: str) -> None:
    toy = Toy()
    y = toy.add("reshape", toy.dense(toy.input(4), 2), target=(("x", 0), *[1] * 20, 2))
    made = toy.graph(toy.add("activation", y, kind="tanh"))
    arrays = rows_of(made, 3)
    got, want = compile_plan(made, name).run(arrays)[0], compile_plan(made, "numpy").run(arrays)[0]
    assert got.shape == (3, *[1] * 20, 2)
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", TIERS)
def test_each_step_of_a_native_call_can_be_timed(name: str) -> None:
    plan = compile_plan(chain(), name, threads=2)
    (step,) = plan.steps
    assert step.native is not None
    x = np.random.default_rng(5).normal(size=(300, 5)).astype(np.float32)
    times = step.native.program.step_nanoseconds([x], 3)
    assert len(times) == len(step.native.operations)
    assert all(time >= 0 for time in times)
    assert sum(times) > 0


@pytest.mark.parametrize("name", TIERS)
def test_kernels_of_other_sizes_than_their_tensors_are_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tier, toy = kernels.tier(name), Toy()
    assert tier is not None
    wide = Bound((tier.elementwise("tanh", (), 12),), False, 1.0)
    monkeypatch.setitem(BINDERS, "activation", lambda *_: wide)
    graph = toy.graph(toy.add("activation", toy.input(4), kind="tanh"))
    with pytest.raises(ValueError, match=r"tanh has 12 values per sample where 'x' is float32\(None, 4\)"):
        compile_plan(graph, name)

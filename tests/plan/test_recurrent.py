"""Recurrent nets, from ids to answers, as one native call."""

from __future__ import annotations

import numpy as np
import pytest

from graph.toy import Toy
from kmin.errors import InputError
from kmin.graph.ir import Graph
from kmin.ops import kernels
from kmin.plan.compile import compile_plan

TIERS = kernels.AVAILABLE[1:]
WORDS = 30

pytestmark = pytest.mark.skipif(not TIERS, reason="no compiled kernels in this install")


def text(dtype: str, masked: bool) -> Graph:
    """Ids to two recurrent layers and the states of the last."""
    toy = Toy()
    ids = toy.input(12, dtype=dtype)
    mask = toy.add("binary", ids, toy.constant(np.asarray(0, dtype)), kind="not_equal") if masked else None
    whole = ids if dtype != "float32" else toy.add("cast", ids, dtype="int32")
    x = toy.add("gather", toy.weight(WORDS, 7), whole, wrap=True, name="words")
    y, _ = toy.recurrent("gru", x, 18, mask, return_sequences=True)
    y, h, c = toy.recurrent("lstm", y, 21, mask)
    return toy.graph(toy.dense(y, 3, activation="sigmoid"), h, c)


def ids(dtype: str, rows: int = 5) -> np.ndarray:
    return np.random.default_rng(3).integers(0, WORDS, (rows, 12)).astype(dtype)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("dtype", ["int32", "int64", "float32"])
@pytest.mark.parametrize("tier", TIERS)
def test_text_is_one_native_call(tier: str, dtype: str, masked: bool) -> None:
    graph = text(dtype, masked)
    for threads in (1, 2):
        plan = compile_plan(graph, tier, threads)
        assert [step.kernel for step in plan.steps] == ["native"]
        for rows in (0, 1, 5, 40):
            x = ids(dtype, rows)
            for got, wanted in zip(plan.run([x]), compile_plan(graph, "numpy").run([x]), strict=True):
                assert got.shape == wanted.shape
                np.testing.assert_allclose(got, wanted, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("tier", TIERS)
def test_ids_outside_are_refused_in_the_words_of_numpy(tier: str) -> None:
    x = ids("int32")
    x[3, 4] = WORDS
    plan = compile_plan(text("int32", True), tier)
    with pytest.raises(InputError, match=r"words: ids must be in \[-30, 30\); received 30"):
        plan.run([x])
    x[3, 4] = 0
    assert len(plan.run([x])) == 3


def one_output(dtype: str) -> Graph:
    toy = Toy()
    x = toy.add("gather", toy.weight(WORDS, 4), toy.input(6, dtype=dtype), name="words")
    return toy.graph(toy.recurrent("lstm", x, 5)[0])


@pytest.mark.parametrize("dtype", ["int32", "int64"])
@pytest.mark.parametrize("tier", TIERS)
def test_the_shortest_way_takes_ids(tier: str, dtype: str) -> None:
    plan = compile_plan(one_output(dtype), tier)
    x = np.arange(18, dtype=dtype).reshape(3, 6)
    got = plan.call(x)
    assert got is not None
    np.testing.assert_array_equal(got, plan.run([x])[0])
    assert plan.call(x + 20) is None  # outside the table
    for other in (x.astype("float32"), x.astype("int16"), x[:, ::-1], x.astype(x.dtype.newbyteorder())):
        assert plan.call(other) is None

"""Embeddings before recurrent layers vanish into them, unless something else reads them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from graph.toy import Toy
from kmin.errors import InputError
from kmin.graph.ir import Graph
from kmin.graph.precision import with_precision
from kmin.ops import kernels
from kmin.ops.tensor import Array
from kmin.plan.compile import compile_plan

TIERS = kernels.AVAILABLE[1:]
WORDS = 50

pytestmark = pytest.mark.skipif(not TIERS, reason="no compiled kernels in this install")


def embedded(toy: Toy, dtype: str = "int32") -> str:
    table = np.random.default_rng(3).normal(size=(WORDS, 6)).astype(np.float32)
    return toy.add("gather", toy.constant(table), toy.input(9, name="ids", dtype=dtype))


def one(toy: Toy) -> Graph:
    return toy.graph(toy.dense(toy.recurrent("lstm", embedded(toy), 20)[0], 2))


def both(toy: Toy) -> Graph:
    x = embedded(toy, "int64")
    y, other = (toy.recurrent("gru", x, 20, go_backwards=backwards)[0] for backwards in (False, True))
    return toy.graph(toy.dense(toy.add("concat", y, other, axis=-1), 2))


def masked(toy: Toy) -> Graph:
    x = embedded(toy)
    mask = toy.add("binary", "ids", toy.constant(np.int32(0)), kind="not_equal")
    return toy.graph(toy.dense(toy.recurrent("lstm", x, 20, mask)[0], 2))


def read_twice(toy: Toy) -> Graph:
    x = embedded(toy)
    y = toy.recurrent("lstm", x, 20)[0]
    return toy.graph(toy.dense(y, 2), toy.add("reduce", x, kind="mean", axes=(1,), keepdims=False))


def a_result(toy: Toy) -> Graph:
    x = embedded(toy)
    return toy.graph(toy.dense(toy.recurrent("lstm", x, 20)[0], 2), x)


def between(toy: Toy) -> Graph:
    return toy.graph(toy.recurrent("lstm", toy.dense(embedded(toy), 6), 20)[0])


def far(y: Array, exact: Array) -> float:
    return float(np.abs(y - exact).max(initial=0))


CASES: dict[str, tuple[Callable[[Toy], Graph], int]] = {
    "a result": (a_result, 0),
    "between": (between, 0),
    "both": (both, 1),
    "masked": (masked, 1),
    "one": (one, 1),
    "read twice": (read_twice, 0),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", TIERS)
def test_words(name: str, case: str) -> None:
    build, count = CASES[case]
    graph = build(Toy())
    plan, truth = compile_plan(graph, name, 2), compile_plan(graph, "numpy")
    lines = [line for step in plan.steps if step.native is not None for line in step.native.lines()]
    assert sum("gather+" in line for line in lines) == count
    assert [step.kernel for step in plan.steps] == ["native"]
    double = compile_plan(with_precision(graph, "float64"), "numpy")
    errors: list[tuple[float, float]] = []
    for rows in (0, 1, 2, 9, 1, 33):
        ids = np.random.default_rng(rows).integers(0, WORDS, (rows, 9)).astype(graph.specs["ids"].dtype)
        for got, wanted, exact in zip(plan.run([ids]), truth.run([ids]), double.run([ids]), strict=True):
            assert got.shape == wanted.shape
            assert got.dtype == wanted.dtype
            errors.append((far(got, exact), far(wanted, exact)))
    ours, theirs = np.max(errors, axis=0)
    assert ours <= 2 * theirs


@pytest.mark.parametrize("name", TIERS)
def test_words_outside_are_refused_in_the_words_of_numpy(name: str) -> None:
    plan = compile_plan(masked(Toy()), name)
    for wrong in (-1, WORDS):
        with pytest.raises(InputError, match=rf"ids must be in \[0, {WORDS}\); received {wrong}"):
            plan.run([np.full((1, 9), wrong, np.int32)])

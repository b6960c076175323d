"""Elementwise nodes that alone read each other run in one pass, and give what NumPy gives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from graph.toy import Toy
from kmin.graph.ir import Graph
from kmin.ops import kernels
from kmin.plan.compile import compile_plan

TIERS = kernels.AVAILABLE[1:]

pytestmark = pytest.mark.skipif(not TIERS, reason="no compiled kernels in this install")


def hard_swish(toy: Toy) -> str:
    x = toy.input(7, 5, 24)
    inner = toy.add("activation", toy.add("binary", x, toy.constant(np.float32(3)), kind="add"), kind="relu6")
    return toy.add(
        "binary", x, toy.add("binary", inner, toy.constant(np.float32(1 / 6)), kind="multiply"), kind="multiply"
    )


def spread(toy: Toy) -> str:
    """Rows by columns, as in masks of attention, and one number per sample."""
    x, rows, columns = toy.input(3, 8, 8), toy.input(1, 8, 1, name="rows"), toy.input(3, 1, 8, name="columns")
    one = toy.input(1, 1, 1, name="one")
    both = toy.add("binary", rows, columns, kind="multiply")
    return toy.add("binary", toy.add("binary", x, both, kind="subtract"), one, kind="maximum")


def chosen(toy: Toy) -> str:
    x, mask = toy.input(6, 33), toy.input(6, 1, name="mask", dtype="bool")
    low = toy.add("binary", x, toy.constant(np.float32(0.1)), kind="less")
    where = toy.add("binary", toy.add("unary", low, kind="logical_not"), mask, kind="logical_and")
    return toy.add("where", where, toy.add("unary", x, kind="negative"), toy.constant(np.zeros((1, 33), np.float32)))


def truth(toy: Toy) -> str:
    """A result of bytes, of every comparison."""
    x, other = toy.input(19), toy.input(19, name="other")
    kinds = ("equal", "greater", "greater_equal", "less", "less_equal", "not_equal")
    tests = [toy.add("binary", x, other, kind=kind) for kind in kinds]
    found = tests[0]
    for number, test in enumerate(tests[1:]):
        found = toy.add("binary", found, test, kind="logical_or" if number % 2 else "logical_and")
    return toy.add("binary", found, toy.add("unary", x, kind="isnan"), kind="logical_or")


def cast(toy: Toy) -> str:
    mask = toy.add("cast", toy.input(5, 4, dtype="bool"), dtype="float32")
    lowered = toy.add("binary", toy.constant(np.float32(1)), mask, kind="subtract")
    return toy.add("binary", lowered, toy.constant(np.float32(-1e9)), kind="multiply")


def vectors(toy: Toy) -> str:
    """Constants along every axis, and more values than one block."""
    x = toy.input(30, 40, 3)
    for shape in ((3,), (40, 1), (30, 1, 1), (1, 30, 40, 3)):
        x = toy.add("binary", x, toy.weight(*shape), kind="add" if shape[0] % 2 else "multiply")
    return toy.add("unary", toy.add("unary", x, kind="square"), kind="exp")


GRAPHS: dict[str, tuple[Callable[[Toy], str], int]] = {
    "cast": (cast, 3),
    "chosen": (chosen, 5),
    "hard_swish": (hard_swish, 4),
    "spread": (spread, 3),
    "truth": (truth, 13),
    "vectors": (vectors, 6),
}


def inputs_of(toy: Toy, graph: Graph, rows: int) -> list[np.ndarray]:
    toy.batch = rows
    arrays = toy.feed(graph)
    for array in arrays:
        if array.dtype == np.float32 and array.size > 5:
            array.reshape(-1)[:4] = (np.nan, np.inf, -np.inf, 0)
    return arrays


@pytest.mark.parametrize("rows", [1, 3, 40])
@pytest.mark.parametrize("which", GRAPHS)
@pytest.mark.parametrize("name", TIERS)
def test_one_pass_gives_what_numpy_gives(name: str, which: str, rows: int) -> None:
    toy = Toy()
    build, steps = GRAPHS[which]
    graph = toy.graph(build(toy))
    x = inputs_of(toy, graph, rows)
    with np.errstate(all="ignore"):
        (wanted,) = compile_plan(graph, "numpy").run(x)
    plans = [compile_plan(graph, name, threads=threads) for threads in (1, 3)]
    results = [plan.run(x)[0] for plan in plans]
    (native,) = plans[0].steps
    assert native.native is not None, native.kernel
    names = [op.kernel.name for op in native.native.operations]
    assert sum(kernel.count(",") + 1 for kernel in names if "expression" in kernel) == steps
    np.testing.assert_array_equal(results[0], results[1])
    assert results[0].dtype == wanted.dtype
    np.testing.assert_allclose(results[0], wanted, rtol=3e-7, atol=1e-30)
    if wanted.dtype == np.float32:  # also of zeros
        known = ~np.isnan(wanted)
        np.testing.assert_array_equal(np.signbit(results[0][known]), np.signbit(wanted[known]))


def test_what_others_read_ends_a_pass() -> None:
    toy = Toy()
    x = toy.input(6)
    first = toy.add("unary", x, kind="square")
    second = toy.add("unary", first, kind="negative")
    graph = toy.graph(first, toy.add("binary", second, first, kind="add"))
    plan = compile_plan(graph, TIERS[-1])
    toy.assert_same(graph, graph)
    for got, wanted in zip(plan.run(toy.feed(graph)), compile_plan(graph, "numpy").run(toy.feed(graph)), strict=True):
        np.testing.assert_array_equal(got, wanted)


@pytest.mark.parametrize("dtype", ["float64", "int32"])
def test_other_numbers_are_left_to_numpy(dtype: str) -> None:
    toy = Toy(dtype=dtype)
    x = toy.input(6)
    graph = toy.graph(toy.add("binary", toy.add("binary", x, x, kind="add"), x, kind="less"))
    plan = compile_plan(graph, TIERS[-1])
    assert [step.kernel for step in plan.steps] == ["numpy:binary", "numpy:binary"]


def test_long_chains_are_cut() -> None:
    toy = Toy()
    x = toy.input(50)
    y = x
    for number in range(100):
        y = toy.add("binary", y, toy.constant(np.float32(number % 3)), kind="add" if number % 2 else "subtract")
    graph = toy.graph(y)
    arrays = toy.feed(graph)
    np.testing.assert_array_equal(
        compile_plan(graph, TIERS[-1]).run(arrays)[0], compile_plan(graph, "numpy").run(arrays)[0]
    )

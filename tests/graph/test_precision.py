"""with_precision: every float in one dtype, everything else as it was."""

from __future__ import annotations

import numpy as np
import pytest

from graph.toy import Toy
from kmin.errors import InputError
from kmin.graph.ir import Graph
from kmin.graph.precision import with_precision
from kmin.plan.compile import compile_plan


def mixed() -> Graph:
    """Half precision inside, integers beside it."""
    toy = Toy("float16")
    ids = toy.builder.input("ids", (None, 4), "int32")
    rows = toy.add("gather", toy.constant(np.arange(12).reshape(4, 3) / 7), ids)
    half = toy.add("cast", rows, dtype="float16")
    y = toy.dense(half, 5)
    single = toy.add("cast", y, dtype="float32")
    mask = toy.add("binary", ids, toy.constant(np.asarray(0, "int32")), kind="not_equal")
    count = toy.add("cast", mask, dtype="int64")
    return toy.builder.graph([single, count], ["ids"], ["single", "count"], [0, 1])


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_every_float_changes(dtype: str) -> None:
    before = mixed()
    graph = with_precision(before, dtype)
    for name, spec in graph.specs.items():
        old = before.specs[name]
        assert spec.shape == old.shape
        assert spec.dtype == (dtype if old.dtype.startswith("float") else old.dtype)
    single, count = compile_plan(graph).run([np.array([[0, 1, 2, 3]], "int32")])
    assert single.dtype == dtype
    assert count.dtype == np.int64


def test_float64_is_the_exact_result() -> None:
    toy = Toy()
    x = toy.input(6)
    y = toy.add("activation", toy.dense(x, 4), kind="sigmoid")
    graph = toy.builder.graph([y], ["x"], ["y"], 0)
    data = np.random.default_rng(0).normal(size=(3, 6))
    (got,) = compile_plan(with_precision(graph, "float64")).run([data])
    kernel, bias = (array.astype("f8") for array in graph.constants.values())
    np.testing.assert_allclose(got, 1 / (1 + np.exp(-(data @ kernel + bias))), rtol=1e-14)


def test_the_original_is_left_alone_and_twice_is_once() -> None:
    before = mixed()
    text = str(before)
    once = with_precision(before, "float64")
    assert str(before) == text
    assert str(with_precision(once, "float64")) == str(once)


def test_unsupported_nodes_stay() -> None:
    toy = Toy()
    x = toy.input(3)
    (odd,) = toy.builder.add_unsupported([x], "cannot", "odd", 1)
    graph = with_precision(toy.builder.graph([odd], ["x"], ["odd"], 0), "float64")
    assert graph.specs[odd].dtype == "unknown"
    assert graph.specs[x].dtype == "float64"


@pytest.mark.parametrize("dtype", ["int32", "double", "bfloat16", "float128"])
def test_refuses_what_is_no_float(dtype: str) -> None:
    with pytest.raises(InputError, match=f"received '{dtype}'"):
        with_precision(mixed(), dtype)

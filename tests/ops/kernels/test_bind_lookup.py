"""Rows of tables, whole numbers and masks of every tier against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, numbers, tier_named

from kmin.ops import OPS
from kmin.ops.binary import BinaryAttrs
from kmin.ops.cast import CastAttrs
from kmin.ops.gather import GatherAttrs
from kmin.ops.kernels.bind import BINDERS
from kmin.ops.tensor import Array, TensorSpec


def run(op: str, name: str, arrays: list[Array], data: int, attrs: Any) -> Array:
    """The kernel's result, which must be NumPy's; array number `data` is batched, the others are constants."""
    specs = [TensorSpec((None, *a.shape[1:]) if at == data else a.shape, str(a.dtype)) for at, a in enumerate(arrays)]
    constants = [None if at == data else array for at, array in enumerate(arrays)]
    (result,) = OPS[op].infer(specs, attrs)
    bound = BINDERS[op](tier_named(name), specs, constants, result, attrs)
    assert bound is not None
    y = np.empty((len(arrays[data]), *(size or 0 for size in result.shape[1:])), result.dtype)
    bound.kernels[0](arrays[data], y)
    return y


@pytest.mark.parametrize("dtype", ["int32", "int64"])
@pytest.mark.parametrize("name", TIERS)
def test_gather(name: str, dtype: str) -> None:
    for width in (1, 3, 16, 37):
        table = numbers(1, 11, width)
        for shape in ((0, 4), (3, 1), (2, 5), (2, 2, 3)):
            ids = np.random.default_rng(2).integers(0, 11, shape).astype(dtype)
            np.testing.assert_array_equal(run("gather", name, [table, ids], 1, GatherAttrs()), table[ids])
    ids = np.array([[-1, 0, 10, -11]], dtype)
    np.testing.assert_array_equal(run("gather", name, [table, ids], 1, GatherAttrs(wrap=True)), table[ids])


@pytest.mark.parametrize("dtype", ["int32", "int64"])
@pytest.mark.parametrize("name", TIERS)
def test_gather_refuses_ids_outside(name: str, dtype: str) -> None:
    table = numbers(1, 11, 4)
    for wrong, wrap in ((11, False), (-1, False), (-12, True), (11, True), (np.iinfo(dtype).min, True)):
        with pytest.raises(ValueError, match="refuses"):
            run("gather", name, [table, np.array([[1, wrong, 2]], dtype)], 1, GatherAttrs(wrap))


@pytest.mark.parametrize("name", TIERS)
def test_gather_of_rows_that_are_not_contiguous(name: str) -> None:
    table, ids = numbers(1, 9, 12)[::2, ::3], np.array([[4, 0, 2]], np.int32)
    np.testing.assert_array_equal(run("gather", name, [table, ids], 1, GatherAttrs()), table[ids])


@pytest.mark.parametrize("name", TIERS)
def test_whole_numbers(name: str) -> None:
    x = np.array([[0.0, 1.9, -1.9, 2147483520.0, -2147483520.0, 7.0, -0.5]], np.float32)
    np.testing.assert_array_equal(run("cast", name, [x], 0, CastAttrs("int32")), x.astype(np.int32))
    outside = np.array([[np.nan, np.inf, -np.inf, 3e9, -3e9]], np.float32)
    assert (run("cast", name, [outside], 0, CastAttrs("int32")) == np.iinfo(np.int32).min).all()


@pytest.mark.parametrize("dtype", ["float32", "int32", "int64"])
@pytest.mark.parametrize("name", TIERS)
def test_not_equal(name: str, dtype: str) -> None:
    x = np.array([[0, 1, -1, 0, 5]] * 4, dtype)
    if dtype == "float32":
        x[1, :3] = np.nan, np.inf, -0.0
    for number in (0, 5):
        got = run("binary", name, [x, np.asarray(number, dtype)], 0, BinaryAttrs("not_equal"))
        np.testing.assert_array_equal(got, x != number)

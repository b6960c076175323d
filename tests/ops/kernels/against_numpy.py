"""Compiled kernels beside the NumPy ops they stand in for: what the tests of all kernels share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kmin.ops import OPS, kernels
from kmin.ops.kernels.bind import bind_arrays
from kmin.ops.tensor import Array

TIERS = kernels.AVAILABLE[1:]
# Allowed difference relative to the largest magnitude of the NumPy result (see `close`).
TOLERANCE = 1e-6
GUARD = 64


def tier_named(name: str) -> Any:
    found = kernels.tier(name)
    assert found is not None
    return found


def bound_kernel(op: str, name: str, arrays: Sequence[Array | None], attrs: Any, data: int = 1) -> Any:
    """The one kernel that the tier binds an op to."""
    bound, _ = bind_arrays(op, tier_named(name), arrays, attrs, data)
    assert bound is not None, f"{op} {attrs} has no kernel"
    (kernel,) = bound.kernels
    return kernel


def close(got: Array | None, wanted: Array, tolerance: float = TOLERANCE) -> None:
    assert got is not None
    assert got.dtype == wanted.dtype
    assert got.shape == wanted.shape
    scale = max(1.0, float(np.max(np.abs(wanted[np.isfinite(wanted)]), initial=0)))
    np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance * scale)


def numbers(seed: int, *shape: int) -> Array:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def check(
    op: str, name: str, arrays: Sequence[Array | None], attrs: Any, data: int = 1, tolerance: float = TOLERANCE
) -> Array:
    """The tier's result, which must be NumPy's on any number of threads; nothing else may change."""
    bound, shape = bind_arrays(op, tier_named(name), arrays, attrs, data)
    assert bound is not None, f"{op} {attrs} has no kernel"
    kept = [None if array is None else array.copy() for array in arrays]
    size = int(np.prod(shape))
    space = np.full(size + 2 * GUARD, 7, np.float32)
    y = space[GUARD : GUARD + size].reshape(shape)
    y[...] = np.nan
    both = np.empty_like(y)
    for result, threads in ((y, 1), (both, 2)):
        sources = [array for array in (arrays[at] for at in bound.reads) if array is not None]
        for kernel in bound.kernels:
            kernel(*sources, result, threads=threads)
            sources = [result]
    np.testing.assert_array_equal(both, y)
    np.testing.assert_array_equal(space[:GUARD], 7)
    np.testing.assert_array_equal(space[GUARD + size :], 7)
    for array, before in zip(arrays, kept, strict=True):
        if array is not None:
            np.testing.assert_array_equal(array, before)
    close(y, OPS[op].run(arrays, attrs)[0], tolerance)
    return y

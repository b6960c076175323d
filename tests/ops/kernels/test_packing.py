"""Packed weights given back bit by bit, by every tier."""

from __future__ import annotations

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, tier_named

from kmin.ops.conv import ConvAttrs
from kmin.ops.kernels.bind import bind_arrays

pytest.importorskip("kmin.ops.kernels._packing")


@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (3, 16), (7, 17), (40, 64), (5, 100)])
def test_dense(name: str, rows: int, columns: int) -> None:
    from kmin.ops.kernels._packing import unpacked

    weights = np.random.default_rng(1).integers(0, 1 << 32, (rows, columns), np.uint64).astype(np.uint32)
    kernel = tier_named(name).dense(weights.view(np.float32), np.ones(columns, np.float32))
    np.testing.assert_array_equal(unpacked(kernel).view(np.uint32), weights)


@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize("channels", [3, 24])
def test_conv(name: str, channels: int) -> None:
    from kmin.ops.kernels._packing import unpacked

    rng = np.random.default_rng(2)
    x, weights = (rng.normal(size=size).astype(np.float32) for size in ((1, 9, 9, channels), (3, 3, channels, 20)))
    bound, _ = bind_arrays("conv", tier_named(name), [x, weights, None], ConvAttrs((2, 2), (1, 1), "same"))
    assert bound is not None
    np.testing.assert_array_equal(unpacked(bound.kernels[0]).reshape(weights.shape), weights)


@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize(("rows", "columns"), [(2, 2), (34, 40), (128, 192)])
def test_quarters(name: str, rows: int, columns: int) -> None:
    from kmin.ops.kernels._packing import quarters, unpacked
    from kmin.ops.kernels._strassen import strassen

    weights = np.random.default_rng(3).normal(size=(rows, columns)).astype(np.float32)
    kernel = strassen(tier_named(name), weights, None, 8, 8, 8 * rows, rows, 8 * rows, 1, 1, 1)
    first, last = quarters(kernel)
    np.testing.assert_array_equal(first, weights[: rows // 2, : columns // 2])
    np.testing.assert_array_equal(last, weights[rows // 2 :, columns // 2 :])
    with pytest.raises(ValueError, match="does not keep its weights"):
        unpacked(kernel)


def test_others_do_not_keep_them() -> None:
    from kmin.ops.kernels._packing import quarters, unpacked

    kernel = tier_named("generic").softmax(3)
    with pytest.raises(ValueError, match="does not keep its weights"):
        unpacked(kernel)
    with pytest.raises(ValueError, match="does not keep quarters"):
        quarters(kernel)

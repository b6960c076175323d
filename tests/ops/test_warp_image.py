"""warp_image: shifts and turns whose results are plain."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.tensor import TensorSpec
from kmin.ops.warp_image import OP, WARP_FILLS, WarpImageAttrs, warp_folded

X = np.random.default_rng(6).normal(size=(2, 3, 4, 2)).astype("float32")


def warped(rows: list[list[float]], **options: object) -> np.ndarray:
    (got,) = OP.run([X, np.array(rows, "float32")], WarpImageAttrs(**options))  # type: ignore[arg-type]
    assert got.dtype == X.dtype
    return np.asarray(got)


@pytest.mark.parametrize("smooth", [True, False])
def test_shift(smooth: bool) -> None:
    got = warped([[1, 0, 1, 0, 1, 0, 0, 0], [1, 0, 0, 0, 1, -1, 0, 0]], smooth=smooth, value=9.0)
    np.testing.assert_array_equal(got[0, :, :3], X[0, :, 1:])
    np.testing.assert_array_equal(got[0, :, 3], np.full((3, 2), 9))
    np.testing.assert_array_equal(got[1, 1:], X[1, :2])


def test_between_pixels_and_turned() -> None:
    half = warped([[1, 0, 0.5, 0, 1, 0, 0, 0]])
    np.testing.assert_allclose(half[:, :, :3], (X[:, :, 1:] + X[:, :, :-1]) / 2, atol=1e-6)
    turned = warped([[-1, 0, 3, 0, -1, 2, 0, 0]])
    np.testing.assert_array_equal(turned, X[:, ::-1, ::-1])


@pytest.mark.parametrize(
    ("fill", "wanted"),
    [("nearest", [0, 0, 0, 1, 2, 2, 2]), ("reflect", [1, 0, 0, 1, 2, 2, 1]), ("wrap", [2, 2, 0, 1, 2, 0, 0])],
)
def test_fills(fill: str, wanted: list[int]) -> None:
    np.testing.assert_array_equal(warp_folded(np.arange(-2.0, 5), 3, fill), wanted)
    assert fill in WARP_FILLS
    np.testing.assert_array_equal(warp_folded(np.array([-1.0, 3.0]), 1, fill), [0, 0])


def test_refusals() -> None:
    with pytest.raises(InputError, match="transforms of 8 numbers"):
        OP.infer([TensorSpec((None, 3, 4, 2)), TensorSpec((1, 6))], WarpImageAttrs())

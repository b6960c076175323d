"""resize_image against formulas for one value, and the properties every interpolation has."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.resize_image import OP, ResizeImageAttrs
from kmin.ops.tensor import TensorSpec

RNG = np.random.default_rng(18)
X = RNG.normal(size=(2, 6, 7, 3))
METHODS = ("nearest", "area", "bilinear", "bicubic", "lanczos3", "lanczos5", "gaussian", "mitchellcubic")


def resized(x: np.ndarray, size: tuple[int, int], method: str, **options: object) -> np.ndarray:
    return OP.run([x], ResizeImageAttrs(size, method, **options))[0]


def bilinear(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """One cell at a time, the edge repeated."""
    result = np.empty((*size, image.shape[2]))
    for r, c in np.ndindex(*size):
        y, x = ((i + 0.5) * n / count - 0.5 for i, n, count in zip((r, c), image.shape, size, strict=False))
        total = 0
        for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)):
            row, column = math.floor(y) + i, math.floor(x) + j
            weight = (1 - abs(y - row)) * (1 - abs(x - column))
            total = total + weight * image[min(max(row, 0), len(image) - 1), min(max(column, 0), image.shape[1] - 1)]
        result[r, c] = total
    return result


@pytest.mark.parametrize("size", [(9, 17), (4, 3), (6, 7), (1, 1)])
def test_bilinear(size: tuple[int, int]) -> None:
    got = resized(X, size, "bilinear")
    for image, wanted in zip(got, X, strict=True):
        np.testing.assert_allclose(image, bilinear(wanted, size), atol=3e-6)


def test_area_of_a_whole_factor_is_the_mean() -> None:
    x = RNG.normal(size=(2, 6, 8, 3))
    wanted = x.reshape(2, 3, 2, 2, 4, 3).mean(axis=(2, 4))
    np.testing.assert_allclose(resized(x, (3, 2), "area"), wanted, atol=1e-7)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("antialias", [False, True])
def test_a_plain_image_stays_plain(method: str, antialias: bool) -> None:
    for size in [(3, 3), (11, 20)]:
        got = resized(np.full((1, 6, 7, 1), 2.5, "f4"), size, method, antialias=antialias)
        np.testing.assert_allclose(got, 2.5, rtol=1e-5)
        assert got.shape == (1, *size, 1)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "uint8", "int32"])
def test_dtypes(method: str, dtype: str) -> None:
    x = RNG.integers(0, 255, (1, 5, 6, 2)).astype(dtype)
    got = resized(x, (4, 9), method)
    assert got.dtype == dtype
    wanted = resized(x.astype("f8"), (4, 9), method)
    if np.dtype(dtype).kind != "f":
        limits = np.iinfo(dtype)
        wanted = np.clip(wanted, limits.min, limits.max)
    tolerance = {"float16": 0.2, "float32": 1e-3, "float64": 0.0}.get(dtype, 0.501)
    np.testing.assert_allclose(got, wanted, atol=tolerance)


def test_crop_and_pad_keep_the_proportions() -> None:
    x = RNG.normal(size=(1, 4, 8, 1))
    np.testing.assert_array_equal(resized(x, (4, 4), "nearest", aspect="crop"), x[:, :, 2:6])
    padded = resized(x, (8, 8), "nearest", aspect="pad", fill=7.0)
    np.testing.assert_array_equal(padded[:, 2:6], x)
    np.testing.assert_array_equal(padded[:, [0, 1, 6, 7]], 7.0)


def test_shapes_and_refusals() -> None:
    attrs = ResizeImageAttrs((3, 4), "bilinear")
    assert OP.infer([TensorSpec((None, None, 5, 2))], attrs) == (TensorSpec((None, 3, 4, 2)),)
    assert OP.run([X[:0]], attrs)[0].shape == (0, 3, 4, 3)
    spec = TensorSpec((None, 5, 5, 2))
    for bad, other in [
        (TensorSpec((None, 5, 5)), attrs),
        (TensorSpec((None, 0, 5, 2)), attrs),
        (TensorSpec((None, 5, 5, 2), "bool"), attrs),
        (spec, ResizeImageAttrs((0, 4), "bilinear")),
        (spec, ResizeImageAttrs((3, 4), "cubic")),
        (spec, ResizeImageAttrs((3, 4), "area", aspect="fit")),
    ]:
        with pytest.raises(InputError, match="resize_image"):
            OP.infer([bad], other)

"""equalize_tiles against the same steps for one tile, and what any equalisation keeps."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.equalize_tiles import OP, EqualizeTilesAttrs
from kmin.ops.tensor import TensorSpec

RNG = np.random.default_rng(9)


def one_tile(image: np.ndarray, clip_limit: float) -> np.ndarray:
    """A whole image as one tile: a plain histogram equalisation."""
    histogram = np.zeros(256)
    for level in image.astype(int).reshape(-1):
        histogram[level] += 1
    if clip_limit > 0:
        limit = clip_limit * image.size / 256
        histogram = np.minimum(histogram, limit) + np.maximum(histogram - limit, 0).sum() / 256
    sums = np.cumsum(histogram)
    return ((sums - sums.min()) * 255 / (image.size - sums.min())).clip(0, 255)[image.astype(int)]


@pytest.mark.parametrize("clip_limit", [0.0, 2.0, 40.0])
def test_one_tile(clip_limit: float) -> None:
    x = RNG.integers(0, 256, size=(2, 9, 7, 2)).astype("f4")
    (got,) = OP.run([x], EqualizeTilesAttrs((1, 1), clip_limit))
    for place in np.ndindex(2, 2):
        image = np.s_[place[0], :, :, place[1]]
        np.testing.assert_allclose(got[image], one_tile(x[image], clip_limit), rtol=1e-5)


@pytest.mark.parametrize("grid", [(2, 3), (4, 4), (5, 2)])
def test_equal_tiles_are_one_tile(grid: tuple[int, int]) -> None:
    tile = RNG.integers(0, 256, size=(6, 5))
    x = np.tile(tile, grid)[None, :, :, None].astype("f4")
    (got,) = OP.run([x], EqualizeTilesAttrs(grid, 0.0))
    np.testing.assert_allclose(got[0, :6, :5, 0], one_tile(tile, 0.0), rtol=1e-5)


def test_sizes_that_tiles_do_not_divide() -> None:
    x = RNG.integers(0, 256, size=(0, 7, 11, 1)).astype("f4")
    assert OP.run([x], EqualizeTilesAttrs((3, 4), 4.0))[0].shape == x.shape
    assert OP.run([np.ones((1, 7, 11, 1), "f4")], EqualizeTilesAttrs((3, 4), 4.0))[0].shape == (1, 7, 11, 1)


def test_refusals() -> None:
    for spec in (TensorSpec((None, 4, 4)), TensorSpec((None, 4, 4, 1), "uint8")):
        with pytest.raises(InputError, match="images of floats"):
            OP.infer([spec], EqualizeTilesAttrs((2, 2), 1.0))

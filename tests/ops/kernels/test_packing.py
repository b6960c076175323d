"""Packed weights given back bit by bit, by every tier."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, tier_named

from kmin.ops.conv import ConvAttrs
from kmin.ops.kernels.bind import bind_arrays
from kmin.ops.kernels.bind_window import window_geometry
from kmin.ops.tensor import Array, TensorSpec

pytest.importorskip("kmin.ops.kernels._packing")

ONES = (1, 1)
# Rows of a tile, size of windows, columns of a tile where they are others.
SQUARES = [(2, 3, 0), (4, 3, 0), (3, 4, 0), (2, 5, 0), (2, 3, 4)]
LINES = [(2, 3), (4, 3), (6, 3), (3, 4), (2, 5), (4, 5), (3, 6), (2, 7)]
# What is kept beside a kernel, of the weights' bytes, when these are as those of networks are.
MOST_KEPT = 0.2


@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (3, 16), (7, 17), (40, 64), (5, 100)])
def test_dense(name: str, rows: int, columns: int) -> None:
    from kmin.ops.kernels._packing import differences, unpacked

    weights = np.random.default_rng(1).integers(0, 1 << 32, (rows, columns), np.uint64).astype(np.uint32)
    kernel = tier_named(name).dense(weights.view(np.float32), np.ones(columns, np.float32))
    np.testing.assert_array_equal(unpacked(kernel).view(np.uint32), weights)
    with pytest.raises(ValueError, match="has lost nothing of weights"):
        differences(kernel, weights.view(np.float32))


@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize("channels", [3, 24])
def test_conv(name: str, channels: int) -> None:
    from kmin.ops.kernels._packing import unpacked

    rng = np.random.default_rng(2)
    x, weights = (rng.normal(size=size).astype(np.float32) for size in ((1, 9, 9, channels), (3, 3, channels, 20)))
    bound, _ = bind_arrays("conv", tier_named(name), [x, weights, None], ConvAttrs((2, 2), (1, 1), "same"))
    assert bound is not None
    np.testing.assert_array_equal(unpacked(bound.kernels[0]).reshape(weights.shape), weights)


def numbers(*shape: int) -> Array:
    return np.random.default_rng(5).normal(size=shape).astype(np.float32)


def by_halves(name: str, weights: Array) -> Any:
    from kmin.ops.kernels._strassen import strassen

    rows, _ = weights.shape
    return strassen(tier_named(name), weights, None, 8, 8, 8 * rows, rows, 8 * rows, 1, 1, 1)


def filtered(name: str, weights: Array, size: int, wide: int = 0) -> Any:
    """The kernel that filters an image, or with five axes a volume, by tiles of `size`."""
    from kmin.ops.kernels._winograd import winograd

    *_, height, width, channels, filters = weights.shape
    x, y = (TensorSpec((None, 9, 9, count), "float32") for count in (channels, filters))
    g = window_geometry(x, y, (height, width), ONES, ONES, "same")
    assert g is not None
    depth = (4, 4, 1, 1, 1) if weights.ndim == 5 else None
    return winograd(tier_named(name), g, weights, None, size, False, depth=depth, wide=wide)


def given_back(kernel: Any, weights: Array) -> int | None:
    """Bytes beside the kernel that give back the weights as they were; None when those are too many."""
    from kmin.ops.kernels._packing import differences, unpacked

    kept = differences(kernel, weights)
    if kept is None:
        return None
    for _ in range(2):
        again = unpacked(kernel, kept).reshape(weights.shape)
        np.testing.assert_array_equal(again.view(np.uint32), weights.view(np.uint32))
    return kept.size


@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize(("rows", "columns"), [(2, 2), (34, 40), (128, 192), (200, 130)])
def test_halves(name: str, rows: int, columns: int) -> None:
    weights = numbers(rows, columns)
    kept = given_back(by_halves(name, weights), weights)
    assert kept is not None
    assert rows < 100 or kept < MOST_KEPT * weights.nbytes


@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize(("size", "taps", "wide"), SQUARES)
@pytest.mark.parametrize(("channels", "filters"), [(1, 1), (24, 100), (7, 33)])
def test_squares(name: str, size: int, taps: int, wide: int, channels: int, filters: int) -> None:
    weights = numbers(taps, taps, channels, filters)
    kept = given_back(filtered(name, weights, size, wide), weights)
    assert kept is not None
    assert channels < 10 or kept < MOST_KEPT * weights.nbytes


@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize(("size", "taps"), LINES)
@pytest.mark.parametrize("down", [False, True])
def test_lines(name: str, size: int, taps: int, down: bool) -> None:
    weights = numbers(*((taps, 1) if down else (1, taps)), 20, 50)
    kept = given_back(filtered(name, weights, size), weights)
    assert kept is not None
    assert kept < 1.2 * MOST_KEPT * weights.nbytes


@pytest.mark.parametrize("name", TIERS)
def test_volumes(name: str) -> None:
    weights = numbers(3, 3, 3, 19, 20)
    assert given_back(filtered(name, weights, 2), weights) is not None


def strange(kind: str, shape: tuple[int, ...]) -> Array:
    rng, weights = np.random.default_rng(6), numbers(*shape)
    some = rng.random(shape) < 0.01
    match kind:
        case "bits":
            return rng.integers(0, 1 << 32, shape, np.uint64).astype(np.uint32).view(np.float32)
        case "denormal":
            return weights * np.float32(1e-40)
        case "huge":
            return (weights * 1e37).astype(np.float32)
        case "infinite":
            return np.where(some, np.float32(np.inf), weights)
        case "negative_zeros":
            return np.full(shape, -0.0, np.float32)
        case "not_a_number":
            return np.where(some, np.float32(np.nan), weights)
        case "some_negative_zeros":
            return np.where(some, np.float32(-0.0), weights)
        case "sparse":
            return np.where(rng.random(shape) < 0.8, np.float32(0), weights)
        case "tiny":
            return weights * np.float32(1e-36)
        case "wide":
            return (weights * 10.0 ** rng.uniform(-30, 30, shape)).astype(np.float32)
        case _:
            return np.zeros(shape, np.float32)


KINDS = {
    "bits": False,
    "denormal": True,
    "huge": True,
    "infinite": False,
    "negative_zeros": True,
    "not_a_number": False,
    "some_negative_zeros": True,
    "sparse": False,
    "tiny": True,
    "wide": False,
    "zeros": True,
}


@pytest.mark.filterwarnings("ignore:(overflow|invalid value) encountered")
@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize("kind", KINDS)
def test_strange_weights(name: str, kind: str) -> None:
    """They come back as they were, or are kept as they are."""
    kept = []
    for size, taps, wide in SQUARES:
        weights = strange(kind, (taps, taps, 20, 40))
        kept.append(given_back(filtered(name, weights, size, wide), weights))
    for size, taps in LINES:
        weights = strange(kind, (1, taps, 20, 40))
        kept.append(given_back(filtered(name, weights, size), weights))
    weights = strange(kind, (64, 96))
    kept.append(given_back(by_halves(name, weights), weights))
    assert None not in kept or not KINDS[kind]


def test_threads_at_once() -> None:
    from kmin.ops.kernels._packing import differences, unpacked

    weights = numbers(3, 3, 64, 64)
    kernel = filtered(TIERS[-1], weights, 4)
    kept = differences(kernel, weights)
    with ThreadPoolExecutor(4) as pool:
        for again in pool.map(lambda _: unpacked(kernel, kept), range(16)):
            np.testing.assert_array_equal(again.reshape(weights.shape), weights)


def test_others_do_not_keep_them() -> None:
    from kmin.ops.kernels._packing import differences, unpacked

    for kernel in (tier_named("generic").softmax(3), by_halves("generic", numbers(8, 8))):
        with pytest.raises(ValueError, match="does not keep its weights"):
            unpacked(kernel)
        with pytest.raises(ValueError, match="has lost nothing of weights of the shape"):
            differences(kernel, numbers(4, 4))

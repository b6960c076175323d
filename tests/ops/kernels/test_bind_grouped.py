"""Convolutions of groups of few filters, of every tier against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, bound_kernel, check, numbers, tier_named

from kmin.ops import OPS
from kmin.ops.conv import ConvAttrs
from kmin.ops.kernels import bind_window
from kmin.ops.kernels.bind_grouped import bind_grouped

ONES = (1, 1)
# (image, window, strides, dilation, padding)
WINDOWS: dict[str, tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...], Any]] = {
    "one": ((5, 4), (1, 1), ONES, ONES, "valid"),
    "valid": ((8, 7), (3, 3), ONES, ONES, "valid"),
    "same": ((19, 14), (3, 3), ONES, ONES, "same"),
    "uneven": ((7, 13), (2, 5), ONES, ONES, "same"),
    "dilated": ((9, 11), (3, 3), ONES, (2, 1), "same"),
    "far apart": ((13, 11), (3, 7), ONES, (5, 1), "same"),
    "padded": ((4, 6), (3, 3), ONES, ONES, ((5, 2), (4, 7))),
    "smaller": ((2, 4), (7, 5), ONES, ONES, "same"),
    "strided": ((17, 10), (3, 3), (2, 2), ONES, "same"),
    "sevens": ((30, 9), (5, 3), ONES, ONES, ((0, 1), (0, 0))),
    "sequence": ((19,), (3,), (1,), (1,), "causal"),
    "images": ((2, 9, 8), (3, 3), ONES, ONES, "same"),
}


def taps(*shape: int) -> np.ndarray:
    return numbers(2, *shape) / np.float32(np.prod(shape[:-1])) ** np.float32(0.5)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("name", TIERS)
def test_conv(name: str, window: str) -> None:
    image, size, strides, dilation, padding = WINDOWS[window]
    for groups, channels, filters in ((2, 1, 2), (9, 2, 4), (5, 4, 4), (32, 4, 4), (7, 8, 8), (16, 3, 8), (3, 5, 2)):
        kernel, bias = taps(*size, channels, groups * filters), numbers(3, groups * filters)
        for rows, kind in ((0, "relu"), (1, "silu"), (3, "relu6")):
            arrays = [numbers(1, rows, *image, groups * channels), kernel, bias if rows < 3 else None]
            attrs = ConvAttrs(strides, dilation, padding, groups, kind)
            check("conv", name, arrays, attrs, tolerance=2e-6)


@pytest.mark.parametrize("name", TIERS)
def test_parts_of_wide_images(name: str) -> None:
    x, kernel = numbers(1, 1, 20, 90, 64), taps(3, 3, 8, 64)
    arrays, attrs = [x, kernel, None], ConvAttrs(ONES, ONES, "same", 8)
    got = check("conv", name, arrays, attrs, tolerance=2e-6)
    (exact,) = OPS["conv"].run([x.astype(np.float64), kernel.astype(np.float64), None], attrs)
    got, exact, single = got[0, 8:12, 1:89], exact[0, 8:12, 1:89], np.zeros((4, 88, 8, 8), np.float32)
    cells, weights = x[0].reshape(20, 90, 8, 8), kernel.reshape(3, 3, 8, 8, 8)
    for row, column, channel in np.ndindex(3, 3, 8):  # one chain of sums, whatever NumPy's library does
        single += cells[7 + row : 11 + row, column : column + 88, :, channel, None] * weights[row, column, channel]
    single = single.reshape(exact.shape)
    assert np.sqrt(np.mean((got - exact) ** 2)) <= 2 * np.sqrt(np.mean((single - exact) ** 2))


@pytest.mark.parametrize("name", TIERS)
def test_what_is_bound(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Groups of fewer filters than a vector holds, a power of two, and not too many channels to each."""
    lanes, bound = tier_named(name).lanes, []
    monkeypatch.setattr(bind_window, "bind_grouped", lambda *given: bound.append(bind_grouped(*given)) or bound[-1])
    attrs = ConvAttrs(ONES, ONES, "same", 6)
    for channels, filters, served in ((4, 2, lanes > 2), (4, 4, lanes > 4), (8, 8, lanes > 8), (4, 3, False)):
        arrays = [numbers(1, 1, 6, 5, 6 * channels), taps(3, 3, channels, 6 * filters), None]
        bound_kernel("conv", name, arrays, attrs)
        assert (bound[-1] is not None) == served
    for size, strides, dilation, x, groups in (
        ((3, 3), ONES, ONES, numbers(1, 1, 6, 5, 60), 2),
        ((3, 3), (2, 1), ONES, numbers(1, 1, 6, 9, 24), 6),
        ((3, 3), ONES, (1, 2), numbers(1, 1, 6, 9, 24), 6),
        ((1, 1), ONES, ONES, numbers(1, 1, 6, 9, 24), 6),
        ((3, 3), ONES, ONES, numbers(1, 1, 6, 3, 24), 6),
    ):
        kernel = taps(*size, x.shape[-1] // groups, 4 * groups)
        bound_kernel("conv", name, [x, kernel, None], ConvAttrs(strides, dilation, "same", groups))
        assert bound[-1] is None

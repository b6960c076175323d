"""Minimal filtering of windows cut into pieces, of every tier, against NumPy and float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, bound_kernel, check, numbers

from kmin.ops import OPS
from kmin.ops.conv import ConvAttrs
from kmin.ops.kernels import bind_window
from kmin.ops.kernels.bind_pieces import Pieces, cut, pieces_form
from kmin.ops.kernels.bind_winograd import Form

ONES = (1, 1)
# (image, window, channels, filters, dilation, padding)
CASES: dict[str, tuple[tuple[int, int], tuple[int, int], int, int, tuple[int, int], Any]] = {
    "seven": ((15, 14), (7, 7), 20, 33, ONES, "valid"),
    "same": ((9, 12), (7, 7), 16, 40, ONES, "same"),
    "flat": ((11, 13), (2, 9), 5, 16, ONES, "same"),
    "tall": ((17, 8), (8, 3), 18, 20, ONES, "valid"),
    "gaps": ((20, 19), (5, 6), 8, 17, (2, 3), "same"),
    "one cell": ((1, 1), (6, 6), 3, 4, ONES, "same"),
    "padded": ((6, 5), (5, 4), 9, 8, ONES, ((3, 7), (9, 2))),
    "many tiles": ((35, 34), (6, 6), 16, 16, ONES, "same"),
}


def taps(*shape: int) -> np.ndarray:
    """Weights of results of about one."""
    return numbers(2, *shape) / np.float32(np.prod(shape[:-1])) ** np.float32(0.5)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("form", [(2, 3, False), (4, 3, True), (3, 4, False), (3, 4, True), (2, 5, False)], ids=str)
@pytest.mark.parametrize("name", TIERS)
def test_conv(name: str, form: tuple[int, int, bool], case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    image, window, channels, filters, dilation, padding = CASES[case]
    size, each, shared = form
    pieces = Pieces(each, -(-window[0] // each), -(-window[1] // each), Form(size, shared, 0.0))
    monkeypatch.setattr(bind_window, "pieces_form", lambda *_: pieces)
    kernel, bias = taps(*window, channels, filters), numbers(3, filters)
    for kind in ("relu", "tanh"):
        attrs = ConvAttrs(ONES, dilation, padding, 1, kind)
        for rows in (0, 1, 3):
            arrays = [numbers(1, rows, *image, channels), kernel, bias if rows < 3 else None]
            assert f" of {pieces.down}x{pieces.across}" in bound_kernel("conv", name, arrays, attrs).name
            check("conv", name, arrays, attrs, tolerance=2e-5)


def test_cut() -> None:
    kernel = numbers(1, 3, 5, 2, 6)
    pieces = cut(kernel, 4, 1, 2)
    assert pieces.shape == (2, 4, 4, 2, 6)
    np.testing.assert_array_equal(np.concatenate(list(pieces), axis=1)[:3, :5], kernel)
    assert np.count_nonzero(pieces) == np.count_nonzero(kernel)


@pytest.mark.parametrize(("window", "channels"), [((7, 7), 12), ((7, 7), 64), ((6, 6), 16), ((3, 5), 32), ((9, 9), 16)])
@pytest.mark.parametrize("name", TIERS)
def test_error_against_double_precision(name: str, window: tuple[int, int], channels: int) -> None:
    """What is chosen rounds at most twice as much as one chain of sums."""
    attrs = ConvAttrs(ONES, ONES, "valid")
    x, kernel = numbers(1, 1, 40, 40, channels), taps(*window, channels, 64)
    arrays = [x, kernel, None]
    assert " of " in bound_kernel("conv", name, arrays, attrs).name
    got = check("conv", name, arrays, attrs, tolerance=2e-5)
    (exact,) = OPS["conv"].run([x.astype(np.float64), kernel.astype(np.float64), None], attrs)
    got, exact, single = got[:, 8:16, 8:16], exact[:, 8:16, 8:16], np.zeros((1, 8, 8, 64), np.float32)
    for row, column, channel in np.ndindex(*window, channels):
        cells = x[:, 8 + row : 16 + row, 8 + column : 16 + column, channel, None]
        single += cells * kernel[row, column, channel]  # one chain of sums, whatever NumPy's library does
    assert np.sqrt(np.mean((got - exact) ** 2)) <= 2 * np.sqrt(np.mean((single - exact) ** 2))


def test_what_is_cut() -> None:
    g = {"height": 48, "width": 48, "stride_y": 1, "stride_x": 1, "dilation_y": 1, "dilation_x": 1}
    g |= {"out_height": 42, "out_width": 42, "channels": 64, "filters": 128}

    def pieces(height: int, width: int, **other: int) -> tuple[int, int, int] | None:
        form = pieces_form(g | {"kernel_height": height, "kernel_width": width} | other, 16)
        return None if form is None else form[:3]

    assert pieces(7, 7) == (4, 2, 2)
    assert pieces(6, 6) == (3, 2, 2)
    assert pieces(3, 6) == (3, 1, 2)
    assert pieces(1, 9) is None
    assert pieces(3, 3) is None
    assert pieces(7, 7, stride_x=2) is None
    assert pieces(7, 7, channels=1) is None
    assert pieces(30, 30) is None
    assert pieces(3, 5, channels=32) == (3, 1, 2)
    assert pieces(3, 5, channels=24) is None  # would round more

"""Minimal filtering of the planes of volumes, of every tier and form against NumPy and float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, bound_kernel, check, close, numbers, tier_named

from kmin.ops import OPS
from kmin.ops.conv import ConvAttrs
from kmin.ops.kernels import bind_volume
from kmin.ops.kernels.bind import BINDERS
from kmin.ops.kernels.bind_winograd import Form
from kmin.ops.tensor import TensorSpec

Shape = tuple[int, ...]
ONES = (1, 1, 1)
# Sizes of tiles and of windows, and whether threads share the steps of a volume.
FORMS = [(size, window, shared) for size, window in ((2, 3), (4, 3), (3, 4), (2, 5)) for shared in (False, True)]
# (volume, depth of windows, channels, filters, stride and dilation of depth, padding)
VOLUMES: dict[str, tuple[Shape, int, int, int, int, int, Any]] = {
    "one plane": ((1, 7, 6), 1, 20, 16, 1, 1, "valid"),
    "same": ((4, 9, 12), 3, 16, 40, 1, 1, "same"),
    "valid": ((5, 14, 13), 3, 17, 33, 1, 1, "valid"),
    "two": ((3, 6, 8), 2, 32, 5, 1, 1, "same"),
    "strided": ((7, 6, 7), 3, 9, 17, 2, 1, "same"),
    "dilated": ((6, 8, 5), 2, 12, 8, 1, 3, "same"),
    "padded": ((2, 6, 5), 3, 5, 16, 1, 1, ((2, 2), (1, 2), (3, 3))),
    "many tiles": ((2, 35, 34), 3, 16, 16, 1, 1, "same"),
}


def taps(*shape: int) -> np.ndarray:
    """Weights of results of about one."""
    return numbers(2, *shape) / np.float32(np.prod(shape[:-1])) ** np.float32(0.5)


@pytest.mark.parametrize("case", VOLUMES)
@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("name", TIERS)
def test_conv(name: str, form: tuple[int, int, bool], case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    volume, depth, channels, filters, stride, dilation, padding = VOLUMES[case]
    monkeypatch.setattr(bind_volume, "filter_form", lambda *_: Form(form[0], form[2], 1.0))
    kernel, bias = taps(depth, form[1], form[1], channels, filters), numbers(3, filters)
    for kind in ("relu", "tanh"):
        attrs = ConvAttrs((stride, 1, 1), (dilation, 1, 1), padding, 1, kind)
        for rows in (0, 1, 3):
            x = numbers(1, rows, *volume, channels)
            check("conv", name, [x, kernel, bias if rows < 3 else None], attrs, tolerance=2e-5)


@pytest.mark.parametrize("name", TIERS)
def test_sum(name: str) -> None:
    x, more, kernel = numbers(1, 2, 3, 30, 31, 16), numbers(4, 2, 3, 30, 31, 32), taps(3, 3, 3, 16, 32)
    specs = [TensorSpec((None, *a.shape[1:]), "float32") for a in (x, more)]
    inputs = [specs[0], TensorSpec(kernel.shape, "float32"), None, specs[1]]
    attrs = ConvAttrs(ONES, ONES, "same")
    bound = BINDERS["conv"](tier_named(name), inputs, [None, kernel, None, None], specs[1], attrs)
    assert bound is not None
    assert "winograd" in bound.kernels[0].name
    y = np.empty_like(more)
    bound.kernels[0](x, more, y)
    close(y, OPS["conv"].run([x, kernel, None], attrs)[0] + more, 2e-5)


@pytest.mark.parametrize("name", TIERS)
def test_error_against_double_precision(name: str) -> None:
    """What is chosen rounds at most twice as much as one chain of sums."""
    attrs = ConvAttrs(ONES, ONES, "same")
    for channels, window in ((16, 3), (32, 3), (64, 3), (16, 4), (16, 5)):
        x, kernel = numbers(1, 1, 3, 40, 40, channels), taps(3, window, window, channels, 32)
        arrays = [x, kernel, None]
        assert "winograd" in bound_kernel("conv", name, arrays, attrs).name
        got = check("conv", name, arrays, attrs, tolerance=2e-5)
        (exact,) = OPS["conv"].run([x.astype(np.float64), kernel.astype(np.float64), None], attrs)
        got, exact, single = got[:, 1:2, 8:16], exact[:, 1:2, 8:16], np.zeros((1, 1, 8, 40, 32), np.float32)
        side = (window - 1) // 2
        padded = np.pad(x, ((0, 0), (0, 0), (0, 0), (side, window - 1 - side), (0, 0)))
        for plane, row, column, channel in np.ndindex(3, window, window, channels):
            cells = padded[:, plane : plane + 1, 8 - side + row : 16 - side + row, column : column + 40, channel, None]
            single += cells * kernel[plane, row, column, channel]  # one chain of sums, whatever NumPy's library does
        assert np.sqrt(np.mean((got - exact) ** 2)) <= 2 * np.sqrt(np.mean((single - exact) ** 2))


@pytest.mark.parametrize("name", TIERS)
def test_many_weights_are_read_once(name: str) -> None:
    g = {"height": 14, "width": 14, "out_height": 14, "out_width": 14, "kernel_height": 3, "kernel_width": 3}
    g |= {"stride_y": 1, "stride_x": 1, "dilation_y": 1, "dilation_x": 1, "channels": 256, "filters": 256}
    lanes = tier_named(name).lanes
    few, many = bind_volume.filter_form(g, 3, 4, lanes), bind_volume.filter_form(g | {"filters": 32}, 3, 4, lanes)
    assert few is not None
    assert many is not None
    assert (few.shared, many.shared) == (True, False)
    assert bind_volume.filter_form(g, 3, 40, lanes) is None


@pytest.mark.parametrize("dilation", [(1, 2, 1), (2, 3, 4)])
@pytest.mark.parametrize("name", TIERS)
def test_planes_may_have_gaps(name: str, dilation: tuple[int, int, int]) -> None:
    arrays = [numbers(1, 2, 4, 20, 20, 16), taps(3, 3, 3, 16, 16), numbers(3, 16)]
    attrs = ConvAttrs(ONES, dilation, "same", 1, "tanh")
    assert "winograd" in bound_kernel("conv", name, arrays, attrs).name
    check("conv", name, arrays, attrs, tolerance=5e-6)


@pytest.mark.parametrize("name", TIERS)
def test_what_is_not_filtered(name: str) -> None:
    """Few channels, strides and windows that are no squares."""
    for channels, size, strides, dilation in (
        (1, (3, 3, 3), ONES, ONES),
        (16, (3, 3, 2), ONES, ONES),
        (16, (3, 3, 3), (1, 2, 1), ONES),
    ):
        arrays = [numbers(1, 1, 4, 20, 20, channels), taps(*size, channels, 16), None]
        kernel = bound_kernel("conv", name, arrays, ConvAttrs(strides, dilation, "same"))
        assert "winograd" not in kernel.name

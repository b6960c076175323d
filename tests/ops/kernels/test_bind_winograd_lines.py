"""Minimal filtering along a line, of every tier and form, against NumPy and float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, check, close, numbers, tier_named

from kmin.ops import OPS
from kmin.ops.conv import ConvAttrs
from kmin.ops.kernels.bind import bind_arrays
from kmin.ops.kernels.bind_window import window_geometry
from kmin.ops.kernels.bind_winograd import tiled, winograd_form
from kmin.ops.tensor import Array, TensorSpec

ONES = (1, 1)
# (size of tiles, size of windows)
FORMS = [(2, 3), (4, 3), (6, 3), (3, 4), (2, 5), (4, 5), (3, 6), (2, 7)]
# (height, width, channels, filters, dilation along the line, padding along it)
IMAGES: dict[str, tuple[int, int, int, int, int, Any]] = {
    "one_cell": (1, 1, 20, 16, 1, "same"),
    "one_line": (1, 61, 40, 33, 1, "valid"),
    "lines": (5, 30, 9, 40, 1, "same"),
    "ends": (3, 23, 17, 130, 1, (5, 2)),
    "long": (2, 260, 16, 16, 1, "same"),
    "apart": (2, 31, 35, 20, 2, "same"),
    "far_apart": (3, 29, 16, 18, 9, "same"),
    "beyond": (2, 5, 16, 5, 7, "same"),
    "before": (1, 50, 32, 64, 4, "causal"),
}


class Line:
    """A convolution along rows, or with `upright` along columns."""

    def __init__(self, image: str, taps: int, upright: bool) -> None:
        height, width, channels, filters, step, padding = IMAGES[image]
        if padding == "causal":
            padding = ((taps - 1) * step, 0)
        if padding == "valid":
            padding = (0, 0)
            width = max(width, (taps - 1) * step + 1)
        pads: Any = padding if padding == "same" else ((0, 0), padding)
        self.kernel = numbers(2, 1, taps, channels, filters) / np.float32((taps * channels) ** 0.5)
        self.size, self.filters, self.dilation = (height, width, channels), filters, (1, step)
        self.upright = upright
        if upright:
            self.kernel, self.dilation = self.kernel.transpose(1, 0, 2, 3), (step, 1)
            self.size = (width, height, channels)
            pads = padding if padding == "same" else (padding, (0, 0))
        self.padding = pads

    def input(self, rows: int) -> Array:
        return numbers(1, rows, *self.size)

    def attrs(self, kind: str = "linear", *args: float) -> ConvAttrs:
        return ConvAttrs(ONES, self.dilation, self.padding, 1, kind, args)

    def geometry(self) -> dict[str, int]:
        specs = [TensorSpec((None, *self.size), "float32"), TensorSpec(self.kernel.shape, "float32"), None]
        (output,) = OPS["conv"].infer(specs, self.attrs())
        g = window_geometry(specs[0], output, self.kernel.shape[:2], ONES, self.dilation, self.padding)
        assert g is not None
        return g

    def kernel_of(self, name: str, size: int, bias: Array | None, **more: Any) -> Any:
        from kmin.ops.kernels import _winograd

        return _winograd.winograd(tier_named(name), self.geometry(), self.kernel, bias, size, False, **more)

    def reference(self, x: Array, bias: Array | None, kind: str = "linear", *args: float) -> Array:
        exact = [a if a is None else a.astype(np.float64) for a in (x, self.kernel, bias)]
        return OPS["conv"].run(exact, self.attrs(kind, *args))[0]


@pytest.mark.parametrize("upright", [False, True])
@pytest.mark.parametrize("image", IMAGES)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", TIERS)
def test_lines(name: str, form: tuple[int, int], image: str, upright: bool) -> None:
    line = Line(image, form[1], upright)
    bias = numbers(3, line.filters)
    for given, kind, args, more in (
        (bias, "elu", (1.0,), {"function": "elu", "args": (1.0,)}),
        (None, "relu", (), {"low": 0.0}),
    ):
        made = line.kernel_of(name, form[0], given, **more)
        for rows in (0, 1, 3):
            x = line.input(rows)
            wanted = line.reference(x, given, kind, *args).astype(np.float32)
            one, many = np.full(wanted.shape, np.nan, np.float32), np.full(wanted.shape, np.nan, np.float32)
            made(x, one)
            made(x, many, threads=3)
            np.testing.assert_array_equal(one, many)
            close(one, wanted, 5e-6)


@pytest.mark.parametrize("upright", [False, True])
@pytest.mark.parametrize("image", ["lines", "apart"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", TIERS)
def test_a_residual_is_added_before_clipping(name: str, form: tuple[int, int], image: str, upright: bool) -> None:
    line = Line(image, form[1], upright)
    x, bias = line.input(2), numbers(3, line.filters)
    exact = line.reference(x, bias)
    more, y = numbers(4, *exact.shape), np.full(exact.shape, np.nan, np.float32)
    line.kernel_of(name, form[0], bias, low=0.0, residual=True)(x, more, y)
    close(y, np.maximum(exact + more, 0).astype(np.float32), 5e-6)


@pytest.mark.parametrize("upright", [False, True])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", TIERS)
def test_rows_of_results_may_lie_apart(name: str, form: tuple[int, int], upright: bool) -> None:
    from kmin.plan._runner import Program

    line = Line("apart", form[1], upright)
    x = line.input(2)
    exact = line.reference(x, None)
    made = line.kernel_of(name, form[0], None, function="tanh")
    assert made.writes_apart
    made.lay_apart(write=40)
    shape = (*exact.shape[1:3], 40)
    sizes = [4 * int(np.prod(line.size)), 4 * int(np.prod(shape))]
    program = Program(
        [(made, ((1, 0, sizes[0], 0), (2, 0, sizes[1], 4 * 7)))],
        [(line.size, "float32")],
        [(shape, "float32")],
        0,
        1,
        1e6,
    )
    made_of = program.run([x])
    assert made_of is not None
    close(np.ascontiguousarray(made_of[0][..., 7:27]), np.tanh(exact).astype(np.float32), 5e-6)


@pytest.mark.parametrize(
    ("taps", "channels"), [*((taps, n) for taps in (3, 4, 5, 6, 7) for n in (96, 192, 256)), (3, 32), (4, 16), (5, 16)]
)
@pytest.mark.parametrize("name", TIERS)
def test_rounding_stays_below_twice_that_of_one_chain(name: str, taps: int, channels: int) -> None:
    line = Line("one_line", taps, False)
    line.size, line.kernel = (
        (8, 64, channels),
        numbers(2, 1, taps, channels, 32) * np.float32((2 / taps / channels) ** 0.5),
    )
    x = np.maximum(line.input(1), 0)
    exact, chain = line.reference(x, None), 0
    for tap in range(taps):
        for channel in range(channels):
            cells = x[:, :, tap : tap + exact.shape[2], channel, None]
            chain = (chain + cells * line.kernel[0, tap, channel]).astype(np.float32)
    form = winograd_form(line.geometry(), 16)
    assert form is not None
    y = np.full(exact.shape, np.nan, np.float32)
    line.kernel_of(name, form.size, None)(x, y)
    assert np.sqrt(np.mean((y - exact) ** 2)) < 2 * np.sqrt(np.mean((chain - exact) ** 2))


def form_of(length: int, channels: int, filters: int, taps: int, step: int = 1) -> int | None:
    line = Line("one_line", taps, False)
    line.size, line.dilation = (1, length, channels), (1, step)
    line.kernel = np.zeros((1, taps, channels, filters), np.float32)
    form = winograd_form(line.geometry(), 16)
    return None if form is None else form.size


def test_the_form_follows_the_shape() -> None:
    assert form_of(128, 9, 64, 3) is None
    assert form_of(500, 32, 32, 3) == 4
    assert form_of(500, 64, 64, 3) == 4
    assert form_of(500, 256, 256, 3) == 6
    assert form_of(500, 64, 64, 5) == 2
    assert form_of(500, 128, 64, 5) == 4
    assert form_of(500, 128, 64, 7) == 2
    assert form_of(500, 64, 64, 9) is None
    assert form_of(500, 64, 64, 3, 16) == 4


def test_tiles_that_interleave_are_counted_apart() -> None:
    assert [tiled(10, 4), tiled(10, 4, 3), tiled(2, 4, 5), tiled(12, 4, 3), tiled(13, 4, 3)] == [3, 3, 2, 3, 6]


@pytest.mark.parametrize("shape", [(3,), (1, 3), (3, 1)])
@pytest.mark.parametrize("name", TIERS)
def test_convolutions_are_bound_to_it(name: str, shape: tuple[int, ...]) -> None:
    ones = (1,) * len(shape)
    x = numbers(1, 2, *((40,) if len(shape) == 1 else (14, 15)), 50)
    weights, bias = numbers(2, *shape, 50, 48) / 12, numbers(3, 48)
    for strides, bound_to in ((ones, f"{name}:winograd4x3+relu"), ((2,) * len(shape), f"{name}:conv+relu")):
        attrs = ConvAttrs(strides, ones, "same", 1, "relu")
        check("conv", name, [x, weights, bias], attrs, tolerance=5e-6)
        bound, _ = bind_arrays("conv", tier_named(name), [x, weights, bias], attrs, 1)
        assert bound is not None
        assert [kernel.name for kernel in bound.kernels] == [bound_to]

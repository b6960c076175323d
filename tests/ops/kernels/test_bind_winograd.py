"""Minimal filtering of every tier and form against NumPy and float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, check, close, numbers, tier_named

from kmin.ops import OPS
from kmin.ops.conv import ConvAttrs
from kmin.ops.kernels.bind import bind_arrays
from kmin.ops.kernels.bind_window import window_geometry
from kmin.ops.kernels.bind_winograd import winograd_form
from kmin.ops.tensor import Array, TensorSpec

ONES = (1, 1)
# (rows of a tile, size of windows, whether steps are shared, columns of a tile where they are others)
Form = tuple[int, int, bool, int]
SIZES = ((2, 3, 0), (4, 3, 0), (3, 4, 0), (2, 5, 0), (2, 3, 4))
FORMS: list[Form] = [(size, taps, shared, wide) for size, taps, wide in SIZES for shared in (False, True)]
# (height, width, channels, filters, padding)
IMAGES: dict[str, tuple[int, int, int, int, Any]] = {
    "one_tile": (3, 3, 4, 5, "valid"),
    "one_cell": (1, 1, 20, 16, "same"),
    "line": (1, 30, 9, 33, "same"),
    "same": (9, 12, 32, 40, "same"),
    "valid": (14, 13, 17, 33, "valid"),
    "uneven": (5, 6, 70, 130, ((2, 1), (0, 3))),
    "many_tiles": (35, 34, 16, 16, "same"),
    "deep": (6, 7, 300, 20, "same"),
}


def geometry(x: Array, kernel: Array, padding: Any, dilation: tuple[int, int] = ONES) -> dict[str, int]:
    specs = [TensorSpec((None, *x.shape[1:]), "float32"), TensorSpec(kernel.shape, "float32"), None]
    attrs = ConvAttrs(ONES, dilation, padding)
    (output,) = OPS["conv"].infer(specs, attrs)
    g = window_geometry(specs[0], output, kernel.shape[:2], ONES, dilation, padding)
    assert g is not None
    return g


def run(name: str, form: Form, x: Array, kernel: Array, bias: Array | None, padding: Any, **more: Any) -> Array:
    """The result on one thread, which must be that on several."""
    from kmin.ops.kernels import _winograd

    g = geometry(x, kernel, padding)
    made = _winograd.winograd(tier_named(name), g, kernel, bias, form[0], form[2], wide=form[3], **more)
    shape = (len(x), g["out_height"], g["out_width"], g["filters"])
    one, many = np.full(shape, np.nan, np.float32), np.full(shape, np.nan, np.float32)
    made(x, one)
    made(x, many, threads=3)
    np.testing.assert_array_equal(one, many)
    return one


def reference(x: Array, kernel: Array, bias: Array | None, padding: Any, kind: str = "linear", *args: float) -> Array:
    (exact,) = OPS["conv"].run(
        [a if a is None else a.astype(np.float64) for a in (x, kernel, bias)],
        ConvAttrs(ONES, ONES, padding, 1, kind, args),
    )
    return exact


@pytest.mark.parametrize("image", IMAGES)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", TIERS)
def test_winograd(name: str, form: Form, image: str) -> None:
    height, width, channels, filters, padding = IMAGES[image]
    taps = form[1]
    kernel, bias = numbers(2, taps, taps, channels, filters) / np.float32(taps * channels**0.5), numbers(3, filters)
    for rows in (0, 1, 3):
        x = numbers(1, rows, max(height, taps), max(width, taps), channels)
        wanted = reference(x, kernel, bias, padding, "elu", 1.0).astype(np.float32)
        close(run(name, form, x, kernel, bias, padding, function="elu", args=(1.0,)), wanted, 5e-6)
        wanted = reference(x, kernel, None, padding, "relu").astype(np.float32)
        close(run(name, form, x, kernel, None, padding, low=0.0), wanted, 5e-6)


@pytest.mark.parametrize("dilation", [(2, 2), (3, 1), (1, 4), (5, 3), (40, 50)])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", TIERS)
def test_windows_may_have_gaps(name: str, form: Form, dilation: tuple[int, int]) -> None:
    from kmin.ops.kernels import _winograd

    size, taps, shared, wide = form
    kernel, bias = numbers(2, taps, taps, 17, 35) / 12, numbers(3, 35)
    for height, width in ((1, 1), (4, 30), (13, 7), (19, 20)):
        x, more = numbers(1, 2, height, width, 17), numbers(4, 2, height, width, 35)
        g = geometry(x, kernel, "same", dilation)
        wanted = OPS["conv"].run([x, kernel, bias], ConvAttrs(ONES, dilation, "same"))[0] + more
        made = _winograd.winograd(
            tier_named(name), g, kernel, bias, size, shared, function="elu", args=(1.0,), residual=True, wide=wide
        )
        one, many = np.full(more.shape, np.nan, np.float32), np.full(more.shape, np.nan, np.float32)
        made(x, more, one)
        made(x, more, many, threads=3)
        np.testing.assert_array_equal(one, many)
        close(one, np.where(wanted > 0, wanted, np.expm1(np.minimum(wanted, 0))), 5e-6)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", TIERS)
def test_a_residual_is_added_before_clipping(name: str, form: Form) -> None:
    from kmin.ops.kernels import _winograd

    x, kernel, bias, more = (
        numbers(1, 2, 9, 7, 20),
        numbers(2, form[1], form[1], 20, 35) / 20,
        numbers(3, 35),
        numbers(4, 2, 9, 7, 35),
    )
    g = geometry(x, kernel, "same")
    more_args = {"low": 0.0, "residual": True, "wide": form[3]}
    made = _winograd.winograd(tier_named(name), g, kernel, bias, form[0], form[2], **more_args)
    y = np.full(more.shape, np.nan, np.float32)
    made(x, more, y)
    wanted = np.maximum(reference(x, kernel, bias, "same") + more, 0).astype(np.float32)
    close(y, wanted, 5e-6)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", TIERS)
def test_rows_of_results_may_lie_apart(name: str, form: Form) -> None:
    from kmin.ops.kernels import _winograd
    from kmin.plan._runner import Program

    size, taps, shared, wide = form
    x, kernel = numbers(1, 2, 6, 5, 20), numbers(2, taps, taps, 20, 19) / 20
    g = geometry(x, kernel, "same")
    made = _winograd.winograd(tier_named(name), g, kernel, None, size, shared, function="tanh", wide=wide)
    assert made.writes_apart
    made.lay_apart(write=40)
    program = Program(
        [(made, ((1, 0, 4 * 600, 0), (2, 0, 4 * 1200, 4 * 7)))],
        [((6, 5, 20), "float32")],
        [((6, 5, 40), "float32")],
        0,
        1,
        1e6,
    )
    made_of = program.run([x])
    assert made_of is not None
    (y,) = made_of
    close(np.ascontiguousarray(y[..., 7:26]), np.tanh(reference(x, kernel, None, "same")).astype(np.float32), 5e-6)


# One chain of float32 sums, as in Keras' own convolution, has 3.2e-7, 4.5e-7, 5.9e-7 and 8.7e-7 at these channels.
@pytest.mark.parametrize(("channels", "bound"), [(64, 6.4e-7), (128, 6e-7), (256, 6e-7), (512, 6e-7)])
@pytest.mark.parametrize(("size", "taps", "wide"), SIZES)
@pytest.mark.parametrize("name", TIERS)
def test_rounding_stays_that_of_direct_sums(
    name: str, size: int, taps: int, wide: int, channels: int, bound: float
) -> None:
    x = np.maximum(numbers(1, 1, 18, 18, channels), 0)
    kernel = numbers(2, taps, taps, channels, 32) * np.float32((2 / (taps * taps * channels)) ** 0.5)
    difference = run(name, (size, taps, False, wide), x, kernel, None, "valid") - reference(x, kernel, None, "valid")
    assert np.sqrt(np.mean(difference**2)) < bound * taps / 3  # chains grow with the square root of their products


# Those of one chain at these channels, of which Keras' own convolution consists.
@pytest.mark.parametrize(("channels", "plain"), [(16, 1.42e-7), (32, 2.07e-7)])
@pytest.mark.parametrize("name", TIERS)
def test_uneven_tiles_of_few_channels_round_little_more(name: str, channels: int, plain: float) -> None:
    x = np.maximum(numbers(1, 1, 26, 26, channels), 0)
    kernel = numbers(2, 3, 3, channels, 32) * np.float32((2 / (9 * channels)) ** 0.5)
    difference = run(name, (2, 3, False, 4), x, kernel, None, "valid") - reference(x, kernel, None, "valid")
    assert np.sqrt(np.mean(difference**2)) < 1.8 * plain


def form_of(height: int, channels: int, filters: int, taps: int = 3, lanes: int = 16) -> tuple[int, bool] | None:
    x = np.zeros((1, height, height, channels), np.float32)
    kernel = np.zeros((taps, taps, channels, filters), np.float32)
    form = winograd_form(geometry(x, kernel, "same"), lanes)
    return None if form is None else (form.size, form.shared)


def test_the_form_follows_the_shape() -> None:
    assert form_of(224, 3, 64) is None
    assert form_of(224, 16, 16) == (2, False)
    assert form_of(224, 32, 32) == (2, False)
    assert form_of(224, 64, 64) == (4, False)
    assert form_of(28, 512, 512) == (4, True)
    assert form_of(7, 512, 512) == (2, True)
    assert form_of(1, 512, 512) is None
    assert form_of(30, 32, 16, 4) == (3, False)
    assert form_of(35, 48, 64, 5) == (2, False)
    assert form_of(35, 16, 64, 5) is None
    assert form_of(35, 48, 64, 7) is None


def test_tiles_of_few_channels_are_wider_than_high() -> None:
    def wide(height: int, channels: int, taps: int = 3) -> int | None:
        x = np.zeros((1, height, height, channels), np.float32)
        kernel = np.zeros((taps, taps, channels, 64), np.float32)
        form = winograd_form(geometry(x, kernel, "same"), 16, uneven=True)
        return None if form is None else form.wide

    assert wide(72, 32) == 4
    assert wide(11, 32) == 4
    assert wide(72, 16) == 4
    assert wide(72, 8) is None
    assert wide(72, 3) is None
    assert wide(2, 32) in (0, None)
    assert wide(72, 64) == 0
    assert wide(72, 32, 4) == 0


@pytest.mark.parametrize("name", TIERS)
def test_convolutions_are_bound_to_it(name: str) -> None:
    x, kernel, bias = numbers(1, 2, 16, 17, 50), numbers(2, 3, 3, 50, 48) / 21, numbers(3, 48)
    check("conv", name, [x, kernel, bias], ConvAttrs(ONES, ONES, "same", 1, "relu"), tolerance=5e-6)
    for attrs, bound_to in (
        (ConvAttrs(ONES, ONES, "same", 1, "relu"), f"{name}:winograd4x3+relu"),
        (ConvAttrs((2, 2), ONES, "same"), f"{name}:conv"),
        (ConvAttrs(ONES, (2, 2), "same"), f"{name}:winograd4x3"),
        (ConvAttrs(ONES, (16, 16), "same"), f"{name}:conv"),
    ):
        bound, _ = bind_arrays("conv", tier_named(name), [x, kernel, bias], attrs, 1)
        assert bound is not None
        assert [k.name for k in bound.kernels] == [bound_to]


@pytest.mark.parametrize("name", TIERS)
def test_two_threads_have_as_many_groups_each(name: str) -> None:
    tier = tier_named(name)
    for size in range(8, 41, 4):
        x, kernel = numbers(1, 1, size, size, 48), numbers(2, 3, 3, 48, 32)
        bound, _ = bind_arrays("conv", tier, [x, kernel, None], ConvAttrs(ONES, ONES, "same"), 1)
        assert bound is not None
        (made,) = bound.kernels
        assert "winograd" in made.name
        high, wide = (2, 4) if "2by4" in made.name else (int(made.name.split("winograd")[1][0]),) * 2
        cells, tiles = (high + 2) * (wide + 2), -(-size // high) * -(-size // wide)
        each = made.thread_bytes // (4 * cells * (48 + 2 * tier.lanes))
        assert tiles <= tier.tile_rows or any(-(-tiles // groups) == each for groups in range(2, tiles + 1, 2))

"""Convolutions, pooling and padding of every tier against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, bound_kernel, check, numbers, tier_named

from kmin.ops import OPS
from kmin.ops.avg_pool import AvgPoolAttrs
from kmin.ops.conv import ConvAttrs
from kmin.ops.depthwise_conv import DepthwiseConvAttrs
from kmin.ops.kernels import bind_window
from kmin.ops.kernels.bind import bind_arrays, run_bound
from kmin.ops.max_pool import MaxPoolAttrs
from kmin.ops.pad import PadAttrs

Shape = tuple[int, ...]
CHANNELS = (1, 3, 7, 16, 17, 33)
# (image, window, strides, dilation, padding)
WINDOWS: dict[str, tuple[Shape, Shape, Shape, Shape, Any]] = {
    "one": ((5, 4), (1, 1), (1, 1), (1, 1), "valid"),
    "one_strided": ((5, 4), (1, 1), (2, 2), (1, 1), "same"),
    "one_padded": ((3, 4), (1, 1), (1, 1), (1, 1), ((1, 0), (0, 2))),
    "valid": ((8, 7), (3, 3), (1, 1), (1, 1), "valid"),
    "same": ((9, 12), (3, 3), (1, 1), (1, 1), "same"),
    "same_strided": ((9, 10), (3, 3), (2, 2), (1, 1), "same"),
    "uneven": ((7, 13), (2, 5), (1, 2), (1, 1), "same"),
    "seven": ((15, 16), (7, 7), (2, 2), (1, 1), ((3, 3), (3, 3))),
    "dilated": ((9, 11), (3, 3), (1, 1), (2, 3), "same"),
    "dilated_valid": ((9, 11), (3, 2), (2, 1), (3, 1), "valid"),
    "explicit": ((4, 6), (3, 3), (3, 2), (1, 1), ((0, 2), (4, 1))),
    "smaller_than_the_window": ((2, 1), (5, 3), (1, 1), (1, 1), "same"),
    "wide_stride": ((11, 11), (2, 2), (4, 5), (1, 1), "valid"),
    "lines": ((19, 16), (4, 4), (1, 1), (1, 1), "valid"),
    "lines_of_few_results": ((25, 10), (10, 4), (2, 2), (1, 1), "same"),
    "lines_short_of_the_side": ((20, 32), (3, 3), (2, 2), (1, 1), ((1, 0), (1, 0))),
    "lines_dilated": ((21, 20), (3, 3), (2, 1), (2, 1), "same"),
    "lines_far_outside": ((17, 9), (3, 5), (1, 1), (1, 1), ((4, 1), (16, 7))),
    "sequence": ((19,), (3,), (1,), (1,), "same"),
    "causal": ((19,), (4,), (1,), (2,), "causal"),
    "sequence_strided": ((20,), (5,), (3,), (1,), "valid"),
}


def taps(seed: int, *shape: int) -> np.ndarray:
    """Weights of results of about one."""
    return numbers(seed, *shape) / np.float32(max(np.prod(shape[:-1]), 1)) ** np.float32(0.5)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("name", TIERS)
def test_conv(name: str, window: str) -> None:
    image, size, strides, dilation, padding = WINDOWS[window]
    attrs = ConvAttrs(strides, dilation, padding, 1, "relu")
    for channels in CHANNELS:
        for filters in (1, 16, 17, 37):
            kernel, bias = taps(2, *size, channels, filters), numbers(3, filters)
            for rows in (0, 1, 3):
                check("conv", name, [numbers(1, rows, *image, channels), kernel, bias], attrs, tolerance=2e-6)


@pytest.mark.parametrize("kind", ["linear", "relu6", "tanh", "silu"])
@pytest.mark.parametrize("name", TIERS)
def test_conv_with_activation_and_without_bias(name: str, kind: str) -> None:
    attrs = ConvAttrs((1, 1), (1, 1), "same", 1, kind)
    for channels in (3, 40):
        x = numbers(1, 2, 13, 12, channels)  # more than one group of windows
        tolerance = 2e-6 if channels == 3 else 5e-6  # minimal filtering
        check("conv", name, [x, taps(2, 3, 3, channels, 19), None], attrs, tolerance=tolerance)


@pytest.mark.parametrize("channels", [7, 40, 100, 300, 600])
@pytest.mark.parametrize("name", TIERS)
def test_results_have_the_same_bits_among_many(name: str, channels: int) -> None:
    """Of few windows and of many, whose products are summed up in turn, and of all parts of long pieces."""
    attrs = ConvAttrs((2, 2), (1, 1), "valid", 1, "relu")
    for filters in (8, 40):
        x, kernel, bias = numbers(1, 1, 19, 19, channels), taps(2, 3, 3, channels, filters), numbers(3, filters)
        whole = check("conv", name, [x, kernel, bias], attrs, tolerance=2e-6)
        few = check("conv", name, [x[:, 4:7, :7].copy(), kernel, bias], attrs, tolerance=2e-6)
        np.testing.assert_array_equal(few, whole[:, 2:3, :3])


@pytest.mark.parametrize("channels", [504, 512, 1024])
@pytest.mark.parametrize("name", TIERS)
def test_depthwise_where_cells_lie_far_apart(name: str, channels: int) -> None:
    images = ((3, 1, (7, 7)), (3, 2, (14, 13)), (5, 1, (9, 30)), (5, 2, (11, 8)), (3, 1, (6, 90)), (7, 1, (9, 12)))
    for size, strides, image in images:
        arrays = [numbers(1, 2, *image, channels), taps(2, size, size, channels, 1), numbers(3, channels)]
        attrs = DepthwiseConvAttrs((strides, strides), (1, 1), "same", "silu")
        check("depthwise_conv", name, arrays, attrs, tolerance=2e-6)


@pytest.mark.parametrize("name", TIERS)
def test_conv_of_images_inside_other_axes(name: str) -> None:
    x, kernel = numbers(1, 2, 3, 6, 5, 4), taps(2, 3, 3, 4, 5)
    check("conv", name, [x, kernel, None], ConvAttrs((1, 1), (1, 1), "same"))
    check("conv", name, [x[:, 0], taps(3, 1, 4, 5), None], ConvAttrs((1,), (1,), "same"))


@pytest.mark.parametrize("channels", [64, 300, 700])
@pytest.mark.parametrize("name", TIERS)
def test_many_channels_round_little(name: str, channels: int) -> None:
    x, kernel = np.abs(numbers(1, 1, 4, 5, channels)), np.abs(taps(2, 3, 3, channels, 18))
    attrs = ConvAttrs((1, 1), (1, 1), "same")
    got = check("conv", name, [x, kernel, None], attrs, tolerance=5e-6)
    (exact,) = OPS["conv"].run([x.astype(np.float64), kernel.astype(np.float64), None], attrs)
    assert np.max(np.abs(got / exact - 1)) < 1.5e-6  # one chain of 6,300 additions: 1e-5


@pytest.mark.parametrize("channels", [2, 40])
@pytest.mark.parametrize("name", TIERS)
def test_an_image_does_not_depend_on_its_batch(name: str, channels: int) -> None:
    arrays = [taps(2, 3, 3, channels, 33), numbers(3, 33)]
    x, attrs = numbers(1, 5, 11, 12, channels), ConvAttrs((1, 1), (1, 1), "same", 1, "tanh")
    whole = run_bound("conv", tier_named(name), [x, *arrays], attrs)
    assert whole is not None
    for at in range(5):
        one = run_bound("conv", tier_named(name), [x[at : at + 1], *arrays], attrs)
        np.testing.assert_array_equal(one, whole[at : at + 1])


# (image, window, strides, padding, channels, filters): few windows and many filters, many windows, edges of whole rows
SPLIT: dict[str, tuple[Shape, Shape, Shape, Any, int, int]] = {
    "columns": ((5, 5), (3, 3), (1, 1), "same", 70, 200),
    "windows": ((40, 41), (3, 3), (1, 1), "same", 20, 17),
    "rows": ((45, 50), (5, 5), (2, 2), "same", 3, 40),
    "images": ((2, 3, 30, 31), (3, 4), (1, 2), "same", 6, 33),
}


@pytest.mark.parametrize("split", SPLIT)
@pytest.mark.parametrize("name", TIERS)
def test_conv_is_the_same_on_any_number_of_threads(name: str, split: str) -> None:
    image, size, strides, padding, channels, filters = SPLIT[split]
    attrs = ConvAttrs(strides, (1, 1), padding, 1, "elu", (1.0,))
    arrays = [numbers(1, 3, *image, channels), taps(2, *size, channels, filters), numbers(3, filters)]
    one = check("conv", name, arrays, attrs, tolerance=3e-6)
    bound, _ = bind_arrays("conv", tier_named(name), arrays, attrs, 1)
    assert bound is not None
    for threads in (2, 5):
        again = np.full_like(one, np.nan)
        bound.kernels[0](arrays[0], again, threads=threads)
        np.testing.assert_array_equal(again, one)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("name", TIERS)
def test_conv_hands_on_nan(name: str, window: str) -> None:
    image, size, strides, dilation, padding = WINDOWS[window]
    x = numbers(1, 2, *image, 5)
    x[1].reshape(-1)[7 % x[1].size] = np.nan
    check("conv", name, [x, taps(2, *size, 5, 3), None], ConvAttrs(strides, dilation, padding), tolerance=2e-6)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("name", TIERS)
def test_depthwise_conv(name: str, window: str) -> None:
    image, size, strides, dilation, padding = WINDOWS[window]
    for channels in CHANNELS:
        kernel, bias = numbers(2, *size, channels, 1), numbers(3, channels)
        for rows in (0, 1, 3):
            for kind in ("relu6", "silu"):
                attrs = DepthwiseConvAttrs(strides, dilation, padding, kind)
                check("depthwise_conv", name, [numbers(1, rows, *image, channels), kernel, bias], attrs)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("name", TIERS)
def test_depthwise_conv_of_several_filters(name: str, window: str) -> None:
    image, size, strides, dilation, padding = WINDOWS[window]
    for channels, each in ((1, 2), (3, 8), (16, 2), (7, 17), (20, 3), (2, 40)):
        kernel, bias = numbers(2, *size, channels, each), numbers(3, channels * each)
        attrs = DepthwiseConvAttrs(strides, dilation, padding, "silu")
        for rows in (0, 1, 3):
            arrays = [numbers(1, rows, *image, channels), kernel, bias]
            assert bound_kernel("depthwise_conv", name, arrays, attrs).name.endswith("depthwise+silu")
            check("depthwise_conv", name, arrays, attrs)


@pytest.mark.parametrize("name", TIERS)
def test_large_images_of_several_filters_are_looked_up(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bind_window, "MOST_REPEATED", 9 * 8 * 20)
    attrs = DepthwiseConvAttrs((1, 1), (1, 1), "same")
    for width, each, kind in ((8, 2, "depthwise"), (9, 2, "grouped_conv"), (30, 1, "depthwise")):
        arrays = [numbers(1, 2, 9, width, 10), numbers(2, 3, 3, 10, each), None]
        assert bound_kernel("depthwise_conv", name, arrays, attrs).name == f"{name}:{kind}"
        check("depthwise_conv", name, arrays, attrs)


@pytest.mark.parametrize("name", TIERS)
def test_tall_windows_of_several_filters_are_looked_up_for_few_rows(name: str) -> None:
    for height, kind in ((19, "grouped_conv"), (20, "depthwise")):
        arrays = [numbers(1, 2, height, 9, 8), numbers(2, 18, 1, 8, 2) / 4, None]
        attrs = DepthwiseConvAttrs((1, 1), (1, 1))
        assert bound_kernel("depthwise_conv", name, arrays, attrs).name == f"{name}:{kind}"
        check("depthwise_conv", name, arrays, attrs)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6, 7, 8])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("name", TIERS)
def test_depthwise_conv_of_every_width(name: str, stride: int, size: int) -> None:
    for width in (1, 4, 5, 7, 8, 11, 20):
        x, kernel = numbers(1, 2, 6, width, 18), numbers(2, size, size, 18, 1)
        check("depthwise_conv", name, [x, kernel, None], DepthwiseConvAttrs((stride, stride), (1, 1), "same"))


@pytest.mark.parametrize(
    "padding", ["same", "valid", ((2, 0), (0, 1)), ((0, 1), (1, 0)), ((1, 2), (2, 2)), ((7, 9), (0, 0))]
)
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("size", [3, 5])
@pytest.mark.parametrize("name", TIERS)
def test_depthwise_conv_of_pairs_of_rows(name: str, size: int, stride: int, padding: Any) -> None:
    kernel, bias = numbers(2, size, size, 70, 1), numbers(3, 70)
    attrs = DepthwiseConvAttrs((stride, stride), (1, 1), padding, "silu")
    for height in (5, 6, 7, 10):
        for width in (5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 18, 19, 22):
            check("depthwise_conv", name, [numbers(1, 1, height, width, 70), kernel, bias], attrs)


@pytest.mark.parametrize("window", [key for key, row in WINDOWS.items() if set(row[3]) == {1} and row[4] != "causal"])
@pytest.mark.parametrize("name", TIERS)
def test_pooling(name: str, window: str) -> None:
    image, size, strides, _, padding = WINDOWS[window]
    if not isinstance(padding, str):
        padding = "same"
    for channels in CHANNELS:
        for rows in (0, 1, 3):
            x = numbers(1, rows, *image, channels)
            check("max_pool", name, [x], MaxPoolAttrs(size, strides, padding))
            check("avg_pool", name, [x], AvgPoolAttrs(size, strides, padding))


@pytest.mark.parametrize("name", TIERS)
def test_pooling_hands_on_nan_and_infinity(name: str) -> None:
    x = numbers(1, 1, 6, 6, 19)
    x[0, 1, 1, 2] = np.nan
    x[0, 4, 4] = -np.inf
    x[0, 0, 5, 18] = np.inf
    for attrs in (MaxPoolAttrs((2, 2), (2, 2)), MaxPoolAttrs((3, 3), (1, 1), "same")):
        check("max_pool", name, [x], attrs)


@pytest.mark.parametrize("channels", CHANNELS)
@pytest.mark.parametrize("name", TIERS)
def test_pad(name: str, channels: int) -> None:
    none = (0, 0)
    pads = [
        (none, (1, 2), (0, 3), none),
        (none, none, (2, 0), none),
        (none, (1, 0), none, none),
        (none, none, none, (1, 2)),
    ]
    for rows in (0, 1, 3):
        for pair in pads:
            for value in (0.0, -2.5):
                check("pad", name, [numbers(1, rows, 3, 4, channels)], PadAttrs(pair, value))


@pytest.mark.parametrize("name", TIERS)
def test_what_is_left_to_numpy(name: str) -> None:
    tier = tier_named(name)
    x, kernel = numbers(1, 2, 6, 6, 4), taps(2, 3, 3, 4, 8)
    plain = ConvAttrs((1, 1), (1, 1))
    assert run_bound("conv", tier, [x.astype(np.float64), kernel, None], plain) is None
    assert run_bound("conv", tier, [x, kernel, None], ConvAttrs((1, 1), (1, 1), activation="sparsemax")) is None


@pytest.mark.parametrize("filters", [1, 2, 3, 7])
@pytest.mark.parametrize("name", TIERS)
def test_few_filters_compute_neighbours_together(name: str, filters: int) -> None:
    for width, window, strides in (
        (24, (5, 5), (1, 1)),
        (13, (5, 5), (1, 1)),
        (30, (3, 5), (2, 2)),
        (16, (2, 7), (1, 3)),
    ):
        x, kernel, bias = numbers(1, 2, 9, width, 20), taps(2, *window, 20, filters), numbers(3, filters)
        for padding in ("same", "valid"):
            attrs = ConvAttrs(strides, (1, 1), padding, 1, "sigmoid")
            check("conv", name, [x, kernel, bias], attrs, tolerance=2e-6)
            check("conv", name, [x, kernel, None], attrs, tolerance=2e-6)

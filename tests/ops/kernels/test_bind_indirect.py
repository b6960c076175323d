"""Transposed, grouped and three-dimensional convolutions of every tier against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, check, numbers, tier_named

from kmin.ops import OPS
from kmin.ops.conv import ConvAttrs
from kmin.ops.conv_transpose import ConvTransposeAttrs
from kmin.ops.depthwise_conv import DepthwiseConvAttrs
from kmin.ops.kernels.bind import run_bound

Shape = tuple[int, ...]
# (image, window, strides, dilation, padding, output padding)
TRANSPOSED: dict[str, tuple[Shape, Shape, Shape, Shape, str, Shape | None]] = {
    "one": ((4, 5), (1, 1), (1, 1), (1, 1), "valid", None),
    "same": ((7, 6), (5, 5), (2, 2), (1, 1), "same", None),
    "valid": ((5, 4), (3, 3), (2, 2), (1, 1), "valid", None),
    "stride_one": ((5, 9), (3, 2), (1, 1), (1, 1), "same", None),
    "gaps": ((4, 3), (2, 1), (3, 4), (1, 1), "valid", None),
    "gaps_same": ((4, 3), (2, 1), (3, 4), (1, 1), "same", None),
    "uneven": ((3, 6), (4, 3), (3, 2), (1, 1), "same", None),
    "dilated": ((4, 5), (3, 2), (1, 1), (2, 3), "valid", None),
    "dilated_same": ((6, 5), (3, 3), (1, 1), (2, 2), "same", None),
    "more": ((4, 4), (3, 3), (2, 2), (1, 1), "same", (1, 0)),
    "more_valid": ((4, 4), (3, 2), (3, 2), (1, 1), "valid", (2, 1)),
    "single": ((1, 1), (3, 3), (2, 2), (1, 1), "same", None),
    "long": ((2, 130), (3, 3), (2, 1), (1, 1), "same", None),
    "sequence": ((11,), (5,), (3,), (1,), "same", None),
    "sequence_valid": ((9,), (2,), (2,), (1,), "valid", (1,)),
    "volume": ((3, 2, 4), (3, 3, 2), (2, 1, 2), (1, 1, 1), "same", None),
    "volume_valid": ((2, 3, 2), (2, 3, 4), (1, 2, 3), (1, 1, 1), "valid", None),
}
# (image, window, strides, dilation, padding)
VOLUMES: dict[str, tuple[Shape, Shape, Shape, Shape, Any]] = {
    "one": ((3, 4, 2), (1, 1, 1), (1, 1, 1), (1, 1, 1), "valid"),
    "same": ((4, 5, 6), (3, 3, 3), (1, 1, 1), (1, 1, 1), "same"),
    "strided": ((5, 4, 7), (3, 2, 3), (2, 2, 3), (1, 1, 1), "same"),
    "valid": ((4, 3, 9), (2, 3, 5), (1, 1, 2), (1, 1, 1), "valid"),
    "dilated": ((7, 6, 5), (3, 2, 2), (1, 1, 1), (2, 3, 2), "same"),
    "padded": ((3, 2, 4), (3, 3, 3), (1, 2, 1), (1, 1, 1), ((0, 2), (1, 1), (4, 0))),
}


def taps(seed: int, *shape: int) -> np.ndarray:
    """Weights of results of about one."""
    return numbers(seed, *shape) / np.float32(max(np.prod(shape[:-1]), 1)) ** np.float32(0.5)


@pytest.mark.parametrize("case", TRANSPOSED)
@pytest.mark.parametrize("name", TIERS)
def test_conv_transpose(name: str, case: str) -> None:
    image, size, strides, dilation, padding, more = TRANSPOSED[case]
    attrs = ConvTransposeAttrs(strides, dilation, padding, more, "elu", (1.0,))
    for channels, filters in ((1, 1), (3, 17), (16, 37)):
        kernel, bias = taps(2, *size, filters, channels), numbers(3, filters)
        for rows in (0, 1, 3):
            x = numbers(1, rows, *image, channels)
            check("conv_transpose", name, [x, kernel, bias], attrs, tolerance=3e-6)
    check("conv_transpose", name, [numbers(4, 2, *image, 5), taps(5, *size, 6, 5), None], attrs, tolerance=3e-6)


@pytest.mark.parametrize("case", VOLUMES)
@pytest.mark.parametrize("name", TIERS)
def test_conv_of_volumes(name: str, case: str) -> None:
    image, size, strides, dilation, padding = VOLUMES[case]
    for groups, channels, filters in ((1, 3, 17), (1, 20, 5), (2, 4, 36)):
        kernel, bias = taps(2, *size, channels // groups, filters), numbers(3, filters)
        attrs = ConvAttrs(strides, dilation, padding, groups, "relu")
        for rows in (0, 1, 2):
            check("conv", name, [numbers(1, rows, *image, channels), kernel, bias], attrs, tolerance=3e-6)


@pytest.mark.parametrize("name", TIERS)
def test_conv_of_groups(name: str) -> None:
    for groups, channels, filters in ((2, 6, 4), (4, 8, 100), (32, 128, 128), (5, 5, 15)):
        kernel = taps(2, 3, 3, channels // groups, filters)
        for strides, padding, kind in (((1, 1), "same", "relu6"), ((2, 1), "valid", "tanh")):
            attrs = ConvAttrs(strides, (1, 1), padding, groups, kind)
            check("conv", name, [numbers(1, 2, 9, 8, channels), kernel, numbers(3, filters)], attrs, tolerance=3e-6)
    attrs = ConvAttrs((1,), (2,), "causal", 3)
    check("conv", name, [numbers(1, 2, 140, 9), taps(2, 3, 3, 12), None], attrs, tolerance=3e-6)


@pytest.mark.parametrize("name", TIERS)
def test_several_filters_per_channel(name: str) -> None:
    for each in (2, 3, 20):
        kernel, bias = taps(2, 3, 3, 7, each), numbers(3, 7 * each)
        attrs = DepthwiseConvAttrs((1, 2), (1, 1), "same", "silu")
        check("depthwise_conv", name, [numbers(1, 2, 9, 8, 7), kernel, bias], attrs, tolerance=3e-6)


@pytest.mark.parametrize("name", TIERS)
def test_error_against_double_precision(name: str) -> None:
    x, kernel = numbers(1, 1, 6, 7, 300), taps(2, 5, 5, 33, 300)
    attrs = ConvTransposeAttrs((2, 2), (1, 1), "same")
    got = check("conv_transpose", name, [x, kernel, None], attrs, tolerance=1e-5)
    (exact,) = OPS["conv_transpose"].run([x.astype(np.float64), kernel.astype(np.float64), None], attrs)
    (single,) = OPS["conv_transpose"].run([x, kernel, None], attrs)
    assert np.max(np.abs(got - exact)) <= 2 * np.max(np.abs(single - exact))


@pytest.mark.parametrize("name", TIERS)
def test_what_is_left_to_numpy(name: str) -> None:
    x, kernel = numbers(1, 2, 4, 4, 3), taps(2, 3, 3, 5, 3)
    tier = tier_named(name)
    sparsemax = ConvTransposeAttrs((1, 1), (1, 1), activation="sparsemax")
    assert run_bound("conv_transpose", tier, [x, kernel, None], sparsemax) is None
    assert (
        run_bound("conv_transpose", tier, [x.astype(np.float64), kernel, None], ConvTransposeAttrs((1, 1), (1, 1)))
        is None
    )
    assert run_bound("conv_transpose", tier, [x, kernel, None], ConvTransposeAttrs((40, 40), (1, 1))) is None

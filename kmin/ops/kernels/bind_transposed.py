"""How transposed convolutions are bound to compiled kernels: by phases, or with stride 1 as plain ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kmin.ops.conv import ConvAttrs
from kmin.ops.conv_transpose import ConvTransposeAttrs
from kmin.ops.kernels.bind_indirect import Axis, bind_axes, spatial_sizes
from kmin.ops.kernels.bind_window import bind_conv
from kmin.ops.kernels.bound import Bound, Constants, Specs, constant_weights
from kmin.ops.kernels.joined_phases import joined_phases
from kmin.ops.tensor import TensorSpec
from kmin.ops.window import window_reach

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier


def left_out(size: int, out: int, kernel: int, stride: int, dilation: int, padding: str) -> int:
    """Results of padding `valid` before the first one."""
    whole = (size - 1) * stride + window_reach(kernel, dilation)
    return max(whole - out, 0) // 2 if padding == "same" else 0


def transposed_axis(size: int, out: int, kernel: int, stride: int, dilation: int, padding: str) -> Axis:
    """Result o is met by tap k of input cell i where o = i * stride + k * dilation - before."""
    before = left_out(size, out, kernel, stride, dilation, padding)
    phases = []
    for phase in range(stride):
        at = [(tap, phase + before - tap * dilation) for tap in range(kernel)]
        phases.append(tuple((tap, distance // stride) for tap, distance in at if distance % stride == 0))
    return Axis(size, out, 1, tuple(phases))


def turned_pads(size: int, out: int, kernel: int, dilation: int, padding: str) -> tuple[int, int]:
    """Padding of the convolution with reversed taps that stride 1 is."""
    reach = window_reach(kernel, dilation) - 1
    before = reach - left_out(size, out, kernel, 1, dilation, padding)
    return before, out + reach - size - before


def bind_conv_transpose(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: ConvTransposeAttrs
) -> Bound | None:
    kernel = constant_weights(inputs, constants)
    if kernel is None:
        return None
    spatial = kernel.ndim - 2
    x, y = spatial_sizes(inputs[0], spatial), spatial_sizes(output, spatial)
    if x is None or y is None:
        return None
    turned = np.swapaxes(kernel, -1, -2)
    if max(attrs.strides) == 1:
        ends = zip(x[1], y[1], kernel.shape[:spatial], attrs.dilation, strict=True)
        pads = tuple(turned_pads(*each, attrs.padding) for each in ends)
        reverse = np.ascontiguousarray(np.flip(turned, tuple(range(spatial))))
        plain = ConvAttrs(
            attrs.strides, attrs.dilation, pads, activation=attrs.activation, activation_args=attrs.activation_args
        )
        if min(map(min, pads)) >= 0:
            return bind_conv(tier, inputs, [None, reverse, constants[2]], output, plain)
    axes = [
        transposed_axis(x[1][at], y[1][at], kernel.shape[at], attrs.strides[at], attrs.dilation[at], attrs.padding)
        for at in range(spatial)
    ]
    last, wide, bias = joined_phases(axes[-1], turned, constants[2], tier.lanes, tier.tile_rows)
    return bind_axes(tier, "conv_transpose", x[0], [*axes[:-1], last], wide, bias, 1, attrs)

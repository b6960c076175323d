"""How grouped and three-dimensional convolutions are bound to compiled kernels."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kmin.ops.conv import ConvAttrs
from kmin.ops.depthwise_conv import DepthwiseConvAttrs
from kmin.ops.kernels.bound import NANOSECONDS_PER_MAC, Bound, Constants, Specs, after_of, constant_weights, served_size
from kmin.ops.tensor import Array, TensorSpec
from kmin.ops.window import window_pads

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier

# Windows with more cells, and more phases, are left to NumPy.
MOST_TAPS = 1024
MOST_PHASES = 1024
MOST_GROUPS = 4096


class Axis(NamedTuple):
    """How one axis is walked.

    Attributes:
        size, out: cells of the input and of the result.
        step: input cells between neighbouring results of one phase.
        phases: (tap, its distance from that cell) of every tap, for each phase.
    """

    size: int
    out: int
    step: int
    phases: tuple[tuple[tuple[int, int], ...], ...]

    @property
    def row(self) -> tuple[int, int, int, list[list[int]]]:
        return self.size, self.out, self.step, [[offset for _, offset in taps] for taps in self.phases]


ONE = Axis(1, 1, 1, (((0, 0),),))


def conv_axis(size: int, out: int, kernel: int, stride: int, dilation: int, padding: Any) -> Axis:
    before, _ = window_pads(size, kernel, stride, dilation, padding)
    return Axis(size, out, stride, (tuple((tap, tap * dilation - before) for tap in range(kernel)),))


def spatial_sizes(spec: TensorSpec | None, axes: int) -> tuple[int, tuple[int, ...], int] | None:
    """(images per sample, spatial sizes, channels) of a float32 tensor; None when it is not served."""
    if spec is None or served_size(spec) is None or not 1 <= axes <= 3 or spec.rank < axes + 2:
        return None
    sizes = tuple(size for size in spec.shape[1:] if size is not None)
    return math.prod(sizes[: -axes - 1]), sizes[-axes - 1 : -1], sizes[-1]


def bind_axes(
    tier: Tier,
    name: str,
    images: int,
    axes: Sequence[Axis],
    kernel: Array,
    bias: Array | None,
    groups: int,
    attrs: Any,
    residual: bool = False,
) -> Bound | None:
    """kernel [*window, channels of a group, filters]."""
    from kmin.ops.kernels import _indirect

    after = after_of(attrs.activation, attrs.activation_args)
    if after is None or math.prod(kernel.shape[:-2]) > MOST_TAPS or groups > MOST_GROUPS:
        return None
    if math.prod(len(axis.phases) for axis in axes) > MOST_PHASES:
        return None
    channels, filters = kernel.shape[-2:]
    weights = [
        kernel[np.ix_(*([tap for tap, _ in taps] for taps in phase))].reshape(-1, filters)
        for phase in itertools.product(*(axis.phases for axis in axes))
    ]
    rows = [axis.row for axis in (*(ONE for _ in range(3 - len(axes))), *axes)]
    made = _indirect.indirect(tier, name, images, channels * groups, rows, weights, bias, groups, *after, residual)
    results = images * math.prod(axis.out for axis in axes) * filters
    share = math.prod(len(axis.phases) for axis in axes)
    cost = results * kernel.size / filters / share * NANOSECONDS_PER_MAC + after.nanoseconds(results)
    return Bound((made,), False, cost, (0, 3) if residual else (0,), image=True)


def bind_any_conv(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: ConvAttrs
) -> Bound | None:
    """Convolutions of groups and of three axes."""
    kernel = constant_weights(inputs, constants)
    if kernel is None:
        return None
    return _bind_conv(tier, inputs[0], output, kernel, constants[2], attrs.groups, attrs, len(inputs) > 3)


def bind_any_depthwise_conv(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: DepthwiseConvAttrs
) -> Bound | None:
    """With several filters per channel, every channel is a group."""
    kernel = constant_weights(inputs, constants)
    if kernel is None:
        return None
    channels, each = kernel.shape[-2:]
    grouped = kernel.reshape(*kernel.shape[:-2], 1, channels * each)
    return _bind_conv(tier, inputs[0], output, grouped, constants[2], channels, attrs)


def _bind_conv(
    tier: Tier,
    x: TensorSpec | None,
    y: TensorSpec,
    kernel: Array,
    bias: Array | None,
    groups: int,
    attrs: Any,
    residual: bool = False,
) -> Bound | None:
    spatial = kernel.ndim - 2
    given, made = spatial_sizes(x, spatial), spatial_sizes(y, spatial)
    if given is None or made is None:
        return None
    padding = [attrs.padding if isinstance(attrs.padding, str) else attrs.padding[at] for at in range(spatial)]
    axes = [
        conv_axis(given[1][at], made[1][at], kernel.shape[at], attrs.strides[at], attrs.dilation[at], padding[at])
        for at in range(spatial)
    ]
    name = "grouped_conv" if groups > 1 else "conv"
    return bind_axes(tier, name, given[0], axes, kernel, bias, groups, attrs, residual)

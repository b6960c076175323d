"""How normalisations by moments of the sample itself are bound to compiled kernels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kmin.ops.group_norm import GroupNormAttrs
from kmin.ops.kernels.bind_merge import row_sizes
from kmin.ops.kernels.bound import Bound, Constants, Specs
from kmin.ops.l2_normalize import L2NormalizeAttrs
from kmin.ops.layer_norm import LayerNormAttrs
from kmin.ops.rms_norm import RmsNormAttrs
from kmin.ops.tensor import Array, TensorSpec

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Kernel, Tier

NANOSECONDS_PER_VALUE = 0.3


def bind_layer_norm(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: LayerNormAttrs
) -> Bound | None:
    sizes = row_sizes(inputs[0])
    (x, gamma, beta), (_, *given) = constants, inputs
    if sizes is None or x is not None or _computed((gamma, beta), given):
        return None
    kernel = _along(tier, sizes, attrs.axes, (gamma, beta), None, attrs.epsilon, keeps_mean=not attrs.center)
    return _bound(kernel, sizes)


def bind_rms_norm(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: RmsNormAttrs
) -> Bound | None:
    sizes = row_sizes(inputs[0])
    x, scale = constants
    if sizes is None or x is not None or _computed((scale,), inputs[1:]) or row_sizes(output) != sizes:
        return None
    shape = None if scale is None else _stripped(scale.shape)
    kernel = _along(tier, sizes, attrs.axes, (scale, None), shape, attrs.epsilon, centred=False)
    return _bound(kernel, sizes)


def bind_l2_normalize(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: L2NormalizeAttrs
) -> Bound | None:
    sizes = row_sizes(inputs[0])
    if sizes is None or constants[0] is not None:
        return None
    given = (attrs.axis,) if isinstance(attrs.axis, int) else attrs.axis
    axes = tuple(sorted({axis % output.rank for axis in given}))
    kernel = _along(tier, sizes, axes, (None, None), None, attrs.smallest, centred=False, length=True)
    return _bound(kernel, sizes)


def bind_group_norm(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: GroupNormAttrs
) -> Bound | None:
    """Channels on the last axis, or on the first after the batch."""
    from kmin.ops.kernels import _norms

    sizes = row_sizes(inputs[0])
    x, gamma, beta, mask = constants
    if sizes is None or x is not None or mask is not None or inputs[3] is not None:
        return None
    if _computed((gamma, beta), inputs[1:3]):
        return None
    channels = sizes[attrs.axis - 1]
    before, after, group = math.prod(sizes[: attrs.axis - 1]), math.prod(sizes[attrs.axis :]), channels // attrs.groups
    if before == 1:
        n = group * after
        kernel = _norms.norm(tier, attrs.groups, n, gamma, beta, attrs.epsilon, run=after, period=attrs.groups)
    elif after == 1:
        kernel = _norms.norm_columns(tier, 1, before, channels, gamma, beta, attrs.epsilon, group=group)
    else:
        return None
    return _bound(kernel, sizes)


def _computed(weights: Constants, specs: Specs) -> bool:
    """Whether a weight is there, but not as a constant."""
    return any(array is None and spec is not None for array, spec in zip(weights, specs, strict=True))


def _stripped(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape without leading ones."""
    first = next((axis for axis, size in enumerate(shape) if size != 1), len(shape))
    return shape[first:]


def _along(
    tier: Tier,
    sizes: tuple[int, ...],
    axes: tuple[int, ...],
    weights: tuple[Array | None, Array | None],
    shape: tuple[int, ...] | None,
    epsilon: float,
    centred: bool = True,
    keeps_mean: bool = False,
    length: bool = False,
) -> Kernel | None:
    """Moments over neighbouring axes (1: the first of `sizes`); None when these or the weights lie in another way.

    `shape`: of the weights, without leading ones, where it is not that of the axes.
    """
    from kmin.ops.kernels import _norms

    if axes[0] < 1 or axes != tuple(range(axes[0], axes[0] + len(axes))):
        return None
    before, own, after = sizes[: axes[0] - 1], sizes[axes[0] - 1 : axes[-1]], sizes[axes[-1] :]
    outer, count, columns = math.prod(before), math.prod(own), math.prod(after)
    if columns == 1:
        if shape is not None and shape != _stripped(own + after) and math.prod(shape) != 1:
            return None
        if shape is not None and math.prod(shape) != count:
            return None
        return _norms.norm(tier, outer, count, *weights, epsilon, centred=centred, keeps_mean=keeps_mean, length=length)
    by_row = shape is None or shape == _stripped(own + (1,) * len(after))
    if not by_row and shape != _stripped(after):
        return None
    return _norms.norm_columns(
        tier,
        outer,
        count,
        columns,
        *weights,
        epsilon,
        by_row=by_row,
        centred=centred,
        keeps_mean=keeps_mean,
        length=length,
    )


def _bound(kernel: Kernel | None, sizes: tuple[int, ...]) -> Bound | None:
    return None if kernel is None else Bound((kernel,), True, math.prod(sizes) * NANOSECONDS_PER_VALUE)

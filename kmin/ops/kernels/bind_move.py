"""How ops that hand on the values of a sample in another order, or some of them, are bound to compiled kernels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kmin.ops.kernels.bind_merge import NANOSECONDS_PER_VALUE
from kmin.ops.kernels.bound import Bound, Constants, Specs, sample_size
from kmin.ops.repeat import RepeatAttrs
from kmin.ops.slice import SliceAttrs
from kmin.ops.tensor import TensorSpec
from kmin.ops.transpose import TransposeAttrs

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier

Axes = list[tuple[int, int]]
MOVED = ("float32", "int32", "uint32")


def bind_transpose(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: TransposeAttrs
) -> Bound | None:
    axes = _axes(inputs[0])
    if axes is None or constants[0] is not None or attrs.perm[0] != 0:
        return None
    return _bound(tier, "transpose", inputs[0], [axes[axis - 1] for axis in attrs.perm[1:]])


def bind_slice(tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: SliceAttrs) -> Bound | None:
    """Cuts of the axes after the batch."""
    axes = _axes(inputs[0])
    if axes is None or constants[0] is not None or not sample_size(output):
        return None
    if attrs.cuts and attrs.cuts[0] not in ((None, None, None), (0, None, None), (None, None, 1), (0, None, 1)):
        return None
    offset = 0
    for axis, cut in enumerate(attrs.cuts[1:]):
        size, stride = axes[axis]
        places = range(*slice(*cut).indices(size))
        offset += places.start * stride
        axes[axis] = len(places), places.step * stride
    return _bound(tier, "slice", inputs[0], axes, offset)


def bind_repeat(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: RepeatAttrs
) -> Bound | None:
    axes, axis = _axes(inputs[0]), attrs.axis % output.rank
    if axes is None or constants[0] is not None or axis == 0 or attrs.count < 1:
        return None
    return _bound(tier, "repeat", inputs[0], [*axes[:axis], (attrs.count, 0), *axes[axis:]])


def _axes(spec: TensorSpec | None) -> Axes | None:
    """(size, stride) of every axis after the batch; None of what holds nothing or anything but values of four bytes."""
    if spec is None or spec.dtype not in MOVED or not sample_size(spec):
        return None
    sizes = [size for size in spec.shape[1:] if size is not None]
    return [(size, math.prod(sizes[axis + 1 :])) for axis, size in enumerate(sizes)]


def _merged(axes: Sequence[tuple[int, int]]) -> Axes:
    """The same places with fewer axes: those of one place are dropped, those that follow each other joined."""
    found: Axes = []
    for size, stride in axes:
        if size == 1:
            continue
        if found and found[-1][1] == size * stride:
            found[-1] = found[-1][0] * size, stride
        else:
            found.append((size, stride))
    return found or [(1, 1)]


def _bound(
    tier: Tier, name: str, spec: TensorSpec | None, axes: Sequence[tuple[int, int]], offset: int = 0
) -> Bound | None:
    from kmin.ops.kernels import _moves

    merged, size = _merged(axes), None if spec is None else sample_size(spec)
    if spec is None or size is None or len(merged) > _moves.MOST_AXES:
        return None
    kernel = _moves.move(tier, name, merged, offset, size, spec.dtype)
    return Bound((kernel,), False, 4 * math.prod(count for count, _ in axes) * NANOSECONDS_PER_VALUE)

"""How a product whose rows are reduced to one is bound to one kernel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from kmin.ops.conv import ConvAttrs
from kmin.ops.kernels.bind_merge import REDUCE_KERNELS
from kmin.ops.kernels.bind_strassen import Rows, pays, strassen
from kmin.ops.kernels.bind_window import window_geometry
from kmin.ops.kernels.bound import NANOSECONDS_PER_MAC, Bound, Constants, Specs, after_of, constant_weights
from kmin.ops.reduce import ReduceAttrs, reduce_axes
from kmin.ops.tensor import TensorSpec

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier

# Rows that become one, in tiles, below which the products of all of them together are faster.
LEAST_TILES = 2
# Products in a task, about, and where a sample is one; and parts of a sample from which on each is one task.
TASK, LEAST_SHARED, MANY = 1 << 18, 1 << 19, 8
TASKS = 16
# Weights that every thread may read, at most, where there are panels enough to share them.
NEAR = 1 << 17


def bind_pooled(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: Any, reduction: ReduceAttrs
) -> Bound | None:
    """Dense or the convolution of one tap over `inputs`, and the reduction of its `output` over rows.

    None when it is another one, or when there are few rows.
    """
    from kmin.ops.kernels import _pooled

    kernel, after = constant_weights(inputs, constants), after_of(attrs.activation, attrs.activation_args)
    x, sizes = inputs[0], output.shape[1:]
    if kernel is None or after is None or x is None or x.dtype != "float32" or None in (*x.shape[1:], *sizes):
        return None
    if isinstance(attrs, ConvAttrs) and not plain(x, output, kernel.shape, attrs):
        return None
    axes = reduce_axes(output.rank, reduction)
    if (
        reduction.kind not in REDUCE_KERNELS
        or not axes
        or axes != tuple(range(axes[0], output.rank - 1))
        or not axes[0]
    ):
        return None
    matrix = kernel.reshape(kernel.shape[-2:])
    depth, columns = kernel.shape[-2:]
    counts = [size or 0 for size in sizes[:-1]]
    outer, rows = math.prod(counts[: axes[0] - 1]), math.prod(counts[axes[0] - 1 :])
    if rows < LEAST_TILES * tier.tile_rows or not outer * depth * columns:
        return None
    residual = len(inputs) > 3
    if pays(rows, matrix, tier.lanes, near=True):
        places = Rows(rows, rows, 0, depth, rows * depth)
        product = strassen(tier, matrix, constants[2], places, after, residual)
        made = _pooled.pooled(tier, product, reduction.kind, rows, outer)
    else:
        product = tier.dense(matrix, constants[2], rows, *after, residual)
        made = _pooled.pooled(tier, product, reduction.kind, rows, outer, *split(tier, rows, depth, columns, outer))
    cost = outer * rows * (matrix.size * NANOSECONDS_PER_MAC + after.nanoseconds(columns))
    return Bound((made,), False, cost, (0, 3) if residual else (0,), image=True)


def plain(x: TensorSpec, output: TensorSpec, kernel: tuple[int, ...], attrs: ConvAttrs) -> bool:
    """Whether a convolution is a product of every cell with the same weights."""
    if attrs.groups != 1 or math.prod(kernel[:-2]) != 1 or len(kernel) > 4 or set(attrs.strides) != {1}:
        return False
    g = window_geometry(x, output, kernel[:-2], attrs.strides, attrs.dilation, attrs.padding)
    return g is not None and (g["out_height"], g["out_width"]) == (g["height"], g["width"])


def split(tier: Tier, rows: int, depth: int, columns: int, outer: int) -> tuple[int, int]:
    """Blocks of rows and groups of columns."""
    work, panels = rows * depth * columns, -(-columns // (2 * tier.lanes))
    if outer >= MANY or work < LEAST_SHARED:
        return 1, 1
    few = 1 if depth * columns > NEAR else 2
    blocks = few if panels >= TASKS // 2 else min(8, rows // tier.tile_rows // 2 * 2)
    tasks = min(TASKS, work // TASK)
    return blocks, max(1, min(panels, -(-tasks // blocks)))

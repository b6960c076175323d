"""How chains of pointwise and depthwise convolutions are bound to one compiled kernel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from kmin.ops.conv import ConvAttrs
from kmin.ops.depthwise_conv import DepthwiseConvAttrs
from kmin.ops.kernels.bind_strassen import pays
from kmin.ops.kernels.bind_window import MOST_LINES, window_geometry
from kmin.ops.kernels.bound import After, Bound, Constants, Specs, after_of, constant_weights
from kmin.ops.tensor import Array, TensorSpec

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier

MOST_STAGES = 5
# Weights that a chain reads again for every few rows, in bytes at most.
MOST_WEIGHTS = 1 << 18
# Where the result has fewer rows, computing those between two strips twice costs more than it saves.
LEAST_HEIGHT = 12
# With vectors of QUAD_LANES, depthwise windows that go through all channels (depthwise_quads.h) are so fast that chains
# are worth it only where a function is computed on the way, those of large results from QUAD_HEIGHT rows on.
QUAD_LANES, QUAD_HEIGHT, QUAD_VALUES = 8, 30, 1 << 14
# Cells of an image of which a slice stays in a core's own cache, at most.
MOST_CELLS = 784
POINT_NANOSECONDS = 0.02
DEPTHWISE_NANOSECONDS = 0.06


class Stage(NamedTuple):
    """A convolution that can be part of a chain.

    Attributes:
        geometry: the fields of kmin_geometry.
        weights: [channels, filters] when it is pointwise, [kernel_height, kernel_width, channels] when it is depthwise.
        bias, after: what follows the sums.
        residual: whether something is added to its result; only possible in the last stage.
    """

    geometry: dict[str, int]
    weights: Array
    bias: Array | None
    after: After
    residual: bool = False

    @property
    def pointwise(self) -> bool:
        return self.weights.ndim == 2

    @property
    def nanoseconds(self) -> float:
        g = self.geometry
        results = g["out_height"] * g["out_width"] * g["filters"]
        per_product = POINT_NANOSECONDS if self.pointwise else DEPTHWISE_NANOSECONDS
        return self.weights.size * results / g["filters"] * per_product + self.after.nanoseconds(results)


def chain_stage(op: str, inputs: Specs, constants: Constants, output: TensorSpec, attrs: Any) -> Stage | None:
    """The node as a stage; None when it is neither convolution, or of anything but single images."""
    kernel = constant_weights(inputs, constants) if op in ("conv", "depthwise_conv") else None
    after = None if kernel is None else after_of(attrs.activation, attrs.activation_args)
    if kernel is None or after is None or inputs[0] is None or inputs[0].rank != 4:
        return None
    g = window_geometry(inputs[0], output, kernel.shape[:-2], attrs.strides, attrs.dilation, attrs.padding)
    if g is None or g["images"] != 1 or min(g["out_height"], g["out_width"]) < 1:
        return None
    if isinstance(attrs, DepthwiseConvAttrs):
        if kernel.shape[-1] != 1 or g["kernel_height"] > MOST_LINES:
            return None
        return Stage(g, kernel[..., 0], constants[2], after)
    same = (g["height"], g["width"], 0, 0) == (g["out_height"], g["out_width"], g["top"], g["left"])
    if not isinstance(attrs, ConvAttrs) or attrs.groups != 1 or math.prod(kernel.shape[:-2]) != 1 or not same:
        return None
    if attrs.strides != (1, 1):
        return None
    return Stage(g, kernel[0, 0], constants[2], after, len(inputs) > 3)


def may_follow(stages: Sequence[Stage], stage: Stage, lanes: int) -> bool:
    """Whether `stage` can join the chain: kinds alternate, and what all need stays in a core's own cache."""
    if len(stages) >= MOST_STAGES or stages[-1].residual or stages[-1].pointwise == stage.pointwise:
        return False
    g = stage.geometry
    if lanes == QUAD_LANES and stages[-1].after.function is None and stage.after.function is None:
        return False
    large = lanes == QUAD_LANES and g["out_height"] * g["out_width"] * g["filters"] > QUAD_VALUES
    if g["out_height"] < (QUAD_HEIGHT if large else LEAST_HEIGHT):
        return False
    return 4 * sum(row.weights.size for row in (*stages, stage)) <= MOST_WEIGHTS


def goes_by_slices(point: Stage, depthwise: Stage, lanes: int) -> bool:
    """Whether the two had better be computed a few channels of the whole image at a time.

    That computes nothing twice, which pays where a function follows the first, but results lie far apart.
    """
    if not point.pointwise or depthwise.pointwise or point.residual or point.after.function is None:
        return False
    cells = point.geometry["height"] * point.geometry["width"]
    return cells <= MOST_CELLS and not pays(cells, point.weights, lanes)


def bind_slices(tier: Tier, point: Stage, depthwise: Stage) -> Bound:
    from kmin.ops.kernels import _chains

    kernel = _chains.expand(tier, point[:4], depthwise[:4])
    return Bound((kernel,), False, point.nanoseconds + depthwise.nanoseconds, image=True)


def bind_chain(tier: Tier, stages: Sequence[Stage]) -> Bound:
    from kmin.ops.kernels import _chains

    residual = stages[-1].residual
    kernel = _chains.chain(tier, [stage[:4] for stage in stages], residual)
    cost = sum(stage.nanoseconds for stage in stages)
    return Bound((kernel,), False, cost, (0, 1) if residual else (0,), image=True)

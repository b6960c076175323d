"""How a product whose rows are first multiplied by a gate is bound to one kernel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from kmin.ops.conv import ConvAttrs
from kmin.ops.kernels.bind_strassen import pays
from kmin.ops.kernels.bind_window import window_geometry
from kmin.ops.kernels.bound import NANOSECONDS_PER_MAC, Bound, Constants, Specs, after_of, constant_weights
from kmin.ops.tensor import TensorSpec

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier

# Weights that each thread multiplies for itself, at most: they stay in its own cache.
MOST_WEIGHTS = 1 << 17


def bind_gated(tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: Any) -> Bound | None:
    """The convolution of one tap over `inputs`: image, kernel, bias, gate and perhaps what is added to its result.

    None when it is another one, or when weights are more than what they are applied to.
    """
    from kmin.ops.kernels import _chains

    kernel, after = constant_weights(inputs, constants), after_of(attrs.activation, attrs.activation_args)
    x, gate = inputs[0], inputs[3]
    if kernel is None or after is None or x is None or gate is None or not isinstance(attrs, ConvAttrs):
        return None
    if attrs.groups != 1 or kernel.ndim != 4 or math.prod(kernel.shape[:-2]) != 1 or attrs.strides != (1, 1):
        return None
    g = window_geometry(x, output, kernel.shape[:-2], attrs.strides, attrs.dilation, attrs.padding)
    if g is None or g["images"] != 1 or (g["out_height"], g["out_width"]) != (g["height"], g["width"]):
        return None
    if gate.dtype != "float32" or gate.shape != (x.shape[0], 1, 1, g["channels"]):
        return None
    cells, matrix = g["height"] * g["width"], kernel.reshape(g["channels"], g["filters"])
    if cells < max(g["filters"], tier.tile_rows) or matrix.size > MOST_WEIGHTS or pays(cells, matrix, tier.lanes):
        return None
    residual = len(inputs) > 4
    made = _chains.gated(tier, matrix, constants[2], cells, *after, residual)
    cost = cells * matrix.size * NANOSECONDS_PER_MAC + after.nanoseconds(cells * g["filters"])
    return Bound((made,), False, cost, (0, 3, 4) if residual else (0, 3), image=True)

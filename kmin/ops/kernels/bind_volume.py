"""How convolutions of volumes are bound to a kernel that reads them by lines."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kmin.ops.conv import ConvAttrs
from kmin.ops.kernels.bind_indirect import MOST_TAPS
from kmin.ops.kernels.bound import NANOSECONDS_PER_MAC, Bound, Constants, Specs, after_of, constant_weights
from kmin.ops.tensor import TensorSpec
from kmin.ops.window import window_pads

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier

# Longer kernel rows gain nothing from lying in a line.
LONGEST_ROW = 256


def bind_volume(
    tier: Tier, g: dict[str, int] | None, inputs: Specs, constants: Constants, output: TensorSpec, attrs: ConvAttrs
) -> Bound | None:
    """None where lines are short, or kernel rows long or with gaps: cells are looked up then.

    `g`: planes are the images.
    """
    from kmin.ops.kernels import _volumes

    kernel, bias, x = constant_weights(inputs, constants), constants[2], inputs[0]
    after = after_of(attrs.activation, attrs.activation_args)
    if kernel is None or after is None or x is None:
        return None
    if g is None or g["dilation_x"] != 1 or g["kernel_width"] * g["channels"] > LONGEST_ROW:
        return None
    if math.prod(kernel.shape[:3]) > MOST_TAPS or g["out_width"] < tier.tile_rows // 2:
        return None
    size, out = x.shape[-4] or 1, output.shape[-4] or 1
    stride, dilation = attrs.strides[0], attrs.dilation[0]
    first = attrs.padding if isinstance(attrs.padding, str) else attrs.padding[0]
    front, _ = window_pads(size, kernel.shape[0], stride, dilation, first)
    g = g | {"images": g["images"] // size}
    residual = len(inputs) > 3
    made = _volumes.volume(tier, g, (size, out, stride, dilation, front), kernel, bias, *after, residual)
    cells = g["images"] * out * g["out_height"] * g["out_width"]
    cost = cells * kernel.size * NANOSECONDS_PER_MAC + after.nanoseconds(cells * g["filters"])
    return Bound((made,), False, cost, (0, 3) if residual else (0,), image=True)

"""How convolutions of volumes are bound to kernels that filter their planes or read their lines."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kmin.ops.conv import ConvAttrs
from kmin.ops.kernels.bind_indirect import MOST_TAPS
from kmin.ops.kernels.bind_winograd import CORES, MOST_SHARED, NEAR_BYTES, Form, tiled, winograd_form
from kmin.ops.kernels.bound import NANOSECONDS_PER_MAC, Bound, Constants, Specs, after_of, constant_weights
from kmin.ops.tensor import TensorSpec
from kmin.ops.window import window_pads

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier

# Longer kernel rows gain nothing from lying in a line.
LONGEST_ROW = 256
# Channels are padded to whole vectors, by at most so much.
MOST_PADDED = 1.34


def filter_form(g: dict[str, int], kernel_depth: int, out_depth: int, lanes: int) -> Form | None:
    """The fastest minimal filtering of planes; None when direct sums are faster, or weights had to be read often."""
    each, columns = (-(-g[name] // lanes) * lanes for name in ("channels", "filters"))
    form = winograd_form(g | {"channels": kernel_depth * each}, lanes)
    if form is None or g["kernel_height"] != g["kernel_width"] or each > MOST_PADDED * g["channels"]:
        return None
    tiles = out_depth
    for axis, length in (("y", "height"), ("x", "width")):
        tiles *= tiled(g[f"out_{length}"], form.size, g[f"dilation_{axis}"])
    positions = (form.size + g["kernel_height"] - 1) ** 2
    shared = 4 * positions * kernel_depth * each * columns > NEAR_BYTES
    if shared and 4 * positions * tiles * (kernel_depth * each + columns) > MOST_SHARED:
        return None
    return form._replace(shared=shared)


def bind_volume(
    tier: Tier, g: dict[str, int] | None, inputs: Specs, constants: Constants, output: TensorSpec, attrs: ConvAttrs
) -> Bound | None:
    """None where lines are short, or kernel rows long or with gaps: cells are looked up then.

    `g`: planes are the images.
    """
    from kmin.ops.kernels import _volumes, _winograd

    kernel, bias, x = constant_weights(inputs, constants), constants[2], inputs[0]
    after = after_of(attrs.activation, attrs.activation_args)
    if kernel is None or after is None or x is None:
        return None
    if g is None or math.prod(kernel.shape[:3]) > MOST_TAPS:
        return None
    size, out = x.shape[-4] or 1, output.shape[-4] or 1
    stride, dilation = attrs.strides[0], attrs.dilation[0]
    first = attrs.padding if isinstance(attrs.padding, str) else attrs.padding[0]
    front, _ = window_pads(size, kernel.shape[0], stride, dilation, first)
    g, depth = g | {"images": g["images"] // size}, (size, out, stride, dilation, front)
    residual, planes = len(inputs) > 3, g["images"] * out
    cells = planes * g["out_height"] * g["out_width"]
    form = filter_form(g, kernel.shape[0], out, tier.lanes)
    if form is not None:
        made = _winograd.winograd(tier, g, kernel, bias, form.size, form.shared, *after, residual, depth)
        cost = planes * form.nanoseconds * CORES
    elif (
        g["dilation_x"] != 1 or g["kernel_width"] * g["channels"] > LONGEST_ROW or g["out_width"] < tier.tile_rows // 2
    ):
        return None
    else:
        made = _volumes.volume(tier, g, depth, kernel, bias, *after, residual)
        cost = cells * kernel.size * NANOSECONDS_PER_MAC
    cost += after.nanoseconds(cells * g["filters"])
    return Bound((made,), False, cost, (0, 3) if residual else (0,), image=True)

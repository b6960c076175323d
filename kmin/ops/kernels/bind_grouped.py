"""How convolutions of groups of few filters are bound: several groups fill a vector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmin.ops.conv import ConvAttrs
from kmin.ops.kernels.bound import NANOSECONDS_PER_MAC, Bound, Constants, Specs, after_of, constant_weights

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier

# Filters of a group that divide a vector, and widths of windows for which several columns are computed together.
FILTERS, WIDTHS = (2, 4, 8), (3, 5, 7)
# Fewer columns are not.
LEAST_COLUMNS = 4
# Kernel rows of all copies of a line, and products in one chain of sums, at most.
MOST_LINES, MOST_TAPS = 64, 256


def bind_grouped(
    tier: Tier, g: dict[str, int] | None, inputs: Specs, constants: Constants, attrs: ConvAttrs
) -> Bound | None:
    """None where filters of a group fill a vector alone, windows have gaps or lie apart, or channels are many."""
    from kmin.ops.kernels import _windows

    kernel, after = constant_weights(inputs, constants), after_of(attrs.activation, attrs.activation_args)
    if g is None or kernel is None or after is None or len(inputs) > 3:
        return None
    channels, filters = kernel.shape[-2], g["filters"] // attrs.groups
    lines = g["kernel_height"] * channels
    if filters not in FILTERS or filters >= tier.lanes or lines > MOST_LINES or lines * g["kernel_width"] > MOST_TAPS:
        return None
    if g["kernel_width"] not in WIDTHS or g["out_width"] < LEAST_COLUMNS:
        return None
    if (g["dilation_x"], g["stride_x"], g["stride_y"]) != (1, 1, 1):
        return None
    made = _windows.grouped(tier, g, kernel, constants[2], attrs.groups, *after)
    cells = g["images"] * g["out_height"] * g["out_width"]
    cost = cells * kernel.size * NANOSECONDS_PER_MAC + after.nanoseconds(cells * g["filters"])
    return Bound((made,), False, cost, image=True)

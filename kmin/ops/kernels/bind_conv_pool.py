"""How a convolution and the pooling that takes the largest of each 2 x 2 of its results are bound to one kernel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kmin.ops.conv import ConvAttrs
from kmin.ops.kernels.bind_pieces import pieces_form
from kmin.ops.kernels.bind_window import by_lines, neighbours, window_geometry
from kmin.ops.kernels.bind_winograd import CORES, winograd_form
from kmin.ops.kernels.bound import NANOSECONDS_PER_MAC, After, Bound, Constants, Specs, after_of, constant_weights
from kmin.ops.max_pool import MaxPoolAttrs
from kmin.ops.tensor import TensorSpec

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier

SQUARE = (2, 2)
# Products of a window that are added in one go.
MOST_PRODUCTS = 256
# Functions that keep the order of their arguments, some where their first argument is not negative.
ORDERED = frozenset({"selu", "sigmoid", "softplus", "softsign", "tanh"})
ORDERED_UPWARDS = frozenset({"celu", "elu", "hard_sigmoid", "leaky_relu"})


def bind_conv_pool(
    tier: Tier,
    inputs: Specs,
    constants: Constants,
    output: TensorSpec,
    attrs: ConvAttrs,
    result: TensorSpec,
    pooling: MaxPoolAttrs,
) -> Bound | None:
    """The convolution of `inputs`, whose result is `output`, and the pooling of that to `result`.

    None when they run apart.
    """
    from kmin.ops.kernels import _windows, _winograd

    kernel, after = constant_weights(inputs, constants), after_of(attrs.activation, attrs.activation_args)
    if kernel is None or after is None or not keeps_order(after) or len(inputs) > 3:
        return None
    if attrs.groups != 1 or kernel.ndim != 4:
        return None
    g = window_geometry(inputs[0], output, kernel.shape[:2], attrs.strides, attrs.dilation, attrs.padding)
    pooled = pooled_sizes(output, result, pooling)
    if g is None or pooled is None:
        return None
    cost = after.nanoseconds(math.prod(pooled) * g["filters"])
    form = winograd_form(g, tier.lanes, uneven=True)
    if form is not None and kernel.shape[:2] == (3, 3) and attrs.dilation == (1, 1):
        made = _winograd.winograd(
            tier, g, kernel, constants[2], form.size, form.shared, *after, wide=form.wide, pooled=pooled
        )
        cost += g["images"] * form.nanoseconds * CORES
    elif form is None and runs_by_lines(g, tier):
        made = _windows.conv(tier, g, kernel, constants[2], True, True, *after, pooled=pooled)
        cost += 4 * math.prod(pooled) * kernel.size * g["images"] * NANOSECONDS_PER_MAC
    else:
        return None
    return Bound((made,), False, cost, image=True)


def keeps_order(after: After) -> bool:
    """Whether what becomes of a sum is never less than what becomes of a smaller one."""
    if after.function in ORDERED_UPWARDS:
        return after.args[0] >= 0
    return after.function is None or after.function in ORDERED


def pooled_sizes(x: TensorSpec, result: TensorSpec, attrs: MaxPoolAttrs) -> tuple[int, int] | None:
    """Height and width of what the pooling leaves of x; None when its windows are others, or begin outside of x."""
    if attrs.window != SQUARE or attrs.strides != SQUARE:
        return None
    g = window_geometry(x, result, SQUARE, SQUARE, (1, 1), attrs.padding)
    if g is None or g["top"] or g["left"]:
        return None
    height, width = g["out_height"], g["out_width"]
    return (height, width) if 2 * height <= g["height"] + 1 and 2 * width <= g["width"] + 1 else None


def runs_by_lines(g: dict[str, int], tier: Tier) -> bool:
    """Whether the convolution alone, which is not filtered minimally as it is, would be computed line by line."""
    window = g["kernel_height"] * g["kernel_width"]
    if window == 1 or window * g["channels"] > MOST_PRODUCTS or not by_lines(g, tier.tile_rows):
        return False
    return pieces_form(g, tier.lanes) is None and neighbours(g, tier.lanes) == 1

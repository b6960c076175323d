"""How convolutions, pooling and padding of images and sequences are bound to compiled kernels.

Sequences are images of one row. Sizes known only at run time are left to NumPy.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kmin.ops.avg_pool import AvgPoolAttrs
from kmin.ops.conv import ConvAttrs
from kmin.ops.depthwise_conv import DepthwiseConvAttrs
from kmin.ops.kernels.bind_grouped import bind_grouped
from kmin.ops.kernels.bind_indirect import bind_any_conv, bind_any_depthwise_conv
from kmin.ops.kernels.bind_pieces import filter_pieces, pieces_form
from kmin.ops.kernels.bind_planes import as_images
from kmin.ops.kernels.bind_resample import bind_any_pad, bind_any_pool
from kmin.ops.kernels.bind_strassen import PER_PRODUCT, Rows, pays, strassen
from kmin.ops.kernels.bind_volume import bind_volume
from kmin.ops.kernels.bind_winograd import CORES, winograd_form
from kmin.ops.kernels.bound import (
    NANOSECONDS_PER_MAC,
    SHORT_LANES,
    Bound,
    Constants,
    Specs,
    after_of,
    constant_weights,
    served_size,
)
from kmin.ops.max_pool import MaxPoolAttrs
from kmin.ops.pad import PadAttrs
from kmin.ops.tensor import Array, TensorSpec
from kmin.ops.window import window_pads, window_reach

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier

NANOSECONDS_PER_CELL = 0.1
# Windows with more cells are left to NumPy, lest looking them up need more memory than the image.
MOST_TAPS = 1024
# With short vectors, weights of more products than this leave a first cache while a line is computed: windows that are
# looked up are summed up NEAR_PRODUCTS at a time.
NEAR_PRODUCTS = 256
# Kernel rows of a depthwise convolution, at most.
MOST_LINES = 64
# Floats of an image whose channels are repeated for several filters of each.
MOST_REPEATED = 1 << 22
# Kernel rows per row of results up to which that pays.
LINES_PER_ROW = 8
# Kernel rows of so few floats are read as one piece; where sums are taken NEAR_PRODUCTS at a time, so are longer ones.
SHORT_ROW, FAR_ROW = 64, 320
# Longer kernel rows gain nothing from lying in a line, of which there are enough for threads from LEAST_LINES on.
LINE_ROW, LEAST_LINES = 256, 8
# Results in a line from which on windows of so few values are read there too, not looked up.
NARROW, NARROW_WINDOW = 4, 128
# Vectors of a window of few filters: from so many on products outweigh the adding up of lanes, and up to so many sums
# keep their digits.
FEW_LEAST, FEW_MOST = 16, 512
# Kernel rows of so many floats are worth computing several results together where filters are few.
LEAST_LONG_ROW = 64


def two(values: Sequence[int], missing: int = 1) -> tuple[int, int]:
    """One value per axis of an image, for one of a sequence too."""
    return (missing, values[0]) if len(values) == 1 else (values[0], values[1])


def window_geometry(
    x: TensorSpec | None, output: TensorSpec, kernel: Sequence[int], strides: Any, dilation: Any, padding: Any
) -> dict[str, int] | None:
    """The fields of kmin_geometry; axes before the spatial ones are further images. None when it is not served."""
    if x is None or len(kernel) not in (1, 2) or served_size(x) is None or served_size(output) is None:
        return None
    spatial = len(kernel)
    sizes = [size for size in x.shape[1:] if size is not None]
    counts = [size for size in output.shape[1:] if size is not None]
    within = sizes[-spatial - 1 : -1]
    pads = [
        window_pads(size, kernel[i], strides[i], dilation[i], padding if isinstance(padding, str) else padding[i])
        for i, size in enumerate(within)
    ]
    (height, width), (out_height, out_width) = two(within), two(counts[-spatial - 1 : -1])
    (kernel_height, kernel_width), (stride_y, stride_x) = two(kernel), two(strides)
    (dilation_y, dilation_x), (top, left) = two(dilation), two([before for before, _ in pads], 0)
    return {
        "images": math.prod(sizes[: -spatial - 1]),
        "height": height,
        "width": width,
        "channels": sizes[-1],
        "out_height": out_height,
        "out_width": out_width,
        "filters": counts[-1],
        "kernel_height": kernel_height,
        "kernel_width": kernel_width,
        "stride_y": stride_y,
        "stride_x": stride_x,
        "dilation_y": dilation_y,
        "dilation_x": dilation_x,
        "top": top,
        "left": left,
    }


def reached(g: dict[str, int]) -> tuple[int, int]:
    """Height and width of the smallest image, padding included, that holds all windows."""
    height = (g["out_height"] - 1) * g["stride_y"] + window_reach(g["kernel_height"], g["dilation_y"])
    width = (g["out_width"] - 1) * g["stride_x"] + window_reach(g["kernel_width"], g["dilation_x"])
    return height, width


def neighbours(g: dict[str, int], lanes: int) -> int:
    """How many neighbouring results are best computed as one with more filters, so that these fill a vector."""
    if g["dilation_x"] != 1 or g["kernel_width"] * g["channels"] < LEAST_LONG_ROW:
        return 1
    best, columns = 1.0, 1
    for count in range(2, min(lanes // g["filters"], 8) + 1):
        reach = g["kernel_width"] + (count - 1) * g["stride_x"]
        cost = reach / g["kernel_width"] / count
        if g["out_width"] % count == 0 and cost < best:
            best, columns = cost, count
    return columns


def few_pay(g: dict[str, int], lanes: int) -> bool:
    """Whether channels as lanes are worth more than filters as lanes: measured with short vectors."""
    from kmin.ops.kernels._windows import MOST_FEW

    length = g["kernel_height"] * g["kernel_width"] * g["channels"]
    whole = g["channels"] % lanes == 0 and g["dilation_x"] == 1
    return lanes <= SHORT_LANES and whole and g["filters"] <= MOST_FEW and FEW_LEAST <= length // lanes <= FEW_MOST


def by_lines(g: dict[str, int], tile: int) -> bool:
    """Whether windows are read where they lie in their line: there are tiles of them, and lines for all threads."""
    short = g["dilation_x"] == 1 and g["kernel_width"] * g["channels"] <= LINE_ROW
    few = g["kernel_height"] * g["kernel_width"] * g["channels"] <= NARROW_WINDOW
    return short and g["out_height"] >= LEAST_LINES and g["out_width"] >= (min(NARROW, tile // 2) if few else tile // 2)


def side_by_side(
    g: dict[str, int], kernel: Array, bias: Array | None, columns: int
) -> tuple[dict[str, int], Array, Array | None]:
    """The same convolution with windows of `columns` neighbouring results as one: zeros around each filter.

    NaN and infinity spread among them.
    """
    height, width, stride = g["kernel_height"], g["kernel_width"], g["stride_x"]
    reach = width + (columns - 1) * stride
    weights = np.zeros((height, reach, g["channels"], columns, g["filters"]), np.float32)
    for at in range(columns):
        weights[:, at * stride : at * stride + width, :, at] = kernel.reshape(height, width, g["channels"], -1)
    joined = g | {
        "out_width": g["out_width"] // columns,
        "filters": columns * g["filters"],
        "kernel_width": reach,
        "stride_x": columns * stride,
    }
    return joined, weights.reshape(height, reach, g["channels"], -1), None if bias is None else np.tile(bias, columns)


def rows_of(g: dict[str, int], plain: bool) -> Rows:
    """The cells that a convolution of one tap reads; `plain`: all of them."""
    line = g["width"] * g["channels"]
    sample = g["images"] * g["height"] * line
    if plain:
        count = sample // g["channels"]
        return Rows(count, count, 0, g["channels"], sample)
    count = g["out_height"] * g["out_width"]
    return Rows(count, g["out_width"], g["stride_y"] * line, g["stride_x"] * g["channels"], sample)


def bind_conv(tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: ConvAttrs) -> Bound | None:
    from kmin.ops.kernels import _windows, _winograd

    kernel, bias = constant_weights(inputs, constants), constants[2]
    after, residual = after_of(attrs.activation, attrs.activation_args), len(inputs) > 3
    reads = (0, 3) if residual else (0,)
    if kernel is None or after is None:
        return None
    if attrs.groups == 1 and kernel.ndim == 5:
        images = as_images(inputs, constants, output, attrs)
        if images is not None:
            return bind_conv(tier, *images)
        padding = attrs.padding if isinstance(attrs.padding, str) else attrs.padding[1:]
        g = window_geometry(inputs[0], output, kernel.shape[1:3], attrs.strides[1:], attrs.dilation[1:], padding)
        bound = bind_volume(tier, g, inputs, constants, output, attrs)
        return bound if bound is not None else bind_any_conv(tier, inputs, constants, output, attrs)
    g = window_geometry(inputs[0], output, kernel.shape[:-2], attrs.strides, attrs.dilation, attrs.padding)
    if attrs.groups != 1:
        bound = bind_grouped(tier, g, inputs, constants, attrs)
        return bound if bound is not None else bind_any_conv(tier, inputs, constants, output, attrs)
    taps = math.prod(kernel.shape[:-2])
    if g is None or taps > MOST_TAPS:
        return None
    cells = g["images"] * g["out_height"] * g["out_width"]
    cost = cells * kernel.size * NANOSECONDS_PER_MAC + after.nanoseconds(cells * g["filters"])
    height, width = reached(g)
    unpadded = g["top"] == 0 and g["left"] == 0 and height <= g["height"] and width <= g["width"]
    if taps == 1 and unpadded:
        matrix = kernel.reshape(g["channels"], g["filters"])
        plain = attrs.strides == (1,) * len(attrs.strides) and (height, width) == (g["height"], g["width"])
        if pays(cells, matrix, tier.lanes) and (plain or g["images"] == 1):
            made = strassen(tier, matrix, bias, rows_of(g, plain), after, residual)
            return Bound((made,), False, cost * PER_PRODUCT, reads, image=True)
        if plain:
            made = tier.dense(matrix, bias, cells, *after, residual)
            return Bound((made,), False, cost, reads, image=True)
    form, pieces = winograd_form(g, tier.lanes, uneven=True), pieces_form(g, tier.lanes)
    if pieces is not None and (form is None or pieces.form.nanoseconds < form.nanoseconds):
        made = filter_pieces(tier, g, kernel, bias, pieces, after, residual)
        cost = g["images"] * pieces.form.nanoseconds * CORES + after.nanoseconds(cells * g["filters"])
        return Bound((made,), False, cost, reads, image=True)
    if form is not None:
        window = kernel.reshape(g["kernel_height"], g["kernel_width"], g["channels"], g["filters"])
        filtered = _winograd.winograd(tier, g, window, bias, form.size, form.shared, *after, residual, wide=form.wide)
        cost = g["images"] * form.nanoseconds * CORES + after.nanoseconds(cells * g["filters"])
        return Bound((filtered,), False, cost, reads, image=True)
    if few_pay(g, tier.lanes) and not residual:
        return Bound((_windows.conv_few(tier, g, kernel, bias, *after),), False, cost, reads, image=True)
    columns = neighbours(g, tier.lanes)
    if columns > 1 and not residual:
        g, kernel, bias = side_by_side(g, kernel, bias, columns)
    far = tier.lanes <= SHORT_LANES and kernel.size > NEAR_PRODUCTS * g["filters"]
    lined = by_lines(g, tier.tile_rows) and not far
    row, most = g["kernel_width"] * g["channels"], FAR_ROW if far else SHORT_ROW
    short = g["dilation_x"] == 1 and g["kernel_width"] > 1 and row <= most
    made = _windows.conv(tier, g, kernel, bias, short or lined, lined, *after, residual)
    return Bound((made,), False, cost, reads, image=True)


def bind_depthwise_conv(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: DepthwiseConvAttrs
) -> Bound | None:
    from kmin.ops.kernels import _windows

    kernel, bias = constant_weights(inputs, constants), constants[2]
    after = after_of(attrs.activation, attrs.activation_args)
    if kernel is None or after is None:
        return None
    g = window_geometry(inputs[0], output, kernel.shape[:-2], attrs.strides, attrs.dilation, attrs.padding)
    if kernel.ndim == 5:
        return bind_any_depthwise_conv(tier, inputs, constants, output, attrs)
    if g is None:
        return None
    repeated = g["height"] * g["width"] * g["filters"]
    costly = repeated > MOST_REPEATED or LINES_PER_ROW * g["out_height"] < g["kernel_height"]
    if kernel.shape[-1] != 1 and (costly or g["kernel_height"] > MOST_LINES):
        return bind_any_depthwise_conv(tier, inputs, constants, output, attrs)
    if g["kernel_height"] > MOST_LINES:
        return None
    cells = g["images"] * g["out_height"] * g["out_width"]
    cost = cells * kernel.size * 4 * NANOSECONDS_PER_MAC + after.nanoseconds(cells * g["filters"])
    return Bound((_windows.depthwise(tier, g, kernel, bias, *after),), False, cost, image=True)


def bind_pool(
    tier: Tier, kind: str, inputs: Specs, constants: Constants, output: TensorSpec, attrs: AvgPoolAttrs | MaxPoolAttrs
) -> Bound | None:
    from kmin.ops.kernels import _windows

    ones = (1,) * len(attrs.window)
    if constants[0] is not None:
        return None
    if len(attrs.window) == 3:
        return bind_any_pool(tier, kind, inputs, constants, attrs)
    g = window_geometry(inputs[0], output, attrs.window, attrs.strides, ones, attrs.padding)
    if g is None:
        return None
    cost = g["out_height"] * g["out_width"] * g["filters"] * math.prod(attrs.window) * NANOSECONDS_PER_CELL
    return Bound((_windows.pool(tier, kind, g),), False, cost, image=True)


def bind_avg_pool(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: AvgPoolAttrs
) -> Bound | None:
    return bind_pool(tier, "mean", inputs, constants, output, attrs)


def bind_max_pool(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: MaxPoolAttrs
) -> Bound | None:
    return bind_pool(tier, "max", inputs, constants, output, attrs)


def bind_pad(tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: PadAttrs) -> Bound | None:
    """Constant padding of one or two neighbouring axes before the last by a kernel of its own."""
    from kmin.ops.kernels import _windows

    x = inputs[0]
    padded = [axis for axis, pair in enumerate(attrs.pads) if pair != (0, 0)]
    if x is None or constants[0] is not None or not padded or padded[0] == 0:
        return None
    first, last = padded[0], padded[-1]
    if last - first > 1 or attrs.mode != "constant":
        return bind_any_pad(tier, inputs, constants, output, attrs)
    if served_size(x) is None or served_size(output) is None:
        return None
    sizes = [size for size in x.shape if size is not None]  # without the batch
    counts = [size for size in output.shape if size is not None]
    rows = sizes[first - 1] if last > first else 1
    out_rows = counts[first - 1] if last > first else 1
    g = {
        "images": math.prod(sizes[: first - 1]),
        "height": rows,
        "width": sizes[last - 1],
        "channels": math.prod(sizes[last:]),
        "out_height": out_rows,
        "out_width": counts[last - 1],
        "filters": math.prod(sizes[last:]),
        "kernel_height": 1,
        "kernel_width": 1,
        "stride_y": 1,
        "stride_x": 1,
        "dilation_y": 1,
        "dilation_x": 1,
        "top": attrs.pads[first][0] if last > first else 0,
        "left": attrs.pads[last][0],
    }
    cost = math.prod(counts) * NANOSECONDS_PER_CELL
    return Bound((_windows.pad(tier, g, attrs.value),), False, cost, image=True)

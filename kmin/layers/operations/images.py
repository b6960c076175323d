"""Image functions of keras.ops: crops, colours, blurs, edges, warps, resampling."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.formats.spec import Array
from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import Lowering, binary, cast, floating, integer, integers, tensor_of, unary
from kmin.layers.operations.products import contract
from kmin.layers.operations.shaping import cut, expand_dims, move_axis, reshaped
from kmin.layers.operations.windowed import channels_last, restored
from kmin.ops.concat import ConcatAttrs
from kmin.ops.depthwise_conv import DepthwiseConvAttrs
from kmin.ops.pad import PadAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.slice import SliceAttrs
from kmin.ops.warp_image import WarpImageAttrs
from kmin.ops.where import WhereAttrs

SIMILARITY_ARGUMENTS = "image1 image2 max_val=1.0 filter_size=11 filter_sigma=1.5 k1=0.01 k2=0.03 data_format=None"


def _images(call: LayerCall, x: Any, data_format: Any) -> tuple[Tensor, bool]:
    value, first = channels_last(call, x, data_format)
    if value.rank != 4:
        raise call.fail(f"needs a batch of images; received {value.spec}")
    return value, first


def _margins(call: LayerCall, before: Any, after: Any, size: int | None, wanted: Any, sign: int) -> tuple[int, int]:
    """What to add (sign 1) or cut (sign -1) on both sides, one number possibly following from the others."""
    if before is not None and after is not None and wanted is None:
        return integer(call, before, "a margin"), integer(call, after, "a margin")
    if size is None or wanted is None:
        raise call.fail("needs images of known size for margins that follow from a target")
    total = sign * (integer(call, wanted, "a target") - size)
    if before is None:
        end = integer(call, after, "a margin")
        return total - end, end
    start = integer(call, before, "a margin")
    return start, total - start


def framing(sign: int) -> Lowering:
    """pad_images (sign 1) and crop_images (sign -1)."""

    def lower(
        call: LayerCall, x: Any, top: Any, left: Any, bottom: Any, right: Any, height: Any, width: Any, layout: Any
    ) -> Tensor:
        value, first = _images(call, x, layout)
        rows = _margins(call, top, bottom, value.shape[1], height, sign)
        columns = _margins(call, left, right, value.shape[2], width, sign)
        if min(*rows, *columns) < 0:
            raise call.fail(f"margins must not be negative; received {rows} and {columns}")
        if sign > 0:
            y = call.add("pad", (value,), PadAttrs(((0, 0), rows, columns, (0, 0)), 0.0, "constant"))
        else:
            cuts = [(None, None, None), *((a, -b if b else None, None) for a, b in (rows, columns))]
            y = call.add("slice", (value,), SliceAttrs(tuple(cuts)))
        return restored(call, y, first)

    return lower


def _parts(call: LayerCall, x: Any, layout: Any) -> tuple[list[Tensor], bool]:
    value, first = _images(call, x, layout)
    if value.shape[-1] != 3 or not value.dtype.startswith("float"):
        raise call.fail(f"needs floating images of 3 channels; received {value.spec}")
    return [cut(call, value, 3, at, at + 1) for at in range(3)], first


def _where(call: LayerCall, test: Tensor, yes: Tensor, no: Tensor) -> Tensor:
    return call.add("where", (test, yes, no), WhereAttrs())


def rgb_to_hsv(call: LayerCall, x: Any, data_format: Any) -> Tensor:
    """Hue, saturation and value, as tf.image.rgb_to_hsv."""
    (red, green, blue), first = _parts(call, x, data_format)
    value = binary(call, binary(call, red, green, "maximum"), blue, "maximum")
    low = binary(call, binary(call, red, green, "minimum"), blue, "minimum")
    spread = binary(call, value, low, "subtract")
    zero = binary(call, value, 0.0, "multiply")
    saturation = _where(call, binary(call, value, 0.0, "greater"), binary(call, spread, value, "divide"), zero)
    norm = binary(call, 1.0 / 6.0, spread, "divide")

    def hue_from(a: Tensor, b: Tensor, turn: float) -> Tensor:
        part = binary(call, norm, binary(call, a, b, "subtract"), "multiply")
        return binary(call, part, turn, "add") if turn else part

    others = _where(
        call, binary(call, green, value, "equal"), hue_from(blue, red, 2.0 / 6.0), hue_from(red, green, 4.0 / 6.0)
    )
    hue = _where(call, binary(call, red, value, "equal"), hue_from(green, blue, 0.0), others)
    hue = _where(call, binary(call, spread, 0.0, "less_equal"), zero, hue)
    hue = _where(call, binary(call, hue, 0.0, "less"), binary(call, hue, 1.0, "add"), hue)
    return restored(call, call.add("concat", (hue, saturation, value), ConcatAttrs(3)), first)


def hsv_to_rgb(call: LayerCall, x: Any, data_format: Any) -> Tensor:
    """Back again, as tf.image.hsv_to_rgb."""
    (hue, saturation, value), first = _parts(call, x, data_format)
    turn = binary(call, hue, 6.0, "multiply")

    def strength(centre: float, sign: float, offset: float) -> Tensor:
        away = unary(call, binary(call, turn, centre, "subtract"), "abs")
        level = binary(call, binary(call, away, sign, "multiply"), offset, "add")
        return binary(call, binary(call, level, 0.0, "maximum"), 1.0, "minimum")

    plain = binary(call, 1.0, saturation, "subtract")
    colours = [
        binary(call, binary(call, plain, binary(call, saturation, part, "multiply"), "add"), value, "multiply")
        for part in (strength(3.0, 1.0, -1.0), strength(2.0, -1.0, 2.0), strength(4.0, -1.0, 2.0))
    ]
    return restored(call, call.add("concat", colours, ConcatAttrs(3)), first)


def filtered(call: LayerCall, value: Tensor, kernel: Array, padding: str) -> Tensor:
    """Every channel through the same kernels [rows, columns, results]."""
    channels = value.shape[-1]
    if channels is None:
        raise call.fail(f"needs a known number of channels; received {value.spec}")
    each = np.repeat(kernel[:, :, None], channels, axis=2).astype(value.dtype)
    attrs = DepthwiseConvAttrs((1, 1), (1, 1), padding)
    return call.add("depthwise_conv", (value, call.constant("kernel", each), None), attrs)


def _bell(size: int, sigma: float) -> Array:
    at = np.arange(size, dtype="float32") - np.float32((size - 1) / 2)
    line = np.exp(np.float32(-0.5) * (at / np.float32(sigma)) ** 2)
    result: Array = line / line.sum()
    return result


def gaussian_blur(call: LayerCall, x: Any, kernel_size: Any, sigma: Any, data_format: Any) -> Tensor:
    """Blurred with a bell curve; size and sigma are those of (x, y), as in Keras' kernel."""
    value, first = _images(call, x, data_format)
    sizes = integers(call, kernel_size, "kernel_size")
    widths = [float(width) for width in (sigma if isinstance(sigma, (list, tuple)) else (sigma,))]
    sizes, widths = sizes * (2 if len(sizes) == 1 else 1), widths * (2 if len(widths) == 1 else 1)
    if len(sizes) != 2 or min(sizes) < 1 or len(widths) != 2 or min(widths) <= 0:
        raise call.fail(f"needs two sizes and two sigmas; received {kernel_size!r:.40} and {sigma!r:.40}")
    kernel = np.outer(_bell(sizes[1], widths[1]), _bell(sizes[0], widths[0])).reshape(*sizes, 1)
    return restored(call, filtered(call, floating(call, value), kernel, "same"), first)


def sobel_edges(call: LayerCall, x: Any, data_format: Any) -> Tensor:
    """How steep the image is down and across: a last axis of 2."""
    value, first = _images(call, x, data_format)
    value = floating(call, value)
    down = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]], "float32")
    around = call.add("pad", (value,), PadAttrs(((0, 0), (1, 1), (1, 1), (0, 0)), 0.0, "reflect"))
    y = filtered(call, around, np.stack([down, down.T], axis=-1), "valid")
    channels = value.shape[-1]
    assert channels is not None
    y = reshaped(call, y, (*(("x", at) for at in range(3)), channels, 2))
    return move_axis(call, y, 3, 1) if first else y


def _smooth(call: LayerCall, interpolation: Any) -> bool:
    if interpolation not in ("bilinear", "nearest"):
        raise call.fail(f"interpolation must be 'bilinear' or 'nearest'; received {interpolation!r:.40}")
    return bool(interpolation == "bilinear")


def affine_transform(
    call: LayerCall, x: Any, transform: Any, interpolation: Any, fill_mode: Any, fill_value: Any, data_format: Any
) -> Tensor:
    """Images seen through a transform of 8 numbers, one for all or one for each."""
    value, first = _images(call, x, data_format)
    numbers = cast(call, tensor_of(call, transform), "float64" if value.dtype == "float64" else "float32")
    numbers = expand_dims(call, numbers, 0) if numbers.rank == 1 else numbers
    if fill_mode not in ("constant", "nearest", "reflect", "wrap"):
        raise call.fail(f"fill_mode {fill_mode!r:.40} is not supported")
    attrs = WarpImageAttrs(_smooth(call, interpolation), fill_mode, float(fill_value))
    return restored(call, call.add("warp_image", (value, numbers), attrs), first)


def homography(start: Array, end: Array) -> Array:
    """The 8 numbers that take the 4 end points to the start points."""
    rows, target = [], []
    for (x, y), (u, v) in zip(start, end, strict=True):
        rows += [[u, v, 1, 0, 0, 0, -x * u, -x * v], [0, 0, 0, u, v, 1, -y * u, -y * v]]
        target += [x, y]
    numbers: Array = np.linalg.solve(np.array(rows, "f8"), np.array(target, "f8")).astype("float32")
    return numbers


def perspective_transform(
    call: LayerCall, x: Any, start: Any, end: Any, interpolation: Any, fill_value: Any, data_format: Any
) -> Tensor:
    """Images with 4 points moved to others; the points are the same for all and in the file."""
    if isinstance(start, Tensor) or isinstance(end, Tensor):
        raise call.fail("points that only a run can tell are not supported")
    points = [np.asarray(part, "f8") for part in (start, end)]
    if any(part.shape != (4, 2) for part in points):
        raise call.fail(f"needs 4 points for all images; received shapes {points[0].shape} and {points[1].shape}")
    try:
        numbers = homography(*points)
    except np.linalg.LinAlgError:
        raise call.fail("three of the points lie on a line") from None
    return affine_transform(call, x, numbers, interpolation, "constant", fill_value, data_format)


def _curve(method: str, x: Array) -> Array:
    if method == "linear":
        line: Array = np.maximum(0, 1 - x)
        return line
    if method == "cubic":
        y = ((1.5 * x - 2.5) * x) * x + 1
        y = np.where(x >= 1, ((-0.5 * x + 2.5) * x - 4) * x + 2, y)
        near: Array = np.where(x >= 2, 0, y)
        return near
    radius = float(method[-1])
    y = radius * np.sin(np.pi * x) * np.sin(np.pi * x / radius)
    y = np.where(x > 1e-3, y / np.where(x != 0, np.pi**2 * x**2, 1), 1)
    result: Array = np.where(x > radius, 0, y)
    return result


def scale_and_translate(
    call: LayerCall,
    x: Any,
    output_shape: Any,
    scale: Any,
    translation: Any,
    spatial_dims: Any,
    method: Any,
    antialias: Any,
) -> Tensor:
    """Resampled along axes: out = scale * in + translation."""
    y = tensor_of(call, x)
    if any(isinstance(part, Tensor) for part in (scale, translation)) or method not in (
        "linear",
        "cubic",
        "lanczos3",
        "lanczos5",
    ):
        raise call.fail(f"needs scale and translation from the file and a known method; received {method!r:.40}")
    if not y.dtype.startswith("float"):
        raise call.fail(f"needs floating images; received {y.spec}")
    factors, shifts = (np.ravel(np.asarray(part, "f8")) for part in (scale, translation))
    sizes = integers(call, output_shape, "output_shape")
    for factor, shift, axis in zip(factors, shifts, integers(call, spatial_dims, "spatial_dims"), strict=True):
        at = axis % y.rank
        size, count = y.shape[at], sizes[at]
        if at == 0 or size is None:
            raise call.fail(f"needs axes of known size that are not the batch; received axis {axis} of {y.spec}")
        place = (np.arange(count) + 0.5) / factor - shift / factor - 0.5
        wide = max(1.0, 1.0 / factor) if antialias else 1.0
        weights = _curve(method, np.abs(place[None] - np.arange(size)[:, None]) / wide)
        total = weights.sum(axis=0, keepdims=True)
        small = np.abs(total) <= 1000 * np.finfo("float32").eps
        weights = np.where(small, 0, weights / np.where(total != 0, total, 1))
        weights = np.where((place >= -0.5) & (place <= size - 0.5), weights, 0)
        matrix = call.constant("weights", weights.astype(y.dtype))
        y = move_axis(call, contract(call, y, matrix, [at], [0]), -1, at)
    return y


def similarity(
    call: LayerCall, a: Any, b: Any, max_val: Any, size: Any, sigma: Any, k1: Any, k2: Any, data_format: Any
) -> Tensor:
    """ssim: structural similarity of pairs of images, a number each."""
    (one, first), (two, _) = (_images(call, part, data_format) for part in (a, b))
    del first
    dtype = one.dtype
    one, two = floating(call, one), floating(call, two)
    at = np.arange(integer(call, size, "filter_size")) - (size - 1) / 2
    line = np.exp(-(at**2) / (2.0 * float(sigma) ** 2))
    kernel = np.outer(line / line.sum(), line / line.sum())[..., None]
    c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2

    def mean(x: Tensor, y: Tensor | None = None) -> Tensor:
        return filtered(call, x if y is None else binary(call, x, y, "multiply"), kernel, "valid")

    m1, m2 = mean(one), mean(two)
    s1 = binary(call, mean(one, one), unary(call, m1, "square"), "subtract")
    s2 = binary(call, mean(two, two), unary(call, m2, "square"), "subtract")
    both = binary(call, m1, m2, "multiply")
    s12 = binary(call, mean(one, two), both, "subtract")

    def raised(x: Tensor, factor: float, offset: float) -> Tensor:
        return binary(call, binary(call, x, factor, "multiply"), offset, "add")

    above = binary(call, raised(both, 2.0, c1), raised(s12, 2.0, c2), "multiply")
    squares = binary(call, unary(call, m1, "square"), unary(call, m2, "square"), "add")
    below = binary(
        call, binary(call, squares, c1, "add"), binary(call, binary(call, s1, s2, "add"), c2, "add"), "multiply"
    )
    ratio = binary(call, above, below, "divide")
    return cast(call, call.add("reduce", (ratio,), ReduceAttrs("mean", (1, 2, 3))), dtype)

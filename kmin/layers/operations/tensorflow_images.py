"""Images converted, coloured and fitted as TensorFlow's functions do it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations import arithmetic, images, network, resizing
from kmin.layers.operations.arguments import Lowering, binary, cast, dtype_named, integer, is_float, tensor_of, unary
from kmin.layers.operations.products import contract
from kmin.layers.operations.shaping import cut, pad
from kmin.ops.concat import ConcatAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.slice import SliceAttrs

# How much of each colour (rows) the results (columns) hold. Source: image_ops_impl.py of TensorFlow 2.15.
COLOURS = {
    "rgb_to_yiq": (
        (0.299, 0.59590059, 0.2115),
        (0.587, -0.27455667, -0.52273617),
        (0.114, -0.32134392, 0.31119955),
    ),
    "rgb_to_yuv": (
        (0.299, -0.14714119, 0.61497538),
        (0.587, -0.28886916, -0.51496512),
        (0.114, 0.43601035, -0.10001026),
    ),
    "yiq_to_rgb": (
        (1.0, 1.0, 1.0),
        (0.95598634, -0.27201283, -1.10674021),
        (0.6208248, -0.64720424, 1.70423049),
    ),
    "yuv_to_rgb": ((1.0, 1.0, 1.0), (0.0, -0.394642334, 2.03206185), (1.13988303, -0.58062185, 0.0)),
}


def coloured(kind: str) -> Lowering:
    """One of COLOURS."""

    def lower(call: LayerCall, x: Any) -> Tensor:
        value = tensor_of(call, x)
        if value.shape[-1] != 3 or not is_float(value.dtype):
            raise call.fail(f"needs floating images of 3 channels; received {value.spec}")
        mixture = call.constant("mixture", np.asarray(COLOURS[kind], value.dtype))
        return contract(call, value, mixture, [value.rank - 1], [0])

    return lower


def convert_dtype(call: LayerCall, x: Any, dtype: Any, saturate: Any) -> Tensor:
    """image.convert_image_dtype: whole numbers up to their largest stand for floats up to 1."""
    value = tensor_of(call, x)
    wanted = dtype_named(call, dtype, "float32")
    if wanted == value.dtype or (is_float(wanted) and is_float(value.dtype)):
        return cast(call, value, wanted)
    if is_float(wanted):
        return binary(call, cast(call, value, wanted), 1.0 / np.iinfo(value.dtype).max, "multiply")
    if not is_float(value.dtype):
        raise call.fail(f"whole numbers as other whole numbers are not supported; received {value.spec}")
    scaled = binary(call, value, np.iinfo(wanted).max + 0.5, "multiply")
    return (arithmetic.convert_saturated if saturate else arithmetic.convert)(call, scaled, wanted)


def _parts(call: LayerCall, x: Any) -> list[Tensor]:
    value = images.rgb_to_hsv(call, x, None)
    return [cut(call, value, 3, at, at + 1) for at in range(3)]


def adjust_saturation(call: LayerCall, x: Any, factor: Any) -> Tensor:
    """Saturation times a factor, at most 1."""
    hue, saturation, value = _parts(call, x)
    scaled = binary(call, saturation, float(factor), "multiply")
    scaled = binary(call, binary(call, scaled, 0.0, "maximum"), 1.0, "minimum")
    return images.hsv_to_rgb(call, call.add("concat", (hue, scaled, value), ConcatAttrs(3)), None)


def adjust_hue(call: LayerCall, x: Any, delta: Any) -> Tensor:
    """The hue turned by a part of the circle."""
    hue, saturation, value = _parts(call, x)
    turned = binary(call, binary(call, hue, float(delta), "add"), 1.0, "mod")
    return images.hsv_to_rgb(call, call.add("concat", (turned, saturation, value), ConcatAttrs(3)), None)


def _sized(call: LayerCall, x: Any) -> tuple[Tensor, int, int]:
    value = tensor_of(call, x)
    rows, columns = value.shape[1:3] if value.rank == 4 else (None, None)
    if rows is None or columns is None:
        raise call.fail(f"needs a batch of images of known size; received {value.spec}")
    return value, rows, columns


def resize_with_pad(call: LayerCall, x: Any, height: Any, width: Any, method: Any, antialias: Any) -> Tensor:
    """Fitted into a size at its own aspect ratio, zeros around."""
    return _fitted(
        call, x, height, width, lambda value, size: network.resize_images(call, value, size, method, False, antialias)
    )


def resize_with_pad_v1(call: LayerCall, x: Any, height: Any, width: Any, method: Any, corners: Any) -> Tensor:
    """The same with the methods of TensorFlow 1."""
    return _fitted(
        call, x, height, width, lambda value, size: resizing.resize_images_v1(call, value, size, method, corners, False)
    )


def _fitted(call: LayerCall, x: Any, height: Any, width: Any, resize: Callable[[Tensor, list[int]], Tensor]) -> Tensor:
    """Sizes are counted in float32, as TensorFlow does."""
    value, rows, columns = _sized(call, x)
    own = np.asarray((rows, columns), "float32")
    target = np.asarray((integer(call, height, "target_height"), integer(call, width, "target_width")), "float32")
    exact = own / (own / target).max()
    inner = [int(size) for size in np.floor(exact)]
    before = [max(0, int(cells)) for cells in np.floor((target - exact) / np.float32(2))]
    y = resize(value, inner)
    after = [int(t) - size - cells for t, size, cells in zip(target, inner, before, strict=True)]
    widths = [[0, 0], [before[0], after[0]], [before[1], after[1]], [0, 0]]
    return pad(call, y, widths, "CONSTANT", 0)


def resize_with_crop_or_pad(call: LayerCall, x: Any, height: Any, width: Any) -> Tensor:
    """The middle part, or zeros around."""
    value, rows, columns = _sized(call, x)
    cuts, widths = [], []
    for size, wanted in ((rows, integer(call, height, "height")), (columns, integer(call, width, "width"))):
        start, before = max((size - wanted) // 2, 0), max((wanted - size) // 2, 0)
        kept = min(size, wanted)
        cuts.append((start, start + kept, None))
        widths.append([before, wanted - kept - before])
    y = call.add("slice", (value,), SliceAttrs(((None, None, None), *cuts)))
    return pad(call, y, [[0, 0], *widths, [0, 0]], "CONSTANT", 0)


def psnr(call: LayerCall, a: Any, b: Any, largest: Any) -> Tensor:
    """The signal-to-noise ratio of each pair of images, in decibels."""
    left, right = (convert_dtype(call, x, "float32", False) for x in (a, b))
    away = unary(call, binary(call, left, right, "subtract"), "square")
    if away.rank < 4:
        raise call.fail(f"needs a batch of images; received {away.spec}")
    error = call.add("reduce", (away,), ReduceAttrs("mean", tuple(range(away.rank - 3, away.rank))))
    noise = binary(call, unary(call, error, "log"), float(np.float32(10 / np.log(10))), "multiply")
    return binary(call, float(20 * np.log10(float(largest))), noise, "subtract")

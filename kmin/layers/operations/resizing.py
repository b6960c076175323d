"""Images resized as the ops of TensorFlow 1 and 2 do it, whatever they call the corners of an image."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.formats.spec import Array
from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import cast, integers, tensor_of
from kmin.layers.operations.products import einsum
from kmin.ops.take import TakeAttrs

# Cells of the matrix by which images are resized along an axis.
_MAX_CELLS = 1 << 24


def _places(length: int, size: int, align_corners: Any, half_pixel_centers: Any) -> Array:
    """Where in `length` cells each of `size` results looks, as image_resizer_state.h of TensorFlow 2.15 computes it."""
    at: Array = np.arange(size, dtype="float32")
    scale = np.float32(length) / np.float32(size)
    if align_corners and size > 1:
        scale = np.float32(length - 1) / np.float32(size - 1)
    return np.asarray((at + np.float32(0.5)) * scale - np.float32(0.5) if half_pixel_centers else at * scale)


def resize_bilinear(call: LayerCall, x: Any, size: Any, align_corners: Any, half_pixel_centers: Any) -> Tensor:
    """The resizing of TensorFlow 1, corners to corners or from the first corner, and that of TensorFlow 2."""
    value = tensor_of(call, x)
    result = cast(call, value, "float32")
    for (axis, length, count), letters in zip(
        _axes(call, value, size), ("abcd,eb->aecd", "abcd,ec->abed"), strict=True
    ):
        at = np.maximum(_places(length, count, align_corners, half_pixel_centers), np.float32(0))
        low = np.minimum(np.floor(at).astype("int64"), length - 1)
        share = at - low.astype("float32")
        matrix = np.zeros((count, length), "float32")
        np.add.at(matrix, (np.arange(count), low), 1 - share)
        np.add.at(matrix, (np.arange(count), np.minimum(low + 1, length - 1)), share)
        result = einsum(call, [result, call.constant(f"weights_{axis}", matrix)], letters)
    return result


def resize_nearest(call: LayerCall, x: Any, size: Any, align_corners: Any, half_pixel_centers: Any) -> Tensor:
    """The same with the nearest cell."""
    result = tensor_of(call, x)
    for axis, length, count in _axes(call, result, size):
        at = _places(length, count, align_corners, half_pixel_centers)
        shift = np.float32(0.5 if align_corners or half_pixel_centers else 0)
        ids = np.clip(np.floor(at + shift).astype("int32"), 0, length - 1)
        result = call.add("take", (result, call.constant(f"cells_{axis}", ids)), TakeAttrs(axis))
    return result


def _axes(call: LayerCall, x: Tensor, size: Any) -> list[tuple[int, int, int]]:
    """Axis, size and wanted size of an image's rows and columns."""
    wanted = integers(call, size, "size")
    lengths = x.shape[1:3]
    if x.rank != 4 or len(wanted) != 2 or min(wanted) < 1:
        raise call.fail(f"needs a batch of images and two sizes; received {x.spec} and {size!r:.60}")
    found = [(at, n, m) for at, n, m in zip((1, 2), lengths, wanted, strict=True) if n is not None]
    if len(found) < 2 or any(n < 1 or n * m > _MAX_CELLS for _, n, m in found):
        raise call.fail(f"needs images of known, moderate size; received {x.spec} and {wanted}")
    return found

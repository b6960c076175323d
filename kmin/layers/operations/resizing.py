"""Images resized as the ops of TensorFlow 1 and 2 do it, whatever they call the corners of an image."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kmin.formats.spec import Array
from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import cast, integers, tensor_of
from kmin.layers.operations.network import within
from kmin.layers.operations.products import einsum
from kmin.ops.take import TakeAttrs

# Cells of the matrix by which images are resized along an axis.
_MAX_CELLS = 1 << 24
# What TensorFlow 1 calls 0 to 3.
_METHODS = ("bilinear", "nearest", "bicubic", "area")


def _scale(length: int, size: int, align_corners: Any) -> Any:
    """Cells per result."""
    ends = 1 if align_corners and size > 1 else 0
    return np.float32(np.float32(length - ends) / np.float32(size - ends))


def _places(length: int, size: int, align_corners: Any, half_pixel_centers: Any) -> Array:
    """Where in `length` cells each of `size` results looks, as image_resizer_state.h of TensorFlow 2.15 computes it."""
    at: Array = np.arange(size, dtype="float32")
    scale = _scale(length, size, align_corners)
    return np.asarray((at + np.float32(0.5)) * scale - np.float32(0.5) if half_pixel_centers else at * scale)


def resize_bilinear(call: LayerCall, x: Any, size: Any, align_corners: Any, half_pixel_centers: Any) -> Tensor:
    """The resizing of TensorFlow 1, corners to corners or from the first corner, and that of TensorFlow 2."""

    def matrix(length: int, count: int) -> Array:
        at = np.maximum(_places(length, count, align_corners, half_pixel_centers), np.float32(0))
        low = np.minimum(np.floor(at).astype("int64"), length - 1)
        share = at - low.astype("float32")
        weights = np.zeros((count, length), "float32")
        np.add.at(weights, (np.arange(count), low), 1 - share)
        np.add.at(weights, (np.arange(count), np.minimum(low + 1, length - 1)), share)
        return weights

    return _mixed(call, x, size, matrix)


def resize_bicubic(call: LayerCall, x: Any, size: Any, align_corners: Any, half_pixel_centers: Any) -> Tensor:
    """ResizeBicubic: weights of 1024 steps; beyond the edge the edge counts, with half_pixel_centers nothing.

    Source: resize_bicubic_op.cc of TensorFlow 2.15.
    """

    def matrix(length: int, count: int) -> Array:
        at = _places(length, count, align_corners, half_pixel_centers)
        first = np.floor(at)
        share = np.rint((at - first) * np.float32(1024)).astype("float32") / np.float32(1024)
        a = np.float32(-0.5 if half_pixel_centers else -0.75)
        weights = np.zeros((count, length), "float32")
        for step, away in enumerate((share + 1, share, 1 - share, 2 - share), start=-1):
            near = ((a + 2) * away - (a + 3)) * away * away + 1
            cell = first.astype("int64") + step
            inside = np.clip(cell, 0, length - 1)
            value = near if step in (0, 1) else ((a * away - 5 * a) * away + 8 * a) * away - 4 * a
            np.add.at(weights, (np.arange(count), inside), value * ((inside == cell) | (not half_pixel_centers)))
        return np.asarray(weights / weights.sum(1, keepdims=True) if half_pixel_centers else weights)

    return _mixed(call, x, size, matrix)


def resize_area(call: LayerCall, x: Any, size: Any, align_corners: Any) -> Tensor:
    """ResizeArea: each result is the mean of the cells it covers, the cells beyond the edge being the edge."""

    def matrix(length: int, count: int) -> Array:
        begin, scale = _places(length, count, align_corners, False), _scale(length, count, align_corners)
        end = np.arange(1, count + 1, dtype="float32") * scale
        first = np.floor(begin).astype("int64")
        cells = first[:, None] + np.arange(int((np.ceil(end) - first).max()))
        cover = np.clip(np.minimum(cells + 1, end[:, None]) - np.maximum(cells, begin[:, None]), 0, None)
        weights = np.zeros((count, length), "float32")
        np.add.at(weights, (np.arange(count)[:, None], np.clip(cells, 0, length - 1)), cover / scale)
        return weights

    return _mixed(call, x, size, matrix)


def _mixed(call: LayerCall, x: Any, size: Any, matrix: Callable[[int, int], Array]) -> Tensor:
    """Rows, then columns, each result a mixture of cells."""
    value = tensor_of(call, x)
    result = cast(call, value, "float32")
    axes = _axes(call, value, size)
    for (axis, length, count), letters in zip(axes, ("abcd,eb->aecd", "abcd,ec->abed"), strict=True):
        result = einsum(call, [result, call.constant(f"weights_{axis}", matrix(length, count))], letters)
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


def resize_images_v1(call: LayerCall, images: Any, size: Any, method: Any, corners: Any, ratio: Any) -> Tensor:
    """image.resize_images of TensorFlow 1, which leaves images of that size alone."""
    value = tensor_of(call, images)
    wanted = tuple(within(call, value, integers(call, size, "size"))) if ratio else integers(call, size, "size")
    if value.rank == 4 and tuple(value.shape[1:3]) == wanted:
        return value
    name = _METHODS[method] if method in range(4) and not isinstance(method, bool) else method
    if name == "area":
        return resize_area(call, value, wanted, corners)
    kinds = {"bicubic": resize_bicubic, "bilinear": resize_bilinear, "nearest": resize_nearest}
    if not isinstance(name, str) or name not in kinds:
        raise call.fail(f"method must be 0 to 3, or bilinear, nearest, bicubic or area; received {method!r:.40}")
    return kinds[name](call, value, wanted, corners, False)

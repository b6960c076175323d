"""How alike images are, as TensorFlow measures it."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import binary, integer, is_float, is_number, tensor_of, unary
from kmin.layers.operations.images import filtered
from kmin.layers.operations.network import activated
from kmin.layers.operations.tensorflow_images import convert_dtype
from kmin.ops.avg_pool import AvgPoolAttrs
from kmin.ops.pad import PadAttrs
from kmin.ops.reduce import ReduceAttrs

# How much each scale counts. Source: Wang et al. 2003, as in image_ops_impl.py of TensorFlow 2.15.
SCALES = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


def _pair(call: LayerCall, a: Any, b: Any, largest: Any) -> tuple[Tensor, Tensor, float]:
    """Two batches of images as floats, and the largest value that they can have."""
    left, right = (tensor_of(call, x) for x in (a, b))
    if left.rank != 4 or right.rank != 4 or left.dtype != right.dtype or not is_number(largest):
        raise call.fail(
            f"needs two batches of images and a number; received {left.spec}, {right.spec}, {largest!r:.40}"
        )
    top = float(largest) if is_float(left.dtype) else float(largest) / float(np.iinfo(left.dtype).max)
    return convert_dtype(call, left, "float32", False), convert_dtype(call, right, "float32", False), top


def _bell(call: LayerCall, size: Any, sigma: Any) -> Any:
    count = integer(call, size, "filter_size")
    if not is_number(sigma) or sigma <= 0 or count < 1:
        raise call.fail(f"needs a filter of at least 1 cell and a positive width; received {size!r:.40}, {sigma!r:.40}")
    at = np.square(np.arange(count) - (count - 1) / 2) * -0.5 / float(sigma) ** 2
    cells = np.exp(at[:, None] + at)
    return (cells / cells.sum())[..., None]


def _likeness(call: LayerCall, a: Tensor, b: Tensor, bell: Any, c1: float, c2: float) -> tuple[Tensor, Tensor]:
    """Likeness of light and of structure, place by place."""

    def mean(x: Tensor) -> Tensor:
        return filtered(call, x, bell, "valid")

    left, right = mean(a), mean(b)
    twice = binary(call, binary(call, left, right, "multiply"), 2.0, "multiply")
    squares = binary(call, unary(call, left, "square"), unary(call, right, "square"), "add")
    light = binary(call, binary(call, twice, c1, "add"), binary(call, squares, c1, "add"), "divide")
    both = binary(call, mean(binary(call, a, b, "multiply")), 2.0, "multiply")
    each = mean(binary(call, unary(call, a, "square"), unary(call, b, "square"), "add"))
    above = binary(call, binary(call, both, twice, "subtract"), c2, "add")
    below = binary(call, binary(call, each, squares, "subtract"), c2, "add")
    return light, binary(call, above, below, "divide")


def structural_similarity(
    call: LayerCall, a: Any, b: Any, largest: Any, size: Any, sigma: Any, k1: Any, k2: Any, as_map: Any
) -> Tensor:
    """image.ssim: a number for each pair, or a map of them."""
    left, right, top = _pair(call, a, b, largest)
    bell = _bell(call, size, sigma)
    light, structure = _likeness(call, left, right, bell, (float(k1) * top) ** 2, (float(k2) * top) ** 2)
    found = binary(call, light, structure, "multiply")
    return call.add("reduce", (found,), ReduceAttrs("mean", (3,) if as_map else (1, 2, 3)))


def _halved(call: LayerCall, x: Tensor) -> Tensor:
    rows, columns = x.shape[1:3]
    if rows is None or columns is None:
        raise call.fail(f"needs images of known size; received {x.spec}")
    if rows % 2 or columns % 2:
        x = call.add("pad", (x,), PadAttrs(((0, 0), (0, rows % 2), (0, columns % 2), (0, 0)), 0.0, "symmetric"))
    return call.add("avg_pool", (x,), AvgPoolAttrs((2, 2), (2, 2), "valid"))


def similarity_of_scales(
    call: LayerCall, a: Any, b: Any, largest: Any, powers: Any, size: Any, sigma: Any, k1: Any, k2: Any
) -> Tensor:
    """image.ssim_multiscale: structure at each scale, light at the last."""
    left, right, top = _pair(call, a, b, largest)
    bell = _bell(call, size, sigma)
    if not isinstance(powers, (list, tuple)) or not powers or not all(is_number(power) for power in powers):
        raise call.fail(f"power_factors must be numbers; received {powers!r:.60}")
    total: Tensor | None = None
    for scale, power in enumerate(powers):
        if scale:
            left, right = _halved(call, left), _halved(call, right)
        light, found = _likeness(call, left, right, bell, (float(k1) * top) ** 2, (float(k2) * top) ** 2)
        if scale == len(powers) - 1:
            found = binary(call, light, found, "multiply")
        found = activated("relu")(call, call.add("reduce", (found,), ReduceAttrs("mean", (1, 2))))
        found = binary(call, found, float(power), "power")
        total = found if total is None else binary(call, total, found, "multiply")
    assert total is not None
    return call.add("reduce", (total,), ReduceAttrs("mean", (1,)))

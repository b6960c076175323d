"""Convolutions, pooling, images and constants as TensorFlow's functions spell them."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations import extents, images, linear_algebra, losses, shaping, windowed
from kmin.layers.operations.arguments import (
    Lowering,
    axes_of,
    binary,
    cast,
    dtype_named,
    integer,
    integers,
    is_number,
    operands,
    tensor_of,
    unary,
)
from kmin.layers.operations.arithmetic import divide_no_nan, multiply_no_nan
from kmin.layers.operations.numbers import rot90
from kmin.layers.operations.products import contract
from kmin.layers.operations.reductions import norm
from kmin.layers.operations.sizes import sizes_of
from kmin.ops.activation import ActivationAttrs
from kmin.ops.concat import ConcatAttrs
from kmin.ops.cumulate import CumulateAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.transpose import TransposeAttrs
from kmin.ops.where import WhereAttrs


def layout_of(call: LayerCall, value: Any) -> str:
    """TensorFlow's letters for where the channels are, in Keras' words."""
    name = "N" if value is None else str(value)
    if not name.startswith("N"):
        raise call.fail(f"data_format must start with N; received {value!r:.40}")
    return "channels_first" if name.startswith("NC") else "channels_last"


def steps_of(call: LayerCall, value: Any, rank: int, layout: str) -> Any:
    """Strides, window or dilation without the entries of batch and channels, which must be 1."""
    if value is None:
        return 1
    found = integers(call, value, "strides and sizes")
    if len(found) == rank + 2:
        inner = found[2:] if layout == "channels_first" else found[1:-1]
        if np.prod(found) != np.prod(inner):
            raise call.fail(f"steps over batch or channels must be 1; received {found}")
        return inner
    return found


def convolution(rank: int, depthwise: bool = False, on_gpu: bool = False) -> Lowering:
    """nn.conv1d, nn.conv2d, nn.conv3d and nn.depthwise_conv2d; `on_gpu`: with an argument of that name."""

    def lower(call: LayerCall, x: Any, filters: Any, strides: Any, padding: Any, *rest: Any) -> Tensor:
        data_format, dilations = rest[1:] if on_gpu else rest
        if not isinstance(padding, str):
            raise call.fail(f"padding must be 'VALID' or 'SAME'; received {padding!r:.60}")
        layout = layout_of(call, data_format)
        function = windowed.depthwise_conv if depthwise else windowed.conv
        steps, spread = (steps_of(call, value, rank, layout) for value in (strides, dilations))
        return function(call, x, filters, steps, padding, layout, spread)

    return lower


def depthwise_convolution_v1(
    call: LayerCall, x: Any, filters: Any, strides: Any, padding: Any, rate: Any, data_format: Any, dilations: Any
) -> Tensor:
    """compat.v1.nn.depthwise_conv2d, whose dilation has two names."""
    spread = rate if dilations is None else dilations
    return convolution(2, True)(call, x, filters, strides, padding, data_format, spread)  # type: ignore[no-any-return]


def pooling(kind: str) -> Lowering:
    """nn.max_pool and nn.avg_pool, with and without the number of axes."""

    def lower(call: LayerCall, x: Any, ksize: Any, strides: Any, padding: Any, data_format: Any) -> Tensor:
        value = tensor_of(call, x)
        layout = layout_of(call, data_format)
        window, steps = (steps_of(call, given, value.rank - 2, layout) for given in (ksize, strides))
        return windowed.pooling(kind)(call, value, window, steps, padding, layout)  # type: ignore[no-any-return]

    return lower


def batch_normalization(
    call: LayerCall, x: Any, mean: Any, variance: Any, offset: Any, scale: Any, epsilon: Any
) -> Tensor:
    """nn.batch_normalization, whose statistics broadcast."""
    value = tensor_of(call, x)
    inverse = unary(call, binary(call, tensor_of(call, variance, value.dtype), float(epsilon), "add"), "rsqrt")
    inverse = inverse if scale is None else binary(call, inverse, scale, "multiply")
    shift = unary(call, binary(call, tensor_of(call, mean, value.dtype), inverse, "multiply"), "negative")
    shift = shift if offset is None else binary(call, shift, offset, "add")
    return binary(call, binary(call, value, inverse, "multiply"), shift, "add")


def local_response_normalization(call: LayerCall, x: Any, radius: Any, bias: Any, alpha: Any, beta: Any) -> Tensor:
    """x / (bias + alpha * sum of the squares of near channels) ** beta."""
    value = tensor_of(call, x)
    channels = value.shape[-1]
    if channels is None or value.rank < 2:
        raise call.fail(f"needs a known number of channels; received {value.spec}")
    at = np.arange(channels)
    near = np.abs(at[:, None] - at) <= integer(call, radius, "depth_radius")
    band = call.constant("near", near.astype(value.dtype))
    total = contract(call, unary(call, value, "square"), band, [value.rank - 1], [0])
    base = binary(call, binary(call, total, float(alpha), "multiply"), float(bias), "add")
    return binary(call, value, binary(call, base, float(beta), "power"), "divide")


def crelu(call: LayerCall, x: Any, axis: Any) -> Tensor:
    """relu of x and of -x, side by side."""
    value = tensor_of(call, x)
    parts = [
        call.add("activation", (part,), ActivationAttrs("relu")) for part in (value, unary(call, value, "negative"))
    ]
    (at,) = axes_of(call, axis, value.rank)
    call.mix_samples(value, (at,))
    return call.add("concat", parts, ConcatAttrs(at))


def sigmoid_cross_entropy(call: LayerCall, labels: Any, logits: Any) -> Tensor:
    """nn.sigmoid_cross_entropy_with_logits."""
    return losses.binary_crossentropy(call, labels, logits, True)


def softmax_cross_entropy(call: LayerCall, labels: Any, logits: Any, axis: Any) -> Tensor:
    """nn.softmax_cross_entropy_with_logits."""
    return losses.categorical_crossentropy(call, labels, logits, True, axis)


def sparse_softmax_cross_entropy(call: LayerCall, labels: Any, logits: Any) -> Tensor:
    """nn.sparse_softmax_cross_entropy_with_logits."""
    return losses.sparse_categorical_crossentropy(call, labels, logits, True, -1)


def _batch(call: LayerCall, x: Any) -> Tensor:
    value = tensor_of(call, x)
    if value.rank != 4:
        raise call.fail(f"needs a batch of images; received {value.spec}")
    return value


def flipped(axis: int) -> Lowering:
    """image.flip_left_right and image.flip_up_down."""
    return lambda call, x: shaping.flip(call, _batch(call, x), axis)


def turned(call: LayerCall, x: Any, k: Any) -> Tensor:
    """image.rot90: counter-clockwise."""
    return rot90(call, _batch(call, x), integer(call, k, "k"), (1, 2))


def image_transpose(call: LayerCall, x: Any) -> Tensor:
    """Rows and columns swapped."""
    return call.add("transpose", (_batch(call, x),), TransposeAttrs((0, 2, 1, 3)))


def boxed(sign: int) -> Lowering:
    """image.pad_to_bounding_box (sign 1) and image.crop_to_bounding_box (sign -1)."""

    def lower(call: LayerCall, x: Any, top: Any, left: Any, height: Any, width: Any) -> Tensor:
        return images.framing(sign)(call, _batch(call, x), top, left, None, None, height, width, None)  # type: ignore[no-any-return]

    return lower


def central_crop(call: LayerCall, x: Any, fraction: Any) -> Tensor:
    """The middle part of images."""
    value = _batch(call, x)
    if not is_number(fraction) or not 0 < fraction <= 1:
        raise call.fail(f"central_fraction must be in (0, 1]; received {fraction!r:.40}")
    known = [size for size in value.shape[1:3] if size is not None]
    if len(known) != 2:
        raise call.fail(f"needs images of known size; received {value.spec}")
    starts = [int((size - size * fraction) / 2) for size in known]
    sizes = [size - 2 * start for size, start in zip(known, starts, strict=True)]
    return boxed(-1)(call, value, *starts, *sizes)  # type: ignore[no-any-return]


def grayscale_to_rgb(call: LayerCall, x: Any) -> Tensor:
    """One channel three times."""
    value = tensor_of(call, x)
    if value.shape[-1] != 1:
        raise call.fail(f"needs one channel; received {value.spec}")
    return shaping.tile(call, value, [*[1] * (value.rank - 1), 3])


def _floats(call: LayerCall, x: Any) -> Tensor:
    value = tensor_of(call, x)
    if not value.dtype.startswith("float"):
        raise call.fail(f"needs floating images; received {value.spec}")
    return value


def adjust_brightness(call: LayerCall, x: Any, delta: Any) -> Tensor:
    """x + delta"""
    return binary(call, _floats(call, x), delta, "add")


def adjust_contrast(call: LayerCall, x: Any, factor: Any) -> Tensor:
    """(x - mean of each channel) * factor + mean."""
    value = _floats(call, _batch(call, x))
    mean = call.add("reduce", (value,), ReduceAttrs("mean", (1, 2), True))
    return binary(call, binary(call, binary(call, value, mean, "subtract"), factor, "multiply"), mean, "add")


def adjust_gamma(call: LayerCall, x: Any, gamma: Any, gain: Any) -> Tensor:
    """x ** gamma * gain"""
    return binary(call, binary(call, _floats(call, x), gamma, "power"), gain, "multiply")


def per_image_standardization(call: LayerCall, x: Any) -> Tensor:
    """(x - mean) / max(deviation, 1 / sqrt(pixels)), image by image."""
    value = _floats(call, _batch(call, x))
    known = [size for size in value.shape[1:] if size is not None]
    if len(known) != 3:
        raise call.fail(f"needs images of known size; received {value.spec}")
    mean = call.add("reduce", (value,), ReduceAttrs("mean", (1, 2, 3), True))
    away = binary(call, value, mean, "subtract")
    spread = call.add("reduce", (unary(call, away, "square"),), ReduceAttrs("mean", (1, 2, 3), True))
    least = 1 / float(np.sqrt(np.prod(known)))
    return binary(call, away, binary(call, unary(call, spread, "sqrt"), least, "maximum"), "divide")


def patches(call: LayerCall, x: Any, sizes: Any, strides: Any, rates: Any, padding: Any) -> Tensor:
    """image.extract_patches."""
    size, steps, spread = (steps_of(call, value, 2, "channels_last") for value in (sizes, strides, rates))
    return windowed.extract_patches(call, x, size, steps, spread, padding, None)


def clip_by_norm(call: LayerCall, x: Any, limit: Any, axes: Any) -> Tensor:
    """x made shorter where its length is above the limit."""
    value = tensor_of(call, x)
    length = norm(call, value, None, axes, True)
    return binary(call, binary(call, value, limit, "multiply"), binary(call, length, limit, "maximum"), "divide")


def normalized(call: LayerCall, x: Any, order: Any, axis: Any) -> list[Tensor]:
    """linalg.normalize: x divided by its norm, and the norm."""
    value = tensor_of(call, x)
    length = norm(call, value, order, axis, True)
    return [binary(call, value, length, "divide"), length]


def solve(call: LayerCall, matrix: Any, right: Any, adjoint: Any) -> Tensor:
    """linalg.solve."""
    return linear_algebra.solve(call, _turned(call, matrix, adjoint), right)


def triangular_solve(call: LayerCall, matrix: Any, right: Any, lower: Any, adjoint: Any) -> Tensor:
    """linalg.triangular_solve."""
    return linear_algebra.solve_triangular(call, _turned(call, matrix, adjoint), right, bool(lower) != bool(adjoint))


def inverse(call: LayerCall, matrix: Any, adjoint: Any) -> Tensor:
    """linalg.inv."""
    return linear_algebra.matrix("inv")(call, _turned(call, matrix, adjoint))  # type: ignore[no-any-return]


def _turned(call: LayerCall, matrix: Any, adjoint: Any) -> Tensor:
    value = tensor_of(call, matrix)
    return shaping.swap_axes(call, value, -1, -2) if adjoint else value


def reciprocal_no_nan(call: LayerCall, x: Any) -> Tensor:
    """1 / x, 0 where x is 0."""
    return divide_no_nan(call, 1.0, x)


def over(call: LayerCall, x: Any, y: Any) -> Tensor:
    """math.xdivy: x / y, 0 where x is 0."""
    left, right = operands(call, (x, y))
    zero = call.constant("zero", np.asarray(0, left.dtype))
    return call.add(
        "where", (binary(call, left, zero, "equal"), zero, binary(call, left, right, "divide")), WhereAttrs()
    )


def times_log1p(call: LayerCall, x: Any, y: Any) -> Tensor:
    """math.xlog1py: x * log(1 + y), 0 where x is 0."""
    left, right = operands(call, (x, y))
    return multiply_no_nan(call, unary(call, right, "log1p"), left)


def searched(call: LayerCall, edges: Any, values: Any, side: Any, dtype: Any) -> Tensor:
    """searchsorted: where values would stand among sorted edges, row by row."""
    row, value = operands(call, (edges, values))
    if side not in ("left", "right") or row.rank != value.rank:
        raise call.fail(f"needs rows of one rank and a side; received {row.spec}, {value.spec} and {side!r:.40}")
    call.mix_samples(row, (row.rank - 1,))
    column = shaping.expand_dims(call, value, -1)
    passed = binary(call, column, shaping.expand_dims(call, row, -2), "greater" if side == "left" else "greater_equal")
    kind = dtype_named(call, dtype, "int32")
    return call.add("reduce", (cast(call, passed, kind),), ReduceAttrs("sum", (passed.rank - 1,)))


def row_searched(call: LayerCall, edges: Any, values: Any, side: Any) -> Tensor:
    """searchsorted of keras.ops."""
    return searched(call, edges, values, side, None)


def sequence_mask(call: LayerCall, lengths: Any, longest: Any, dtype: Any) -> Tensor:
    """Which places are before each length."""
    if longest is None or isinstance(longest, Tensor):
        return extents.sequence_mask(call, lengths, longest, dtype)
    places = call.constant("places", np.arange(integer(call, longest, "maxlen"), dtype="int32"))
    column = cast(call, shaping.expand_dims(call, tensor_of(call, lengths), -1), "int32")
    return cast(call, binary(call, column, places, "greater"), dtype_named(call, dtype, "bool"))


def filled(value: float | None) -> Lowering:
    """zeros, ones (a dtype follows) and fill (a value follows)."""

    def lower(call: LayerCall, shape: Any, given: Any) -> Tensor:
        sizes = sizes_of(call, shape)
        if sizes is None:
            raise call.fail("the rank of the shape is not in the file")
        if value is None and isinstance(given, Tensor) and not given.rank:
            return shaping.broadcast(call, given, sizes, shape)
        if value is None and not is_number(given):
            raise call.fail(f"value must be a number; received {given!r:.40}")
        array = np.asarray(given) if value is None else np.asarray(value, dtype_named(call, given, "float32"))
        array = (
            array.astype({"f": "float32", "i": "int32"}.get(array.dtype.kind, array.dtype)) if value is None else array
        )
        one = call.constant("value", array.reshape((1,) * len(sizes)))
        return shaping.broadcast(call, one, sizes, shape)

    return lower


def counted(call: LayerCall, start: Any, limit: Any, delta: Any, dtype: Any) -> Tensor:
    """range over sizes that the model's shapes tell."""
    given = [0, start, delta] if limit is None else [start, limit, delta]
    if not all(isinstance(value, (int, Tensor)) for value in given):
        return extents.counting(call, given[0], given[1], delta, dtype)
    ends = [sizes_of(call, value) for value in (start, limit if limit is not None else start)]
    first, last = (None if end is None or len(end) != 1 else end[0] for end in ends)
    first = 0 if limit is None else first
    if first == 0 and isinstance(last, tuple) and delta == 1:
        if last[1] == 0:
            call.builder.mixes_samples = True
        one = call.constant("one", np.ones(1, extents.range_dtype(call, given, dtype)))
        return call.add("cumulate", (shaping.broadcast(call, one, [last]),), CumulateAttrs(0, exclusive=True))
    if not isinstance(first, int) or not isinstance(last, int) or not isinstance(delta, int) or delta == 0:
        return extents.counting(call, given[0], given[1], delta, dtype)
    return call.constant("range", np.arange(first, last, delta).astype(extents.range_dtype(call, given, dtype)))

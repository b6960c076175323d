"""Functions of neural networks: activations, softmax, normalisation, depth and space, image resizing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kmin.layers.activation import lower_softmax_of
from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import (
    Lowering,
    axes_of,
    axis_of,
    binary,
    cast,
    floating,
    integer,
    integers,
    is_number,
    tensor_of,
)
from kmin.layers.operations.reductions import log_sum_exp, norm
from kmin.layers.operations.shaping import reshaped
from kmin.layers.unit_length import of_unit_length
from kmin.ops.activation import ActivationAttrs
from kmin.ops.binary import BinaryAttrs
from kmin.ops.glu import GluAttrs
from kmin.ops.resize_image import ResizeImageAttrs
from kmin.ops.transpose import TransposeAttrs

_RESIZE_METHODS: dict[int, tuple[str, ...]] = {
    2: ("bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"),
    3: ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"),
}


def activated(kind: str, *fixed: float) -> Lowering:
    """An activation; its parameters are the function's arguments after the fixed ones."""

    def lower(call: LayerCall, x: Any, *given: Any) -> Tensor:
        value = tensor_of(call, x)
        if not all(is_number(item) for item in given):
            raise call.fail(f"parameters must be numbers; received {given!r:.60}")
        if kind not in ("relu", "relu6"):
            value = floating(call, value)
        args = (*fixed, *(float(item) for item in given))
        return call.add("activation", (value,), ActivationAttrs(kind, args))

    return lower


def leaky_relu(call: LayerCall, x: Any, slope: Any) -> Tensor:
    """x, below zero slope * x."""
    return activated("relu")(call, x) if slope == 0 else activated("leaky_relu")(call, x, slope)  # type: ignore[no-any-return]


def gelu(call: LayerCall, x: Any, approximate: Any) -> Tensor:
    """gelu, by tanh or exactly."""
    return activated("gelu_tanh" if approximate else "gelu")(call, x)  # type: ignore[no-any-return]


def silu(call: LayerCall, x: Any, beta: Any) -> Tensor:
    """x * sigmoid(beta * x)"""
    value = floating(call, tensor_of(call, x))
    if beta == 1:
        return call.add("activation", (value,), ActivationAttrs("silu"))
    gate = call.add("activation", (binary(call, value, beta, "multiply"),), ActivationAttrs("sigmoid"))
    return call.add("binary", (value, gate), BinaryAttrs("multiply"))


def softmax(call: LayerCall, x: Any, axis: Any) -> Tensor:
    """exp(x) / sum(exp(x)) along an axis or several; None: along all."""
    value = floating(call, tensor_of(call, x))
    axes = axes_of(call, axis, value.rank)
    call.mix_samples(value, axes)
    return lower_softmax_of(call, value, axes)


def log_softmax(call: LayerCall, x: Any, axis: Any) -> Tensor:
    """log(softmax(x))"""
    value = floating(call, tensor_of(call, x))
    axes = axes_of(call, axis, value.rank)
    call.mix_samples(value, axes)
    if axes == (value.rank - 1,) and value.rank > 1:
        return call.add("activation", (value,), ActivationAttrs("log_softmax"))
    return binary(call, value, log_sum_exp(call, value, axes, True), "subtract")


def sparsemax(call: LayerCall, x: Any, axis: Any) -> Tensor:
    """sparsemax over the last axis."""
    value = floating(call, tensor_of(call, x))
    if axis_of(call, axis, value.rank) != value.rank - 1 or value.rank < 2:
        raise call.fail(f"axis must be the last; received {axis!r}")
    return call.add("activation", (value,), ActivationAttrs("sparsemax"))


def glu(call: LayerCall, x: Any, axis: Any) -> Tensor:
    """One half of an axis gated by the other."""
    return call.add("glu", (floating(call, tensor_of(call, x)),), GluAttrs(integer(call, axis, "axis")))


def normalize(call: LayerCall, x: Any, axis: Any, order: Any, epsilon: Any) -> Tensor:
    """x / max(norm(x), epsilon) of keras.ops."""
    value = floating(call, tensor_of(call, x))
    axes = axes_of(call, axis, value.rank)
    call.mix_samples(value, axes)
    smallest = 1e-7 if epsilon is None else float(epsilon)
    if order == 2:
        return of_unit_length(call, value, axes, smallest)
    length = binary(call, norm(call, value, order, axes, True), smallest, "maximum")
    return binary(call, value, length, "divide")


def l2_normalize(call: LayerCall, x: Any, axis: Any, epsilon: Any) -> Tensor:
    """x / sqrt(max(sum(x^2), epsilon)) of TensorFlow."""
    return normalize(call, x, axis, 2, float(np.sqrt(epsilon)))


def bias_add(call: LayerCall, x: Any, bias: Any, data_format: Any) -> Tensor:
    """x + bias over the channels."""
    value = tensor_of(call, x)
    offset = tensor_of(call, bias, None if isinstance(bias, Tensor) else value.dtype)
    if data_format is not None and str(data_format).startswith("NC") and value.rank > 2:
        offset = reshaped(call, offset, (("x", 0), *(1,) * (value.rank - 2)))
    return binary(call, value, offset, "add")


def depth_to_space(call: LayerCall, x: Any, block: Any, data_format: Any) -> Tensor:
    """Channels spread over block x block pixels."""
    return _blocks(call, x, block, data_format, True)


def space_to_depth(call: LayerCall, x: Any, block: Any, data_format: Any) -> Tensor:
    """Blocks of pixels stacked in the channels."""
    return _blocks(call, x, block, data_format, False)


def _blocks(call: LayerCall, x: Any, block: Any, data_format: Any, spread: bool) -> Tensor:
    value, size = tensor_of(call, x), integer(call, block, "block_size")
    if data_format not in (None, "NHWC", "channels_last") or value.rank != 4 or None in value.shape[1:] or size < 1:
        raise call.fail(f"needs channels-last images of known size; received {value.spec} and {data_format!r}")
    _, height, width, depth = (n if n is not None else 0 for n in value.shape)
    if spread:
        if depth % (size * size):
            raise call.fail(f"{depth} channels do not spread over blocks of {size} x {size}")
        parts = reshaped(call, value, (("x", 0), height, width, size, size, depth // size**2))
        parts = call.add("transpose", (parts,), TransposeAttrs((0, 1, 3, 2, 4, 5)))
        return reshaped(call, parts, (("x", 0), height * size, width * size, depth // size**2))
    if height % size or width % size:
        raise call.fail(f"{height} x {width} pixels do not divide into blocks of {size} x {size}")
    parts = reshaped(call, value, (("x", 0), height // size, size, width // size, size, depth))
    parts = call.add("transpose", (parts,), TransposeAttrs((0, 1, 3, 2, 4, 5)))
    return reshaped(call, parts, (("x", 0), height // size, width // size, depth * size**2))


def _resized(call: LayerCall, x: Tensor, size: Any, attrs: tuple[str, bool, str, float]) -> Tensor:
    sizes = integers(call, size, "size")
    method, antialias, aspect, fill = attrs
    if x.rank != 4 or len(sizes) != 2 or min(sizes) < 1:
        raise call.fail(f"needs a batch of images and two sizes; received {x.spec} and {size!r:.60}")
    if method not in _RESIZE_METHODS[3 if call.dialect >= 3 else 2]:
        raise call.fail(f"the method {method!r} is not supported")
    return call.add("resize_image", (x,), ResizeImageAttrs((sizes[0], sizes[1]), method, antialias, aspect, fill))


def within(call: LayerCall, x: Tensor, size: Sequence[int]) -> list[int]:
    """The largest size of the images' own shape that fits; computed in float32, as TensorFlow does."""
    own = x.shape[1:3]
    if x.rank != 4 or len(size) != 2 or not own[0] or not own[1]:
        raise call.fail(f"preserve_aspect_ratio needs images of known size; received {x.spec}")
    sizes = [np.float32(n) for n in own]
    scale = min(np.float32(wanted) / n for wanted, n in zip(size, sizes, strict=True))
    return [int(np.round(scale * n)) for n in sizes]


def resize_images(
    call: LayerCall, x: Any, size: Any, method: Any, preserve_aspect_ratio: Any, antialias: Any
) -> Tensor:
    """tf.image.resize: floats come out, but for `nearest`."""
    value = tensor_of(call, x)
    if preserve_aspect_ratio:
        size = within(call, value, integers(call, size, "size"))
    if method != "nearest":
        value = cast(call, value, "float32")
    return _resized(call, value, size, (method, bool(antialias), "stretch", 0.0))


def keras_resize(
    call: LayerCall,
    x: Any,
    size: Any,
    method: Any,
    antialias: Any,
    crop: Any,
    pad: Any,
    fill_mode: Any,
    fill_value: Any,
    data_format: Any,
) -> Tensor:
    """image.resize of keras.ops: integers stay integers and are rounded."""
    if (
        fill_mode != "constant"
        or not is_number(fill_value)
        or data_format not in (None, "channels_last")
        or (crop and pad)
    ):
        raise call.fail("fill modes, channels_first and both aspect ratios at once are not supported")
    aspect = "crop" if crop else "pad" if pad else "stretch"
    return _resized(call, tensor_of(call, x), size, (method, bool(antialias), aspect, float(fill_value)))

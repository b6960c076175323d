"""OLD_FUNCTIONS: the rows of TENSORFLOW_FUNCTIONS for TensorFlow 1's functions as TensorFlow 2 writes them."""

from __future__ import annotations

from typing import Any

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations import arithmetic, choosing, tensorflow_layers, tensorflow_windows, totals
from kmin.layers.operations.arguments import Row


def _convolution(
    call: LayerCall, x: Any, old: Any, padding: Any, strides: Any, rate: Any, _: Any, layout: Any, new: Any, spread: Any
) -> Tensor:
    filters, dilation = old if new is None else new, rate if spread is None else spread
    return tensorflow_windows.any_convolution(call, x, filters, strides, padding, layout, dilation)


def _patches(call: LayerCall, x: Any, old: Any, strides: Any, rates: Any, padding: Any, _: Any, sizes: Any) -> Tensor:
    return tensorflow_layers.patches(call, x, old if sizes is None else sizes, strides, rates, padding)


OLD_FUNCTIONS: dict[str, Row] = {
    "compat.v1.convert_to_tensor": (
        "value dtype=None name=None preferred_dtype=None dtype_hint=None",
        lambda call, x, dtype, *_: arithmetic.convert(call, x, dtype),
    ),
    "compat.v1.image.extract_image_patches": (
        "images ksizes=None strides=None rates=None padding=None name=None sizes=None",
        _patches,
    ),
    "compat.v1.math.in_top_k": (
        "predictions targets k",
        lambda call, scores, targets, k: choosing.in_top_k(call, targets, scores, k),
    ),
    "compat.v1.math.scalar_mul": ("scalar x", arithmetic.pairwise("multiply")),
    "compat.v1.nn.convolution": (
        "input filter padding strides=None dilation_rate=None name=None data_format=None filters=None dilations=None",
        _convolution,
    ),
    "compat.v1.nn.depthwise_conv2d_native": (
        "input filter strides padding data_format=None dilations=None",
        tensorflow_layers.convolution(2, True),
    ),
    "compat.v1.nn.weighted_moments": (
        "x axes frequency_weights name=None keep_dims=None keepdims=None",
        lambda call, x, axes, weights, _, old, keep: totals.weighted_moments(call, x, axes, weights, old or keep),
    ),
    "compat.v1.size": ("input name=None out_type=None", lambda call, x, _, dtype: totals.size(call, x, dtype)),
}

"""WINDOW_FUNCTIONS: the rows of TENSORFLOW_FUNCTIONS for convolutions, pools and morphology beside the common ones."""

from __future__ import annotations

from typing import Any

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations import morphology, tensorflow_windows
from kmin.layers.operations import tensorflow_layers as tf
from kmin.layers.operations.arguments import Row

_MORPHOLOGY = "input filters strides padding data_format dilations"
_TRANSPOSED = 'input filters output_shape strides padding="SAME" data_format=None dilations=None'


_V1_POOL = "value ksize strides padding data_format=None"


def _convolution(
    call: LayerCall, x: Any, old: Any, padding: Any, strides: Any, rate: Any, _: Any, layout: Any, new: Any, spread: Any
) -> Tensor:
    filters, dilation = old if new is None else new, rate if spread is None else spread
    return tensorflow_windows.any_convolution(call, x, filters, strides, padding, layout, dilation)


WINDOW_FUNCTIONS: dict[str, Row] = {
    "compat.v1.nn.avg_pool": (_V1_POOL, tf.pooling("mean")),
    "compat.v1.nn.convolution": (
        "input filter padding strides=None dilation_rate=None name=None data_format=None filters=None dilations=None",
        _convolution,
    ),
    "compat.v1.nn.depthwise_conv2d_native": (
        "input filter strides padding data_format=None dilations=None",
        tf.convolution(2, True),
    ),
    "compat.v1.nn.dilation2d": (
        "input filter=None strides=None rates=None padding=None name=None filters=None dilations=None",
        morphology.dilation_v1,
    ),
    "compat.v1.nn.erosion2d": ("value kernel strides rates padding", morphology.erosion_v1),
    "compat.v1.nn.fused_batch_norm": (
        'x scale offset mean=None variance=None epsilon=0.001 data_format="NHWC" is_training=True '
        "exponential_avg_factor=1.0",
        tensorflow_windows.fused_batch_norm,
    ),
    "compat.v1.nn.max_pool": (_V1_POOL, tf.pooling("max")),
    "compat.v1.nn.max_pool_with_argmax": (
        'input ksize strides padding data_format="NHWC" Targmax=None name=None output_dtype=None '
        "include_batch_in_index=False",
        morphology.max_pool_with_places_v1,
    ),
    "compat.v1.nn.pool": (
        "input window_shape pooling_type padding dilation_rate=None strides=None data_format=None dilations=None",
        tensorflow_windows.any_pooling,
    ),
    "compat.v1.nn.separable_conv2d": (
        "input depthwise_filter pointwise_filter strides padding rate=None data_format=None",
        tensorflow_windows.separable_convolution,
    ),
    "nn.conv1d_transpose": (_TRANSPOSED, tensorflow_windows.conv_transpose(1)),
    "nn.conv2d_transpose": (_TRANSPOSED, tensorflow_windows.conv_transpose(2)),
    "nn.conv3d_transpose": (_TRANSPOSED, tensorflow_windows.conv_transpose(3)),
    "nn.convolution": (
        'input filters strides=None padding="VALID" data_format=None dilations=None',
        tensorflow_windows.any_convolution,
    ),
    "nn.dilation2d": (_MORPHOLOGY, morphology.dilation),
    "nn.erosion2d": (_MORPHOLOGY.replace("input", "value"), morphology.erosion),
    "nn.max_pool_with_argmax": (
        'input ksize strides padding data_format="NHWC" output_dtype=None include_batch_in_index=False',
        morphology.max_pool_with_places,
    ),
}

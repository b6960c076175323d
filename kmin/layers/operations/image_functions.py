"""IMAGE_FUNCTIONS: the rows of TENSORFLOW_FUNCTIONS for images resized as TensorFlow 1 does, and for volumes."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations import resizing, tensorflow_images, tensorflow_windows, windowed
from kmin.layers.operations.arguments import Row, tensor_of
from kmin.layers.operations.tensorflow_layers import steps_of
from kmin.ops.draw_boxes import DrawBoxesAttrs


def _volume_patches(call: LayerCall, x: Any, sizes: Any, strides: Any, padding: Any) -> Tensor:
    window, steps = (steps_of(call, value, 3, "channels_last") for value in (sizes, strides))
    return windowed.extract_patches(call, x, window, steps, 1, padding, None)


# The colours of TensorFlow's frames, of which images of one channel have the red part as 1.
_COLOURS = (
    *((1, 1, 0, 1), (0, 0, 1, 1), (1, 0, 0, 1), (0, 1, 0, 1), (0.5, 0, 0.5, 1)),
    *((0.5, 0.5, 0, 1), (0.5, 0, 0, 1), (0, 0, 0.5, 1), (0, 1, 1, 1), (1, 0, 1, 1)),
)


def _framed(call: LayerCall, x: Any, boxes: Any, colours: Any) -> Tensor:
    value = tensor_of(call, x)
    if colours is None or not np.size(colours if not isinstance(colours, Tensor) else 1):
        colours = np.asarray(_COLOURS, "float32")
        colours[:, 0] = 1 if value.shape[-1] == 1 else colours[:, 0]
    if value.shape[-1] not in (1, 3, 4):
        raise call.fail(f"needs images of 1, 3 or 4 channels; received {value.spec}")
    return call.add(
        "draw_boxes", (value, tensor_of(call, boxes), tensor_of(call, colours, "float32")), DrawBoxesAttrs()
    )


def _backwards(
    call: LayerCall, sizes: Any, old: Any, x: Any, steps: Any, padding: Any, _: Any, layout: Any, spread: Any, new: Any
) -> Tensor:
    filters = old if new is None else new
    return tensorflow_windows.conv_transpose(2)(call, x, filters, sizes, steps, padding, layout, spread)  # type: ignore[no-any-return]


IMAGE_FUNCTIONS: dict[str, Row] = {
    "compat.v1.image.resize_area": ("images size align_corners=False", resizing.resize_area),
    "compat.v1.image.resize_bicubic": (
        "images size align_corners=False half_pixel_centers=False",
        resizing.resize_bicubic,
    ),
    "compat.v1.image.resize_image_with_pad": (
        "image target_height target_width method=0 align_corners=False",
        tensorflow_images.resize_with_pad_v1,
    ),
    "compat.v1.image.resize_images": (
        "images size method=0 align_corners=False preserve_aspect_ratio=False",
        resizing.resize_images_v1,
    ),
    "compat.v1.nn.conv2d_backprop_input": (
        "input_sizes filter=None out_backprop=None strides=None padding=None use_cudnn_on_gpu=True "
        'data_format="NHWC" dilations=None filters=None',
        _backwards,
    ),
    "extract_volume_patches": ("input ksizes strides padding", _volume_patches),
    "image.draw_bounding_boxes": ("images boxes colors=None", _framed),
    "nn.atrous_conv2d_transpose": (
        "value filters output_shape rate padding",
        tensorflow_windows.atrous_transpose,
    ),
}

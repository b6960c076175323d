"""IMAGE_FUNCTIONS: the rows of TENSORFLOW_FUNCTIONS for images resized as TensorFlow 1 does, and for volumes."""

from __future__ import annotations

from typing import Any

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations import resizing, tensorflow_images, windowed
from kmin.layers.operations.arguments import Row
from kmin.layers.operations.tensorflow_layers import steps_of


def _volume_patches(call: LayerCall, x: Any, sizes: Any, strides: Any, padding: Any) -> Tensor:
    window, steps = (steps_of(call, value, 3, "channels_last") for value in (sizes, strides))
    return windowed.extract_patches(call, x, window, steps, 1, padding, None)


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
    "extract_volume_patches": ("input ksizes strides padding", _volume_patches),
}

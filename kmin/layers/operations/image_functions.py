"""IMAGE_FUNCTIONS: the rows of TENSORFLOW_FUNCTIONS for images and volumes, and for boxes in them."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations import (
    boxes,
    likeness,
    resizing,
    tensorflow_images,
    tensorflow_layers,
    tensorflow_windows,
    windowed,
)
from kmin.layers.operations.arguments import Row, integers, tensor_of
from kmin.layers.operations.tensorflow_layers import steps_of
from kmin.ops.cut_glimpses import CutGlimpsesAttrs
from kmin.ops.draw_boxes import DrawBoxesAttrs


def _volume_patches(call: LayerCall, x: Any, sizes: Any, strides: Any, padding: Any) -> Tensor:
    window, steps = (steps_of(call, value, 3, "channels_last") for value in (sizes, strides))
    return windowed.extract_patches(call, x, window, steps, 1, padding, None)


# The colours of TensorFlow's frames, of which images of one channel have the red part as 1.
_COLOURS = (
    *((1, 1, 0, 1), (0, 0, 1, 1), (1, 0, 0, 1), (0, 1, 0, 1), (0.5, 0, 0.5, 1)),
    *((0.5, 0.5, 0, 1), (0.5, 0, 0, 1), (0, 0, 0.5, 1), (0, 1, 1, 1), (1, 0, 1, 1)),
)


def _framed(call: LayerCall, x: Any, places: Any, colours: Any) -> Tensor:
    value = tensor_of(call, x)
    if colours is None or not np.size(colours if not isinstance(colours, Tensor) else 1):
        colours = np.asarray(_COLOURS, "float32")
        colours[:, 0] = 1 if value.shape[-1] == 1 else colours[:, 0]
    if value.shape[-1] not in (1, 3, 4):
        raise call.fail(f"needs images of 1, 3 or 4 channels; received {value.spec}")
    return call.add(
        "draw_boxes", (value, tensor_of(call, places), tensor_of(call, colours, "float32")), DrawBoxesAttrs()
    )


def _backwards(
    call: LayerCall, sizes: Any, old: Any, x: Any, steps: Any, padding: Any, _: Any, layout: Any, spread: Any, new: Any
) -> Tensor:
    filters = old if new is None else new
    return tensorflow_windows.conv_transpose(2)(call, x, filters, sizes, steps, padding, layout, spread)  # type: ignore[no-any-return]


_SSIM = "filter_size=11 filter_sigma=1.5 k1=0.01 k2=0.03"


def _patches(call: LayerCall, x: Any, old: Any, strides: Any, rates: Any, padding: Any, _: Any, sizes: Any) -> Tensor:
    return tensorflow_layers.patches(call, x, old if sizes is None else sizes, strides, rates, padding)


def _glimpses(call: LayerCall, x: Any, size: Any, places: Any, centered: Any, normalized: Any, noise: Any) -> Tensor:
    if noise != "zero":
        raise call.fail(f"noise must be 'zero', else what is outside of an image is random; received {noise!r:.40}")
    rows, columns = integers(call, size, "size")
    attrs = CutGlimpsesAttrs((rows, columns), bool(centered), bool(normalized))
    return call.add("cut_glimpses", (tensor_of(call, x), tensor_of(call, places)), attrs)


IMAGE_FUNCTIONS: dict[str, Row] = {
    "compat.v1.image.crop_and_resize": (
        'image boxes box_ind=None crop_size=None method="bilinear" extrapolation_value=0 name=None box_indices=None',
        boxes.crop_and_resize_v1,
    ),
    "compat.v1.image.extract_image_patches": (
        "images ksizes=None strides=None rates=None padding=None name=None sizes=None",
        _patches,
    ),
    "compat.v1.image.resize_area": ("images size align_corners=False", resizing.resize_area),
    "compat.v1.image.resize_bicubic": (
        "images size align_corners=False half_pixel_centers=False",
        resizing.resize_bicubic,
    ),
    "compat.v1.image.resize_bilinear": (
        "images size align_corners=False half_pixel_centers=False",
        resizing.resize_bilinear,
    ),
    "compat.v1.image.resize_image_with_pad": (
        "image target_height target_width method=0 align_corners=False",
        tensorflow_images.resize_with_pad_v1,
    ),
    "compat.v1.image.resize_images": (
        "images size method=0 align_corners=False preserve_aspect_ratio=False",
        resizing.resize_images_v1,
    ),
    "compat.v1.image.resize_nearest_neighbor": (
        "images size align_corners=False half_pixel_centers=False",
        resizing.resize_nearest,
    ),
    "compat.v1.nn.conv2d_backprop_input": (
        "input_sizes filter=None out_backprop=None strides=None padding=None use_cudnn_on_gpu=True "
        'data_format="NHWC" dilations=None filters=None',
        _backwards,
    ),
    "extract_volume_patches": ("input ksizes strides padding", _volume_patches),
    "image.adjust_hue": ("image delta", tensorflow_images.adjust_hue),
    "image.adjust_saturation": ("image saturation_factor", tensorflow_images.adjust_saturation),
    "image.combined_non_max_suppression": (
        "boxes scores max_output_size_per_class max_total_size iou_threshold=0.5 score_threshold=-1e999 "
        "pad_per_class=False clip_boxes=True",
        boxes.best_boxes,
    ),
    "image.convert_image_dtype": ("image dtype saturate=False", tensorflow_images.convert_dtype),
    "image.crop_and_resize": (
        'image boxes box_indices crop_size method="bilinear" extrapolation_value=0.0',
        boxes.crop_and_resize,
    ),
    "image.draw_bounding_boxes": ("images boxes colors=None", _framed),
    "image.extract_glimpse": (
        'input size offsets centered=True normalized=True noise="uniform"',
        _glimpses,
    ),
    "image.non_max_suppression_padded": (
        "boxes scores max_output_size iou_threshold=0.5 score_threshold=-1e999 pad_to_max_output_size=False "
        "sorted_input=False canonicalized_coordinates=False tile_size=512",
        boxes.kept_boxes,
    ),
    "image.psnr": ("a b max_val", tensorflow_images.psnr),
    "image.resize_with_crop_or_pad": (
        "image target_height target_width",
        tensorflow_images.resize_with_crop_or_pad,
    ),
    "image.resize_with_pad": (
        'image target_height target_width method="bilinear" antialias=False',
        tensorflow_images.resize_with_pad,
    ),
    "image.rgb_to_yiq": ("images", tensorflow_images.coloured("rgb_to_yiq")),
    "image.rgb_to_yuv": ("images", tensorflow_images.coloured("rgb_to_yuv")),
    "image.ssim": (f"img1 img2 max_val {_SSIM} return_index_map=False", likeness.structural_similarity),
    "image.ssim_multiscale": (
        f"img1 img2 max_val power_factors={likeness.SCALES!r} {_SSIM}".replace(", ", ","),
        likeness.similarity_of_scales,
    ),
    "image.yiq_to_rgb": ("images", tensorflow_images.coloured("yiq_to_rgb")),
    "image.yuv_to_rgb": ("images", tensorflow_images.coloured("yuv_to_rgb")),
    "nn.atrous_conv2d_transpose": (
        "value filters output_shape rate padding",
        tensorflow_windows.atrous_transpose,
    ),
}

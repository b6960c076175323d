"""SELDOM_FUNCTIONS: the rows of TENSORFLOW_FUNCTIONS that hardly a model uses."""

from __future__ import annotations

from kmin.layers.operations import bits, boxes, decoding, likeness, linear_algebra, morphology
from kmin.layers.operations.arguments import Row

_MORPHOLOGY = "input filters strides padding data_format dilations"
_SSIM = "filter_size=11 filter_sigma=1.5 k1=0.01 k2=0.03"

SELDOM_FUNCTIONS: dict[str, Row] = {
    "bitcast": ("input type", bits.bitcast),
    "compat.v1.image.crop_and_resize": (
        'image boxes box_ind=None crop_size=None method="bilinear" extrapolation_value=0 name=None box_indices=None',
        boxes.crop_and_resize_v1,
    ),
    "compat.v1.nn.dilation2d": (
        "input filter=None strides=None rates=None padding=None name=None filters=None dilations=None",
        morphology.dilation_v1,
    ),
    "compat.v1.nn.erosion2d": ("value kernel strides rates padding", morphology.erosion_v1),
    "compat.v1.nn.max_pool_with_argmax": (
        'input ksize strides padding data_format="NHWC" Targmax=None name=None output_dtype=None '
        "include_batch_in_index=False",
        morphology.max_pool_with_places_v1,
    ),
    "image.combined_non_max_suppression": (
        "boxes scores max_output_size_per_class max_total_size iou_threshold=0.5 score_threshold=-1e999 "
        "pad_per_class=False clip_boxes=True",
        boxes.best_boxes,
    ),
    "image.crop_and_resize": (
        'image boxes box_indices crop_size method="bilinear" extrapolation_value=0.0',
        boxes.crop_and_resize,
    ),
    "image.non_max_suppression_padded": (
        "boxes scores max_output_size iou_threshold=0.5 score_threshold=-1e999 pad_to_max_output_size=False "
        "sorted_input=False canonicalized_coordinates=False tile_size=512",
        boxes.kept_boxes,
    ),
    "image.ssim": (f"img1 img2 max_val {_SSIM} return_index_map=False", likeness.structural_similarity),
    "image.ssim_multiscale": (
        f"img1 img2 max_val power_factors={likeness.SCALES!r} {_SSIM}".replace(", ", ","),
        likeness.similarity_of_scales,
    ),
    "keras.backend.ctc_decode": (
        "y_pred input_length greedy=True beam_width=100 top_paths=1",
        decoding.backend_ctc_decode,
    ),
    "linalg.expm": ("input", linear_algebra.matrix("exponential")),
    "linalg.lstsq": ("matrix rhs l2_regularizer=0.0 fast=True", linear_algebra.tensorflow_least_squares),
    "linalg.lu": ("input output_idx_type=None", linear_algebra.tensorflow_lu),
    "linalg.sqrtm": ("input", linear_algebra.matrix("square_root")),
    "nn.dilation2d": (_MORPHOLOGY, morphology.dilation),
    "nn.erosion2d": (_MORPHOLOGY.replace("input", "value"), morphology.erosion),
    "nn.max_pool_with_argmax": (
        'input ksize strides padding data_format="NHWC" output_dtype=None include_batch_in_index=False',
        morphology.max_pool_with_places,
    ),
}

"""SELDOM_FUNCTIONS: the rows of TENSORFLOW_FUNCTIONS that hardly a model uses."""

from __future__ import annotations

from kmin.layers.operations import bits, likeness, linear_algebra, morphology
from kmin.layers.operations.arguments import Row

_MORPHOLOGY = "input filters strides padding data_format dilations"
_SSIM = "filter_size=11 filter_sigma=1.5 k1=0.01 k2=0.03"

SELDOM_FUNCTIONS: dict[str, Row] = {
    "bitcast": ("input type", bits.bitcast),
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
    "image.ssim": (f"img1 img2 max_val {_SSIM} return_index_map=False", likeness.structural_similarity),
    "image.ssim_multiscale": (
        f"img1 img2 max_val power_factors={likeness.SCALES!r} {_SSIM}".replace(", ", ","),
        likeness.similarity_of_scales,
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

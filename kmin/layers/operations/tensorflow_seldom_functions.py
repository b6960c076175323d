"""SELDOM_FUNCTIONS: the rows of TENSORFLOW_FUNCTIONS that hardly a model uses."""

from __future__ import annotations

from typing import Any

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations import (
    arithmetic,
    backend,
    bits,
    boxes,
    complex_numbers,
    decoding,
    joint,
    likeness,
    linear_algebra,
    morphology,
    numbers,
    shaping,
    spacing,
    totals,
)
from kmin.layers.operations.arguments import Lowering, Row, binary, tensor_of, unary
from kmin.layers.operations.complex_functions import COMPLEX_FUNCTIONS
from kmin.ops.check_finite import CheckFiniteAttrs

_MORPHOLOGY = "input filters strides padding data_format dilations"
_SSIM = "filter_size=11 filter_sigma=1.5 k1=0.01 k2=0.03"


def _segment(kind: str) -> Lowering:
    return lambda call, x, ids, count: joint.segment(kind)(call, x, ids, count, False)


def _checked(call: LayerCall, x: Any, message: Any) -> Tensor:
    return call.add("check_finite", (tensor_of(call, x),), CheckFiniteAttrs(f"{call.path}: {message!s:.200}"))


def _segment_mean(call: LayerCall, x: Any, ids: Any, count: Any) -> Tensor:
    value = tensor_of(call, x)
    total = joint.segment("sum")(call, value, ids, count, False)
    ones = joint.segment("sum")(call, arithmetic.filled(1.0)(call, value, None), ids, count, False)
    return binary(call, total, binary(call, ones, 1.0, "maximum"), "divide")


def _unravelled(call: LayerCall, indices: Any, dims: Any) -> Tensor:
    return shaping.stack(call, numbers.unravelled(call, indices, dims), 0)


def _scattered(kind: str | None) -> Lowering:
    return lambda call, x, places, values: joint.scatter_update(call, x, places, values, kind)


def _scattered_less(call: LayerCall, x: Any, places: Any, values: Any) -> Tensor:
    return joint.scatter_update(call, x, places, unary(call, tensor_of(call, values), "negative"), "add")


SELDOM_FUNCTIONS: dict[str, Row] = {
    "bitcast": ("input type", bits.bitcast),
    "clip_by_global_norm": ("t_list clip_norm use_norm=None", totals.clip_by_global_norm),
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
    "debugging.check_numerics": ("tensor message", _checked),
    "dtypes.complex": ("real imag", complex_numbers.joined),
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
    "keras.backend.batch_flatten": ("x", backend.batch_flatten),
    "keras.backend.binary_crossentropy": ("target output from_logits=False", backend.backend_binary_crossentropy),
    "keras.backend.cast_to_floatx": ("x", backend.cast_to_floatx),
    "keras.backend.categorical_crossentropy": (
        "target output from_logits=False axis=-1",
        backend.backend_categorical_crossentropy,
    ),
    "keras.backend.categorical_focal_crossentropy": (
        "target output alpha=0.25 gamma=2.0 from_logits=False axis=-1",
        backend.focal_crossentropy,
    ),
    "keras.backend.ctc_decode": (
        "y_pred input_length greedy=True beam_width=100 top_paths=1",
        decoding.backend_ctc_decode,
    ),
    "keras.metrics.hinge": ("y_true y_pred", backend.hinge(False)),
    "keras.metrics.squared_hinge": ("y_true y_pred", backend.hinge(True)),
    "linalg.expm": ("input", linear_algebra.matrix("exponential")),
    "linalg.global_norm": ("t_list", totals.global_norm),
    "linalg.lstsq": ("matrix rhs l2_regularizer=0.0 fast=True", linear_algebra.tensorflow_least_squares),
    "linalg.lu": ("input output_idx_type=None", linear_algebra.tensorflow_lu),
    "linalg.sqrtm": ("input", linear_algebra.matrix("square_root")),
    "linalg.tensor_diag": ("diagonal", lambda call, x: joint.diag(call, x, 0)),
    "linalg.tensor_diag_part": ("input", lambda call, x: joint.diag(call, x, 0)),
    "math.accumulate_n": ("inputs shape=None tensor_dtype=None", lambda call, xs, *_: arithmetic.add_all(call, xs)),
    "math.bincount": (
        "arr weights=None minlength=None maxlength=None dtype=None name=None axis=None binary_output=False",
        spacing.tensorflow_bincount,
    ),
    "math.is_non_decreasing": ("x", totals.rising(False)),
    "math.is_strictly_increasing": ("x", totals.rising(True)),
    "math.nextafter": ("x1 x2", numbers.next_after),
    "math.unsorted_segment_max": ("data segment_ids num_segments", _segment("max")),
    "math.unsorted_segment_mean": ("data segment_ids num_segments", _segment_mean),
    "math.unsorted_segment_min": ("data segment_ids num_segments", _segment("min")),
    "math.unsorted_segment_prod": ("data segment_ids num_segments", _segment("prod")),
    "math.unsorted_segment_sum": ("data segment_ids num_segments", _segment("sum")),
    "math.zero_fraction": ("value", totals.zero_fraction),
    "nn.dilation2d": (_MORPHOLOGY, morphology.dilation),
    "nn.erosion2d": (_MORPHOLOGY.replace("input", "value"), morphology.erosion),
    "nn.l2_loss": ("t", totals.half_square),
    "nn.max_pool_with_argmax": (
        'input ksize strides padding data_format="NHWC" output_dtype=None include_batch_in_index=False',
        morphology.max_pool_with_places,
    ),
    "scatter_nd": ("indices updates shape", joint.scatter),
    "signal.fft": COMPLEX_FUNCTIONS["signal.fft"],
    "signal.fft2d": COMPLEX_FUNCTIONS["signal.fft2d"],
    "signal.fft3d": COMPLEX_FUNCTIONS["signal.fft3d"],
    "signal.ifft": COMPLEX_FUNCTIONS["signal.ifft"],
    "signal.ifft2d": COMPLEX_FUNCTIONS["signal.ifft2d"],
    "signal.ifft3d": COMPLEX_FUNCTIONS["signal.ifft3d"],
    "signal.inverse_stft": COMPLEX_FUNCTIONS["signal.inverse_stft"],
    "signal.overlap_and_add": ("signal frame_step", complex_numbers.overlapped),
    "signal.stft": (
        'signals frame_length frame_step fft_length=None window_fn="hann_window" pad_end=False',
        complex_numbers.short_time,
    ),
    "tensor_scatter_nd_add": ("tensor indices updates", _scattered("add")),
    "tensor_scatter_nd_max": ("tensor indices updates", _scattered("max")),
    "tensor_scatter_nd_min": ("tensor indices updates", _scattered("min")),
    "tensor_scatter_nd_sub": ("tensor indices updates", _scattered_less),
    "tensor_scatter_nd_update": ("tensor indices updates", _scattered(None)),
    "unravel_index": ("indices dims", _unravelled),
}

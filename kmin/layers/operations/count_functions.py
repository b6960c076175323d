"""COUNT_FUNCTIONS: the rows of TENSORFLOW_FUNCTIONS that count, sum over segments, choose the best, and check."""

from __future__ import annotations

from typing import Any

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations import arithmetic, choosing, counts, decoding, network, segments, spacing
from kmin.layers.operations.arguments import Row, tensor_of
from kmin.ops.check_finite import CheckFiniteAttrs


def _blocks(spread: bool) -> Row:
    function = network.depth_to_space if spread else network.space_to_depth
    return 'input block_size name=None data_format="NHWC"', lambda call, x, size, _, form: function(call, x, size, form)


def _finite(call: LayerCall, x: Any, message: Any) -> Tensor:
    return call.add("check_finite", (tensor_of(call, x),), CheckFiniteAttrs(f"{call.path}: {message!s:.200}"))


COUNT_FUNCTIONS: dict[str, Row] = {
    "approx_top_k": (
        "input k reduction_dimension=-1 recall_target=0.95 is_max_k=True reduction_input_size_override=-1 "
        "aggregate_to_topk=True",
        counts.best,
    ),
    "compat.v1.Print": (
        "input_ data message=None first_n=None summarize=None",
        lambda call, x, *_: arithmetic.same(call, x),
    ),
    "compat.v1.clip_by_average_norm": ("t clip_norm", counts.clip_by_average_norm),
    "compat.v1.math.in_top_k": (
        "predictions targets k",
        lambda call, scores, targets, k: choosing.in_top_k(call, targets, scores, k),
    ),
    "compat.v1.nn.depth_to_space": _blocks(True),
    "compat.v1.nn.space_to_depth": _blocks(False),
    "compat.v1.nn.sufficient_statistics": (
        "x axes shift=None keep_dims=None name=None keepdims=None",
        counts.sufficient_statistics,
    ),
    "debugging.assert_all_finite": ("x message", _finite),
    "debugging.check_numerics": ("tensor message", _finite),
    "eye": ("num_rows num_columns=None batch_shape=None dtype=None", counts.unit),
    "histogram_fixed_width": ("values value_range nbins=100 dtype=None", counts.histogram),
    "histogram_fixed_width_bins": ("values value_range nbins=100 dtype=None", counts.bins_of),
    "keras.backend.ctc_decode": (
        "y_pred input_length greedy=True beam_width=100 top_paths=1",
        decoding.backend_ctc_decode,
    ),
    "math.bincount": (
        "arr weights=None minlength=None maxlength=None dtype=None name=None axis=None binary_output=False",
        spacing.tensorflow_bincount,
    ),
    "math.confusion_matrix": (
        "labels predictions num_classes=None weights=None dtype=None",
        counts.confusion,
    ),
    "math.invert_permutation": ("x", counts.inverted),
    "math.segment_max": ("data segment_ids", segments.sorted_segment("max")),
    "math.segment_mean": ("data segment_ids", segments.sorted_segment("mean")),
    "math.segment_min": ("data segment_ids", segments.sorted_segment("min")),
    "math.segment_prod": ("data segment_ids", segments.sorted_segment("prod")),
    "math.segment_sum": ("data segment_ids", segments.sorted_segment("sum")),
    "math.unsorted_segment_max": ("data segment_ids num_segments", segments.unsorted_segment("max")),
    "math.unsorted_segment_mean": ("data segment_ids num_segments", segments.unsorted_mean),
    "math.unsorted_segment_min": ("data segment_ids num_segments", segments.unsorted_segment("min")),
    "math.unsorted_segment_prod": ("data segment_ids num_segments", segments.unsorted_segment("prod")),
    "math.unsorted_segment_sqrt_n": ("data segment_ids num_segments", segments.over_root),
    "math.unsorted_segment_sum": ("data segment_ids num_segments", segments.unsorted_segment("sum")),
    "nn.isotonic_regression": ("inputs decreasing=True axis=-1", counts.monotonous),
}

"""GRAPH_NODES: TensorFlow op -> its inputs and attributes, and what lowers them (TensorFlow 2.15's op definitions)."""

from __future__ import annotations

import math
from typing import Any

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations import (
    arithmetic,
    boxes,
    choosing,
    extents,
    joint,
    linear_algebra,
    morphology,
    network,
    products,
    reductions,
    resizing,
    selecting,
    shaping,
    sizes,
    slicing,
    tensorflow_numbers,
    tensorflow_windows,
)
from kmin.layers.operations import tensorflow_layers as tf
from kmin.layers.operations.arguments import Lowering, Row
from kmin.layers.operations.node_names import SAME_AS
from kmin.layers.operations.tensorflow_functions import TENSORFLOW_FUNCTIONS
from kmin.layers.operations.text_nodes import TEXT_NODES


def _convolution(rank: int, depthwise: bool = False) -> Lowering:
    def lower(call: LayerCall, x: Any, filters: Any, strides: Any, padding: Any, layout: Any, *rest: Any) -> Tensor:
        dilations, explicit = rest
        if explicit:
            raise call.fail(f"explicit_paddings are not supported; received {explicit!r:.60}")
        return tf.convolution(rank, depthwise)(call, x, filters, strides, padding, layout, dilations)  # type: ignore[no-any-return]

    return lower


def _transposed(rank: int) -> Lowering:
    def lower(
        call: LayerCall, shape: Any, filters: Any, x: Any, strides: Any, padding: Any, layout: Any, *rest: Any
    ) -> Tensor:
        if rest[1:] and rest[1]:
            raise call.fail(f"explicit_paddings are not supported; received {rest[1]!r:.60}")
        function = tensorflow_windows.conv_transpose(rank)
        return function(call, x, filters, shape, strides, padding, layout, rest[0])  # type: ignore[no-any-return]

    return lower


def _pooling(kind: str) -> Lowering:
    def lower(call: LayerCall, x: Any, window: Any, strides: Any, padding: Any, layout: Any, explicit: Any) -> Tensor:
        if explicit:
            raise call.fail(f"explicit_paddings are not supported; received {explicit!r:.60}")
        return tf.pooling(kind)(call, x, window, strides, padding, layout)  # type: ignore[no-any-return]

    return lower


def _batch_matmul(call: LayerCall, a: Any, b: Any, adj_x: Any, adj_y: Any) -> Tensor:
    return products.matmul_transposed(call, a, b, adj_x, adj_y, False, False)


def _batch_matmul_as(call: LayerCall, a: Any, b: Any, dtype: Any, adj_x: Any, adj_y: Any) -> Tensor:
    result = _batch_matmul(call, a, b, adj_x, adj_y)
    if result.dtype != dtype:
        raise call.fail(f"Tout must be the dtype of its operands, {result.dtype}; received {dtype!r:.40}")
    return result


def _gather(call: LayerCall, x: Any, ids: Any, axis: Any, batch_dims: Any) -> Tensor:
    return choosing.gather(call, x, ids, axis, batch_dims)


def _svd(call: LayerCall, x: Any, compute_uv: Any, full_matrices: Any) -> Any:
    result = linear_algebra.tensorflow_svd(call, x, full_matrices, compute_uv)
    return result if compute_uv else [result]


def _picked(call: LayerCall, values: Any, scores: Any, count: Any, overlap: Any) -> Tensor:
    return boxes.picked_boxes(call, values, scores, count, overlap, -math.inf)


def _count(call: LayerCall, x: Any, dtype: Any) -> Tensor:
    return arithmetic.convert(call, joint.size(call, x), dtype)


def _picked_softly(
    call: LayerCall, values: Any, scores: Any, count: Any, overlap: Any, least: Any, sigma: Any, padded: Any
) -> list[Tensor]:
    picked = boxes.picked_with_scores(call, values, scores, count, overlap, least, sigma)
    number = joint.size(call, picked[0])
    return [*(boxes.filled_up(call, x, number, count) if padded else x for x in picked), number]


def _picked_padded(
    call: LayerCall, values: Any, scores: Any, count: Any, overlap: Any, least: Any, padded: Any
) -> list[Tensor]:
    places, _, number = _picked_softly(call, values, scores, count, overlap, least, 0.0, padded)
    return [places, number]


def _stitched(call: LayerCall, values: Any) -> Tensor:
    half = len(values) // 2
    return joint.stitched(call, values[:half], values[half:])


_BATCH_NORM: Row = (
    'x scale offset mean variance epsilon=0.0001 data_format="NHWC" is_training=True exponential_avg_factor=1.0',
    tensorflow_windows.fused_batch_norm,
)
_WITH_ATTRIBUTES: dict[str, Row] = {
    "AddN": ("*inputs", arithmetic.add_all),
    "AdjustContrastv2": ("images contrast_factor", tf.adjust_contrast),
    "All": ("input reduction_indices keep_dims=False", reductions.truth("all")),
    "Any": ("input reduction_indices keep_dims=False", reductions.truth("any")),
    "ArgMax": ('input dimension output_type="int64"', TENSORFLOW_FUNCTIONS["math.argmax"][1]),
    "ArgMin": ('input dimension output_type="int64"', TENSORFLOW_FUNCTIONS["math.argmin"][1]),
    "AvgPool": ('value ksize strides padding data_format="NHWC" explicit_paddings=None', _pooling("mean")),
    "AvgPool3D": ('input ksize strides padding data_format="NDHWC"', tf.pooling("mean")),
    "BatchMatMul": ("x y adj_x=False adj_y=False", _batch_matmul),
    "BatchMatMulV2": ("x y adj_x=False adj_y=False", _batch_matmul),
    "BatchMatMulV3": ('x y Tout="float32" adj_x=False adj_y=False', _batch_matmul_as),
    "BiasAdd": ('value bias data_format="NHWC"', network.bias_add),
    "Cast": ("x DstT", arithmetic.convert),
    "Concat": (
        "*values",
        lambda call, values: shaping.concatenate(call, values[1:], values[0]),
    ),
    "ConcatV2": (
        "*values",
        lambda call, values: shaping.concatenate(call, values[:-1], values[-1]),
    ),
    "Conv2D": (
        'input filter strides padding data_format="NHWC" dilations=None explicit_paddings=None',
        _convolution(2),
    ),
    "Conv2DBackpropInput": (
        'input_sizes filter out_backprop strides padding data_format="NHWC" dilations=None explicit_paddings=None',
        _transposed(2),
    ),
    "Conv3D": ('input filter strides padding data_format="NDHWC" dilations=None', tf.convolution(3)),
    "Conv3DBackpropInputV2": (
        'input_sizes filter out_backprop strides padding data_format="NDHWC" dilations=None',
        _transposed(3),
    ),
    "Cumprod": ("x axis exclusive=False reverse=False", TENSORFLOW_FUNCTIONS["math.cumprod"][1]),
    "Cumsum": ("x axis exclusive=False reverse=False", TENSORFLOW_FUNCTIONS["math.cumsum"][1]),
    "DynamicPartition": ("data partitions num_partitions", selecting.partitions),
    "DynamicStitch": ("*inputs", _stitched),
    "DepthToSpace": ('input block_size data_format="NHWC"', network.depth_to_space),
    "DepthwiseConv2dNative": (
        'input filter strides padding data_format="NHWC" dilations=None explicit_paddings=None',
        _convolution(2, True),
    ),
    "Dilation2D": (
        "input filter strides rates padding",
        lambda call, x, filters, steps, rates, pads: morphology.dilation(call, x, filters, steps, pads, None, rates),
    ),
    "Div": ("x y", tensorflow_numbers.quotient),
    "Einsum": ("*inputs equation", products.einsum),
    "EnsureShape": ("input shape", lambda call, x, _: arithmetic.same(call, x)),
    "EuclideanNorm": (
        "input reduction_indices keep_dims=False",
        lambda call, x, axis, k: reductions.norm(call, x, None, axis, k),
    ),
    "ExtractImagePatches": ("images ksizes strides rates padding", tf.patches),
    "FusedBatchNorm": _BATCH_NORM,
    "FusedBatchNormV2": _BATCH_NORM,
    "FusedBatchNormV3": _BATCH_NORM,
    "ListDiff": ('x y out_idx="int32"', selecting.difference),
    "NonMaxSuppression": ("boxes scores max_output_size iou_threshold=0.5", _picked),
    "NonMaxSuppressionV2": ("boxes scores max_output_size iou_threshold", _picked),
    "NonMaxSuppressionV3": ("boxes scores max_output_size iou_threshold score_threshold", boxes.picked_boxes),
    "NonMaxSuppressionV4": (
        "boxes scores max_output_size iou_threshold score_threshold pad_to_max_output_size=False",
        _picked_padded,
    ),
    "NonMaxSuppressionV5": (
        "boxes scores max_output_size iou_threshold score_threshold soft_nms_sigma pad_to_max_output_size=False",
        _picked_softly,
    ),
    "NonMaxSuppressionWithOverlaps": (
        "overlaps scores max_output_size overlap_threshold score_threshold",
        boxes.picked_by_shares,
    ),
    "Gather": ("params indices", lambda call, x, ids: choosing.gather(call, x, ids, 0, 0)),
    "GatherV2": ("params indices axis batch_dims=0", _gather),
    "IdentityN": ("*values", lambda call, values: [arithmetic.same(call, x) for x in values]),
    "LRN": ("input depth_radius=5 bias=1.0 alpha=1.0 beta=0.5", tf.local_response_normalization),
    "LeakyRelu": ("features alpha=0.2", network.leaky_relu),
    "MatMul": ("a b transpose_a=False transpose_b=False", _batch_matmul),
    "MatrixDiagV3": (
        'diagonal k num_rows num_cols padding_value align="RIGHT_LEFT"',
        tensorflow_numbers.diagonal_matrix,
    ),
    "MatrixInverse": ("input adjoint=False", tf.inverse),
    "MatrixSetDiagV3": ('input diagonal k align="RIGHT_LEFT"', tensorflow_numbers.set_diagonal),
    "MatrixSolve": ("matrix rhs adjoint=False", tf.solve),
    "MatrixTriangularSolve": ("matrix rhs lower=True adjoint=False", tf.triangular_solve),
    "Max": ("input reduction_indices keep_dims=False", reductions.reduction("max")),
    "MaxPool": ('input ksize strides padding data_format="NHWC" explicit_paddings=None', _pooling("max")),
    "MaxPool3D": ('input ksize strides padding data_format="NDHWC"', tf.pooling("max")),
    "Mean": ("input reduction_indices keep_dims=False", reductions.reduction("mean")),
    "Min": ("input reduction_indices keep_dims=False", reductions.reduction("min")),
    "MaxPoolWithArgmax": (
        "input ksize strides padding include_batch_in_index=False",
        lambda call, x, size, steps, pads, batch: morphology.max_pool_with_places(
            call, x, size, steps, pads, None, None, batch
        ),
    ),
    "MirrorPad": (
        "input paddings mode",
        lambda call, x, widths, mode: shaping.pad(call, x, widths, mode, 0),
    ),
    "OneHot": ('indices depth on_value off_value axis=-1 T="float32"', extents.one_hot),
    "Pack": ("*values axis=0", shaping.stack),
    "PadV2": (
        "input paddings constant_values",
        lambda call, x, widths, value: shaping.pad(call, x, widths, "CONSTANT", value),
    ),
    "ParallelDynamicStitch": ("*inputs", _stitched),
    "Prod": ("input reduction_indices keep_dims=False", reductions.reduction("prod")),
    "Qr": ("input full_matrices=False", linear_algebra.qr),
    "Range": (
        "start limit delta",
        lambda call, start, limit, delta: tf.counted(call, start, limit, delta, None),
    ),
    "ResizeArea": ("images size align_corners=False", resizing.resize_area),
    "ResizeBicubic": ("images size align_corners=False half_pixel_centers=False", resizing.resize_bicubic),
    "ResizeBilinear": ("images size align_corners=False half_pixel_centers=False", resizing.resize_bilinear),
    "ResizeNearestNeighbor": ("images size align_corners=False half_pixel_centers=False", resizing.resize_nearest),
    "ReverseSequence": ("input seq_lengths seq_dim batch_dim=0", tensorflow_windows.reverse_sequence),
    "SelfAdjointEigV2": ("input compute_v=True", lambda call, x, _: linear_algebra.eigh(call, x)),
    "Shape": ('input out_type="int32"', sizes.lower_shape),
    "Size": ('input out_type="int32"', _count),
    "SpaceToDepth": ('input block_size data_format="NHWC"', network.space_to_depth),
    "Split": (
        "split_dim value num_split",
        lambda call, axis, x, count: shaping.split(call, x, count, axis, "sizes"),
    ),
    "SplitV": (
        "value size_splits split_dim num_split=None",
        lambda call, x, parts, axis, _: shaping.split(call, x, parts, axis, "sizes"),
    ),
    "Squeeze": ("input squeeze_dims=None", shaping.squeeze),
    "StridedSlice": (
        "input begin end strides begin_mask=0 end_mask=0 ellipsis_mask=0 new_axis_mask=0 shrink_axis_mask=0",
        slicing.strided_slice,
    ),
    "Sum": ("input reduction_indices keep_dims=False", reductions.reduction("sum")),
    "Svd": ("input compute_uv=True full_matrices=False", _svd),
    "TopKV2": (
        "input k sorted=True",
        lambda call, x, k, _: reductions.top_k(call, x, k, None),
    ),
    "Unique": ('x out_idx="int32"', selecting.different(False)),
    "UniqueWithCounts": ('x out_idx="int32"', selecting.different(True)),
    "Where": ("condition", selecting.places_of),
    "Unpack": ("value num=None axis=0", shaping.unstack),
}

GRAPH_NODES: dict[str, Row] = dict(
    sorted(
        {**{op: TENSORFLOW_FUNCTIONS[name] for op, name in SAME_AS.items()}, **_WITH_ATTRIBUTES, **TEXT_NODES}.items()
    )
)

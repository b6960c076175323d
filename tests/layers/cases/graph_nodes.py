"""Nodes of a TensorFlow graph as layers (Keras 2): TensorFlowOpLayer, which Keras writes without eager execution."""

from dataclasses import replace

import numpy as np

from . import (
    case,
    operations_tf,
    operations_tf_images,
    operations_tf_layers,
    operations_tf_matrices,
    operations_tf_numbers,
    operations_tf_windows,
)
from ._function import IDS
from ._node import in_graph, node

X = (3, 4, 5)
IMAGE = (2, 5, 4, 3)
# What Keras 2.15 itself cannot rebuild from a file, and what holds control flow or ops that are refused by name.
_OUT = frozenset(
    {
        "operators_integers",
        "searchsorted",
        "searchsorted_right",
        "sparse_softmax_cross_entropy",
        "softmax_cross_entropy",
    }
    | {"resize_shrink", "resize_bicubic", "rot90", "rot90_back", "diag_part", "logdet", "pinv", "trace", "mask_ends"}
    | {"residual"}
)


def _resized(kind, shape, **options):
    return lambda t, x: getattr(t.raw_ops, kind)(images=x, size=shape, **options)


_ONES = [1, 1, 1, 1]
_PLACES = np.array([[3], [1]], "int32")
_IDS = np.array([2, 0, 2], "int32")
_BOXES = np.array([[0.0, 0.1, 0.8, 1.0], [0.5, 0.9, 1.2, 0.2]], "float32")


_LOW = np.array([-1.0, -0.5, -1.4, -0.9, -0.2], "float32")


def _segmented(t, x, kind):
    return getattr(t.math, f"unsorted_segment_{kind}")(x, _IDS, 4)


def _scattered(t, x, kind):
    return getattr(t, f"tensor_scatter_nd_{kind}")(x, _PLACES, _weights(2, 5))


def _best(t, x, y):
    corner = t.sigmoid(x[..., :2]) * 0.5
    boxes = t.concat([corner, corner + 0.4], axis=-1)[:, :, None]
    return list(t.image.combined_non_max_suppression(boxes, y, 3, 4, 0.4, 0.1))


def _attention(k):
    """Layers with weights, and between them what users wrote by hand."""
    import tensorflow as tf

    x = k.Input((4, 6))
    query, key, value = (k.layers.Dense(6, name=name)(x) for name in ("query", "key", "value"))
    parts = [tf.transpose(tf.reshape(y, [-1, 4, 2, 3]), [0, 2, 1, 3]) for y in (query, key, value)]
    scores = tf.nn.softmax(tf.matmul(parts[0], parts[1], transpose_b=True) / 3.0**0.5)
    mixed = tf.reshape(tf.transpose(tf.matmul(scores, parts[2]), [0, 2, 1, 3]), [-1, 4, 6])
    return k.Model(x, k.layers.Dense(2, name="head")(mixed + x))


def _embedded(k):
    """The mask ends at the node."""
    import tensorflow as tf

    ids = k.Input((6,), dtype="int32")
    x = k.layers.Embedding(5, 3, mask_zero=True, name="words")(ids)
    return k.Model(ids, k.layers.LSTM(2, name="lstm")(tf.square(x)))


def _weights(*shape: int):
    return (np.arange(np.prod(shape)).reshape(shape) % 7 / 7 - 0.4).astype("float32")


_ALSO = (
    "adjust_",
    "bessel_",
    "conv",
    "cumulative_",
    "diag",
    "digamma",
    "fused_",
    "gather_nd_table",
    "lgamma",
    "ndtri",
    "reverse_",
    "set_diag_",
    "truncatediv",
)
_FAMILIES = (operations_tf_windows, operations_tf_images, operations_tf_matrices, operations_tf_numbers)
_OTHERS = [
    row
    for family in _FAMILIES
    for row in family.CASES
    if row.name.startswith(_ALSO) and "_image_" not in row.name and "_training" not in row.name
]
_FUNCTIONS = {row.name: row for row in [*operations_tf_layers.CASES, *_OTHERS, *operations_tf.CASES]}
SIZES = ("ResizeBilinear", "ResizeNearestNeighbor")
CASES = [
    *[replace(row, make=in_graph(row.make)) for row in _FUNCTIONS.values() if row.name not in _OUT],
    node("v1_acos", lambda t, x: [t.raw_ops.Acos(x=t.tanh(x)), t.raw_ops.Asin(x=t.tanh(x))], X),
    node("v1_add", lambda t, x, y: [t.raw_ops.Add(x=x, y=y), t.raw_ops.Div(x=x, y=y), t.raw_ops.Inv(x=y)], X, X),
    node("v1_atanh", lambda t, x: t.raw_ops.Atanh(x=t.tanh(x)), X),
    node("v1_batch_matmul", lambda t, x, y: t.raw_ops.BatchMatMul(x=x, y=y, adj_y=True), X, (3, 2, 5)),
    node("v1_batch_matmul_v3", lambda t, x, y: t.raw_ops.BatchMatMulV3(x=x, y=y, Tout=t.float32), X, (3, 5, 2)),
    node("v1_concat", lambda t, x, y: t.raw_ops.Concat(concat_dim=1, values=[x, y, x]), X, (3, 2, 5)),
    node("v1_einsum", lambda t, x, y: t.einsum("bij,bkj->bik", x, y), X, (3, 2, 5)),
    node("v1_einsum_constant", lambda t, x: t.einsum("bij,jk->bik", x, _weights(5, 2)), X),
    node("v1_euclidean_norm", lambda t, x: t.math.reduce_euclidean_norm(x, axis=-1), X),
    *[
        node(
            f"v1_fused_batch_norm{version}",
            lambda t, x, v=version: getattr(t.raw_ops, f"FusedBatchNorm{v}")(
                x=x,
                scale=_weights(3) + 2,
                offset=_weights(3),
                mean=_weights(3),
                variance=_weights(3) + 1,
                epsilon=1e-6,
                is_training=False,
            )[0],
            IMAGE,
        )
        for version in ("", "V2", "V3")
    ],
    node("v1_gather", lambda t, x: t.raw_ops.Gather(params=_weights(5, 3), indices=x), (3, 4), **IDS),
    node("v1_prevent_gradient", lambda t, x: t.raw_ops.PreventGradient(input=x), X),
    node("v1_xlogy", lambda t, x, y: t.math.xlogy(x, t.abs(y)), X, X),
    *[
        node(
            f"v1_{kind}_{rows}x{columns}_{label}",
            _resized(kind, (rows, columns), **options),
            IMAGE,
        )
        for kind in SIZES
        for rows, columns in ((9, 8), (3, 2), (5, 1))
        for label, options in (
            ("first", {}),
            ("corners", {"align_corners": True}),
            ("centres", {"half_pixel_centers": True}),
        )
    ],
    *[
        node(f"v1_{name}", body, *shapes)
        for name, body, *shapes in (
            ("bitcast", lambda t, x: t.bitcast(x, "int32"), X),
            ("dilation2d", lambda t, x: t.nn.dilation2d(x, _weights(2, 2, 3), _ONES, "SAME", "NHWC", _ONES), IMAGE),
            ("max_pool_with_argmax", lambda t, x: list(t.nn.max_pool_with_argmax(x, 2, 1, "SAME")), IMAGE),
            ("lu", lambda t, x: list(t.linalg.lu(x)), (2, 4, 4)),
            ("matrix_square_root", lambda t, x: t.linalg.sqrtm(x * 0.1 + np.eye(4, dtype="float32")), (2, 4, 4)),
            ("l2_loss", lambda t, x: x / t.nn.l2_loss(x), X),
            ("next_after", lambda t, x: t.math.nextafter(x, x + 1.0), X),
            ("fake_quant_args", lambda t, x: t.quantization.fake_quant_with_min_max_args(x, -1.0, 2.0, 5), X),
            ("fake_quant_vars", lambda t, x: t.quantization.fake_quant_with_min_max_vars(x, -1.0, 1.5, 4, True), X),
            (
                "fake_quant_vars_per_channel",
                lambda t, x: t.quantization.fake_quant_with_min_max_vars_per_channel(
                    x, _weights(5) - 1, _weights(5) + 1
                ),
                X,
            ),
            ("scatter_nd", lambda t, x: t.scatter_nd(_PLACES, x, [5, 5]), (2, 5)),
            ("combined_non_max_suppression", _best, (2, 7, 4), (2, 7, 2)),
            ("crop_and_resize", lambda t, x: t.image.crop_and_resize(x, _BOXES, [1, 0], [3, 4]), IMAGE),
            *[
                (f"tensor_scatter_{n}", lambda t, x, n=n: _scattered(t, x, n), (4, 5))
                for n in ("add", "max", "min", "sub", "update")
            ],
            *[
                (
                    f"unsorted_segment_{n}",
                    lambda t, x, n=n: getattr(t.math, f"unsorted_segment_{n}")(x, _IDS, 4),
                    (3, 5),
                )
                for n in ("max", "min", "prod", "sum")
            ],
        )
    ],
    case("v1_attention", in_graph(_attention), (3, 4, 6), dialects=(2,)),
    case("v1_embedded", in_graph(_embedded), (3, 6), vocab=5, dtype="int32", pad=0.7, dialects=(2,)),
]

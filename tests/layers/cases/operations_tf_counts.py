"""TensorFlow's functions that count, sum over segments, choose and check, as graph nodes (Keras 2)."""

import numpy as np

from ._function import IDS, tf_function
from ._node import node

X = (3, 4, 5)
IMAGE = (2, 4, 6, 8)
_MASK = np.array([True, False, True, True])
_PLANE = np.arange(20).reshape(4, 5) % 3 == 1
_SORTED = np.array([0, 0, 2, 2, 2], "int32")

CASES = [
    tf_function("approx_max_k", lambda t, x: tuple(t.math.approx_max_k(x, 3)), (3, 9)),
    tf_function("v1_print", lambda t, x: t.compat.v1.Print(x, [1.0], message="seen") * 2, X),
    tf_function(
        "boolean_mask",
        lambda t, x: (
            t.boolean_mask(x, _MASK, axis=1),
            t.compat.v1.boolean_mask(x, _PLANE, axis=1),
            t.boolean_mask(x, np.array([True, False, False, True, False]), axis=2),
        ),
        X,
    ),
    tf_function("clip_by_average_norm", lambda t, x: t.compat.v1.clip_by_average_norm(x, 0.05), X),
    tf_function("clip_by_average_norm_short", lambda t, x: t.compat.v1.clip_by_average_norm(x, 9.0), X),
    tf_function(
        "v1_blocks", lambda t, x: (t.compat.v1.nn.depth_to_space(x, 2), t.compat.v1.nn.space_to_depth(x, 2)), IMAGE
    ),
    tf_function("sufficient_statistics", lambda t, x: tuple(t.nn.sufficient_statistics(x, [1])[:3]), X),
    tf_function(
        "sufficient_statistics_shifted",
        lambda t, x: tuple(t.nn.sufficient_statistics(x, [1, 2], shift=0.5, keepdims=True)[:3]),
        X,
    ),
    tf_function("assert_all_finite", lambda t, x: t.debugging.assert_all_finite(x, "must be finite") * 2, X),
    tf_function(
        "histogram_fixed_width",
        lambda t, x: (
            t.histogram_fixed_width(x, [-1.0, 1.5], nbins=6),
            t.histogram_fixed_width(x, [-1.0, 1.5], nbins=3, dtype=t.int64),
            t.histogram_fixed_width_bins(x, [-1.0, 1.5], nbins=6),
        ),
        X,
    ),
    tf_function(
        "confusion_matrix",
        lambda t, x: (
            t.math.confusion_matrix(x[:, 0], x[:, 1], 5),
            t.math.confusion_matrix(x[:, 0], x[:, 1], 6, weights=t.cast(x[:, 2], "float32"), dtype=t.float32),
        ),
        (9, 3),
        **IDS,
    ),
    tf_function("invert_permutation", lambda t, x: t.math.invert_permutation(t.argsort(x[:, 0])), (7, 2)),
    *[
        tf_function(f"segment_{n}", lambda t, x, n=n: getattr(t.math, f"segment_{n}")(x, _SORTED), (5, 3))
        for n in ("max", "mean", "min", "prod", "sum")
    ],
    tf_function("segment_max_whole", lambda t, x: t.math.segment_max(x, np.array([0, 1, 1])), X),
    tf_function(
        "unsorted_segment_sqrt_n",
        lambda t, x: t.math.unsorted_segment_sqrt_n(x, np.array([0, 2, 0, 3, 2], "int32"), 5),
        (5, 4),
    ),
    node(
        "node_segments",
        lambda t, x: [
            *(getattr(t.math, f"segment_{n}")(x, _SORTED) for n in ("max", "mean", "min", "prod", "sum")),
        ],
        (5, 3),
    ),
    node("node_check_numerics", lambda t, x: t.debugging.check_numerics(x, "must be finite") * 2, X),
    tf_function(
        "eye",
        lambda t, x: (
            x @ t.eye(t.shape(x)[2]),
            t.eye(t.shape(x)[0]),
            t.eye(t.shape(x)[0], t.shape(x)[1], dtype=t.int32),
        ),
        X,
    ),
    tf_function(
        "isotonic_regression",
        lambda t, x: (
            t.nn.isotonic_regression(x)[0],
            t.nn.isotonic_regression(x, decreasing=False, axis=1)[0],
            t.nn.isotonic_regression(t.round(x))[0],
        ),
        (3, 4, 9),
    ),
]

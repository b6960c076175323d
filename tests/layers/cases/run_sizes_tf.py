"""Functions told by a tensor how many: pieces, best values, segments, steps, rows (both generations, also as ops)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ._function import IDS, function, tf_function
from ._node import in_graph, node

X = (3, 4)


def _count(t, x):
    """A whole number from 0 to 2 that the values tell."""
    return t.cast(t.reduce_max(t.cast(x > 0.3, t.int32)), t.int32) + 1


def _ids(t, x):
    return t.argmax(x, axis=-1, output_type=t.int32)


def _sorted_ids(t, x):
    return t.cumsum(t.cast(x[:, 0] > 0, t.int32)) * 2


def _sizes(t, x):
    n = _count(t, x)
    return t.stack([n, 0, 4 - n])


def _rows(t, x):
    """Rows dealt out and gathered again."""
    which = t.cast(x[:, 0] > 0, t.int32)
    places = t.dynamic_partition(t.range(t.shape(x)[0]), which, 2)
    low, high = t.dynamic_partition(x, which, 2)
    return t.dynamic_stitch(places, [low * 2.0, high - 1.0])


def _segments(t, x, kind):
    return getattr(t.math, f"unsorted_segment_{kind}")(x, _ids(t, x), t.reduce_max(_ids(t, x)) + 2)


def _boxes(t, x):
    corner = t.sigmoid(x[..., :2]) * 0.5
    return t.concat([corner, corner + 0.4], axis=-1)


def _chosen(version, **options):
    def body(t, x):
        function = getattr(t.raw_ops, f"NonMaxSuppression{version}")
        return list(
            function(
                boxes=_boxes(t, x),
                scores=x[:, 0],
                max_output_size=6,
                iou_threshold=0.3,
                score_threshold=-0.5,
                **options,
            )
        )

    return body


_FUNCTIONS = [
    tf_function("split_sizes", lambda t, x: t.split(x, _sizes(t, x), axis=1), X),
    tf_function("split_listed", lambda t, x: t.split(x, [_count(t, x), -1], axis=1), X),
    tf_function("split_rows", lambda t, x: t.split(x, [1, t.shape(x)[0] - 1], axis=0), X),
    tf_function("split_batch", lambda t, x: t.split(x, 2), (4, 3)),
    tf_function("split_open", lambda t, x: t.split(x, 2, axis=1), (2, 4, 3), free=(1,)),
    tf_function("split_open_rest", lambda t, x: t.split(x, [1, -1, 2], axis=1), (2, 5, 3), free=(1,)),
    tf_function("top_k", lambda t, x: list(t.math.top_k(x, _count(t, x))), X),
    tf_function("top_k_ties", lambda t, x: list(t.math.top_k(x, t.reduce_max(x) - 1)), (4, 6), **IDS),
    tf_function("top_k_all", lambda t, x: list(t.nn.top_k(x, t.shape(x)[1])), (2, 5), free=(1,)),
    tf_function("scatter", lambda t, x: t.scatter_nd([[1], [0], [2]], x, [_count(t, x) + 2, 4]), X),
    tf_function(
        "scatter_like", lambda t, x: t.scatter_nd(t.where(x > 0), t.boolean_mask(x, x > 0), t.shape(x, t.int64)), X
    ),
    *[
        tf_function(f"segment_{n}", lambda t, x, n=n: _segments(t, x, n), (5, 3))
        for n in ("max", "mean", "min", "prod", "sqrt_n", "sum")
    ],
    tf_function("segment_grid", lambda t, x: t.math.unsorted_segment_sum(x, _ids(t, x), 4), (2, 3, 4)),
    *[
        tf_function(
            f"sorted_segment_{n}", lambda t, x, n=n: getattr(t.math, f"segment_{n}")(x, _sorted_ids(t, x)), (6, 3)
        )
        for n in ("max", "mean", "min", "prod", "sum")
    ],
    tf_function("steps", lambda t, x: t.linspace(0.5, 3.0, _count(t, x) + 3), X),
    tf_function("steps_whole", lambda t, x: t.linspace(0, 7, _count(t, x) + 2), X),
    tf_function("steps_of_integers", lambda t, x: t.linspace(x, x + 3, 4, axis=-1), (2, 3), **IDS),
    tf_function("steps_one", lambda t, x: t.linspace(x[0], x[1] * 3, t.reduce_max(t.cast(x > 99, t.int32)) + 1), X),
    tf_function("steps_columns", lambda t, x: t.linspace(x, x * 3 + 1, _count(t, x) + 2, axis=1), X),
]
_NODES = frozenset({"segment_max", "segment_sum", "sorted_segment_mean", "split_listed", "split_sizes", "top_k"})
CASES = [
    *_FUNCTIONS,
    *(
        replace(row, name=f"node_{row.name}", make=in_graph(row.make))
        for row in _FUNCTIONS
        if row.name in _NODES | {"scatter", "split_open"}
    ),
    node("node_stitch", _rows, (5, 3)),
    node("node_stitch_known", lambda t, x: t.dynamic_stitch([[2, 0], [1]], [x[:2], x[2:3]]), X),
    node(
        "node_stitch_beside",
        lambda t, x: t.raw_ops.ParallelDynamicStitch(indices=[[2, 0], [1]], data=[x[:2], x[2:3]]),
        X,
    ),
    node("node_boxes_fourth", _chosen("V4"), (9, 4)),
    node("node_boxes_fourth_padded", _chosen("V4", pad_to_max_output_size=True), (9, 4)),
    node("node_boxes_fifth_padded", _chosen("V5", soft_nms_sigma=0.0, pad_to_max_output_size=True), (9, 4)),
    *[
        function(f"keras_segment_{n}", lambda o, x, n=n: getattr(o, f"segment_{n}")(x[:, 1:], _places(o, x)), (5, 3))
        for n in ("max", "min", "prod", "sum")
    ],
    *[
        function(
            f"keras_sorted_segment_{n}",
            lambda o, x, n=n: getattr(o, f"segment_{n}")(x, np.array([0, 0, 2, 3, 3], "int32"), sorted=True),
            (5, 3),
        )
        for n in ("max", "min", "prod", "sum")
    ],
    function("keras_split_open", lambda o, x: o.split(x, 2, axis=1), (2, 4, 3), free=(1,)),
    function("keras_split_batch", lambda o, x: o.split(x, 2, axis=0), (4, 3)),
]


def _places(o, x):
    return o.cast(x[:, 0] > 0, "int32")

"""TensorFlow ops whose results are as large as values say, as layers (TensorFlowOpLayer)."""

from __future__ import annotations

from dataclasses import replace

from . import case, value_sizes_tf
from ._function import IDS
from ._node import in_graph

# The rows of TensorFlow's functions that are recorded as these ops, too.
_ROWS = frozenset(
    {"boxes", "boxes_all", "boxes_detector", "boxes_of_images_open", "boxes_overlaps", "difference", "mask"}
    | {"mask_columns", "mask_known_matrix", "mask_middle_open", "mask_size", "mask_then_layers_open", "one_hot_axis"}
    | {
        "partition_rows",
        "places",
        "places_open",
        "range_floats",
        "repeat_alike",
        "repeat_columns",
        "repeat_listed_rows",
        "sequence",
        "slice_begin",
        "slice_sizes",
        "strided",
    }
    | {"unique", "unique_long"}
)


def _raw(name, body, *shapes, **options):
    def make(k):
        import tensorflow as tf

        inputs = [k.Input(shape[1:], dtype=options.get("dtype", "float32")) for shape in shapes]
        return k.Model(inputs, body(tf.raw_ops, *inputs))

    return case(name, in_graph(make), *shapes, dialects=(2,), **options)


def _boxes(o, x, version, **options):
    return getattr(o, f"NonMaxSuppression{version}")(boxes=x, scores=x[:, 0], max_output_size=5, **options)


CASES = [
    *(replace(row, make=in_graph(row.make)) for row in value_sizes_tf.CASES if row.name in _ROWS),
    _raw("boxes_first", lambda o, x: _boxes(o, x, "", iou_threshold=0.4), (8, 4)),
    _raw("boxes_second", lambda o, x: _boxes(o, x, "V2", iou_threshold=0.4), (8, 4)),
    _raw(
        "boxes_fifth",
        lambda o, x: list(_boxes(o, x, "V5", iou_threshold=0.4, score_threshold=-1.0, soft_nms_sigma=0.3)),
        (8, 4),
    ),
    _raw("list_diff", lambda o, x: list(o.ListDiff(x=x[:, 0], y=x[:, 1])), (6, 2), **IDS),
]

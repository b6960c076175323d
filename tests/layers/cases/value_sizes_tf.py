"""TensorFlow's functions whose results are as large as values say (Keras 2), and what follows them."""

from __future__ import annotations

import numpy as np

from ._function import IDS, INTEGERS, tf_function

X = (3, 4)
BOX = (7, 4)


def _boxes(t, x):
    corner = t.sigmoid(x[..., :2]) * 0.5
    return t.concat([corner, corner + 0.4], axis=-1)


def _turned(t, x):
    return t.gather(_boxes(t, x), [2, 1, 0, 3], axis=1)


def _best(t, x, *shape, **options):
    return t.image.non_max_suppression(_boxes(t, x), x[:, 0], *shape, **options)


def _detector(t, x):
    """A detector's end: scores above a limit, the best boxes of those, and what a layer makes of them."""
    from keras import layers

    scores = t.reduce_max(t.sigmoid(layers.Dense(3)(x)), axis=-1)
    boxes = _boxes(t, x)
    kept = scores > 0.4
    scores, boxes = t.boolean_mask(scores, kept), t.boolean_mask(boxes, kept)
    best = t.image.non_max_suppression(boxes, scores, 4, 0.5)
    rows = t.gather(boxes, best)
    return rows, t.gather(scores, best), layers.Dense(2, activation="relu")(rows), t.reduce_sum(rows, axis=0)


def _classes(t, x):
    """YOLO's end: boxes of all images under a mask, class by class."""
    boxes, scores = _boxes(t, x), t.sigmoid(x[..., :2])
    found = []
    for number in range(2):
        mask = scores[..., number] >= 0.3
        own, value = t.boolean_mask(boxes, mask), t.boolean_mask(scores[..., number], mask)
        best = t.image.non_max_suppression(own, value, t.constant(5), iou_threshold=0.4)
        own, value = t.gather(own, best), t.gather(value, best)
        found.append((own, value, t.ones_like(value, "int32") * number))
    return tuple(t.concat(parts, axis=0) for parts in zip(*found, strict=True))


def _rows_of(t, x, limit):
    return t.boolean_mask(x, x[:, 0] > limit)


def _open(t, x):
    """A head over the steps that a mask keeps, open in time."""
    from keras import layers

    kept = t.boolean_mask(x, x[:, :, 0] > 0)
    y = layers.LayerNormalization()(layers.Dense(6, activation="relu")(kept))
    return y, t.reduce_mean(y, axis=0), t.reshape(y, [-1, 2, 3]), t.reshape(y, [-1])


CASES = [
    tf_function("mask", lambda t, x: t.boolean_mask(x, x > 0), X),
    tf_function("mask_one_row", lambda t, x: t.boolean_mask(x, x > 0), (1, 4)),
    tf_function("mask_rows", lambda t, x: _rows_of(t, x, 0), X),
    tf_function("mask_no_rows", lambda t, x: _rows_of(t, x, 100), X),
    tf_function("mask_columns", lambda t, x: t.boolean_mask(x, x[0] > 0, axis=1), X),
    tf_function("mask_middle", lambda t, x: t.boolean_mask(x, x[0] > 0, axis=1), (2, 3, 4, 2)),
    tf_function(
        "mask_middle_open", lambda t, x: t.boolean_mask(x, x[0, :, :, 0] > 0, axis=1), (2, 3, 4, 2), free=(1, 2)
    ),
    tf_function("mask_known", lambda t, x: t.boolean_mask(x, np.array([True, False, True, True]), axis=1), X),
    tf_function("mask_known_matrix", lambda t, x: t.boolean_mask(x, np.eye(3, 4) > 0, axis=1), (2, 3, 4, 2)),
    tf_function("mask_v1", lambda t, x: t.compat.v1.boolean_mask(x, x[:, 0] > 0), X),
    tf_function("mask_v1_axis", lambda t, x: t.compat.v1.boolean_mask(x, x[0] > 0, axis=1), X),
    tf_function("mask_subscript", lambda _, x: x[x > 0], X),
    tf_function("mask_subscript_rows", lambda _, x: x[x[:, 0, 0] > 0], (4, 3, 2)),
    tf_function("mask_then_layers", _open, (3, 4, 5)),
    tf_function("mask_then_layers_one_row", _open, (1, 4, 5)),
    tf_function("mask_then_layers_open", _open, (2, 4, 5), free=(1,)),
    tf_function("mask_joined", lambda t, x: t.concat([_rows_of(t, x, 0), x, _rows_of(t, -x, 0)], axis=0), X),
    tf_function("mask_sum_of_none", lambda t, x: t.reduce_sum(_rows_of(t, x, 100), axis=0), X),
    tf_function("mask_mean_of_none", lambda t, x: t.reduce_mean(_rows_of(t, x, 100), axis=0), X),
    tf_function("mask_most_of_none", lambda t, x: t.reduce_max(_rows_of(t, x, 100), axis=0), X),
    tf_function("mask_least_of_none", lambda t, x: t.reduce_min(_rows_of(t, x, 100), axis=0), X, **INTEGERS),
    tf_function("mask_size", lambda t, x: (t.shape(_rows_of(t, x, 0))[0] * 2, t.size(_rows_of(t, x, 0))), X),
    tf_function("mask_meets_one", lambda t, x: _rows_of(t, x, 1.5) * x[:1] - x[1], (6, 4)),
    tf_function("places", lambda t, x: t.where(x > 0), X),
    tf_function("places_one_row", lambda t, x: t.where(x > 0), (1, 4)),
    tf_function("places_v1", lambda t, x: t.compat.v1.where(x), X, **INTEGERS),
    tf_function("places_values", lambda t, x: t.gather_nd(x, t.where(x > 0)), (3, 4, 2)),
    tf_function("places_open", lambda t, x: t.gather_nd(x, t.where(x[..., 0] > 0)), (3, 4, 2), free=(1,)),
    tf_function("unique", lambda t, x: t.unique(t.reshape(x, [-1])), X, **IDS),
    tf_function("unique_counts", lambda t, x: t.unique_with_counts(t.reshape(x, [-1])), X, **IDS),
    tf_function("unique_long", lambda t, x: t.unique_with_counts(x[:, 0], out_idx=t.int64), (6, 2), **IDS),
    tf_function("unique_floats", lambda t, x: t.unique(t.round(x[:, 0])), (7, 1)),
    tf_function(
        "partition_rows", lambda t, x: t.dynamic_partition(x, x[:, 0], 3), (5, 2), vocab=3, low=0, dtype="int32"
    ),
    tf_function("partition_values", lambda t, x: t.dynamic_partition(x, t.cast(x > 0, t.int32), 2), X),
    tf_function("difference", lambda t, x: t.compat.v1.setdiff1d(x[0], x[1]), (2, 6), **IDS),
    tf_function("boxes", lambda t, x: _best(t, x, 2), BOX),
    tf_function("boxes_turned", lambda t, x: t.image.non_max_suppression(_turned(t, x), x[:, 0], 5, 0.3), (12, 4)),
    tf_function("boxes_scores", lambda t, x: _best(t, x, 9, iou_threshold=0.2, score_threshold=0.1), (12, 4)),
    tf_function("boxes_all", lambda t, x: _best(t, x, t.shape(x)[0], iou_threshold=0.6), (12, 4)),
    tf_function(
        "boxes_ties", lambda t, x: t.image.non_max_suppression(_boxes(t, x), t.round(x[:, 0]), 5, 0.4), (12, 4)
    ),
    tf_function("boxes_none", lambda t, x: _best(t, x, 4, score_threshold=9.0), BOX),
    tf_function(
        "boxes_softly",
        lambda t, x: t.image.non_max_suppression_with_scores(_boxes(t, x), x[:, 0], 8, soft_nms_sigma=0.5),
        (12, 4),
    ),
    tf_function(
        "boxes_softly_least",
        lambda t, x: t.image.non_max_suppression_with_scores(
            _boxes(t, x), t.sigmoid(x[:, 0]), 8, 0.5, 0.2, soft_nms_sigma=0.3
        ),
        (12, 4),
    ),
    tf_function(
        "boxes_with_scores",
        lambda t, x: t.image.non_max_suppression_with_scores(_boxes(t, x), x[:, 0], 8, 0.3),
        (12, 4),
    ),
    tf_function(
        "boxes_overlaps",
        lambda t, x: t.image.non_max_suppression_overlaps(
            t.matmul(x, x * [1.0, 2, -1, 3], transpose_b=True), x[:, 0], 8, 0.7
        ),
        (12, 4),
    ),
    tf_function(
        "boxes_padded", lambda t, x: t.image.non_max_suppression_padded(_boxes(t, x), x[:, 0], 9, 0.3), (12, 4)
    ),
    tf_function(
        "boxes_padded_whole",
        lambda t, x: t.image.non_max_suppression_padded(_boxes(t, x), x[:, 0], 9, 0.3, pad_to_max_output_size=True),
        (12, 4),
    ),
    tf_function("boxes_detector", _detector, (9, 4)),
    tf_function("boxes_detector_one_row", _detector, (1, 4)),
    tf_function("boxes_of_images", _classes, (2, 6, 4)),
    tf_function("boxes_of_images_open", _classes, (2, 6, 4), free=(1,)),
    tf_function("boxes_of_one_image", _classes, (1, 6, 4)),
    tf_function("bincount", lambda t, x: t.math.bincount(x), X, **IDS),
    tf_function("bincount_rows", lambda t, x: t.math.bincount(x, axis=-1), X, **IDS),
    tf_function("bincount_flags", lambda t, x: t.math.bincount(x, axis=-1, binary_output=True), X, **IDS),
    tf_function("repeat_columns", lambda t, x: t.repeat(x, x[0], axis=1), X, **IDS),
    tf_function("repeat_rows", lambda t, x: t.repeat(x, x[:, 0], axis=0), X, **IDS),
    tf_function("repeat_values", lambda t, x: t.repeat(x, t.reshape(x, [-1])), X, **IDS),
    tf_function("repeat_alike", lambda t, x: t.repeat(x, t.reduce_max(x), axis=1), X, **IDS),
    tf_function("repeat_listed", lambda t, x: t.repeat(x, [1, 0, 2, 3], axis=1), X),
    tf_function("repeat_listed_rows", lambda t, x: t.repeat(x, [1, 0, 2], axis=0), X),
    tf_function("range_of", lambda t, x: t.range(t.reduce_max(x)), X, **IDS),
    tf_function("range_steps", lambda t, x: t.range(1, t.reduce_max(x), 2), X, **IDS),
    tf_function("range_down", lambda t, x: t.range(t.reduce_max(x), t.reduce_min(x), -1), X, **IDS),
    tf_function("range_floats", lambda t, x: t.range(0.5, t.reduce_max(x) + 3, 0.1), X),
    tf_function("range_dtype", lambda t, x: t.range(t.reduce_max(x), dtype=t.float32), X, **IDS),
    tf_function("sequence", lambda t, x: t.sequence_mask(x), X, **IDS),
    tf_function("sequence_floats", lambda t, x: t.sequence_mask(x[:, 0], dtype=t.float32), X, **IDS),
    tf_function("sequence_given", lambda t, x: t.sequence_mask(x[:, 0], t.reduce_max(x) + 2), X, **IDS),
    tf_function("one_hot", lambda t, x: t.one_hot(x, t.reduce_max(x) + 1), X, **IDS),
    tf_function("one_hot_axis", lambda t, x: t.one_hot(x, t.reduce_max(x), 2.0, -1.0, axis=1), X, **IDS),
    tf_function("slice_stop", lambda t, x: x[:, : t.reduce_max(x)], (3, 5), **IDS),
    tf_function("slice_rows", lambda t, x: x[1 : t.reduce_max(x) - 1 : 1], (5, 2), **IDS),
    tf_function("slice_start", lambda t, x: x[:, t.reduce_max(x) - 3 :, None], (3, 5), **IDS),
    tf_function("slice_step", lambda t, x: x[..., :: t.reduce_max(x) - 1], (3, 5), **IDS),
    tf_function("slice_size", lambda t, x: t.slice(x, [0, 1], [t.reduce_max(x) - 2, 2]), (5, 4), **IDS),
    tf_function("slice_begin", lambda t, x: t.slice(x, [0, t.reduce_max(x) - 3], [-1, 2]), (3, 5), **IDS),
    tf_function("slice_sizes", lambda t, x: t.slice(x, x[0, :2] * 0, x[0, :2] * 0 + 2), (3, 5), **IDS),
    tf_function("strided", lambda t, x: t.strided_slice(x, [0, 0], [t.reduce_max(x) - 2, 2]), (3, 4), **IDS),
]

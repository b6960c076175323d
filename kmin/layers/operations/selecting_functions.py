"""SELECTING_FUNCTIONS: the rows of TENSORFLOW_FUNCTIONS whose results are as large as values say."""

from __future__ import annotations

from kmin.layers.operations import boxes, selecting
from kmin.layers.operations.arguments import Row

_BOXES = "scores max_output_size iou_threshold=0.5 score_threshold=-1e999"

SELECTING_FUNCTIONS: dict[str, Row] = {
    "compat.v1.boolean_mask": ('tensor mask name="boolean_mask" axis=None', selecting.boolean_mask_v1),
    "compat.v1.setdiff1d": ('x y index_dtype="int32"', selecting.difference),
    "dynamic_partition": ("data partitions num_partitions", selecting.partitions),
    "image.non_max_suppression": (f"boxes {_BOXES}", boxes.picked_boxes),
    "image.non_max_suppression_overlaps": (
        f"overlaps {_BOXES.replace('iou', 'overlap')}",
        boxes.picked_by_shares,
    ),
    "image.non_max_suppression_with_scores": (f"boxes {_BOXES} soft_nms_sigma=0.0", boxes.picked_with_scores),
    "unique": ('x out_idx="int32"', selecting.different(False)),
    "unique_with_counts": ('x out_idx="int32"', selecting.different(True)),
}

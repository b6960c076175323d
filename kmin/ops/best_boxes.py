"""best_boxes: of boxes that overlap those of the best scores, class by class and then over all classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.kept_boxes import box_areas, greedy_boxes
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class BestBoxesAttrs:
    """How many boxes and which.

    Attributes:
        per_class: at most so many boxes of one class.
        count: of boxes in the result.
        overlap: how much of their union boxes may share.
        least: scores above this one count.
        clips: whether results are brought into 0 to 1.
    """

    per_class: int
    count: int
    overlap: float = 0.5
    least: float = -float("inf")
    clips: bool = True


def infer_best_boxes(specs: Specs, attrs: BestBoxesAttrs) -> tuple[TensorSpec, ...]:
    boxes, scores = specs
    fits = boxes.rank == 4 and scores.rank == 3 and boxes.shape[3] == 4 and boxes.shape[2] in (1, scores.shape[2])
    if not fits or boxes.dtype != scores.dtype or not boxes.dtype.startswith("float"):
        raise InputError(f"best_boxes needs boxes of one or all classes and their scores; received {boxes}, {scores}")
    if min(attrs.per_class, attrs.count) < 1:
        raise InputError(f"best_boxes needs counts of at least 1; received {attrs.per_class} and {attrs.count}")
    rows, kind = boxes.shape[0], boxes.dtype
    row = TensorSpec((rows, attrs.count), kind)
    return TensorSpec((rows, attrs.count, 4), kind), row, row, TensorSpec((rows,), "int32")


def union_shares(a: Array, b: Array) -> Array:
    """What boxes a [M, 1, 4] and b [M, B, 4] share of their union; 0 for those without an area."""
    low, high = np.maximum(a[..., :2], b[..., :2]), np.minimum(a[..., 2:], b[..., 2:])
    sides = np.maximum(high - low, 0)
    shared, one, other = sides[..., 0] * sides[..., 1], box_areas(a), box_areas(b)
    union = one + other - shared
    real = (one > 0) & (other > 0)
    return np.where(real, shared / np.where(real, union, 1), 0)


def run_best_boxes(arrays: Arrays, attrs: BestBoxesAttrs) -> tuple[Array, ...]:
    """boxes [N, B, 1 or C, 4], scores [N, B, C] -> boxes, scores, classes and how many; 0 after the last.

    A box is y, x of one corner and of the other. Of equal scores the first one counts.
    Source: CombinedNonMaxSuppression of TensorFlow 2.15.
    """
    boxes, scores = arrays
    rows, count, classes = scores.shape
    size = min(attrs.per_class, count)
    each = np.swapaxes(np.broadcast_to(boxes, (rows, count, classes, 4)), 1, 2).reshape(rows * classes, count, 4)
    flat = np.swapaxes(scores, 1, 2).reshape(rows * classes, count)
    order = np.argsort(-flat, axis=1, kind="stable")
    flat = np.take_along_axis(flat, order, axis=1)
    each = np.take_along_axis(each, order[..., None], axis=1)
    corners = np.concatenate([np.minimum(each[..., :2], each[..., 2:]), np.maximum(each[..., :2], each[..., 2:])], -1)
    limit = corners.dtype.type(attrs.overlap)
    open_ = flat > attrs.least
    picked = greedy_boxes(corners, open_, np.ones_like(open_), size, lambda a, b: union_shares(a, b) > limit)
    found, at = picked >= 0, np.maximum(picked, 0)
    value = np.where(found, np.take_along_axis(flat, at, axis=1), -np.inf).reshape(rows, classes * size)
    place = np.take_along_axis(each, at[..., None], axis=1).reshape(rows, classes * size, 4)
    best = np.argsort(-value, axis=1, kind="stable")[:, : attrs.count]
    number = np.minimum(found.reshape(rows, classes * size).sum(axis=1), attrs.count).astype(np.int32)
    inside = np.arange(best.shape[1]) < number[:, None]
    missing = attrs.count - best.shape[1]
    chosen = np.where(inside[..., None], np.take_along_axis(place, best[..., None], axis=1), 0)
    if attrs.clips:
        chosen = np.clip(chosen, 0, 1)
    results = (chosen, np.where(inside, np.take_along_axis(value, best, axis=1), 0), np.where(inside, best // size, 0))
    padded = [np.pad(part, ((0, 0), (0, missing)) + ((0, 0),) * (part.ndim - 2)) for part in results]
    return (*(part.astype(boxes.dtype) for part in padded), number)


OP = Op(BestBoxesAttrs, infer_best_boxes, run_best_boxes)

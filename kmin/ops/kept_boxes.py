"""kept_boxes: places of boxes, best score first, that overlap no better one too much."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class KeptBoxesAttrs:
    """How many boxes and which.

    Attributes:
        count: of places in the result.
        overlap: boxes that share so much of their union with a better one are left out.
        least: scores above this one count; None for all.
        ordered: whether boxes come best first.
        cornered: whether boxes are y and x of the lower corner, then of the upper one.
    """

    count: int
    overlap: float = 0.5
    least: float | None = None
    ordered: bool = False
    cornered: bool = False


def box_areas(boxes: Array) -> Array:
    """Areas of boxes [..., 4] of lower and upper corners."""
    area: Array = (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])
    return area


def greedy_boxes(
    boxes: Array, open_: Array, counted: Array, count: int, overlaps: Callable[[Array, Array], Array]
) -> Array:
    """Places [M, count] in boxes [M, B, 4], -1 after the last: the first open box each time.

    It shuts those that it overlaps, even where it is not counted.
    """
    open_, picked = open_.copy(), np.full((len(boxes), count), -1)
    done, each = np.zeros(len(boxes), np.int64), np.arange(len(boxes))
    while True:
        active = each[open_.any(axis=1) & (done < count)]
        if not len(active):
            return picked
        first = open_[active].argmax(axis=1)
        open_[active] &= ~overlaps(boxes[active, first][:, None], boxes[active])
        open_[active, first] = False
        real = counted[active, first]
        picked[active[real], done[active[real]]] = first[real]
        done[active[real]] += 1


def infer_kept_boxes(specs: Specs, attrs: KeptBoxesAttrs) -> tuple[TensorSpec, ...]:
    boxes, scores = specs
    if boxes.rank != 3 or scores.rank != 2 or boxes.shape[2] != 4 or not boxes.dtype.startswith("float"):
        raise InputError(f"kept_boxes needs boxes and a score for each; received {boxes} and {scores}")
    if attrs.count < 1 or attrs.overlap <= 0:
        raise InputError(f"kept_boxes needs a count of at least 1 and a positive overlap; received {attrs}")
    return TensorSpec((boxes.shape[0], attrs.count), "int32"), TensorSpec((boxes.shape[0],), "int32")


def shares_of(a: Array, b: Array) -> Array:
    """What boxes share of their union, which is a little larger than it is: 1e-8, so that it is never 0."""
    low, high = np.maximum(a[..., :2], b[..., :2]), np.minimum(a[..., 2:], b[..., 2:])
    sides = np.maximum(high - low, 0)
    shared = sides[..., 0] * sides[..., 1]
    return shared / (box_areas(a) + box_areas(b) - shared + a.dtype.type(1e-8))


def run_kept_boxes(arrays: Arrays, attrs: KeptBoxesAttrs) -> tuple[Array, ...]:
    """boxes [N, B, 4], scores [N, B] -> places [N, count], 0 after the last, and how many there are [N].

    Boxes without a positive corner do not count, and the first box of the first sample tells which corners are the
    lower ones of all. Source: non_max_suppression_padded of TensorFlow 2.15.
    """
    boxes, scores = arrays
    if attrs.least is not None:
        good = scores > attrs.least
        scores, boxes = scores * good, boxes * good[..., None]
    if not attrs.cornered and boxes.size:
        first = boxes[0, 0]
        swapped = [2 if first[0] > first[2] else 0, 3 if first[1] > first[3] else 1]
        boxes = boxes[..., [*swapped, *((at + 2) % 4 for at in swapped)]]
    order = np.broadcast_to(np.arange(scores.shape[1]), scores.shape)
    if not attrs.ordered:
        order = np.argsort(-scores, axis=1, kind="stable")
        boxes = np.take_along_axis(boxes, order[..., None], axis=1)
    limit = boxes.dtype.type(attrs.overlap)
    real = (boxes > 0).any(axis=2)
    open_ = np.ones(real.shape, bool)
    picked = greedy_boxes(boxes, open_, real, attrs.count, lambda a, b: shares_of(a, b) >= limit)
    places = np.take_along_axis(order, np.maximum(picked, 0), axis=1)
    found = picked >= 0
    return np.where(found, places, 0).astype(np.int32), found.sum(axis=1).astype(np.int32)


OP = Op(KeptBoxesAttrs, infer_kept_boxes, run_kept_boxes)

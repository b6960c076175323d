"""pick_boxes: as many boxes as there are, best score first, that overlap no better one too much."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kmin.errors import InputError
from kmin.ops.best_boxes import union_shares
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class PickBoxesAttrs:
    """Which boxes.

    Attributes:
        overlap: boxes that share more of their union with a better one are left out.
        least: scores above this one count.
        sigma: 0, or how fast scores fall with what a box shares with better ones; none is left out for it then.
        given: whether what boxes share is given, not the boxes.
    """

    overlap: float = 0.5
    least: float = -float("inf")
    sigma: float = 0.0
    given: bool = False


def infer_pick_boxes(specs: Specs, attrs: PickBoxesAttrs) -> tuple[TensorSpec, ...]:
    boxes, scores, count = specs
    fits = boxes.rank == 2 and (attrs.given or boxes.shape[1] in (4, None)) and boxes.dtype.startswith("float")
    if not fits or scores.rank != 1 or scores.dtype != boxes.dtype or count.rank:
        raise InputError(f"pick_boxes needs boxes, a score for each and a count; received {boxes}, {scores}, {count}")
    return TensorSpec((None,), "int32"), TensorSpec((None,), scores.dtype)


def run_pick_boxes(arrays: Arrays, attrs: PickBoxesAttrs) -> tuple[Array, ...]:
    """boxes [B, 4] or shares [B, B], scores [B], most () -> places of the chosen [M] and their scores [M].

    A box is two opposite corners. Of equal scores the first one counts. Source: NonMaxSuppressionV5 of TensorFlow 2.15.

    Raises:
        InputError: sizes do not fit.
    """
    boxes, scores, most = arrays
    count = len(scores)
    if len(boxes) != count or boxes.shape[1] != (count if attrs.given else 4) or int(most) < 0:
        raise InputError(
            f"pick_boxes needs as many scores as boxes and a count; received {boxes.shape}, {scores.shape}, {most}"
        )
    corners = boxes
    if not attrs.given:
        corners = np.concatenate([np.minimum(boxes[:, :2], boxes[:, 2:]), np.maximum(boxes[:, :2], boxes[:, 2:])], 1)
        corners = corners.astype(np.float32, copy=False)

    def shares(one: Any, other: Any) -> Array:
        found: Array = boxes[one, other] if attrs.given else union_shares(corners[one], corners[other])
        return found.astype(scores.dtype, copy=False)

    kind = scores.dtype.type
    limit, least = kind(attrs.overlap), kind(attrs.least)
    places = np.flatnonzero(scores > least)
    waiting = places[np.argsort(-scores[places], kind="stable")]
    if attrs.sigma > 0:
        return pick_softly(scores, waiting, int(most), least, kind(-0.5) / kind(attrs.sigma), shares)
    chosen: list[int] = []
    while len(waiting) and len(chosen) < int(most):
        best, waiting = int(waiting[0]), waiting[1:]
        chosen.append(best)
        waiting = waiting[~(shares(waiting, best) > limit)]
    picked = np.asarray(chosen, np.int32)
    return picked, scores[picked]


def pick_softly(
    scores: Array, waiting: Array, most: int, least: Any, scale: Any, shares: Callable[[Any, Any], Array]
) -> tuple[Array, ...]:
    """Places and scores where every chosen box lowers the scores of those that overlap it."""
    now = np.full_like(scores, -np.inf)
    now[waiting] = scores[waiting]
    met = np.zeros(len(scores), np.int64)  # how many of the chosen have lowered the score
    chosen: list[int] = []
    values: list[Any] = []
    while len(chosen) < most and len(now) and now.max() > -np.inf:
        best = int(now.argmax())
        before = now[best]
        same = shares(best, np.asarray(chosen[met[best] :][::-1], np.int64))
        lowered = np.multiply.accumulate(np.concatenate([before[None], np.exp(scale * same * same)]))[-1]
        met[best] = len(chosen)
        now[best] = lowered if lowered > least else -np.inf
        if lowered == before:
            chosen.append(best)
            values.append(lowered)
            now[best] = -np.inf
    return np.asarray(chosen, np.int32), np.asarray(values, scores.dtype)


OP = Op(PickBoxesAttrs, infer_pick_boxes, run_pick_boxes)

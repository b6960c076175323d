"""Boxes that overlap, and the loop that chooses among them by score."""

from __future__ import annotations

import numpy as np

RNG = np.random.default_rng(7)


def drawn(*shape: int) -> np.ndarray:
    corner = RNG.uniform(0, 0.6, size=(*shape, 2))
    return np.concatenate([corner, corner + RNG.uniform(0.2, 0.6, size=(*shape, 2))], axis=-1).astype("float32")


def share(a: np.ndarray, b: np.ndarray) -> float:
    sides = np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return float(sides.prod() / (sum(areas) - sides.prod()))


def greedy(boxes: np.ndarray, scores: np.ndarray, overlap: float, least: float) -> list[int]:
    kept: list[int] = []
    for at in np.argsort(-scores, kind="stable"):
        if scores[at] > least and all(share(boxes[at], boxes[other]) <= overlap for other in kept):
            kept.append(int(at))
    return kept

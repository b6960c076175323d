"""beam_search: all paths of short sequences, added up; narrow beams against TensorFlow's loop over prefixes."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.beam_search import OP, BeamSearchAttrs, best_places, merged_labels
from kmin.ops.tensor import TensorSpec


def log_softmax(x: np.ndarray) -> np.ndarray:
    return x - np.log(np.exp(x).sum(axis=-1, keepdims=True))


def every_path(x: np.ndarray) -> list[tuple[float, list[int]]]:
    """What each label sequence's paths add up to, the likeliest first."""
    steps, classes = x.shape
    sums: dict[tuple[int, ...], float] = {}
    for path in itertools.product(range(classes), repeat=steps):
        labels = tuple(c for c, _ in itertools.groupby(path) if c != classes - 1)
        sums[labels] = sums.get(labels, 0.0) + float(np.exp(sum(x[t, c] for t, c in enumerate(path))))
    return sorted(((np.log(value), list(labels)) for labels, value in sums.items()), reverse=True)


class Prefix:
    """One prefix of the loop: logarithms of total, blank and label probability, before and after a step."""

    def __init__(self, parent: Prefix | None, label: int) -> None:
        self.parent, self.label = parent, label
        self.children: dict[int, Prefix] = {}
        self.old, self.new = [-np.inf] * 3, [-np.inf] * 3

    def labels(self) -> list[int]:
        return [] if self.parent is None else [*self.parent.labels(), self.label]


def looped(x: np.ndarray, width: int) -> list[tuple[float, list[int]]]:
    """CTCBeamSearchDecoder, prefix by prefix."""
    root = Prefix(None, -1)
    root.new[:2] = [0.0, 0.0]
    leaves = [root]
    for row in x:
        branches = sorted(leaves, key=lambda leaf: -leaf.new[0])
        for b in branches:
            b.old = list(b.new)
        for b in branches:
            if b.parent is not None:
                if np.isfinite(b.parent.new[0]):
                    b.new[2] = np.logaddexp(b.new[2], b.parent.old[1 if b.label == b.parent.label else 0])
                b.new[2] += row[b.label]
            b.new[1] = b.old[0] + row[-1]
            b.new[0] = np.logaddexp(b.new[1], b.new[2])
        leaves = list(branches)
        for b in branches:
            for label in range(len(row) - 1):
                grow(b, label, float(row[label]), leaves, width)
    return [(leaf.new[0], leaf.labels()) for leaf in sorted(leaves, key=lambda leaf: -leaf.new[0])]


def grow(b: Prefix, label: int, score: float, leaves: list[Prefix], width: int) -> None:
    """Puts the prefix with one label more into the beam, if it is likely enough."""
    least = min(leaves, key=lambda leaf: leaf.new[0])
    full = len(leaves) == width
    child = b.children.setdefault(label, Prefix(b, label))
    if not np.isfinite(b.old[0]) or (full and b.old[0] <= least.new[0]) or np.isfinite(child.new[0]):
        return
    value = score + b.old[1 if label == b.label else 0]
    if not np.isfinite(value) or (full and value <= least.new[0]):
        child.old = [-np.inf] * 3
        return
    if full:
        leaves.remove(least)
        least.new = [-np.inf] * 3
    child.new = [value, -np.inf, value]
    leaves.append(child)


def sequences(labels: np.ndarray) -> list[list[int]]:
    return [[int(label) for label in row if label >= 0] for row in labels]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_wide_beams_add_up_all_paths(dtype: str) -> None:
    x = np.random.default_rng(1).normal(size=(3, 4, 3)).astype(dtype)
    attrs = BeamSearchAttrs(200, 4)
    labels, scores = OP.run([x, np.array([4, 3, 3], "int32")], attrs)
    specs = OP.infer([TensorSpec(x.shape, dtype), TensorSpec((3,), "int32")], attrs)
    assert [(spec.shape, spec.dtype) for spec in specs] == [((3, 4, 4), "int32"), ((3, 4), dtype)]
    assert scores.dtype == dtype
    for row, steps in enumerate((4, 3)):
        wanted = every_path(log_softmax(x[row, :steps].astype("f8")))[:4]
        np.testing.assert_allclose(scores[row], [value for value, _ in wanted], rtol=1e-4)
        assert sequences(labels[row]) == [found for _, found in wanted]


@pytest.mark.parametrize("width", [1, 2, 3, 5, 9, 60])
@pytest.mark.parametrize("classes", [2, 3, 6])
@pytest.mark.parametrize("spread", [0.1, 1.5])
def test_narrow_beams_forget_as_the_loop_does(width: int, classes: int, spread: float) -> None:
    x = np.random.default_rng(width).normal(size=(12, 9, classes)) * spread
    paths = min(width, 2)
    labels, scores = OP.run([x, np.full(12, 9, "int32")], BeamSearchAttrs(width, paths))
    for row in range(12):
        wanted = looped(log_softmax(x[row]), width)[:paths]
        assert sequences(labels[row]) == [found for _, found in wanted]
        np.testing.assert_allclose(scores[row], [value for value, _ in wanted], rtol=1e-9)


@pytest.mark.parametrize(("width", "steps", "classes", "row"), [(20, 8, 5, 73), (20, 12, 4, 320), (30, 12, 4, 140)])
def test_a_prefix_whose_parent_was_stopped_goes_on(width: int, steps: int, classes: int, row: int) -> None:
    x = (np.random.default_rng(width).normal(size=(400, steps, classes)) * 0.6)[row : row + 1]
    labels, scores = OP.run([x, np.array([steps])], BeamSearchAttrs(width, 2))
    wanted = looped(log_softmax(x[0]), width)[:2]
    assert sequences(labels[0]) == [found for _, found in wanted]
    np.testing.assert_allclose(scores[0], [value for value, _ in wanted], rtol=1e-9)


def test_rows_do_not_meet() -> None:
    x = np.random.default_rng(3).normal(size=(5, 7, 4)).astype("float32")
    lengths = np.array([7, 1, 0, 4, 6], "int32")
    together = OP.run([x, lengths], BeamSearchAttrs(4))
    for row in range(5):
        alone = OP.run([x[row : row + 1], lengths[row : row + 1]], BeamSearchAttrs(4))
        for one, all_ in zip(alone, together, strict=True):
            np.testing.assert_array_equal(one[0], all_[row])
    assert together[1][2] == 0 and (together[0][2] == -1).all()
    assert OP.run([x[:0], lengths[:0]], BeamSearchAttrs(4))[0].shape == (0, 1, 7)


def test_neighbours_that_are_equal() -> None:
    labels = np.array([[1, 1, 0, 0, 1, -1], [2, 3, -1, -1, -1, -1]])
    np.testing.assert_array_equal(merged_labels(labels), [[1, 0, 1, -1, -1, -1], [2, 3, -1, -1, -1, -1]])
    x = np.log(np.array([[[0.8, 0.2], [0.1, 0.9], [0.8, 0.2]]], "float32"))
    for merges, wanted in ((False, [[0, 0]]), (True, [[0]])):
        labels, _ = OP.run([x, np.array([3])], BeamSearchAttrs(5, 1, merges))
        assert sequences(labels[0]) == wanted


def test_the_first_of_equal_values() -> None:
    values = np.random.default_rng(2).integers(0, 4, size=(6, 50)).astype("float32")
    for count in (3, 20):
        wanted = np.argsort(-values, axis=1, kind="stable")[:, :count]
        np.testing.assert_array_equal(best_places(values, count), wanted)


@pytest.mark.parametrize(
    ("specs", "paths", "reason"),
    [
        ([TensorSpec((None, 4, 3), "int32"), TensorSpec((None,), "int32")], 1, "scores of steps"),
        ([TensorSpec((None, 4, 3)), TensorSpec((None, 1), "int32")], 1, "a length for each row"),
        ([TensorSpec((None, 4, 3)), TensorSpec((None,), "int32")], 6, "1 to 5 paths"),
    ],
)
def test_refusals(specs: Any, paths: int, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        OP.infer(specs, BeamSearchAttrs(5, paths))


def test_errors_of_values() -> None:
    x = np.zeros((1, 2, 2), "float32")
    with pytest.raises(InputError, match="lengths of at most 2"):
        OP.run([x, np.array([3])], BeamSearchAttrs(5))
    with pytest.raises(InputError, match="fewer than 3 sequences"):
        OP.run([x, np.array([1])], BeamSearchAttrs(5, 3))

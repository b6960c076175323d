"""ctc_loss against the sum over every path."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.ctc_loss import OP, CtcLossAttrs
from kmin.ops.tensor import TensorSpec


def by_paths(scores: np.ndarray, labels: list[int], blank: int) -> float:
    chance = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    total = 0.0
    for path in itertools.product(range(scores.shape[1]), repeat=len(scores)):
        kept = [one for one, _ in itertools.groupby(path) if one != blank]
        if kept == labels:
            total += float(np.prod([chance[step, one] for step, one in enumerate(path)]))
    return -float(np.log(total))


@pytest.mark.parametrize("blank", [0, 1, 2])
def test_every_path(blank: int) -> None:
    rng = np.random.default_rng(blank)
    scores = rng.normal(size=(4, 5, 3))
    one, other = (label for label in range(3) if label != blank)
    rows = [[one, other], [one, one], [other], []]
    labels = np.full((4, 2), other)
    for row, given in enumerate(rows):
        labels[row, : len(given)] = given
    counts, steps = np.array([len(row) for row in rows]), np.array([5, 4, 3, 2])
    (got,) = OP.run([scores, labels, counts, steps], CtcLossAttrs(blank))
    wanted = [by_paths(scores[row, : steps[row]], given, blank) for row, given in enumerate(rows)]
    np.testing.assert_allclose(got, wanted, rtol=1e-9)


def test_sizes() -> None:
    numbers = TensorSpec((None,), "int32")
    specs = [TensorSpec((None, None, 5)), TensorSpec((None, 3), "int32"), numbers, numbers]
    assert OP.infer(specs, CtcLossAttrs()) == (TensorSpec((None,)),)
    with pytest.raises(InputError, match="a blank among 5 classes"):
        OP.infer(specs, CtcLossAttrs(5))
    with pytest.raises(InputError, match="labels"):
        OP.infer([specs[0], TensorSpec((None, 3)), numbers, numbers], CtcLossAttrs())
    empty = [np.zeros((0, 4, 5)), np.zeros((0, 3), "int32"), np.zeros(0, "int32"), np.zeros(0, "int32")]
    assert OP.run(empty, CtcLossAttrs())[0].shape == (0,)


def test_strict() -> None:
    """compat.v1.nn.ctc_loss refuses labels that there are too few steps for."""
    scores, labels = np.zeros((1, 3, 4), np.float32), np.array([[1, 1, 2]], np.int32)
    attrs = CtcLossAttrs(3, True)
    for counts, steps, match in (([3], [3], "as many steps"), ([2], [4], "as many steps"), ([3], [2], "as many steps")):
        with pytest.raises(InputError, match=match):
            OP.run([scores, labels, np.array(counts), np.array(steps)], attrs)
    with pytest.raises(InputError, match="labels from 0 to 3"):
        OP.run([scores, labels - 2, np.array([1]), np.array([3])], attrs)
    assert np.isfinite(OP.run([scores, labels, np.array([2]), np.array([3])], attrs)[0]).all()

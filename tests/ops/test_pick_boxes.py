"""pick_boxes against a loop over boxes by score."""

from __future__ import annotations

import numpy as np
import pytest
from ops.boxes import drawn, greedy

from kmin.errors import InputError
from kmin.ops.best_boxes import union_shares
from kmin.ops.pick_boxes import OP, PickBoxesAttrs
from kmin.ops.tensor import TensorSpec

RNG = np.random.default_rng(9)


@pytest.mark.parametrize("most", [0, 3, 50])
def test_pick_boxes(most: int) -> None:
    (boxes,), scores = drawn(1, 20), RNG.normal(size=20).astype("float32")
    wanted = greedy(boxes, scores, 0.3, -0.5)[:most]
    shares = union_shares(boxes[:, None], boxes[None])
    for given, x in ((False, boxes), (False, boxes[:, [2, 1, 0, 3]]), (True, shares)):
        places, values = OP.run([x, scores, np.int32(most)], PickBoxesAttrs(0.3, -0.5, given=given))
        assert places.tolist() == wanted
        assert (values == scores[wanted]).all()
    specs = OP.infer([TensorSpec((None, 4)), TensorSpec((None,)), TensorSpec((), "int32")], PickBoxesAttrs())
    assert specs == (TensorSpec((None,), "int32"), TensorSpec((None,), "float32"))


def test_softly() -> None:
    (boxes,), scores = drawn(1, 12), RNG.uniform(size=12).astype("float32")
    shares = union_shares(boxes[:, None], boxes[None])
    left, now = list(range(12)), scores.astype("f8")
    wanted, values = [], []
    while left:
        best = max(left, key=lambda at: now[at])
        wanted.append(best)
        values.append(now[best])
        left.remove(best)
        for at in left:
            now[at] *= np.exp(-0.5 / 0.4 * shares[at, best] ** 2)
    places, got = OP.run([boxes, scores, np.int32(12)], PickBoxesAttrs(sigma=0.4))
    assert places.tolist() == wanted
    np.testing.assert_allclose(got, values, rtol=1e-6)


def test_no_boxes() -> None:
    for sigma in (0.0, 0.5):
        given = [np.zeros((0, 4), "float32"), np.zeros(0, "float32"), np.int32(3)]
        assert [part.shape for part in OP.run(given, PickBoxesAttrs(sigma=sigma))] == [(0,), (0,)]


def test_refusals() -> None:
    with pytest.raises(InputError, match="a score for each"):
        OP.infer([TensorSpec((None, 5)), TensorSpec((None,)), TensorSpec((), "int32")], PickBoxesAttrs())
    with pytest.raises(InputError, match="as many scores"):
        OP.run([np.zeros((3, 4), "f4"), np.zeros(2, "f4"), np.int32(3)], PickBoxesAttrs())

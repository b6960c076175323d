"""kept_boxes against a loop over boxes by score."""

from __future__ import annotations

import numpy as np
import pytest
from ops.boxes import drawn, greedy

from kmin.errors import InputError
from kmin.ops.kept_boxes import OP as KEPT
from kmin.ops.kept_boxes import KeptBoxesAttrs
from kmin.ops.tensor import TensorSpec

RNG = np.random.default_rng(7)


@pytest.mark.parametrize("count", [3, 30])
def test_kept_boxes(count: int) -> None:
    boxes, scores = drawn(4, 20), RNG.normal(size=(4, 20)).astype("float32")
    for cornered, given in ((True, boxes), (False, boxes[..., [2, 3, 0, 1]])):
        attrs = KeptBoxesAttrs(count, 0.3, cornered=cornered)
        places, number = KEPT.run([given, scores], attrs)
        specs = KEPT.infer([TensorSpec(boxes.shape), TensorSpec(scores.shape)], attrs)
        assert [(spec.shape, spec.dtype) for spec in specs] == [((4, count), "int32"), ((4,), "int32")]
        for n in range(4):
            wanted = greedy(boxes[n], scores[n], 0.3, -np.inf)[:count]
            assert number[n] == len(wanted)
            assert places[n].tolist() == wanted + [0] * (count - len(wanted))


def test_boxes_below_the_least_score_are_nowhere() -> None:
    boxes, scores = drawn(1, 6), np.array([[3.0, -1.0, 0.5, -2.0, 0.7, 0.1]], "float32")
    places, number = KEPT.run([boxes, scores], KeptBoxesAttrs(6, 0.99, least=0.3))
    assert (number[0], places[0].tolist()) == (3, [0, 4, 2, 0, 0, 0])
    assert KEPT.run([boxes[:0], scores[:0]], KeptBoxesAttrs(2))[0].shape == (0, 2)


def test_refusals() -> None:
    with pytest.raises(InputError, match="a score for each"):
        KEPT.infer([TensorSpec((None, 5, 3)), TensorSpec((None, 5))], KeptBoxesAttrs(1))
    with pytest.raises(InputError, match="positive overlap"):
        KEPT.infer([TensorSpec((None, 5, 4)), TensorSpec((None, 5))], KeptBoxesAttrs(1, 0.0))

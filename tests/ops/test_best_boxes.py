"""best_boxes against a loop over boxes by score."""

from __future__ import annotations

import numpy as np
import pytest
from ops.boxes import RNG, drawn, greedy

from kmin.errors import InputError
from kmin.ops.best_boxes import OP as BEST
from kmin.ops.best_boxes import BestBoxesAttrs
from kmin.ops.tensor import TensorSpec


@pytest.mark.parametrize("classes", [1, 3])
@pytest.mark.parametrize("own", [False, True])
def test_best_boxes(classes: int, own: bool) -> None:
    boxes, scores = drawn(4, 20, classes if own else 1), RNG.uniform(size=(4, 20, classes)).astype("float32")
    attrs = BestBoxesAttrs(5, 8, 0.3, 0.2)
    results = BEST.run([boxes, scores], attrs)
    specs = BEST.infer([TensorSpec(boxes.shape), TensorSpec(scores.shape)], attrs)
    assert [(spec.shape, spec.dtype) for spec in specs] == [(array.shape, array.dtype.name) for array in results]
    for n in range(4):
        found = []
        for c in range(classes):
            places = boxes[n, :, c if own else 0]
            found += [(scores[n, at, c], c, places[at]) for at in greedy(places, scores[n, :, c], 0.3, 0.2)[:5]]
        found.sort(key=lambda row: -row[0])
        found = found[:8]
        assert results[3][n] == len(found)
        np.testing.assert_array_equal(results[1][n, : len(found)], [row[0] for row in found])
        np.testing.assert_array_equal(results[2][n, : len(found)], [row[1] for row in found])
        np.testing.assert_array_equal(results[0][n, : len(found)], np.clip([row[2] for row in found], 0, 1))
        assert not any(part[n, len(found) :].any() for part in results[:3])


def test_corners_in_any_order_and_clipping() -> None:
    boxes = np.array([[[[0.9, 1.2, -0.1, 0.0]], [[0.0, 0.0, 0.9, 1.2]]]], "float32")
    scores = np.array([[[0.5], [0.4]]], "float32")
    (best, *_, number) = BEST.run([boxes, scores], BestBoxesAttrs(2, 2, 0.5))
    assert number[0] == 1
    np.testing.assert_array_equal(best[0], np.array([[0.9, 1, 0, 0], [0, 0, 0, 0]], "float32"))
    assert BEST.run([boxes, scores], BestBoxesAttrs(2, 2, 0.5, clips=False))[0][0, 0, 1] == np.float32(1.2)
    assert BEST.run([boxes[:0], scores[:0]], BestBoxesAttrs(2, 3))[0].shape == (0, 3, 4)


def test_refusals() -> None:
    with pytest.raises(InputError, match="one or all classes"):
        BEST.infer([TensorSpec((None, 5, 2, 4)), TensorSpec((None, 5, 3))], BestBoxesAttrs(1, 1))
    with pytest.raises(InputError, match="counts of at least 1"):
        BEST.infer([TensorSpec((None, 5, 1, 4)), TensorSpec((None, 5, 3))], BestBoxesAttrs(0, 1))

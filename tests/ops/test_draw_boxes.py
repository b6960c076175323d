"""draw_boxes: frames pixel by pixel."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.draw_boxes import OP, DrawBoxesAttrs
from kmin.ops.tensor import TensorSpec

COLOURS = np.array([[1.0], [2.0]], "float32")


def drawn(*boxes: list[float]) -> list[list[int]]:
    x = np.zeros((1, 5, 5, 1), "float32")
    found: list[list[int]] = OP.run([x, np.array([boxes], "float32"), COLOURS], DrawBoxesAttrs())[0][0, ..., 0].tolist()
    return found


def test_frames() -> None:
    wanted = [[0, 0, 0, 0, 0], [0, 1, 1, 1, 0], [0, 1, 0, 1, 0], [0, 1, 1, 1, 0], [0, 0, 0, 0, 0]]
    assert drawn([0.25, 0.25, 0.75, 0.75]) == wanted
    assert drawn([0.75, 0.25, 0.25, 0.75]) == [[0] * 5] * 5
    assert drawn([-1.0, -1.0, 0.5, 0.5])[2] == [1, 1, 1, 0, 0]
    assert drawn([-1.0, -1.0, 0.5, 0.5])[0] == [0, 0, 1, 0, 0]
    assert drawn([0.25, 0.25, 0.75, np.inf]) == drawn([0.25, np.nan, 0.75, -np.inf]) == [[0] * 5] * 5
    assert drawn([0.0, 0.0, 1.0, 1.0], [0.5, 0.0, 0.5, 1.0])[2] == [2] * 5


def test_refused() -> None:
    image, boxes = TensorSpec((None, 5, 5, 3), "float32"), TensorSpec((None, 2, 4), "float32")
    for specs in ((image, image, boxes), (image, boxes, TensorSpec((2, 1), "float32"))):
        with pytest.raises(InputError, match="draw_boxes needs"):
            OP.infer(specs, DrawBoxesAttrs())

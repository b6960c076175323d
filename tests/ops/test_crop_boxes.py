"""crop_boxes against a loop over cells."""

from __future__ import annotations

import numpy as np
import pytest
from ops.boxes import drawn

from kmin.errors import InputError
from kmin.ops.crop_boxes import OP as CROP
from kmin.ops.crop_boxes import CropBoxesAttrs
from kmin.ops.tensor import TensorSpec

RNG = np.random.default_rng(7)


@pytest.mark.parametrize("size", [(3, 4), (1, 6), (5, 1)])
@pytest.mark.parametrize("smooth", [True, False])
def test_crop_boxes(size: tuple[int, int], smooth: bool) -> None:
    images, boxes = RNG.normal(size=(2, 6, 7, 3)).astype("float32"), drawn(5) * 1.3 - 0.2
    ids = np.array([0, 1, 1, 0, 1], "int32")
    (got,) = CROP.run([images, boxes.astype("float32"), ids], CropBoxesAttrs(size, smooth, 9.0))
    for m, (y1, x1, y2, x2) in enumerate(boxes):
        ys = np.linspace(y1, y2, size[0]) * 5 if size[0] > 1 else [(y1 + y2) / 2 * 5]
        xs = np.linspace(x1, x2, size[1]) * 6 if size[1] > 1 else [(x1 + x2) / 2 * 6]
        for i, y in enumerate(ys):
            for j, x in enumerate(xs):
                if not (0 <= y <= 5 and 0 <= x <= 6):
                    np.testing.assert_array_equal(got[m, i, j], 9)
                elif smooth:
                    rows = images[ids[m], :, :, :]
                    line = np.stack([[np.interp(x, range(7), row[:, c]) for c in range(3)] for row in rows])
                    wanted = [np.interp(y, range(6), line[:, c]) for c in range(3)]
                    np.testing.assert_allclose(got[m, i, j], wanted, rtol=1e-4, atol=1e-4)
                else:
                    np.testing.assert_array_equal(got[m, i, j], images[ids[m], int(y + 0.5), int(x + 0.5)])


def test_refusals() -> None:
    images, boxes = np.zeros((2, 3, 3, 1), "float32"), np.zeros((1, 4), "float32")
    with pytest.raises(InputError, match="ids of 2 images"):
        CROP.run([images, boxes, np.array([2])], CropBoxesAttrs((1, 1)))
    with pytest.raises(InputError, match="finite boxes"):
        CROP.run([images, boxes * np.nan, np.array([0])], CropBoxesAttrs((1, 1)))
    with pytest.raises(InputError, match="an image for each"):
        CROP.infer([TensorSpec((None, 3, 3, 1)), TensorSpec((2, 4)), TensorSpec((2, 1))], CropBoxesAttrs((1, 1)))

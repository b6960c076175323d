"""cut_glimpses beside slices of an image with zeros around it."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.cut_glimpses import OP, CutGlimpsesAttrs
from kmin.ops.tensor import TensorSpec

X = np.random.default_rng(5).normal(size=(2, 6, 8, 3)).astype("float32")


def cut(places: list[list[float]], size: tuple[int, int], centered: bool, normalized: bool) -> np.ndarray:
    attrs = CutGlimpsesAttrs(size, centered, normalized)
    return OP.run([X, np.array(places, "float32")], attrs)[0]


def test_places() -> None:
    wide = np.pad(X, ((0, 0), (9, 9), (9, 9), (0, 0)))
    got = cut([[1, -2], [4, 7]], (3, 4), False, False)
    np.testing.assert_array_equal(got, np.stack([wide[0, 10:13, 7:11], wide[1, 13:16, 16:20]]))
    np.testing.assert_array_equal(cut([[0.5, 0.25], [0, 0]], (2, 2), False, True)[0], X[0, 3:5, 2:4])
    np.testing.assert_array_equal(cut([[0, 0], [0, 0]], (2, 4), True, True), X[:, 2:4, 2:6])
    np.testing.assert_array_equal(cut([[0, 0], [-1, 1]], (2, 2), True, False)[1], X[1, 2:4, 5:7])
    assert not cut([[99, 0], [-99, 0]], (2, 2), False, False).any()


def test_refused() -> None:
    image, places = TensorSpec((None, 6, 8, 3), "float32"), TensorSpec((None, 2), "float32")
    assert OP.infer([image, places], CutGlimpsesAttrs((2, 3))) == (TensorSpec((None, 2, 3, 3), "float32"),)
    for specs, size in (([image, image], (2, 2)), ([image, places], (0, 2))):
        with pytest.raises(InputError, match="cut_glimpses needs"):
            OP.infer(specs, CutGlimpsesAttrs(size))

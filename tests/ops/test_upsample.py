"""upsample against numpy.repeat."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.tensor import TensorSpec
from kmin.ops.upsample import OP, UpsampleAttrs

X = np.random.default_rng(6).normal(size=(2, 4, 5, 3)).astype(np.float32)


def test_repeat_agrees() -> None:
    for scale in ((1, 1), (2, 3), (3, 1)):
        (got,) = OP.run([X[:, :, ::-1]], UpsampleAttrs(scale))
        np.testing.assert_array_equal(got, X[:, :, ::-1].repeat(scale[0], 1).repeat(scale[1], 2))
        assert OP.infer([TensorSpec(X.shape)], UpsampleAttrs(scale))[0].shape == got.shape
    assert OP.infer([TensorSpec((None, None, 2))], UpsampleAttrs((3,)))[0].shape == (None, None, 2)
    assert OP.run([X[:0]], UpsampleAttrs((2, 2)))[0].shape == (0, 8, 10, 3)


def test_refusals() -> None:
    with pytest.raises(InputError, match="2 spatial axes"):
        OP.infer([TensorSpec((None, 3, 1))], UpsampleAttrs((2, 2)))

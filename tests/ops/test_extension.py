"""extension: results are checked against what was promised."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.extension import OP, ExtensionAttrs
from kmin.ops.tensor import TensorSpec

X = np.ones((3, 2), "f4")


def test_values() -> None:
    attrs = ExtensionAttrs(lambda x: [x * 2.0, x > 0], "it", ((None, 2), (None, 2)), ("", "bool"))
    assert OP.infer([], attrs) == (TensorSpec((None, 2)), TensorSpec((None, 2), "bool"))
    double, positive = OP.run([X], attrs)
    assert (double.dtype.name, positive.dtype.name) == ("float32", "bool")
    np.testing.assert_array_equal(double, X * 2)


@pytest.mark.parametrize(("rows", "reason"), [([], "1 arrays; returned 0"), ([2], r"\(3, 2\)"), ([3, 3], "returned 2")])
def test_broken_promises(rows: list[int], reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        OP.run([X], ExtensionAttrs(lambda x: [x[:n] for n in rows], "it", ((None, 2),), ("",)))

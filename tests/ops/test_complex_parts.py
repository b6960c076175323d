"""complex_parts beside NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.complex_parts import OP, ComplexPartsAttrs
from kmin.ops.tensor import TensorSpec


@pytest.mark.parametrize(("dtype", "part"), [("complex64", "float32"), ("complex128", "float64")])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0, 2)])
def test_parts(shape: tuple[int, ...], dtype: str, part: str) -> None:
    random = np.random.default_rng(0)
    x = (random.normal(size=shape) + 1j * random.normal(size=shape)).astype(dtype)
    real, imaginary = OP.run([x], ComplexPartsAttrs())
    np.testing.assert_array_equal(real + 1j * imaginary, x)
    assert OP.infer([TensorSpec(shape, dtype)], ComplexPartsAttrs()) == (TensorSpec(shape, part),) * 2
    assert real.dtype == imaginary.dtype == part
    assert real.shape == imaginary.shape == shape


def test_refusal() -> None:
    with pytest.raises(InputError, match="needs complex numbers"):
        OP.infer([TensorSpec((None, 2))], ComplexPartsAttrs())

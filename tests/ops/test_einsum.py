"""einsum against numpy.einsum."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.einsum import OP, EinsumAttrs
from kmin.ops.tensor import TensorSpec

RNG = np.random.default_rng(12)
SIZES = {"a": 2, "b": 3, "c": 4, "d": 5, "e": 6, "f": 1}
EQUATIONS = (
    "ab,bc->ac",
    "abc,cd->abd",
    "abcd,aecd->acbe",
    "acbe,aecd->abcd",
    "abc,bd->adc",
    "abc,bc->abc",
    "abc,c->ab",
    "ab,c->abc",
    "abc,abc->a",
    "abe,bcd->acd",
    "abc,abd->dca",
    "abf,fc->abc",
)


@pytest.mark.parametrize("equation", EQUATIONS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int32"])
def test_values(equation: str, dtype: str) -> None:
    terms = equation.partition("->")[0].split(",")
    x, y = ((RNG.normal(size=[SIZES[c] for c in term]) * 3).astype(dtype) for term in terms)
    attrs = EinsumAttrs(equation)
    (got,) = OP.run([x, y], attrs)
    wide = "f8" if dtype.startswith("float") else dtype
    wanted = np.einsum(equation, x.astype(wide), y.astype(wide))
    tolerance = {"float16": 2e-3, "float32": 2e-6}.get(dtype, 1e-13)
    np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance * max(1, np.abs(wanted).max()))
    assert got.dtype == dtype
    assert OP.infer([TensorSpec(x.shape, dtype), TensorSpec(y.shape, dtype)], attrs) == (TensorSpec(got.shape, dtype),)
    assert got.flags.c_contiguous


def test_strided_and_empty_inputs() -> None:
    x, y = RNG.normal(size=(4, 3, 2)).T, RNG.normal(size=(4, 6))[:, ::2]
    np.testing.assert_allclose(OP.run([x, y], EinsumAttrs("abc,cd->abd"))[0], np.einsum("abc,cd->abd", x, y))
    assert OP.run([x[:0], y], EinsumAttrs("abc,cd->abd"))[0].shape == (0, 3, 3)
    np.testing.assert_array_equal(OP.run([x[..., :0], y[:0]], EinsumAttrs("abc,cd->abd"))[0], np.zeros((2, 3, 3)))


def test_sizes_and_work() -> None:
    x, y = TensorSpec((None, None, 4)), TensorSpec((4, 5))
    assert OP.infer([x, y], EinsumAttrs("abc,cd->abd")) == (TensorSpec((None, None, 5)),)
    assert OP.macs([TensorSpec((None, 3, 4)), y], (), EinsumAttrs("abc,cd->abd")) == 60
    assert OP.macs([x, y], (), EinsumAttrs("abc,cd->abd")) is None


@pytest.mark.parametrize(
    "equation", ["ab,bc", "ab->a", "aab,bc->ac", "ab,bc->ad", "ab,bc->aca", "a b,bc->ac", "...b,bc->...c"]
)
def test_refuses_equations(equation: str) -> None:
    with pytest.raises(InputError, match="two terms of distinct letters"):
        OP.infer([TensorSpec((None, 4)), TensorSpec((4, 5))], EinsumAttrs(equation))


def test_refuses_sizes() -> None:
    with pytest.raises(InputError, match="axis 'b' is 4 and 3"):
        OP.infer([TensorSpec((None, 4)), TensorSpec((3, 5))], EinsumAttrs("ab,bc->ac"))
    with pytest.raises(InputError, match="needs 3 axes"):
        OP.infer([TensorSpec((None, 4)), TensorSpec((4, 5))], EinsumAttrs("abc,cd->abd"))

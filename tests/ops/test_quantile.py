"""quantile: against NumPy's, with and without nan."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.quantile import OP, QUANTILE_METHODS, QuantileAttrs
from kmin.ops.tensor import TensorSpec

X = np.random.default_rng(5).normal(size=(3, 4, 5))


@pytest.mark.parametrize("method", QUANTILE_METHODS)
@pytest.mark.parametrize("part", [0.0, 0.3, 0.5, 0.99, 1.0])
@pytest.mark.parametrize("axes", [(1,), (1, 2), (0,)])
def test_values(method: str, part: float, axes: tuple[int, ...]) -> None:
    (got,) = OP.run([X], QuantileAttrs(part, axes, method, True))
    np.testing.assert_allclose(got, np.quantile(X, part, axes, method=method, keepdims=True), rtol=1e-12)
    (spec,) = OP.infer([TensorSpec(X.shape, "float64")], QuantileAttrs(part, axes, method))
    assert spec.shape == OP.run([X], QuantileAttrs(part, axes, method))[0].shape


def test_nan() -> None:
    holes = np.where(X > 0.8, np.nan, X)
    (got,) = OP.run([holes], QuantileAttrs(0.4, (2,), skips=True))
    np.testing.assert_allclose(got, np.nanquantile(holes, 0.4, 2))
    (all_of_it,) = OP.run([holes], QuantileAttrs(0.4, (2,)))
    np.testing.assert_array_equal(np.isnan(all_of_it), np.isnan(holes).any(axis=2))
    assert np.isnan(OP.run([np.full((2, 3), np.nan)], QuantileAttrs(0.5, (1,), skips=True))[0]).all()
    assert np.isnan(OP.run([np.zeros((2, 0))], QuantileAttrs(0.5, (1,)))[0]).all()


def test_refusals() -> None:
    with pytest.raises(InputError, match="needs floats"):
        OP.infer([TensorSpec((None, 2), "int32")], QuantileAttrs(0.5, (1,)))
    with pytest.raises(InputError, match="a part"):
        OP.infer([TensorSpec((None, 2))], QuantileAttrs(1.5, (1,)))

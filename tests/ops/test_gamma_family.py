"""gamma_family beside closed forms and recurrences."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.erf import erf
from kmin.ops.gamma import digamma
from kmin.ops.gamma_family import GAMMA_FAMILY, OP, GammaFamilyAttrs
from kmin.ops.tensor import TensorSpec

A = np.linspace(0.05, 40, 37)[:, None]
X = np.linspace(0.01, 60, 41)


def run(kind: str, *values: object) -> np.ndarray:
    return OP.run([np.asarray(value, float) for value in values], GammaFamilyAttrs(kind))[0]


def test_incomplete_gamma() -> None:
    np.testing.assert_allclose(run("igamma", 1.0, X), -np.expm1(-X), rtol=1e-13)
    np.testing.assert_allclose(run("igamma", 0.5, X), erf(np.sqrt(X)), rtol=1e-12)
    np.testing.assert_allclose(run("igammac", 3.0, X), np.exp(-X) * (1 + X + X * X / 2), rtol=1e-12)
    np.testing.assert_allclose(run("igamma", A, X) + run("igammac", A, X), 1, rtol=1e-14)
    assert run("igamma", [2.0, -1.0, np.nan, np.inf], [0.0, 1.0, 1.0, 1.0]).tolist()[::3] == [0, 0]
    assert np.isnan(run("igamma", [-1.0, 2.0], [1.0, -1.0])).all()
    assert run("igammac", [2.0, 2.0, np.inf], [0.0, np.inf, np.inf]).tolist() == [1, 0, 0]


def test_incomplete_beta() -> None:
    part = np.linspace(0, 1, 23)
    np.testing.assert_allclose(run("betainc", A, 1.0, part), part**A, rtol=1e-11, atol=1e-15)
    np.testing.assert_allclose(run("betainc", A, 2.5, part), 1 - run("betainc", 2.5, A, 1 - part), atol=1e-13)
    assert np.isnan(run("betainc", [0.0, 1.0, 1.0], 2.0, [0.5, -0.1, 1.1])).all()


def test_zeta_and_polygamma() -> None:
    np.testing.assert_allclose(run("zeta", [2.0, 4.0], 1.0), [np.pi**2 / 6, np.pi**4 / 90], rtol=1e-15)
    np.testing.assert_allclose(run("zeta", A + 1, X) - run("zeta", A + 1, X + 1), X ** -(A + 1), rtol=1e-9, atol=1e-16)
    np.testing.assert_allclose(run("zeta", 2.0, -0.5), 4 + run("zeta", 2.0, 0.5), rtol=1e-14)
    np.testing.assert_array_equal(
        run("zeta", [1.0, 0.5, 2.0, 3.0], [2.0, 1.0, -1.0, -1.0]),
        [np.inf, np.nan, np.inf, np.nan],
    )
    np.testing.assert_allclose(run("polygamma", 0.0, X), digamma(X), rtol=1e-15)
    np.testing.assert_allclose(run("polygamma", 1.0, [1.0, 0.5]), [np.pi**2 / 6, np.pi**2 / 2], rtol=1e-14)
    np.testing.assert_allclose(run("polygamma", 2.0, X + 1) - run("polygamma", 2.0, X), 2 / X**3, rtol=1e-9, atol=1e-14)
    assert np.isnan(run("polygamma", [0.5, -1.0], 1.0)).all()
    with pytest.raises(InputError, match="not computed"):
        run("zeta", 2.0, -6000.5)
    np.testing.assert_array_equal(run("zeta", [2.0, 3.0, 2.5], [-1e9, -np.inf, -6000.5]), [np.inf, np.nan, np.nan])
    np.testing.assert_allclose(run("polygamma", 0.0, -6000.5), digamma(np.array(-6000.5)))


@pytest.mark.parametrize("kind", GAMMA_FAMILY)
def test_shapes(kind: str) -> None:
    count = GAMMA_FAMILY[kind][0]
    specs = [TensorSpec((None, 1), "float32"), *[TensorSpec((4,), "float32")] * (count - 1)]
    assert OP.infer(specs, GammaFamilyAttrs(kind)) == (TensorSpec((None, 4), "float32"),)
    arrays = [np.full((2, 1), 2, "float32"), *[np.full(4, 0.5, "float32")] * (count - 1)]
    (got,) = OP.run(arrays, GammaFamilyAttrs(kind))
    assert got.shape == (2, 4)
    assert got.dtype == np.float32
    assert OP.run([arrays[0][:0], *arrays[1:]], GammaFamilyAttrs(kind))[0].shape == (0, 4)
    with pytest.raises(InputError, match="needs"):
        OP.infer(specs[1:], GammaFamilyAttrs(kind))

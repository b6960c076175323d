"""factorize: factors that multiply to the matrix, TensorFlow's signs, and matrices whose signs nobody knows."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.factorize import OP, FactorizeAttrs
from kmin.ops.tensor import TensorSpec

SHAPES = [(1, 1), (1, 4), (4, 1), (4, 4), (3, 6), (6, 3), (15, 15), (40, 9), (16, 16), (3, 20), (80, 17), (34, 40)]


def factors(a: np.ndarray, kind: str, complete: bool) -> tuple[np.ndarray, ...]:
    attrs = FactorizeAttrs(kind, complete)
    found = OP.run([a], attrs)
    specs = OP.infer([TensorSpec(a.shape, a.dtype.name)], attrs)
    assert [(spec.shape, spec.dtype) for spec in specs] == [(array.shape, array.dtype.name) for array in found]
    return found


def orthonormal(columns: np.ndarray) -> None:
    product = np.swapaxes(columns, -1, -2) @ columns
    np.testing.assert_allclose(product, np.broadcast_to(np.eye(columns.shape[-1]), product.shape), atol=1e-12)


@pytest.mark.parametrize("complete", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_factors_multiply_to_the_matrix(shape: tuple[int, int], complete: bool) -> None:
    a = np.random.default_rng(4).normal(size=(2, 3, *shape))
    q, r = factors(a, "qr", complete)
    orthonormal(q)
    np.testing.assert_allclose(q @ r, a, atol=1e-12)
    np.testing.assert_array_equal(r, np.triu(r))
    u, values, vt = factors(a, "svd", complete)
    orthonormal(u)
    orthonormal(np.swapaxes(vt, -1, -2))
    size = min(shape)
    np.testing.assert_allclose((u[..., :size] * values[..., None, :]) @ vt[..., :size, :], a, atol=1e-12)
    np.testing.assert_allclose(values, np.linalg.svd(a, compute_uv=False), atol=1e-12)


def test_each_matrix_is_factorized_alone() -> None:
    a = np.random.default_rng(5).normal(size=(4, 5, 3)).astype("float32")
    for kind in ("qr", "svd"):
        alone = [factors(a[i : i + 1], kind, True) for i in range(4)]
        for i, array in enumerate(factors(a, kind, True)):
            np.testing.assert_array_equal(array, np.concatenate([each[i] for each in alone]))


def test_signs() -> None:
    """A diagonal opposite to what it replaces; Jacobi turns of the right half."""
    q, r = factors(np.array([[3.0, 1.0], [4.0, 2.0]]), "qr", False)
    np.testing.assert_allclose(q, [[-0.6, -0.8], [-0.8, 0.6]])
    np.testing.assert_allclose(r, [[-5, -2.2], [0, 0.4]], atol=1e-12)
    u, values, vt = factors(np.array([[0.0, 2.0], [-1.0, 0.0]]), "svd", False)
    np.testing.assert_allclose((u * values) @ vt, [[0, 2], [-1, 0]], atol=1e-12)
    u, _, vt = factors(np.array([[-2.0, 0.0], [0.0, 1.0]]), "svd", False)
    np.testing.assert_array_equal(u, [[-1, 0], [0, 1]])
    np.testing.assert_array_equal(vt, np.eye(2))


def test_nothing_and_zeros() -> None:
    for kind in ("qr", "svd"):
        assert factors(np.zeros((0, 3, 2), "float32"), kind, True)[0].shape == (0, 3, 3)
        np.testing.assert_array_equal(factors(np.zeros((1, 3, 2)), kind, True)[0][0], np.eye(3))
        assert np.isnan(factors(np.full((1, 2, 2), np.inf), kind, True)[1]).all()


def test_refusals() -> None:
    with pytest.raises(InputError, match="matrices of floats"):
        OP.infer([TensorSpec((None, 2, 2), "int32")], FactorizeAttrs("qr"))
    with pytest.raises(InputError, match="does not exist"):
        OP.infer([TensorSpec((None, 2, 2))], FactorizeAttrs("lu"))
    dependent = np.array([[1.0, 2.0, 0.5], [0.3, 0.6, 1.5], [0.7, 1.4, 2.5]], "float32")
    for kind, matrix in (("qr", dependent), ("svd", np.array([[0.6, 0.8], [-0.8, 0.6]], "float32"))):
        with pytest.raises(InputError, match="do not turn on rounding"):
            OP.run([matrix], FactorizeAttrs(kind))

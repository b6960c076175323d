"""matrix: every kind against its definition, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.matrix import MATRICES, OP, SOLVES, MatrixAttrs
from kmin.ops.tensor import TensorSpec

RNG = np.random.default_rng(3)
GENERAL = RNG.normal(size=(3, 4, 4))
DEFINITE = GENERAL @ np.swapaxes(GENERAL, -1, -2) + 0.5 * np.eye(4)
WIDE = RNG.normal(size=(2, 3, 5))


def results(kind: str, *arrays: np.ndarray) -> tuple[np.ndarray, ...]:
    found = OP.run(list(arrays), MatrixAttrs(kind))
    specs = OP.infer([TensorSpec(array.shape, array.dtype.name) for array in arrays], MatrixAttrs(kind))
    assert [(spec.shape, spec.dtype) for spec in specs] == [(array.shape, array.dtype.name) for array in found]
    return found


def same(got: np.ndarray, wanted: np.ndarray) -> None:
    np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-9)


def test_every_kind_is_tested() -> None:
    assert set(MATRICES) == {
        *("cholesky", "cholesky_inverse_lower", "cholesky_inverse_upper", "cholesky_upper", "det", "eigenvalues"),
        *("exponential", "inv", "least_squares", "log_determinant", "lu", "pseudo_inverse", "rank"),
        *("sign_and_log_determinant", "singular_values", "square_root"),
    }


def test_factors() -> None:
    (lower,) = results("cholesky", DEFINITE)
    same(lower @ np.swapaxes(lower, -1, -2), DEFINITE)
    (upper,) = results("cholesky_upper", DEFINITE)
    same(np.swapaxes(upper, -1, -2) @ upper, DEFINITE)
    same(results("cholesky_inverse_lower", lower)[0] @ DEFINITE, np.broadcast_to(np.eye(4), DEFINITE.shape))
    same(results("cholesky_inverse_upper", upper)[0] @ DEFINITE, np.broadcast_to(np.eye(4), DEFINITE.shape))


def test_numbers() -> None:
    same(results("det", GENERAL)[0], np.linalg.det(GENERAL))
    same(results("log_determinant", DEFINITE)[0], np.log(np.linalg.det(DEFINITE)))
    sign, size = results("sign_and_log_determinant", GENERAL)
    same(sign * np.exp(size), np.linalg.det(GENERAL))
    same(results("eigenvalues", DEFINITE)[0].prod(axis=-1), np.linalg.det(DEFINITE))
    same(results("singular_values", WIDE)[0], np.linalg.svd(WIDE, compute_uv=False))
    flat = np.concatenate([WIDE[:, :2], WIDE[:, :1] * 2], axis=1)
    np.testing.assert_array_equal(results("rank", flat)[0], [2, 2])


def test_inverses() -> None:
    same(results("inv", GENERAL)[0] @ GENERAL, np.broadcast_to(np.eye(4), GENERAL.shape))
    same(results("pseudo_inverse", WIDE)[0], np.linalg.pinv(WIDE))


@pytest.mark.parametrize("scale", [1e-9, 0.1, 1.0, 30.0])
def test_exponentials(scale: float) -> None:
    values, vectors = np.linalg.eigh(DEFINITE * scale)
    wanted = (vectors * np.exp(values)[:, None, :]) @ np.swapaxes(vectors, -1, -2)
    got = results("exponential", DEFINITE * scale)[0]
    np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-9 * np.abs(wanted).max())
    turn = np.array([[0, -scale], [scale, 0]])
    same(results("exponential", turn)[0], np.array([[np.cos(scale), -np.sin(scale)], [np.sin(scale), np.cos(scale)]]))


def test_exponentials_of_what_is_not_finite() -> None:
    got = results("exponential", np.stack([np.zeros((2, 2)), np.full((2, 2), np.inf)]))[0]
    same(got[0], np.eye(2))
    assert np.isnan(got[1]).all()
    assert results("exponential", np.zeros((0, 2, 2)))[0].shape == (0, 2, 2)


def test_roots() -> None:
    defective = np.array([[2.0, 1.0], [0.0, 2.0]])
    flat = WIDE[:, :, :2] @ np.swapaxes(WIDE[:, :, :2], -1, -2)
    mixed = np.stack([DEFINITE[0], GENERAL[0] + 4 * np.eye(4)])
    for a in (DEFINITE, GENERAL + 4 * np.eye(4), defective, defective * 1e9, flat, mixed, np.eye(3) * 1e-12):
        root = results("square_root", a)[0]
        np.testing.assert_allclose(root @ root, a, rtol=1e-9, atol=1e-9 * np.abs(a).max())
        assert np.all(np.linalg.eigvals(root).real > -1e-6 * np.abs(root).max())
    assert results("square_root", np.zeros((0, 2, 2)))[0].shape == (0, 2, 2)
    for a in (-DEFINITE, np.diag([1.0, -1.0]), np.array([[-1.0, 2.0], [0.0, -3.0]])):
        with pytest.raises(InputError, match="negative eigenvalues"):
            results("square_root", a)


def test_triangular_factors() -> None:
    for a in (GENERAL, GENERAL[:, None] * 2, np.array([[0.0, 1.0], [3.0, 4.0]])):
        both, order = results("lu", a)
        lower, upper = np.tril(both, -1) + np.eye(a.shape[-1]), np.triu(both)
        same(lower @ upper, np.take_along_axis(a, order[..., None].astype(int), axis=-2))
        assert np.abs(lower).max() <= 1 and order.dtype == np.int32


@pytest.mark.parametrize("kind", SOLVES)
def test_solves(kind: str) -> None:
    right = RNG.normal(size=(3, 4, 2))
    same(SOLVES[kind](DEFINITE) @ results(kind, DEFINITE, right)[0], right)


def test_refusals() -> None:
    with pytest.raises(InputError, match="square matrices of floats"):
        OP.infer([TensorSpec((None, 2, 3))], MatrixAttrs("inv"))
    with pytest.raises(InputError, match="square matrices of floats"):
        OP.infer([TensorSpec((None, 2, 2), "int32")], MatrixAttrs("det"))
    with pytest.raises(InputError, match="does not exist"):
        OP.infer([TensorSpec((None, 2, 2))], MatrixAttrs("jordan"))
    with pytest.raises(InputError, match="a right side that fits"):
        OP.infer([TensorSpec((None, 2, 2)), TensorSpec((None, 3, 2))], MatrixAttrs("solve"))
    for kind, arrays in (("inv", 1), ("cholesky", 1), ("lu", 1), ("solve", 2)):
        with pytest.raises(InputError, match="needs"):
            OP.run([np.zeros((1, 2, 2))] * arrays, MatrixAttrs(kind))

"""eigen: what eigenvectors are, whatever their signs, and signs on matrices worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.eigen import OP, EigenAttrs
from kmin.ops.real_schur import real_schur
from kmin.ops.symmetric_eigen import symmetric_steps
from kmin.ops.tensor import TensorSpec

RNG = np.random.default_rng(11)
SIZES = [1, 2, 3, 5, 10, 40]


def complex_parts(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    real, imaginary, vector, other = OP.run([a], EigenAttrs(False))
    assert {part.dtype for part in (real, imaginary, vector, other)} == {a.dtype}
    return real + 1j * imaginary, vector + 1j * other


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", SIZES)
def test_symmetric(size: int, dtype: str) -> None:
    a = RNG.normal(size=(3, size, size)).astype(dtype)
    whole = np.tril(a) + np.swapaxes(np.tril(a, -1), 1, 2)
    values, vectors = OP.run([a], EigenAttrs(True))
    close = {"atol": 40 * size * float(np.finfo(dtype).eps)}
    np.testing.assert_allclose(whole @ vectors, vectors * values[:, None], **close)
    np.testing.assert_allclose(np.swapaxes(vectors, 1, 2) @ vectors, np.broadcast_to(np.eye(size), a.shape), **close)
    assert (np.diff(values, axis=1) >= 0).all()
    steps, _ = symmetric_steps(whole)
    np.testing.assert_allclose(steps, values, **close)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", SIZES)
def test_general(size: int, dtype: str) -> None:
    a = RNG.normal(size=(3, size, size)).astype(dtype)
    values, vectors = complex_parts(a)
    close = {"atol": 100 * size * float(np.finfo(dtype).eps)}
    np.testing.assert_allclose(a @ vectors, vectors * values[:, None], **close)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), np.ones(values.shape), rtol=1e-5)
    t, u = real_schur(a)
    np.testing.assert_allclose(u @ t @ np.swapaxes(u, 1, 2), a, **close)
    assert (np.tril(t, -2) == 0).all()


def test_signs() -> None:
    values, vectors = OP.run([np.array([[[2.0, 0], [1, 2]]], "float32")], EigenAttrs(True))
    np.testing.assert_allclose(values, [[1, 3]], rtol=1e-6)
    np.testing.assert_allclose(np.abs(vectors), np.full((1, 2, 2), 0.5**0.5), rtol=1e-6)
    values, vectors = complex_parts(np.array([[[0.0, -1], [1, 0]]]))
    np.testing.assert_allclose(values, [[1j, -1j]])
    np.testing.assert_allclose(vectors[0], np.array([[-1, -1], [1j, -1j]]) * 0.5**0.5)


def test_equal_values() -> None:
    for a in (np.zeros((1, 3, 3)), np.eye(3)[None], np.array([[[1.0, 1, 0], [0, 1, 0], [0, 0, 1]]])):
        values, vectors = complex_parts(a)
        np.testing.assert_allclose(a @ vectors, vectors * values[:, None], atol=1e-7)
    _, vectors = complex_parts(np.eye(40)[None] + np.eye(40, k=1))
    assert np.isfinite(vectors).all()
    values, vectors = OP.run([np.eye(3, dtype="float32")[None]], EigenAttrs(True))
    np.testing.assert_array_equal(np.abs(vectors[0]), np.eye(3))


def test_a_shift_out_of_the_ordinary() -> None:
    """Permutations keep every ordinary shift busy: the eigenvalues are the roots of 1."""
    for size in (3, 4, 7):
        values, vectors = complex_parts(np.roll(np.eye(size), 1, axis=0)[None])
        np.testing.assert_allclose(np.sort_complex(values[0] ** size), np.ones(size), atol=1e-10)
        np.testing.assert_allclose(np.roll(np.eye(size), 1, axis=0) @ vectors[0], vectors[0] * values[0], atol=1e-10)


def test_what_is_not_finite_and_empty() -> None:
    a = np.stack([np.eye(2), np.full((2, 2), np.nan)])
    for symmetric in (True, False):
        for part in OP.run([a], EigenAttrs(symmetric)):
            assert np.isfinite(part[0]).all()
            assert np.isnan(part[1]).all()
        assert [len(part) for part in OP.run([a[:0]], EigenAttrs(symmetric))] == [0] * (2 if symmetric else 4)


def test_refusals() -> None:
    with pytest.raises(InputError, match="square"):
        OP.infer([TensorSpec((None, 2, 3))], EigenAttrs(True))
    with pytest.raises(InputError, match="square"):
        OP.run([np.zeros((1, 2, 3), "float32")], EigenAttrs(False))
    with pytest.raises(InputError, match="floats"):
        OP.infer([TensorSpec((None, 2, 2), "int32")], EigenAttrs(True))
    assert OP.infer([TensorSpec((None, None, 3))], EigenAttrs(True))[1] == TensorSpec((None, 3, 3))

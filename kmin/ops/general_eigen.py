"""Eigenvalues and vectors of any real matrices, in the order and the phases of Eigen's EigenSolver."""

from __future__ import annotations

import numpy as np

from kmin.ops.real_schur import real_schur
from kmin.ops.tensor import Array

# Above this, vectors that belong to one eigenvalue many times over are made shorter on the way.
LARGEST = 1e100
# Below this, an entry's phase is rounding.
SMALLEST = 1e-200


def schur_values(t: Array) -> Array:
    """The eigenvalues [N, S] of real Schur forms [N, S, S], as they stand there: of a pair, the one above first."""
    size = t.shape[1]
    values = np.diagonal(t, axis1=1, axis2=2).astype(np.result_type(t.dtype, np.complex64))
    for i in range(size - 1):
        at = np.flatnonzero(t[:, i + 1, i] != 0)
        p = t.dtype.type(0.5) * (t[at, i, i] - t[at, i + 1, i + 1])
        low, high = t[at, i + 1, i], t[at, i, i + 1]
        most = np.maximum(np.abs(p), np.maximum(np.abs(low), np.abs(high)))
        root = most * np.sqrt(np.abs(np.square(p / most) + low / most * (high / most)))
        centre = t[at, i + 1, i + 1] + p
        values[at, i], values[at, i + 1] = centre + 1j * root, centre - 1j * root
    return values


def triangular_vectors(t: Array, values: Array) -> Array:
    """Eigenvectors, in columns, of complex upper triangles t [N, S, S], with 1 at their own places."""
    count, size, _ = t.shape
    info = np.finfo(t.dtype)
    least = np.maximum(np.abs(t).max(axis=(1, 2), initial=0) * info.eps, info.tiny)
    x = np.broadcast_to(np.eye(size, dtype=t.dtype), (count, size, size)).copy()
    for i in reversed(range(size - 1)):
        gap = values[:, i, None] - values[:, i + 1 :]
        gap = np.where(gap == 0, least[:, None], gap)
        x[:, i, i + 1 :] = -np.einsum("nc,nck->nk", t[:, i, i + 1 :], x[:, i + 1 :, i + 1 :]) / gap
        x[:, :, i + 1 :] /= np.maximum(np.abs(x[:, i, i + 1 :]) / LARGEST, 1)[:, None, :]
    return x


def general_eigen(a: Array) -> tuple[Array, Array]:
    """Eigenvalues [N, S] and vectors of length 1 in the columns of [N, S, S] of real a [N, S, S], both complex.

    A vector's entry in the last Schur vector that it has a part in is positive; of a pair of complex ones it is
    positive times i, and negative times i. Source: Eigen of TensorFlow 2.15.
    """
    size = a.shape[1]
    t, u = real_schur(a)
    values = schur_values(t)
    t, u = t.astype(np.complex128), u.astype(np.complex128)
    exact, basis = values.astype(np.complex128), u.copy()
    first = np.zeros(values.shape, bool)  # the first column of a pair
    for i in range(size - 1):
        at = np.flatnonzero(t[:, i + 1, i] != 0)
        first[at, i] = True
        vector = np.stack([exact[at, i] - t[at, i + 1, i + 1], t[at, i + 1, i]], axis=1)
        vector /= np.sqrt(np.square(np.abs(vector)).sum(axis=1, keepdims=True))
        turn = np.stack([vector, np.stack([-np.conj(vector[:, 1]), np.conj(vector[:, 0])], axis=1)], axis=2)
        t[at, i : i + 2] = np.conj(np.swapaxes(turn, 1, 2)) @ t[at, i : i + 2]
        for turned in (t, u):
            turned[at, :, i : i + 2] = turned[at, :, i : i + 2] @ turn
        t[at, i + 1, i] = 0
    vectors = u @ triangular_vectors(t, exact)
    length = np.sqrt(np.square(np.abs(vectors)).sum(axis=1, keepdims=True))
    vectors = vectors / np.where(length == 0, 1, length)
    own = np.einsum("nrk,nrk->nk", basis, vectors)
    own[:, :-1] = np.where(first[:, :-1], np.einsum("nrk,nrk->nk", basis[:, :, 1:], vectors[:, :, :-1]), own[:, :-1])
    lost = np.abs(own) < SMALLEST
    unit = np.where(lost, 1, np.conj(own) / np.where(lost, 1, np.abs(own)))
    unit = np.where(first, 1j * unit, unit)
    unit[:, 1:] = np.where(first[:, :-1], -1j * unit[:, 1:], unit[:, 1:])
    return values, (vectors * unit[:, None, :]).astype(values.dtype)

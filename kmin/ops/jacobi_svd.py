"""Singular value decomposition by Jacobi turns in the signs of Eigen's JacobiSVD, and the reflections before."""

from __future__ import annotations

import numpy as np

from kmin.ops.tensor import Array

MAX_SWEEPS = 100


def householder_reflector(x: Array) -> tuple[Array, Array]:
    """v [N, R] and tau [N] of the reflection I - tau v v' that leaves of each row of x [N, R] its first entry alone.

    Its sign is opposite to that of the entry before, and what has nothing below is left as it is: LAPACK's dlarfg.
    """
    head, tail = x[:, :1], np.square(x[:, 1:]).sum(axis=1, keepdims=True)
    beta = np.where(head < 0, 1.0, -1.0) * np.sqrt(np.square(head) + tail)
    flat = tail <= np.finfo(np.float64).tiny
    v = np.where(flat, 0.0, x / np.where(flat, 1.0, head - beta))
    v[:, 0] = 1
    return v, np.where(flat, 0.0, (beta - head) / np.where(flat, 1.0, beta))[:, 0]


def reflect_rows(a: Array, v: Array, tau: Array) -> None:
    """a [N, R, C] becomes (I - tau v v') a, in place."""
    a -= (tau[:, None] * v)[:, :, None] * np.einsum("nr,nrc->nc", v, a)[:, None, :]


def pivoted_qr(a: Array) -> tuple[Array, Array, Array]:
    """q [N, R, R], r [N, C, C] and p [N, C, C] with a p = q r (R > C): of the columns left, the longest comes first."""
    count, rows, columns = a.shape
    r, p = a.copy(), np.broadcast_to(np.eye(columns), (count, columns, columns)).copy()
    each, reflectors = np.arange(count), []
    for k in range(columns):
        longest = k + np.square(r[:, k:, k:]).sum(axis=1).argmax(axis=1)
        for swapped in (r, p):
            first = swapped[:, :, k].copy()
            swapped[:, :, k] = swapped[each, :, longest]
            swapped[each, :, longest] = first
        v, tau = householder_reflector(r[:, k:, k].copy())
        reflect_rows(r[:, k:, k:], v, tau)
        reflectors.append((v, tau))
    q = np.broadcast_to(np.eye(rows), (count, rows, rows)).copy()
    for k in reversed(range(columns)):
        reflect_rows(q[:, k:], *reflectors[k])
    return q, np.triu(r[:, :columns]), p


def turn_pair(a: Array, b: Array, cosine: Array, sine: Array) -> None:
    """a [N, R] and b become c a + s b and c b - s a, in place."""
    a[...], b[...] = (
        cosine[:, None] * a + sine[:, None] * b,
        cosine[:, None] * b - sine[:, None] * a,
    )


def two_sided_turns(w: Array, p: int, q: int) -> tuple[Array, Array, Array, Array]:
    """Cosine and sine of the turns, from the left and from the right, that make w [N, S, S] 0 at (p, q) and (q, p)."""
    one, tiny = np.ones(len(w)), np.finfo(np.float64).tiny
    total, skew = w[:, p, p] + w[:, q, q], w[:, q, p] - w[:, p, q]
    even = np.abs(skew) < tiny
    ratio = total / np.where(even, one, skew)
    length = np.sqrt(1 + ratio * ratio)
    c, s = np.where(even, 1, ratio / length), np.where(even, 0, 1 / length)
    top, off = c * w[:, p, p] + s * w[:, q, p], c * w[:, p, q] + s * w[:, q, q]
    bottom = c * w[:, q, q] - s * w[:, p, q]
    done = 2 * np.abs(off) < tiny
    tau = (top - bottom) / np.where(done, one, 2 * np.abs(off))
    root = np.sqrt(1 + tau * tau)
    tangent = 1 / np.where(tau > 0, tau + root, tau - root)
    cosine = np.where(done, 1, 1 / np.sqrt(1 + tangent * tangent))
    sine = np.where(done, 0, -np.sign(off) * tangent * cosine)
    return c * cosine + s * sine, s * cosine - c * sine, cosine, sine


def jacobi_svd(a: Array) -> tuple[Array, Array, Array]:
    """u [N, R, R], values [N, S], v [N, C, C] of a [N, R, C].

    Two-sided Jacobi turns over (1, 0), (2, 0), (2, 1), ... until all entries beside the diagonal are rounding; matrices
    that are not square go through `pivoted_qr` first. Order and signs are those of Eigen's JacobiSVD.
    """
    count, rows, columns = a.shape
    size = min(rows, columns)
    scale = np.abs(a).max(axis=(1, 2), initial=0)
    scale = np.where(scale == 0, 1, scale)
    a = a / scale[:, None, None]
    eye = np.broadcast_to(np.eye(size), (count, size, size))
    u, w, v = pivoted_qr(a) if rows > columns else (eye.copy(), a.copy(), eye.copy())
    if rows < columns:
        v, w, u = pivoted_qr(np.swapaxes(a, 1, 2))
        w = np.swapaxes(w, 1, 2)
    largest = np.abs(np.diagonal(w, axis1=1, axis2=2)).max(axis=1, initial=0)
    for _ in range(MAX_SWEEPS):
        active = False
        for p in range(1, size):
            for q in range(p):
                limit = np.maximum(np.finfo(np.float64).tiny, 2 * np.finfo(np.float64).eps * largest)
                some = np.flatnonzero(np.maximum(np.abs(w[:, p, q]), np.abs(w[:, q, p])) > limit)
                if not len(some):
                    continue
                active = True
                part, left, right = w[some], u[some], v[some]
                c, s, cosine, sine = two_sided_turns(part, p, q)
                turn_pair(part[:, p], part[:, q], c, s)
                turn_pair(part[:, :, p], part[:, :, q], cosine, -sine)
                turn_pair(left[:, :, p], left[:, :, q], c, s)
                turn_pair(right[:, :, p], right[:, :, q], cosine, -sine)
                w[some], u[some], v[some] = part, left, right
                ends = np.maximum(np.abs(part[:, p, p]), np.abs(part[:, q, q]))
                largest[some] = np.maximum(largest[some], ends)
        if not active:
            break
    values = np.diagonal(w, axis1=1, axis2=2)
    u[:, :, :size] = np.where(values < 0, -1, 1)[:, None, :] * u[:, :, :size]
    order = np.argsort(-np.abs(values), axis=1, kind="stable")
    u[:, :, :size] = np.take_along_axis(u[:, :, :size], order[:, None, :], axis=2)
    v[:, :, :size] = np.take_along_axis(v[:, :, :size], order[:, None, :], axis=2)
    return u, np.take_along_axis(np.abs(values), order, axis=1) * scale[:, None], v

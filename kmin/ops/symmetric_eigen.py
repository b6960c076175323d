"""Eigenvectors of symmetric matrices by reflections and shifted QR steps, with the signs of Eigen's solver."""

from __future__ import annotations

import numpy as np

from kmin.ops.jacobi_svd import householder_reflector, reflect_rows
from kmin.ops.tensor import Array

# QR steps per column after which Eigen gives up.
MOST_STEPS = 30


def tridiagonal_form(a: Array) -> tuple[Array, Array, Array]:
    """diagonal [N, S], what is beside it [N, S - 1] and q [N, S, S] with a = q t q' of symmetric a [N, S, S]."""
    count, size, _ = a.shape
    a, reflectors = a.copy(), []
    beside = np.zeros((count, max(size - 1, 0)), a.dtype)
    for i in range(size - 1):
        v, tau = (part.astype(a.dtype) for part in householder_reflector(a[:, i + 1 :, i]))
        rest = a[:, i + 1 :, i + 1 :]
        length = np.sqrt(np.square(a[:, i + 1 :, i]).sum(axis=1))
        beside[:, i] = np.where(tau == 0, a[:, i + 1, i], np.where(a[:, i + 1, i] < 0, length, -length))
        w = np.einsum("nrc,nc->nr", rest, tau[:, None] * v)
        w -= (tau * np.einsum("nr,nr->n", w, v) / 2)[:, None] * v
        rest -= v[:, :, None] * w[:, None, :] + w[:, :, None] * v[:, None, :]
        reflectors.append((v, tau))
    q = np.broadcast_to(np.eye(size, dtype=a.dtype), (count, size, size)).copy()
    for i in reversed(range(size - 1)):
        reflect_rows(q[:, i + 1 :], *reflectors[i])
    return np.diagonal(a, axis1=1, axis2=2).copy(), beside, q


def real_rotations(p: Array, q: Array) -> tuple[Array, Array]:
    """Cosine and sine of the rotations that turn (p, q) onto the first axis (JacobiRotation::makeGivens)."""
    one = np.ones_like(p)
    by_p = np.abs(p) > np.abs(q)
    long, short = np.where(by_p, p, q), np.where(by_p, q, p)
    ratio = short / np.where(long == 0, one, long)
    length = np.where(long < 0, -one, one) * np.sqrt(1 + ratio * ratio)
    cosine, sine = np.where(by_p, 1 / length, ratio / length), np.where(by_p, -ratio / length, -1 / length)
    return np.where(q == 0, np.where(p < 0, -one, one), cosine), np.where(q == 0, 0 * one, sine)


def wilkinson_shifts(high: Array, low: Array, beside: Array) -> Array:
    """Of each symmetric matrix of two columns, the eigenvalue next to its last entry."""
    half = (high - low) * high.dtype.type(0.5)
    square, root = beside * beside, np.hypot(half, beside)
    away = half + np.where(half > 0, root, -root)
    safe = np.where(away == 0, 1, away)
    small = beside / np.where(away == 0, 1, safe / np.where(beside == 0, 1, beside))
    step = np.where(half == 0, np.abs(beside), np.where(square == 0, small, square / safe))
    shift: Array = low - np.where(beside == 0, 0, step)
    return shift


def qr_step(diagonal: Array, beside: Array, q: Array, start: Array, end: Array) -> None:
    """One implicit QR step on the columns from start to end of each matrix, in place (tridiagonal_qr_step)."""
    each = np.arange(len(diagonal))
    shift = wilkinson_shifts(diagonal[each, end - 1], diagonal[each, end], beside[each, end - 1])
    x, z = diagonal[each, start] - shift, beside[each, start]
    for k in range(int(start.min()), int(end.max())):
        at = np.flatnonzero((start <= k) & (k < end) & (z != 0))
        if not len(at):
            continue
        c, s = real_rotations(x[at], z[at])
        d, e, d1 = diagonal[at, k], beside[at, k], diagonal[at, k + 1]
        left, right = s * d + c * e, s * e + c * d1
        diagonal[at, k] = c * (c * d - s * e) - s * (c * e - s * d1)
        diagonal[at, k + 1] = s * left + c * right
        beside[at, k] = c * left - s * right
        if k:
            before = beside[at, k - 1]
            beside[at, k - 1] = np.where(k > start[at], c * before - s * z[at], before)
        x[at] = beside[at, k]
        if k + 1 < beside.shape[1]:
            more = k < end[at] - 1
            after = beside[at, k + 1]
            z[at] = np.where(more, -s * after, z[at])
            beside[at, k + 1] = np.where(more, c * after, after)
        one, other = q[at, :, k], q[at, :, k + 1]
        q[at, :, k], q[at, :, k + 1] = c[:, None] * one - s[:, None] * other, s[:, None] * one + c[:, None] * other


def symmetric_steps(a: Array) -> tuple[Array, Array]:
    """Eigenvalues [N, S] from the smallest on and vectors in the columns of [N, S, S], computed in a's precision."""
    count, size, _ = a.shape
    diagonal, beside, q = tridiagonal_form(a)
    start, end = np.zeros(count, np.int64), np.full(count, size - 1)
    columns, info = np.arange(max(size - 1, 0)), np.finfo(a.dtype)
    for _ in range(MOST_STEPS * size):
        scaled = beside / info.eps
        flat = (np.abs(beside) < info.tiny) | (scaled * scaled <= np.abs(diagonal[:, :-1]) + np.abs(diagonal[:, 1:]))
        beside[flat & (columns >= start[:, None]) & (columns < end[:, None])] = 0
        open_ = (beside != 0) & (columns < end[:, None])
        end = np.where(open_.any(axis=1), size - 1 - open_[:, ::-1].argmax(axis=1), 0) if size > 1 else end
        some = np.flatnonzero(end > 0)
        if not len(some):
            break
        shut = ~open_ & (columns < end[:, None])
        start = np.where(shut.any(axis=1), size - 1 - shut[:, ::-1].argmax(axis=1), 0)
        parts = diagonal[some], beside[some], q[some]
        qr_step(*parts, start[some], end[some])
        diagonal[some], beside[some], q[some] = parts
    order = np.argsort(diagonal, axis=1, kind="stable")
    return np.take_along_axis(diagonal, order, axis=1), np.take_along_axis(q, order[:, None, :], axis=2)


def symmetric_eigen(a: Array) -> tuple[Array, Array]:
    """Eigenvalues and vectors of a [N, S, S], the lower triangles of which are read, with Eigen's signs.

    LAPACK's vectors, turned to the side of those that Eigen's steps find in a's own precision; where eigenvalues are so
    close that vectors may be any of a plane, those of the steps.
    """
    lower = np.tril(a)
    whole = lower + np.swapaxes(np.tril(a, -1), 1, 2)
    scale = np.abs(lower).max(axis=(1, 2), initial=0, keepdims=True)
    scale = np.where(scale == 0, 1, scale)
    _, steps = symmetric_steps(whole / scale)
    values, vectors = np.linalg.eigh(whole.astype(np.float64))
    side = np.einsum("nrc,nrc->nc", vectors, steps)
    vectors = vectors * np.where(side < 0, -1, 1)[:, None, :]
    near = np.abs(side) < 1 - 1e-4
    return values.astype(a.dtype), np.where(near[:, None, :], steps, vectors).astype(a.dtype)

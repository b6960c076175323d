"""factorize: QR and singular value decompositions with their vectors, in the signs of TensorFlow's CPU kernels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class FactorizeAttrs:
    """kind: "qr" or "svd"; complete: whether orthogonal factors are square."""

    kind: str
    complete: bool = False


# With more columns TensorFlow divides and conquers, and signs turn on what it takes for zero.
MAX_SVD_COLUMNS = 15
MAX_SWEEPS = 100
# Entries of orthogonal factors that a few roundings of the matrix move by more than this are not known.
FACTOR_TOLERANCE = 0.05


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


def factors_of(a: Array, attrs: FactorizeAttrs) -> tuple[Array, ...]:
    """q and r, or u, the singular values and v' of a [N, R, C]."""
    if attrs.kind == "qr":
        q, r = np.linalg.qr(a + 0.0, mode="complete" if attrs.complete else "reduced")
        return q, r
    u, values, v = jacobi_svd(a)
    size = values.shape[1]
    if not attrs.complete:
        u, v = u[:, :, :size], v[:, :, :size]
    return u, values, np.swapaxes(v, 1, 2)


def infer_factorize(specs: Specs, attrs: FactorizeAttrs) -> tuple[TensorSpec, ...]:
    (a,) = specs
    if attrs.kind not in ("qr", "svd"):
        raise InputError(f"factorization '{attrs.kind}' does not exist")
    if a.rank < 2 or a.dtype not in ("float32", "float64"):
        raise InputError(f"{attrs.kind} needs matrices of floats; received {a}")
    *outer, rows, columns = a.shape
    if attrs.kind == "svd" and columns is not None and columns > MAX_SVD_COLUMNS:
        raise InputError(f"svd gives vectors of at most {MAX_SVD_COLUMNS} columns; received {a}")
    size = None if rows is None or columns is None else min(rows, columns)
    left, right = (rows, columns) if attrs.complete else (size, size)
    if attrs.kind == "qr":
        shapes: list[tuple[int | None, ...]] = [(rows, left), (left, columns)]
    else:
        shapes = [(rows, left), (size,), (right, columns)]
    return tuple(TensorSpec((*outer, *shape), a.dtype) for shape in shapes)


def run_factorize(arrays: Arrays, attrs: FactorizeAttrs) -> tuple[Array, ...]:
    """[..., R, C] -> the factors, which a few roundings of the matrix must not turn around; NaN where it is not finite.

    Source of the signs: Householder reflections and two-sided Jacobi turns as in TensorFlow 2.15 and 2.21.
    """
    (a,) = arrays
    outer, shape = a.shape[:-2], a.shape[-2:]
    finite = np.isfinite(a).all(axis=(-1, -2)).reshape(-1, 1, 1)
    wide = np.where(finite, a.reshape(-1, *shape), 0).astype(np.float64)
    places, roundings = np.arange(shape[0] * shape[1]).reshape(shape), 4 * float(np.finfo(a.dtype).eps)
    found = factors_of(wide, attrs)
    # Opposite ripples turn some factors the same way, so that they need two others beside them.
    for ripple in (np.cos(places), -np.cos(places), np.cos(2.7 * places + 1), np.sin(1.9 * places)):
        moved = wide * (1 + roundings * ripple)
        for there, here in zip(factors_of(moved, attrs), found, strict=True):
            if here is not found[1] and np.any(np.abs(there - here) > FACTOR_TOLERANCE):
                raise InputError(
                    f"{attrs.kind} needs matrices whose factors do not turn on rounding; received one that has columns "
                    "that depend on each other, equal singular values or the like"
                )
    known = [np.where(finite.reshape((-1,) + (1,) * (array.ndim - 1)), array, np.nan) for array in found]
    return tuple(array.reshape(*outer, *array.shape[1:]).astype(a.dtype) for array in known)


OP = Op(FactorizeAttrs, infer_factorize, run_factorize)

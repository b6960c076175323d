"""Singular value decomposition by divide and conquer, in the signs of Eigen's BDCSVD: of 16 columns and more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kmin.ops.jacobi_svd import householder_reflector, jacobi_svd, reflect_rows
from kmin.ops.tensor import Array

# From as many columns on a bidiagonal matrix is divided.
DIVIDED_COLUMNS = 16
# Rows for each column above which the matrix is made square first.
TALL_RATIO = 4
HALVINGS = 96


@dataclass
class DividedMatrix:
    """A lower bidiagonal matrix [N + 1, N] on its way to u m v'.

    Attributes:
        m: [N + 1, N]; u: [N + 1, N + 1]; v: [N, N].
        eps, tiny: of the precision whose decisions are to be met.
        parts: decompositions of what is not divided, by first column.
    """

    m: Array
    u: Array
    v: Array
    eps: float
    tiny: float
    parts: dict[int, tuple[Array, Array, Array]]


def divide_columns(d: DividedMatrix, first: int, last: int, row: int, column: int, shift: int) -> None:
    """The columns `first` to `last` of d made diagonal: both halves, and then what joins them."""
    n = last - first + 1
    if n < DIVIDED_COLUMNS:
        left, values, right = d.parts[first]
        d.u[first : first + n + 1, first : first + n + 1] = left
        d.v[row : row + n, column : column + n] = right
        place = first + shift
        d.m[place : place + n + 1, place : place + n] = 0
        d.m[np.arange(place, place + n), np.arange(place, place + n)] = values
        return
    k = n // 2
    alpha, beta = d.m[first + k, first + k], d.m[first + k + 1, first + k]
    divide_columns(d, first + k + 1, last, row + k + 1, column + k + 1, shift)
    divide_columns(d, first, first + k - 1, row, column + 1, shift + 1)
    low, high = alpha * d.u[first + k, first + k], beta * d.u[first + k + 1, last + 1]
    above = d.u[first + k, first : first + k].copy()
    below = d.u[first + k + 1, first + k + 1 : last + 1].copy()
    d.v[row + k, column] = 1
    length = np.sqrt(low * low + high * high)
    cosine, sine = (1.0, 0.0) if length < d.tiny else (low / length, high / length)
    upper, lower = slice(first, first + k + 1), slice(first + k + 1, first + n + 1)
    moved = d.u[upper, first + k].copy()
    d.u[upper, first + 1 : first + k + 1] = d.u[upper, first : first + k].copy()
    d.u[upper, first], d.u[upper, last + 1] = moved * cosine, moved * -sine
    d.u[lower, first] = d.u[lower, last + 1] * sine
    d.u[lower, last + 1] *= cosine
    place = first + shift
    d.m[place, place] = length
    d.m[place + 1 : place + k + 1, place] = alpha * above
    d.m[place + k + 1 : place + n, place] = beta * below
    deflate_columns(d, first, n, k, row, column, shift)
    left, values, right = arrow_svd(d.m[place : place + n, place : place + n], d.tiny)
    d.u[first : first + n + 1, first : first + n] = d.u[first : first + n + 1, first : first + n] @ left
    d.v[row : row + n, column : column + n] = d.v[row : row + n, column : column + n] @ right
    d.m[place : place + n, place : place + n] = np.diag(values)


def turn_columns(a: Array, p: int, q: int, cosine: float, sine: float) -> None:
    """The columns p and q of a become c p + s q and c q - s p, in place."""
    a[:, p], a[:, q] = cosine * a[:, p] + sine * a[:, q], cosine * a[:, q] - sine * a[:, p]


def deflate_columns(d: DividedMatrix, first: int, n: int, k: int, row: int, column: int, shift: int) -> None:
    """Takes entries out of the first column that are almost 0 or beside almost equal ones, and sorts the diagonal."""
    place = first + shift
    at = np.arange(place, place + n)
    diagonal, z = d.m[at, at].copy(), d.m[at, place].copy()
    u, v = d.u[first : first + n + 1], d.v[row : row + n]
    largest = float(np.abs(diagonal[1:]).max(initial=0))
    strict, coarse = max(d.tiny, d.eps * largest), 8 * d.eps * max(float(np.abs(z).max()), largest)
    z[0] = max(z[0], coarse)
    z[1:][np.abs(z[1:]) < strict] = 0
    for i in range(1, n):
        if diagonal[i] < coarse:
            length = float(np.hypot(z[0], z[i]))
            turn_columns(u, first, first + i, z[0] / length, z[i] / length)
            z[0], z[i], diagonal[i] = length, 0, 0
    diagonal[0] = z[0]
    order = merged_order(diagonal, z, k, d.tiny)
    z[1:] = z[order[1:]] if not order[0] else 0
    diagonal[:] = diagonal[order]
    u[:, first : first + n], v[:, column : column + n] = u[:, first + order], v[:, column + order]
    i = n - 1
    while i > 0 and (diagonal[i] < d.tiny or abs(z[i]) < d.tiny):
        i -= 1
    for j in range(i, 1, -1):
        if diagonal[j] - diagonal[j - 1] < strict:
            length = float(np.hypot(z[j - 1], z[j]))
            diagonal[j - 1] = diagonal[j]
            if length:
                cosine, sine = z[j - 1] / length, z[j] / length
                turn_columns(u, first + j - 1, first + j, cosine, sine)
                turn_columns(v, column + j - 1, column + j, cosine, sine)
                z[j - 1], z[j] = length, 0
    d.m[at, place], d.m[at, at] = z, diagonal


def merged_order(diagonal: Array, z: Array, k: int, tiny: float) -> Array:
    """Places of the diagonal: 0 (among the others if z is 0), the others rising, zeros at the end."""
    n = len(diagonal)
    falling = [i for i in range(1, n) if diagonal[i] < tiny]
    i, j = 1, k + 1
    while len(falling) < n - 1:
        if i > k or (j < n and diagonal[i] < diagonal[j]):
            falling.append(j)
            j += 1
        else:
            falling.append(i)
            i += 1
    if not (np.abs(z[1:]) < tiny).all():
        return np.array([0, *falling[::-1]])
    less = (p for p, at in enumerate(falling) if diagonal[at] >= tiny and diagonal[0] >= diagonal[at])
    falling.insert(next(less, n - 1), 0)
    return np.array(falling[::-1])


def secular_roots(z: Array, diagonal: Array) -> tuple[Array, Array]:
    """shift and mu [M] of the roots shift + mu of 1 + sum (z / (d - x)) (z / (d + x)), one after each of d [M]."""
    right = np.append(diagonal[1:], diagonal[-1] + np.sqrt(np.square(z).sum()))
    gap = right - diagonal

    def value(shift: Array, mu: Array) -> Array:
        near = diagonal[None, :] - shift[:, None] - mu[:, None]
        found: Array = 1 + ((z / near) * (z / (diagonal[None, :] + shift[:, None] + mu[:, None]))).sum(axis=1)
        return found

    with np.errstate(all="ignore"):
        left = value(diagonal, gap / 2) > 0
        left[-1] = True
        shift, sign = np.where(left, diagonal, right), np.where(left, 1.0, -1.0)
        low = np.maximum(gap * 1e-300, np.finfo(np.float64).tiny)
        high = gap * np.where(np.arange(len(gap)) == len(gap) - 1, 1.0, 0.51)
        for _ in range(HALVINGS):
            middle = np.where(high > 4 * low, np.sqrt(low) * np.sqrt(high), (low + high) / 2)
            far = (value(shift, sign * middle) > 0) == left
            low, high = np.where(far, low, middle), np.where(far, middle, high)
    return shift, sign * (low + high) / 2


def arrow_svd(m: Array, tiny: float) -> tuple[Array, Array, Array]:
    """u [N, N], values and v [N, N] of a matrix that is 0 but in its first column and on its diagonal, which rises."""
    n = len(m)
    z, diagonal = m[:, 0].copy(), np.diagonal(m).copy()
    diagonal[0] = 0
    count = n
    while count > 1 and diagonal[count - 1] == 0:
        count -= 1
    kept = np.flatnonzero(np.abs(z[:count]) > tiny)
    values = np.where(np.arange(n) == 0, z[0], diagonal)
    left, right = np.eye(n), np.eye(n)
    if len(kept) > 1:
        d, c = diagonal[kept], z[kept]
        shift, mu = secular_roots(c, d)
        roots = shift + mu
        values[kept] = roots
        # Gu and Eisenstat 1995, (3.6): the column that has these roots exactly.
        own = np.arange(len(kept))
        partner = np.where(own[None, :] < own[:, None], own[None, :], np.maximum(own[None, :] - 1, 0))
        above = (roots[partner] + d[:, None]) * (mu[partner] + (shift[partner] - d[:, None]))
        below = (d[None, :] + d[:, None]) * (d[None, :] - d[:, None])
        same = own[:, None] == own[None, :]
        ratio = np.where(same, 1.0, above / np.where(same, 1.0, below))
        total = ratio.prod(axis=1) * (roots[-1] + d) * (mu[-1] + (shift[-1] - d))
        exact = np.sqrt(np.maximum(total, 0)) * np.where(c > 0, 1, -1)
        part = exact[:, None] / ((d[:, None] - shift) - mu) / (d[:, None] + roots)
        block = part / np.sqrt(np.square(part).sum(axis=0))
        part = d[:, None] * part
        part[0] = -1
        left[np.ix_(kept, kept)] = block
        right[np.ix_(kept, kept)] = part / np.sqrt(np.square(part).sum(axis=0))
    for i in range(count - 1):
        if values[i] > values[i + 1]:
            for array in (values, left.T, right.T):
                array[[i, i + 1]] = array[[i + 1, i]]
    order = np.append(np.arange(count)[::-1], np.arange(count, n))
    return left[:, order], values[order], right[:, order]


def undivided_parts(first: int, n: int) -> list[tuple[int, int]]:
    """First column and number of columns of each part of n columns that is not divided."""
    if n < DIVIDED_COLUMNS:
        return [(first, n)]
    k = n // 2
    return [*undivided_parts(first, k), *undivided_parts(first + k + 1, n - k - 1)]


def small_svds(m: Array) -> list[dict[int, tuple[Array, Array, Array]]]:
    """The decompositions of the parts of each m [N, S + 1, S] that are not divided, those of one size at once."""
    found: list[dict[int, tuple[Array, Array, Array]]] = [{} for _ in m]
    parts = undivided_parts(0, m.shape[2])
    for n in sorted({size for _, size in parts}):
        places = [first for first, size in parts if size == n]
        blocks = np.concatenate([m[:, at : at + n + 1, at : at + n] for at in places])
        for i, part in enumerate(zip(*jacobi_svd(blocks), strict=True)):
            found[i % len(m)][places[i // len(m)]] = part
    return found


def divided_svd(a: Array, precision: np.dtype[np.floating[Any]]) -> tuple[Array, Array, Array]:
    """u [N, R, R], values [N, S] and v [N, C, C] of a [N, R, C], with the decisions that a precision makes."""
    count, rows, columns = a.shape
    if columns > rows:
        v, values, u = divided_svd(np.swapaxes(a, 1, 2), precision)
        return u, values, v
    scale = np.abs(a).max(axis=(1, 2), initial=0)
    scale = np.where(scale == 0, 1, scale)
    work = a / scale[:, None, None]
    tall, outer = rows // TALL_RATIO > columns, []
    if tall:
        for k in range(columns):
            outer.append(householder_reflector(work[:, k:, k].copy()))
            reflect_rows(work[:, k:, k:], *outer[-1])
        work = np.triu(work[:, :columns])
    m, lefts, rights = np.zeros((count, columns + 1, columns)), [], []
    for k in range(columns):
        lefts.append(householder_reflector(work[:, k:, k].copy()))
        reflect_rows(work[:, k:, k:], *lefts[-1])
        m[:, k, k] = work[:, k, k]
        if k < columns - 1:
            rights.append(householder_reflector(work[:, k, k + 1 :].copy()))
            reflect_rows(np.swapaxes(work[:, k:, k + 1 :], 1, 2), *rights[-1])
            m[:, k + 1, k] = work[:, k, k + 1]
    info = np.finfo(precision)
    u = np.broadcast_to(np.eye(rows), (count, rows, rows)).copy()
    v, values = np.empty((count, columns, columns)), np.empty((count, columns))
    for i, parts in enumerate(small_svds(m)):
        blank = np.zeros((columns + 1, columns + 1)), np.zeros((columns, columns))
        d = DividedMatrix(m[i], *blank, float(info.eps), float(info.tiny), parts)
        divide_columns(d, 0, columns - 1, 0, 0, 0)
        u[i, :columns, :columns], v[i] = d.v, d.u[:columns, :columns]
        values[i] = np.abs(np.diagonal(d.m)) * scale[i]
    inner = u[:, :columns, :columns] if tall else u
    for k in reversed(range(columns)):
        reflect_rows(inner[:, k:], *lefts[k])
    for k in reversed(range(len(rights))):
        reflect_rows(v[:, k + 1 :], *rights[k])
    for k in reversed(range(len(outer))):
        reflect_rows(u[:, k:], *outer[k])
    return u, values, v

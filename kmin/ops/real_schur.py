"""Real Schur form of matrices by Francis' double QR steps, in the order of Eigen's RealSchur."""

from __future__ import annotations

import numpy as np

from kmin.ops.jacobi_svd import householder_reflector, reflect_rows
from kmin.ops.symmetric_eigen import real_rotations
from kmin.ops.tensor import Array

# QR steps per column after which Eigen gives up.
MOST_DOUBLE_STEPS = 40


def reflector_of(x: Array) -> tuple[Array, Array, Array]:
    """v [N, R], tau [N] and what the reflection leaves of the first entry of x [N, R], in x's precision."""
    v, tau = (part.astype(x.dtype) for part in householder_reflector(x))
    length = np.sqrt(np.square(x).sum(axis=1))
    return v, tau, np.where(tau == 0, x[:, 0], np.where(x[:, 0] < 0, length, -length))


def hessenberg_form(a: Array) -> tuple[Array, Array]:
    """h and u [N, S, S] with a = u h u', h being 0 below the diagonal under the main one."""
    count, size, _ = a.shape
    h = a.copy()
    u = np.broadcast_to(np.eye(size, dtype=a.dtype), (count, size, size)).copy()
    for i in range(size - 2):
        v, tau, beta = reflector_of(h[:, i + 1 :, i])
        reflect_rows(h[:, i + 1 :, i + 1 :], v, tau)
        h[:, i + 1, i], h[:, i + 2 :, i] = beta, 0
        for turned in (h, u):
            reflect_rows(np.swapaxes(turned[:, :, i + 1 :], 1, 2), v, tau)
    return h, u


def reflect_both(t: Array, u: Array, at: Array, k: int, v: Array, tau: Array) -> None:
    """t [N, S, S] becomes h t h and u becomes u h for the reflections h of rows and columns from k on, in place."""
    stop = k + v.shape[1]
    rows, columns, turned = t[at, k:stop, k:], t[at, :, k:stop], u[at, :, k:stop]
    reflect_rows(rows, v, tau)
    t[at, k:stop, k:] = rows
    columns = t[at, :, k:stop]
    for part in (columns, turned):
        reflect_rows(np.swapaxes(part, 1, 2), v, tau)
    t[at, :, k:stop], u[at, :, k:stop] = columns, turned


def double_step(t: Array, u: Array, start: Array, end: Array, shift: Array) -> None:
    """One QR step with both shifts on the columns from start to end, at least three, of each matrix, in place."""
    eps = np.finfo(t.dtype).eps
    first, vector = np.full(len(t), -1), np.zeros((len(t), 3), t.dtype)
    for m in range(int(end.max()) - 2, int(start.min()) - 1, -1):
        at = np.flatnonzero((first < 0) & (m <= end - 2) & (m >= start))
        r, s = shift[at, 0] - t[at, m, m], shift[at, 1] - t[at, m, m]
        below = t[at, m + 1, m]
        head = (r * s - shift[at, 2]) / np.where(below == 0, 1, below) + t[at, m, m + 1]
        vector[at] = np.stack([head, t[at, m + 1, m + 1] - t[at, m, m] - r - s, t[at, m + 2, m + 1]], axis=1)
        before = max(m - 1, 0)
        left = t[at, m, before] * np.abs(vector[at, 1:]).sum(axis=1)
        right = head * (np.abs(t[at, before, before]) + np.abs(t[at, m, m]) + np.abs(t[at, m + 1, m + 1]))
        first[at[(start[at] == m) | (np.abs(left) < eps * right)]] = m
    for k in range(int(first.min()), int(end.max()) - 1):
        at = np.flatnonzero((first <= k) & (k <= end - 2))
        begins, before = first[at] == k, max(k - 1, 0)
        v, tau, beta = reflector_of(np.where(begins[:, None], vector[at], t[at, k : k + 3, before]))
        at, begins, v, tau, beta = (part[beta != 0] for part in (at, begins, v, tau, beta))
        flipped = np.where(start[at] < k, -t[at, k, before], t[at, k, before])
        t[at, k, before] = np.where(begins, flipped, beta)
        reflect_both(t, u, at, k, v, tau)
    for k in np.unique(end) - 1:
        at = np.flatnonzero(end - 1 == k)
        v, tau, beta = reflector_of(t[at, k : k + 2, k - 1])
        at, v, tau, beta = (part[beta != 0] for part in (at, v, tau, beta))
        t[at, k, k - 1] = beta
        reflect_both(t, u, at, int(k), v, tau)
    rows, columns = np.indices(t.shape[1:])
    polluted = (rows - columns == 2) | (rows - columns == 3)
    t[polluted & (rows >= first[:, None, None] + 2) & (rows <= end[:, None, None])] = 0


def split_pairs(t: Array, u: Array, end: Array, moved: Array) -> None:
    """The two rows that end at `end` parted where their eigenvalues are real, in place."""
    for last in np.unique(end):
        at = np.flatnonzero(end == last)
        p = t.dtype.type(0.5) * (t[at, last - 1, last - 1] - t[at, last, last])
        q = p * p + t[at, last, last - 1] * t[at, last - 1, last]
        t[at, last, last] += moved[at]
        t[at, last - 1, last - 1] += moved[at]
        real = q >= 0
        at, p, root = at[real], p[real], np.sqrt(q[real])
        c, s = (x[:, None] for x in real_rotations(np.where(p >= 0, p + root, p - root), t[at, last, last - 1]))
        top, low = t[at, last - 1], t[at, last]
        inside = np.arange(t.shape[1]) >= last - 1
        t[at, last - 1], t[at, last] = (
            np.where(inside, c * top - s * low, top),
            np.where(inside, s * top + c * low, low),
        )
        for turned in (t, u):
            left, right = turned[at, :, last - 1], turned[at, :, last]
            turned[at, :, last - 1], turned[at, :, last] = c * left - s * right, s * left + c * right
        t[at, last, last - 1] = 0
        if last > 1:
            t[end == last, last - 1, last - 2] = 0


def double_shifts(t: Array, end: Array, tries: Array, moved: Array) -> Array:
    """Sum and product of the shifts, as three numbers; t and what it is moved by change at the 10th and 30th try."""
    each = np.arange(len(t))
    one, other = t[each, end, end], t[each, end - 1, end - 1]
    product = t[each, end, end - 1] * t[each, end - 1, end]
    shift = np.stack([one, other, product], axis=1)
    for at in np.flatnonzero(tries == 10):
        size = np.abs(t[at, end[at], end[at] - 1]) + np.abs(t[at, end[at] - 1, end[at] - 2])
        moved[at] += one[at]
        places = np.arange(end[at] + 1)
        t[at, places, places] -= one[at]
        shift[at] = 0.75 * size, 0.75 * size, -0.4375 * size * size
    for at in np.flatnonzero(tries == 30):
        half = (other[at] - one[at]) / 2
        square = half * half + product[at]
        if square > 0:
            root = -np.sqrt(square) if other[at] < one[at] else np.sqrt(square)
            step = one[at] - product[at] / (root + half)
            moved[at] += step
            places = np.arange(end[at] + 1)
            t[at, places, places] -= step
            shift[at] = 0.964
    return shift


def real_schur(a: Array) -> tuple[Array, Array]:
    """t [N, S, S], with blocks of two columns for pairs of complex eigenvalues, and u with a = u t u'.

    Everything is computed in a's precision. Source: Eigen of TensorFlow 2.15.
    """
    count, size, _ = a.shape
    scale = np.abs(a).max(axis=(1, 2), initial=0, keepdims=True)
    t, u = hessenberg_form(a / np.where(scale == 0, 1, scale))
    info, places = np.finfo(a.dtype), np.arange(max(size - 1, 0))
    norm = np.abs(np.triu(t, -1)).sum(axis=(1, 2))
    zero = np.maximum(norm * info.eps * info.eps, info.tiny)
    end, tries = np.full(count, size - 1), np.zeros(count, np.int64)
    moved = np.zeros(count, a.dtype)
    for _ in range((MOST_DOUBLE_STEPS + 2) * size):
        if not (end >= 0).any():
            break
        lines = np.abs(np.diagonal(t, axis1=1, axis2=2))
        limit = np.maximum((lines[:, :-1] + lines[:, 1:]) * info.eps, zero[:, None])
        flat = (np.abs(np.diagonal(t, -1, 1, 2)) <= limit) & (places < end[:, None])
        start = np.where(flat.any(axis=1), size - 1 - flat[:, ::-1].argmax(axis=1), 0) if size > 1 else end
        single, double = np.flatnonzero((end >= 0) & (start == end)), np.flatnonzero((end > 0) & (start == end - 1))
        some = np.flatnonzero((end >= 0) & (start < end - 1))
        t[single, end[single], end[single]] += moved[single]
        cut = single[end[single] > 0]
        t[cut, end[cut], end[cut] - 1] = 0
        for part, function in ((double, "split"), (some, "step")):
            if not len(part):
                continue
            own, turned = t[part], u[part]
            if function == "split":
                split_pairs(own, turned, end[part], moved[part])
            else:
                shifted = moved[part]
                shift = double_shifts(own, end[part], tries[part], shifted)
                moved[part] = shifted
                double_step(own, turned, start[part], end[part], shift)
            t[part], u[part] = own, turned
        tries[some] += 1
        end[single] -= 1
        end[double] -= 2
        tries[single], tries[double] = 0, 0
    return t * scale, u

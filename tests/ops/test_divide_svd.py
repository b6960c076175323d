"""divide_svd: factors of every kind of matrix, the signs that make them TensorFlow's, and what is taken out early."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from kmin.ops.divide_svd import arrow_svd, divided_svd, merged_order, secular_roots, undivided_parts

RNG = np.random.default_rng(6)


def matrices(kind: str, rows: int, columns: int) -> np.ndarray:
    a = RNG.normal(size=(2, rows, columns))
    if kind == "dependent":
        return RNG.normal(size=(2, rows, 4)) @ RNG.normal(size=(2, 4, columns))
    if kind == "equal":
        return np.linalg.qr(RNG.normal(size=(2, rows, rows)))[0][:, :, :columns]
    if kind == "zeros":
        return a * 0
    if kind == "blocks":
        a[:, rows // 2 :, : columns // 2] = 0
        a[:, : rows // 2, columns // 2 :] = 0
    return a * (1e-12 ** (np.arange(columns) / columns) if kind == "falling" else 1.0)


@pytest.mark.parametrize("kind", ["any", "blocks", "dependent", "equal", "falling", "zeros"])
@pytest.mark.parametrize(("rows", "columns"), [(16, 16), (40, 40), (70, 35), (150, 33), (20, 45), (5, 17)])
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_factors(kind: str, rows: int, columns: int, precision: str) -> None:
    if kind == "equal" and columns > rows:
        columns = rows
    a = matrices(kind, rows, columns)
    u, values, v = divided_svd(a, np.dtype(precision))
    size = min(rows, columns)
    small = float(np.finfo(precision).eps) * 200 * max(float(np.abs(a).max()), 1.0)
    np.testing.assert_allclose((u[:, :, :size] * values[:, None]) @ np.swapaxes(v[:, :, :size], 1, 2), a, atol=small)
    np.testing.assert_allclose(values, np.linalg.svd(a, compute_uv=False), atol=small)
    for factor in (u, v):
        product = np.swapaxes(factor, 1, 2) @ factor
        np.testing.assert_allclose(product, np.broadcast_to(np.eye(factor.shape[1]), product.shape), atol=1e-10)


def test_nothing() -> None:
    u, values, v = divided_svd(np.zeros((0, 20, 18)), np.dtype("float32"))
    assert (u.shape, values.shape, v.shape) == ((0, 20, 20), (0, 18), (0, 18, 18))


def test_parts_are_below_the_limit_and_leave_a_column_between() -> None:
    for n in (16, 17, 40, 65, 200):
        parts = undivided_parts(0, n)
        assert all(size < 16 for _, size in parts)
        ends = sorted((first, first + size) for first, size in parts)
        assert ends[0][0] == 0 and ends[-1][1] == n
        assert all(after[0] == before[1] + 1 for before, after in pairwise(ends))


def test_roots_lie_between_and_solve() -> None:
    d = np.array([0.0, 1e-9, 0.5, 0.5 + 1e-10, 3.0])
    z = np.array([0.3, 1e-12, -2.0, 0.1, 1e-5])
    shift, mu = secular_roots(z, d)
    roots = shift + mu
    assert (roots[:-1] <= d[1:]).all() and (roots >= d).all()
    arrow = np.diag(d)
    arrow[:, 0] = z
    np.testing.assert_allclose(np.sort(roots)[::-1], np.linalg.svd(arrow, compute_uv=False), atol=1e-14)


def test_an_arrow_with_deflated_entries() -> None:
    m = np.diag([0.0, 1.0, 2.0, 3.0, 0.0])
    m[:, 0] = [0.7, 0.0, 0.4, -0.2, 0.0]
    u, values, v = arrow_svd(m, 1e-300)
    np.testing.assert_allclose((u * values) @ v.T, m, atol=1e-14)
    np.testing.assert_allclose(values, np.linalg.svd(m, compute_uv=False), atol=1e-14)
    assert (v[0, [0, 1, 3]] <= 0).all()


def test_order_of_two_falling_halves() -> None:
    diagonal = np.array([2.5, 4.0, 1.0, 3.0, 2.0, 0.0])
    z = np.array([2.5, 0.1, 0.1, 0.1, 0.1, 0.0])
    assert merged_order(diagonal, z, 2, 1e-30).tolist() == [0, 2, 4, 3, 1, 5]
    assert merged_order(diagonal, z * 0, 2, 1e-30).tolist() == [2, 4, 0, 3, 1, 5]

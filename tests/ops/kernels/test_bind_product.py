"""Products of two tensors of every tier against NumPy and float64."""

from __future__ import annotations

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, bound_kernel, check, numbers, tier_named

from kmin.ops import OPS
from kmin.ops.batch_dot import BatchDotAttrs
from kmin.ops.einsum import EinsumAttrs
from kmin.ops.kernels.bind import run_bound
from kmin.ops.matmul import MatmulAttrs

Shape = tuple[int, ...]


@pytest.mark.parametrize(
    ("equation", "left", "right"),
    [
        ("aecd,abcd->acbe", (37, 2, 9), (19, 2, 9)),  # keys with queries
        ("acbe,aecd->abcd", (2, 19, 37), (37, 2, 9)),  # scores with values
        ("axz,ayz->axy", (5, 40), (33, 40)),
        ("axy,ayz->axz", (5, 33), (33, 40)),
        ("axy,ayz->azx", (5, 33), (33, 40)),
        ("abz,abz->ab", (5, 33), (5, 33)),
        ("abxz,abyz->abxy", (3, 5, 6), (3, 7, 6)),
        ("ax,ay->axy", (20,), (35,)),
        ("ax,ax->ax", (20,), (20,)),
        ("ax,ax->a", (20,), (20,)),
        ("azx,ayz->axy", (5, 4), (3, 5)),
        ("abcd,aecd->abe", (3, 4, 5), (6, 4, 5)),  # two axes summed as one
        ("axb,axc->abc", (70, 3), (70, 300)),
    ],
)
@pytest.mark.parametrize("name", TIERS)
def test_einsum_of_two_tensors(name: str, equation: str, left: Shape, right: Shape) -> None:
    for rows in (0, 1, 3):
        check("einsum", name, [numbers(1, rows, *left), numbers(2, rows, *right)], EinsumAttrs(equation), data=2)


@pytest.mark.parametrize(
    ("equation", "left", "right"),
    [
        ("abc,cde->abde", (5, 6), (6, 3, 4)),
        ("abcd,d->abc", (5, 6, 17), (17,)),
        ("abc,bd->adc", (6, 5), (6, 40)),
        ("abc,bcd->abd", (5, 6), (5, 6, 7)),
    ],
)
@pytest.mark.parametrize("name", TIERS)
def test_einsum_with_a_constant(name: str, equation: str, left: Shape, right: Shape) -> None:
    for rows in (0, 1, 3):
        check("einsum", name, [numbers(1, rows, *left), numbers(2, *right)], EinsumAttrs(equation))


@pytest.mark.parametrize("right", [False, True])
@pytest.mark.parametrize("left", [False, True])
@pytest.mark.parametrize("sizes", [(1, 1, 1), (1, 30, 40), (5, 300, 7), (17, 16, 33), (70, 5, 1)])
@pytest.mark.parametrize("name", TIERS)
def test_matmul(name: str, sizes: Shape, left: bool, right: bool) -> None:
    n, k, m = sizes
    a, b = (k, n) if left else (n, k), (m, k) if right else (k, m)
    for lead, other in (((), ()), ((2, 3), (2, 3)), ((2, 3), (1, 3)), ((1,), (4,))):
        for rows in (0, 1, 3):
            arrays = [numbers(1, rows, *lead, *a), numbers(2, rows, *other, *b)]
            check("matmul", name, arrays, MatmulAttrs(left, right), data=2)


@pytest.mark.parametrize("constant", [(6, 7), (1, 6, 7), (3, 6, 7), (1, 3, 6, 7)])
@pytest.mark.parametrize("name", TIERS)
def test_matmul_with_a_constant(name: str, constant: Shape) -> None:
    check("matmul", name, [numbers(1, 2, 3, 5, 6), numbers(2, *constant)], MatmulAttrs())


@pytest.mark.parametrize(
    ("left", "right", "axes"),
    [
        ((5,), (5,), (1, 1)),
        ((5, 6), (7, 6), (2, 2)),
        ((5, 6), (6, 7), (2, 1)),
        ((6, 5), (6, 7), (1, 1)),
        ((6, 5), (6,), (1, 1)),
        ((3, 4, 6), (6, 2), (3, 1)),
    ],
)
@pytest.mark.parametrize("name", TIERS)
def test_batch_dot(name: str, left: Shape, right: Shape, axes: tuple[int, int]) -> None:
    for rows in (0, 1, 3):
        check("batch_dot", name, [numbers(1, rows, *left), numbers(2, rows, *right)], BatchDotAttrs(axes), data=2)


@pytest.mark.parametrize("name", TIERS)
def test_threads_and_neighbours_change_no_bit(name: str) -> None:
    x, y = numbers(1, 3, 150, 4, 64), numbers(2, 3, 150, 4, 64)
    kernel = bound_kernel("einsum", name, [x, y], EinsumAttrs("aecd,abcd->acbe"), data=2)
    one = np.empty((3, 4, 150, 150), np.float32)
    two, alone = np.empty_like(one), np.empty_like(one[:1])
    kernel(x, y, one)
    kernel(x, y, two, threads=2)
    kernel(x[1:2], y[1:2], alone)
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(one[1:2], alone)


@pytest.mark.parametrize("name", TIERS)
def test_accuracy(name: str) -> None:
    arrays = [np.abs(numbers(1, 1, 20, 3000)), np.abs(numbers(2, 1, 3000, 50))]
    exact = np.matmul(*(a.astype(np.float64) for a in arrays))
    got = run_bound("matmul", tier_named(name), arrays, MatmulAttrs(), 2)
    numpy_error = np.abs(OPS["matmul"].run(arrays, MatmulAttrs())[0] - exact).max()
    assert np.abs(got - exact).max() <= 2 * numpy_error


@pytest.mark.parametrize("name", TIERS)
def test_what_is_left_to_numpy(name: str) -> None:
    tier = tier_named(name)
    x, y = numbers(1, 2, 4, 5), numbers(2, 2, 5, 3)
    far = EinsumAttrs("axc,ayc->axyc")  # neighbours in the result belong to matrices apart
    assert run_bound("einsum", tier, [x, x], far, 2) is None
    assert run_bound("matmul", tier, [x.astype(np.float64), y], MatmulAttrs(), 2) is None
    assert run_bound("einsum", tier, [x, y], EinsumAttrs("axy,byz->abxz"), 2) is None  # every sample with every other
    assert run_bound("einsum", tier, [x, y], EinsumAttrs("axy,ayz->ax"), 2) is None  # summed in one operand alone

"""Transposes, slices and repeats of every tier against NumPy: the same bits in another order."""

from __future__ import annotations

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, bound_kernel, check, numbers, tier_named

from kmin.ops.kernels.bind import run_bound
from kmin.ops.repeat import RepeatAttrs
from kmin.ops.slice import SliceAttrs
from kmin.ops.transpose import TransposeAttrs

Shape = tuple[int, ...]
Cut = tuple[int | None, int | None, int | None]


@pytest.mark.parametrize(
    ("shape", "perm"),
    [
        ((1, 1), (0, 2, 1)),
        ((5, 3), (0, 2, 1)),
        ((37, 70), (0, 2, 1)),
        ((17, 16), (0, 2, 1)),
        ((5, 2, 37), (0, 1, 3, 2)),
        ((5, 37, 2), (0, 1, 3, 2)),
        ((70, 3), (0, 2, 1)),
        ((3, 70), (0, 2, 1)),
        ((2, 4, 33), (0, 1, 3, 2)),
        ((2, 33, 4), (0, 1, 3, 2)),
        ((3, 2, 9, 2), (0, 4, 1, 3, 2)),
        ((6, 7, 19), (0, 3, 1, 2)),
        ((19, 6, 7), (0, 2, 3, 1)),
        ((6, 7, 19), (0, 2, 1, 3)),
        ((6, 7, 19), (0, 3, 2, 1)),
        ((3, 4, 5, 6), (0, 4, 2, 1, 3)),
        ((2, 3, 2, 3, 2, 3), (0, 6, 5, 4, 3, 2, 1)),
    ],
)
@pytest.mark.parametrize("name", TIERS)
def test_transpose(name: str, shape: Shape, perm: Shape) -> None:
    for rows in (0, 1, 3):
        check("transpose", name, [numbers(1, rows, *shape)], TransposeAttrs(perm), tolerance=0)


@pytest.mark.parametrize(
    "cuts",
    [
        (),
        ((None, None, None), (1, 4, None)),
        ((0, None, 1), (None, None, -1)),
        ((None, None, None), (None, None, 2), (None, None, None), (5, 1, -2)),
        ((None, None, None), (-1, None, None), (1, None, None), (None, 17, None)),
    ],
)
@pytest.mark.parametrize("name", TIERS)
def test_slice(name: str, cuts: tuple[Cut, ...]) -> None:
    for rows in (0, 1, 3):
        check("slice", name, [numbers(1, rows, 5, 6, 19)], SliceAttrs(cuts), tolerance=0)


@pytest.mark.parametrize("dtype", ["int32", "uint32"])
@pytest.mark.parametrize("name", TIERS)
def test_whole_numbers_keep_their_bits(name: str, dtype: str) -> None:
    x = np.random.default_rng(1).integers(0, 1 << 32, (3, 4, 17), np.uint32).view(dtype)
    for op, attrs, wanted in (
        ("transpose", TransposeAttrs((0, 2, 1)), x.swapaxes(1, 2)),
        ("slice", SliceAttrs(((None, None, None), (3, 0, -2), (None, None, 3))), x[:, 3:0:-2, ::3]),
    ):
        y = np.empty(wanted.shape, dtype)
        bound_kernel(op, name, [x], attrs)(x, y)
        np.testing.assert_array_equal(y, wanted)


@pytest.mark.parametrize("axis", [1, 2, 3, -1])
@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("name", TIERS)
def test_repeat(name: str, count: int, axis: int) -> None:
    for rows in (0, 1, 3):
        check("repeat", name, [numbers(1, rows, 5, 6, 19)], RepeatAttrs(count, axis), tolerance=0)


@pytest.mark.parametrize("perm", [(0, 3, 1, 2), (0, 2, 1, 3)])
@pytest.mark.parametrize("name", TIERS)
def test_threads_change_nothing(name: str, perm: Shape) -> None:
    x = numbers(1, 2, 70, 50, 40)
    wanted = np.ascontiguousarray(np.transpose(x, perm))
    y = np.empty_like(wanted)
    bound_kernel("transpose", name, [x], TransposeAttrs(perm))(x, y, threads=2)
    np.testing.assert_array_equal(y, wanted)


@pytest.mark.parametrize("name", TIERS)
def test_what_is_left_to_numpy(name: str) -> None:
    tier, x = tier_named(name), numbers(1, 2, 4, 5)
    assert run_bound("transpose", tier, [x], TransposeAttrs((1, 0, 2))) is None
    assert run_bound("slice", tier, [x], SliceAttrs(((1, None, None),))) is None
    assert run_bound("slice", tier, [x], SliceAttrs(((None, None, -1),))) is None
    assert run_bound("repeat", tier, [x], RepeatAttrs(2, 0)) is None
    assert run_bound("repeat", tier, [x.astype(np.float64)], RepeatAttrs(2, 1)) is None

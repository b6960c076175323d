"""Normalisations of every tier against NumPy and float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, bound_kernel, check, numbers, tier_named

from kmin.ops import OPS
from kmin.ops.group_norm import GroupNormAttrs
from kmin.ops.kernels.bind import run_bound
from kmin.ops.l2_normalize import L2NormalizeAttrs
from kmin.ops.layer_norm import LayerNormAttrs
from kmin.ops.rms_norm import RmsNormAttrs
from kmin.ops.tensor import Array

Shape = tuple[int, ...]
# Sums in another order than NumPy's.
LOOSE = 4e-6


def weights(number: int, size: int) -> list[Array | None]:
    """No weights, gamma, beta, both."""
    gamma, beta = numbers(8, size) + 2, numbers(9, size)
    return [gamma if number % 2 else None, beta if number > 1 else None]


@pytest.mark.parametrize("given", range(4))
@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize(
    ("shape", "axes"),
    [
        ((1,), (1,)),
        ((5,), (1,)),
        ((3, 33), (2,)),
        ((2, 300), (2,)),
        ((3, 4, 5), (2, 3)),
        ((3, 4, 5), (1, 2, 3)),
        ((7, 5), (1,)),
        ((40, 37), (1,)),
        ((2, 5, 3, 7), (2, 3)),
    ],
)
@pytest.mark.parametrize("name", TIERS)
def test_layer_norm(name: str, shape: Shape, axes: Shape, center: bool, given: int) -> None:
    size = int(np.prod([shape[axis - 1] for axis in axes]))
    for rows in (0, 1, 3):
        x = numbers(rows, rows, *shape) * 3 + 1
        check("layer_norm", name, [x, *weights(given, size)], LayerNormAttrs(axes, 1e-3, center), tolerance=LOOSE)


@pytest.mark.parametrize("given", range(4))
@pytest.mark.parametrize(
    ("shape", "axis", "groups"),
    [
        ((4, 4, 6), 3, 1),
        ((4, 4, 6), 3, 3),
        ((4, 4, 6), 3, 6),
        ((50, 70, 33), 3, 11),
        ((6, 4, 5), 1, 2),
        ((6, 4, 19), 1, 6),
        ((12,), 1, 4),
    ],
)
@pytest.mark.parametrize("name", TIERS)
def test_group_norm(name: str, shape: Shape, axis: int, groups: int, given: int) -> None:
    for rows in (0, 1, 2):
        x = numbers(rows, rows, *shape) * 3 + 1
        attrs = GroupNormAttrs(axis, groups, 1e-3)
        check("group_norm", name, [x, *weights(given, shape[axis - 1]), None], attrs, tolerance=LOOSE)


@pytest.mark.parametrize(
    ("shape", "axes", "scale"),
    [
        ((33,), (1,), (33,)),
        ((3, 33), (2,), None),
        ((3, 33), (2,), (33,)),
        ((3, 4, 5), (2, 3), (4, 5)),
        ((3, 4, 5), (2, 3), (1, 1, 4, 5)),
        ((6, 19), (1,), None),
        ((6, 19), (1,), (6, 1)),
        ((6, 19), (1,), (19,)),
    ],
)
@pytest.mark.parametrize("name", TIERS)
def test_rms_norm(name: str, shape: Shape, axes: Shape, scale: Shape | None) -> None:
    for rows in (0, 1, 3):
        given = None if scale is None else numbers(4, *scale)
        check("rms_norm", name, [numbers(rows, rows, *shape), given], RmsNormAttrs(axes, 1e-6), tolerance=LOOSE)


@pytest.mark.parametrize(
    ("shape", "axis"), [((33,), -1), ((3, 33), 2), ((3, 33), 1), ((3, 4, 5), (2, 3)), ((3, 4, 5), (1, 2, 3))]
)
@pytest.mark.parametrize("name", TIERS)
def test_l2_normalize(name: str, shape: Shape, axis: int | Shape) -> None:
    for rows in (0, 1, 3):
        x = numbers(rows, rows, *shape)
        x[:1] = 0
        x[1:2] *= np.float32(1e-20)
        check("l2_normalize", name, [x], L2NormalizeAttrs(axis, 1e-12), tolerance=LOOSE)


CASES: list[tuple[str, Shape, Any, int]] = [
    ("layer_norm", (130, 256), LayerNormAttrs((2,), 1e-6), 256),
    ("layer_norm", (130, 256), LayerNormAttrs((1,), 1e-6), 130),
    ("group_norm", (40, 40, 64), GroupNormAttrs(3, 8, 1e-6), 64),
    ("group_norm", (8, 40, 40), GroupNormAttrs(1, 4, 1e-6), 8),
]


@pytest.mark.parametrize(("op", "shape", "attrs", "size"), CASES)
@pytest.mark.parametrize("name", TIERS)
def test_threads_and_neighbours_change_no_bit(name: str, op: str, shape: Shape, attrs: Any, size: int) -> None:
    x, further = numbers(1, 3, *shape), weights(3, size) + ([None] if op == "group_norm" else [])
    kernel = bound_kernel(op, name, [x, *further], attrs)
    one, two, alone = np.empty_like(x), np.empty_like(x), np.empty_like(x[:1])
    kernel(x, one)
    kernel(x, two, threads=2)
    kernel(x[1:2], alone)
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(one[1:2], alone)


@pytest.mark.parametrize(("op", "shape", "attrs", "size"), CASES)
@pytest.mark.parametrize("name", TIERS)
def test_accuracy_far_from_zero(name: str, op: str, shape: Shape, attrs: Any, size: int) -> None:
    """No further from float64 than twice NumPy's own distance, also where the mean is a hundred deviations away."""
    further = weights(3, size) + ([None] if op == "group_norm" else [])
    for offset in (0, 100):
        x = numbers(1, 1, *shape) + np.float32(offset)
        arrays = [x, *further]
        exact = OPS[op].run([None if a is None else a.astype(np.float64) for a in arrays], attrs)[0]
        numpy_error = np.abs(OPS[op].run(arrays, attrs)[0] - exact).max()
        got = run_bound(op, tier_named(name), arrays, attrs)
        assert np.abs(got - exact).max() <= 2 * numpy_error


@pytest.mark.parametrize("name", TIERS)
def test_what_is_left_to_numpy(name: str) -> None:
    tier = tier_named(name)
    x = numbers(1, 2, 4, 6, 5)
    assert run_bound("layer_norm", tier, [x, None, None], LayerNormAttrs((1, 3), 1e-3)) is None
    assert run_bound("group_norm", tier, [x, None, None, None], GroupNormAttrs(2, 2, 1e-3)) is None
    assert run_bound("group_norm", tier, [x, None, None, x > 0], GroupNormAttrs(3, 5, 1e-3)) is None
    assert run_bound("layer_norm", tier, [x.astype(np.float64), None, None], LayerNormAttrs((3,), 1e-3)) is None

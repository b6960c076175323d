"""Cropping, slicing, padding, upsampling, resizing, flipping, pooling of volumes and adaptive pooling against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, check, numbers, tier_named

from kmin.ops.adaptive_pool import AdaptivePoolAttrs
from kmin.ops.avg_pool import AvgPoolAttrs
from kmin.ops.crop import CropAttrs
from kmin.ops.kernels.bind import run_bound
from kmin.ops.max_pool import MaxPoolAttrs
from kmin.ops.pad import PadAttrs
from kmin.ops.resize import RESIZE_RADIUS, ResizeAttrs
from kmin.ops.resize_image import ResizeImageAttrs
from kmin.ops.reverse import ReverseAttrs
from kmin.ops.roll import RollAttrs
from kmin.ops.upsample import UpsampleAttrs

NONE = (0, 0)
ALL = (None, None, None)
# op -> (sample shape, attributes)
CASES: dict[str, list[tuple[tuple[int, ...], Any]]] = {
    "adaptive_pool": [
        ((7, 9, 5), AdaptivePoolAttrs((3, 2), "mean")),
        ((7, 9, 19), AdaptivePoolAttrs((4, 9), "max")),
        ((11, 3), AdaptivePoolAttrs((5,), "mean")),
        ((4, 5, 3, 2), AdaptivePoolAttrs((2, 2, 2), "max")),
    ],
    "avg_pool": [
        ((4, 5, 6, 3), AvgPoolAttrs((2, 2, 2), (2, 2, 2))),
        ((5, 4, 7, 17), AvgPoolAttrs((3, 2, 3), (1, 2, 2), "same")),
    ],
    "crop": [
        ((8,), CropAttrs((NONE, (1, 2)))),
        ((6, 7, 4), CropAttrs((NONE, (1, 0), (2, 3), NONE))),
        ((4, 3, 5, 6), CropAttrs((NONE, (1, 1), NONE, (0, 2), NONE))),
    ],
    "max_pool": [
        ((4, 5, 6, 3), MaxPoolAttrs((2, 2, 2), (2, 2, 2))),
        ((5, 4, 7, 17), MaxPoolAttrs((3, 2, 3), (1, 2, 2), "same")),
    ],
    "pad": [
        ((3, 2, 4, 5), PadAttrs((NONE, (1, 2), (0, 1), (2, 0), NONE), -1.5)),
        ((5, 6, 3), PadAttrs((NONE, (2, 1), (3, 3), NONE), mode="reflect")),
        ((5, 6), PadAttrs((NONE, (4, 1), (0, 6)), mode="symmetric")),
        ((4, 3, 2), PadAttrs((NONE, (1, 0), NONE, (0, 2)), 2.0)),
    ],
    "resize": [((4, 5, 3), ResizeAttrs((3, 2), method)) for method in RESIZE_RADIUS],
    "resize_image": [
        *[((7, 5, 3), ResizeImageAttrs((4, 9), method)) for method in (*RESIZE_RADIUS, "nearest")],
        ((9, 8, 18), ResizeImageAttrs((4, 4), "bilinear", True)),
    ],
    "reverse": [((4, 3, 5), ReverseAttrs(1)), ((4, 3, 5), ReverseAttrs(3))],
    "roll": [((4, 3, 5), RollAttrs(2, 1)), ((4, 3), RollAttrs(-1, -1))],
    "upsample": [
        ((5, 3), UpsampleAttrs((3,))),
        ((4, 3, 17), UpsampleAttrs((2, 3))),
        ((2, 3, 2, 5), UpsampleAttrs((2, 1, 2))),
    ],
}
ROWS = [(op, at) for op, rows in CASES.items() for at in range(len(rows))]


@pytest.mark.parametrize(("op", "at"), ROWS)
@pytest.mark.parametrize("name", TIERS)
def test_like_numpy(name: str, op: str, at: int) -> None:
    shape, attrs = CASES[op][at]
    for rows in (0, 1, 3):
        check(op, name, [numbers(1, rows, *shape)], attrs, tolerance=2e-6)
    if op in ("upsample", "max_pool"):
        check(op, name, [numbers(2, 2, *shape[:-1], 40)], attrs)


@pytest.mark.parametrize("name", TIERS)
def test_not_a_number_is_handed_on(name: str) -> None:
    x = numbers(1, 1, 4, 4, 4, 19)
    x[0, 1, 2, 1, 3] = np.nan
    x[0, 3, 3, 3] = -np.inf
    check("max_pool", name, [x], MaxPoolAttrs((2, 2, 2), (1, 1, 1), "same"))
    check("avg_pool", name, [x], AvgPoolAttrs((2, 2, 2), (2, 2, 2)))


@pytest.mark.parametrize("name", TIERS)
def test_what_is_left_to_numpy(name: str) -> None:
    tier, x = tier_named(name), numbers(1, 2, 6, 6, 4)
    assert run_bound("crop", tier, [x.astype(np.float64)], CropAttrs((NONE, (1, 1), NONE, NONE))) is None
    assert run_bound("resize_image", tier, [x], ResizeImageAttrs((3, 3), "area")) is None
    assert run_bound("resize_image", tier, [x], ResizeImageAttrs((3, 4), "bilinear", False, "crop")) is None
    wide = numbers(1, 2, 2, 3, 2, 3)
    assert run_bound("pad", tier, [wide], PadAttrs((NONE, (1, 0), NONE, NONE, (0, 1)))) is None
    assert run_bound("adaptive_pool", tier, [numbers(1, 2, 300, 2)], AdaptivePoolAttrs((1,), "mean")) is not None
    assert run_bound("adaptive_pool", tier, [numbers(1, 2, 20, 20, 2, 1)], AdaptivePoolAttrs((1, 1, 1), "mean")) is None

"""Convolutions of volumes by their lines, of every tier against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, check, close, numbers, tier_named

from kmin.ops import OPS
from kmin.ops.conv import ConvAttrs
from kmin.ops.kernels import bind_indirect, bind_volume
from kmin.ops.kernels.bind import BINDERS, run_bound
from kmin.ops.tensor import TensorSpec

Shape = tuple[int, ...]
# (volume, window, strides, dilation, padding)
VOLUMES: dict[str, tuple[Shape, Shape, Shape, Shape, Any]] = {
    "valid": ((4, 5, 19), (3, 3, 3), (1, 1, 1), (1, 1, 1), "valid"),
    "same": ((3, 7, 40), (3, 3, 3), (1, 1, 1), (1, 1, 1), "same"),
    "one tap": ((3, 2, 30), (1, 1, 1), (1, 1, 1), (1, 1, 1), "valid"),
    "uneven": ((5, 4, 33), (2, 1, 4), (1, 1, 1), (1, 1, 1), "same"),
    "strided": ((6, 7, 65), (3, 2, 3), (2, 3, 2), (1, 1, 1), "same"),
    "strided valid": ((6, 7, 65), (2, 3, 3), (3, 2, 4), (1, 1, 1), "valid"),
    "dilated": ((7, 8, 20), (3, 2, 2), (1, 1, 1), (2, 3, 1), "same"),
    "dilated valid": ((7, 8, 20), (2, 3, 2), (1, 1, 1), (3, 2, 1), "valid"),
    "padded": ((3, 2, 18), (3, 3, 3), (1, 2, 1), (1, 1, 1), ((0, 2), (1, 1), (4, 0))),
    "deep": ((30, 3, 16), (9, 3, 2), (1, 1, 1), (1, 1, 1), "same"),
    "many copied": ((4, 40, 60), (3, 3, 3), (1, 1, 1), (1, 1, 1), "same"),
}


def taps(seed: int, *shape: int) -> np.ndarray:
    """Weights of results of about one."""
    return numbers(seed, *shape) / np.float32(np.prod(shape[:-1])) ** np.float32(0.5)


@pytest.fixture(autouse=True)
def lines_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is looked up, no plane filtered."""
    monkeypatch.setattr(bind_indirect, "bind_axes", lambda *_: None)
    monkeypatch.setattr(bind_volume, "filter_form", lambda *_: None)


@pytest.mark.parametrize("case", VOLUMES)
@pytest.mark.parametrize("name", TIERS)
def test_conv(name: str, case: str) -> None:
    volume, size, strides, dilation, padding = VOLUMES[case]
    for channels, filters in ((1, 16), (3, 17), (20, 5), (16, 37)):
        kernel, bias = taps(2, *size, channels, filters), numbers(3, filters)
        attrs = ConvAttrs(strides, dilation, padding, 1, "relu")
        for rows in (0, 1, 2):
            check("conv", name, [numbers(1, rows, *volume, channels), kernel, bias], attrs, tolerance=3e-6)
    attrs = ConvAttrs(strides, dilation, padding, 1, "tanh")
    check("conv", name, [numbers(4, 1, *volume, 4), taps(5, *size, 4, 33), None], attrs, tolerance=3e-6)


@pytest.mark.parametrize("name", TIERS)
def test_further_axis_and_sum(name: str) -> None:
    """Axes before those of a volume count further volumes; the result is added to something."""
    x, kernel, bias, more = (
        numbers(1, 2, 3, 4, 5, 18, 2),
        taps(2, 3, 3, 3, 2, 6),
        numbers(3, 6),
        numbers(4, 2, 3, 4, 5, 18, 6),
    )
    attrs = ConvAttrs((1,) * 3, (1,) * 3, "same")
    check("conv", name, [x, kernel, bias], attrs, tolerance=3e-6)
    specs = [TensorSpec((None, *a.shape[1:]) if a.ndim == 6 else a.shape, "float32") for a in (x, kernel, bias, more)]
    bound = BINDERS["conv"](tier_named(name), specs, [None, kernel, bias, None], specs[3], attrs)
    assert bound is not None
    y = np.empty_like(more)
    bound.kernels[0](x, more, y)
    close(y, OPS["conv"].run([x, kernel, bias], attrs)[0] + more, 3e-6)


@pytest.mark.parametrize("name", TIERS)
def test_error_against_double_precision(name: str) -> None:
    x, kernel = numbers(1, 1, 5, 6, 20, 64), taps(2, 3, 3, 3, 64, 20)
    attrs = ConvAttrs((1,) * 3, (1,) * 3, "same")
    got = check("conv", name, [x, kernel, None], attrs, tolerance=1e-5)
    (exact,) = OPS["conv"].run([x.astype(np.float64), kernel.astype(np.float64), None], attrs)
    (single,) = OPS["conv"].run([x, kernel, None], attrs)
    assert np.max(np.abs(got - exact)) <= 2 * np.max(np.abs(single - exact))


@pytest.mark.parametrize("name", TIERS)
def test_what_is_looked_up(name: str) -> None:
    """Kernel rows with gaps, long ones, and short lines."""
    ones = (1,) * 3
    for width, channels, dilation in ((20, 3, (1, 1, 2)), (20, 100, ones), (2, 3, ones)):
        arrays = [numbers(1, 1, 4, 4, width, channels), taps(2, 3, 3, 3, channels, 3), None]
        assert run_bound("conv", tier_named(name), arrays, ConvAttrs(ones, dilation, "same")) is None

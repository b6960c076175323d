"""Transposed convolutions of few filters, whose neighbouring results are computed together, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, check, numbers

from kmin.ops.conv_transpose import ConvTransposeAttrs
from kmin.ops.kernels.bind_transposed import transposed_axis
from kmin.ops.kernels.joined_phases import joined_phases


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("name", TIERS)
def test_few_filters(name: str, stride: int, padding: str) -> None:
    for window in (2, 3, 5):
        for filters in (1, 2, 3, 8):
            kernel = numbers(2, 3, window, filters, 7) / np.float32(window)
            attrs = ConvTransposeAttrs((2, stride), (1, 1), padding, None, "tanh")
            for width in (1, 6, 15, 32):
                x = numbers(1, 2, 3, width, 7)
                check("conv_transpose", name, [x, kernel, numbers(3, filters)], attrs, tolerance=3e-6)
    volume, kernel = numbers(1, 2, 2, 3, 8, 5), numbers(2, 2, 3, 3, 1, 5)
    attrs = ConvTransposeAttrs((1, 2, stride), (1, 1, 1), padding)
    check("conv_transpose", name, [volume, kernel, None], attrs, tolerance=3e-6)


def test_what_is_joined() -> None:
    """Where vectors would be mostly empty, and lines are divided evenly."""
    axis = transposed_axis(14, 28, 5, 2, 1, "same")
    joined, weights, bias = joined_phases(axis, np.ones((5, 5, 64, 1), np.float32), np.ones(1, np.float32), 16, 14)
    assert (joined.out, joined.step, len(joined.phases)) == (7, 2, 1)
    assert weights.shape == (5, 4, 64, 4)
    assert np.count_nonzero(weights[0, :, 0]) == 2 * 5
    assert bias is not None
    assert bias.shape == (4,)
    for unchanged, filters in ((axis, 32), (transposed_axis(7, 15, 3, 2, 1, "valid"), 1)):
        assert joined_phases(unchanged, np.ones((3, 5, 4, filters), np.float32), None, 16, 14)[0] == unchanged

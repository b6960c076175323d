"""Minimal filtering with weights that are transformed a piece at a time, on every tier."""

from __future__ import annotations

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, close, numbers, tier_named
from ops.kernels.test_bind_winograd import IMAGES, geometry, reference, run

from kmin.ops.kernels.bind_winograd import winograd_form

FORM = (2, 3, True)


@pytest.mark.parametrize("image", [*IMAGES, "whole", "pieces"])
@pytest.mark.parametrize("name", TIERS)
def test_results_are_those_of_numpy(name: str, image: str) -> None:
    more = {"whole": (7, 7, 64, 70, "same"), "pieces": (30, 9, 160, 24, "same")}
    height, width, channels, filters, padding = (IMAGES | more)[image]
    kernel, bias = numbers(2, 3, 3, channels, filters) / np.float32(3 * channels**0.5), numbers(3, filters)
    for rows in (0, 1, 3):
        x = numbers(1, rows, max(height, 3), max(width, 3), channels)
        wanted = reference(x, kernel, bias, padding, "elu", 1.0).astype(np.float32)
        close(run(name, FORM, x, kernel, bias, padding, function="elu", args=(1.0,), late=True), wanted, 5e-6)
        wanted = reference(x, kernel, None, padding, "relu").astype(np.float32)
        close(run(name, FORM, x, kernel, None, padding, low=0.0, late=True), wanted, 5e-6)


@pytest.mark.parametrize("name", TIERS)
def test_a_residual_is_added_and_windows_may_have_gaps(name: str) -> None:
    from kmin.ops.kernels import _winograd

    x, kernel, more = numbers(1, 2, 13, 7, 48), numbers(2, 3, 3, 48, 35) / 20, numbers(4, 2, 13, 7, 35)
    for dilation in ((1, 1), (3, 2)):
        g = geometry(x, kernel, "same", dilation)
        early, late = (
            _winograd.winograd(tier_named(name), g, kernel, None, 2, True, low=0.0, residual=True, late=way)
            for way in (False, True)
        )
        wanted, y = np.full(more.shape, np.nan, np.float32), np.full(more.shape, np.nan, np.float32)
        early(x, more, wanted)
        late(x, more, y, threads=2)
        close(y, wanted, 5e-6)


# See test_rounding_stays_that_of_direct_sums.
@pytest.mark.parametrize("channels", [64, 128, 256, 512])
@pytest.mark.parametrize("name", TIERS)
def test_rounding_stays_that_of_direct_sums(name: str, channels: int) -> None:
    x = np.maximum(numbers(1, 1, 18, 18, channels), 0)
    kernel = numbers(2, 3, 3, channels, 32) * np.float32((2 / (9 * channels)) ** 0.5)
    found = run(name, FORM, x, kernel, None, "valid", late=True)
    assert np.sqrt(np.mean((found - reference(x, kernel, None, "valid")) ** 2)) < 6e-7


@pytest.mark.parametrize(("channels", "filters"), [(1, 1), (16, 32), (21, 35), (130, 70)])
@pytest.mark.parametrize("name", TIERS)
def test_weights_come_back_as_they_were(name: str, channels: int, filters: int) -> None:
    from kmin.ops.kernels import _winograd
    from kmin.ops.kernels._packing import unpacked

    kernel = numbers(1, 3, 3, channels, filters)
    g = geometry(numbers(2, 1, 4, 4, channels), kernel, "same")
    made = _winograd.winograd(tier_named(name), g, kernel, None, 2, True, late=True)
    np.testing.assert_array_equal(unpacked(made).reshape(kernel.shape), kernel)


def test_only_squares_of_three_in_shared_steps_are_transformed_late() -> None:
    from kmin.ops.kernels import _winograd

    for size, taps, shared in ((2, 3, False), (4, 3, True), (2, 5, True)):
        kernel = numbers(1, taps, taps, 48, 16)
        g = geometry(numbers(2, 1, 9, 9, 48), kernel, "same")
        with pytest.raises(ValueError, match="transformed late"):
            _winograd.winograd(tier_named(TIERS[0]), g, kernel, None, size, shared, late=True)


def test_weights_that_no_cache_holds_and_few_tiles_use_are_transformed_late() -> None:
    for height, channels, taps, late in (
        (7, 512, 3, True),
        (7, 256, 3, False),
        (14, 256, 3, False),
        (7, 512, 5, False),
    ):
        x, kernel = np.zeros((1, height, height, channels), np.float32), np.zeros((taps, taps, channels, channels))
        form = winograd_form(geometry(x, kernel.astype(np.float32), "same"), 16)
        assert form is not None
        assert form.late == late

"""Convolutions of few filters, whose channels are lanes, against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, bound_kernel, check, numbers, tier_named

from kmin.ops.conv import ConvAttrs
from kmin.ops.kernels import bind_window, bound

# (image, window, strides, dilation, padding)
WINDOWS: dict[str, tuple[Any, ...]] = {
    "same": ((9, 13), (5, 5), (1, 1), (1, 1), "same"),
    "valid": ((8, 21), (3, 5), (1, 1), (1, 1), "valid"),
    "strided": ((11, 18), (5, 5), (2, 2), (1, 1), "same"),
    "uneven": ((7, 9), (9, 3), (1, 3), (1, 1), ((4, 4), (2, 0))),
    "dilated": ((12, 10), (5, 4), (1, 1), (2, 1), "same"),
    "far_outside": ((6, 5), (5, 5), (1, 1), (1, 1), ((7, 6), (6, 9))),
    "wider_than_the_image": ((6, 3), (5, 7), (1, 1), (1, 1), "same"),
    "sequence": ((40,), (17,), (1,), (1,), "causal"),
}


def parts(window: str, channels: int, filters: int, activation: str = "sigmoid") -> tuple[list[Any], ConvAttrs]:
    image, size, strides, dilation, padding = WINDOWS[window]
    kernel = numbers(2, *size, channels, filters) / np.float32(np.prod(size) * channels) ** np.float32(0.5)
    attrs = ConvAttrs(strides, dilation, padding, 1, activation)
    return [numbers(1, 2, *image, channels), kernel, numbers(3, filters)], attrs


@pytest.fixture(autouse=True)
def on_every_tier(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are measured with short vectors only, and bound there."""
    monkeypatch.setattr(bind_window, "SHORT_LANES", 64)
    monkeypatch.setattr(bind_window, "winograd_form", lambda *_, **__: None)
    monkeypatch.setattr(bind_window, "pieces_form", lambda *_: None)


@pytest.mark.parametrize("filters", [1, 2, 3])
@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("name", TIERS)
def test_few_filters(name: str, window: str, filters: int) -> None:
    for channels in (32, 48):
        arrays, attrs = parts(window, channels, filters)
        assert bound_kernel("conv", name, arrays, attrs).name.startswith(f"{name}:conv_few")
        check("conv", name, arrays, attrs)
    arrays, attrs = parts(window, 32, filters, "relu6")
    check("conv", name, [*arrays[:2], None], attrs)


@pytest.mark.parametrize("name", TIERS)
def test_nan_and_infinity_reach_their_own_windows_only(name: str) -> None:
    arrays, attrs = parts("same", 32, 3, "relu")
    arrays[0][0, 4, 6, 5], arrays[0][1, 2, 3, 7] = np.nan, np.inf
    kernel = bound_kernel("conv", name, arrays, attrs)
    y = np.empty((2, 9, 13, 3), np.float32)
    kernel(arrays[0], y, threads=1)
    wrong = ~np.isfinite(y)
    assert np.isnan(y[0, 2:7, 4:9]).all()
    assert not wrong[0, 7:].any()
    assert not wrong[0, :, :4].any()
    assert not wrong[1, 5:].any()
    assert wrong[1, 0:5, 1:6].any()


@pytest.mark.parametrize("name", TIERS)
def test_what_they_do_not_serve(name: str) -> None:
    def kind(channels: int, filters: int, window: str = "same") -> str:
        return str(bound_kernel("conv", name, *parts(window, channels, filters)).name)

    assert "few" in kind(32, 3)
    assert "few" not in kind(32, 4)
    assert "few" not in kind(33, 2)


@pytest.mark.parametrize("name", TIERS)
def test_the_kernel_refuses_more_filters_and_parts_of_vectors(name: str) -> None:
    from kmin.ops.kernels import _windows

    tier = tier_named(name)
    g = dict.fromkeys(("images", "stride_y", "stride_x", "dilation_y", "dilation_x"), 1)
    g |= {"height": 5, "width": 5, "channels": 32, "out_height": 3, "out_width": 3, "filters": 4}
    g |= {"kernel_height": 3, "kernel_width": 3, "top": 0, "left": 0}
    for wrong in (g, g | {"filters": 2, "channels": 33}, g | {"filters": 2, "dilation_x": 2}):
        if wrong["channels"] % tier.lanes or wrong["filters"] > 3 or wrong["dilation_x"] > 1:
            shape = (3, 3, wrong["channels"], wrong["filters"])
            with pytest.raises(ValueError, match="whole vectors"):
                _windows.conv_few(tier, wrong, np.zeros(shape, np.float32), None)


def test_binders_and_kernels_call_the_same_vectors_short() -> None:
    windows = pytest.importorskip("kmin.ops.kernels._windows", reason="no compiled kernels in this install")
    assert windows.SHORT_LANES == bound.SHORT_LANES

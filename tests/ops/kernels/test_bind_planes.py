"""Convolutions of volumes that run as some of images, of every tier against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, check, close, numbers, tier_named

from kmin.ops import OPS
from kmin.ops.conv import ConvAttrs
from kmin.ops.kernels import bind_window
from kmin.ops.kernels.bind import BINDERS
from kmin.ops.kernels.bind_planes import as_images
from kmin.ops.tensor import TensorSpec

Shape = tuple[int, ...]
# (window, strides, dilation, padding)
WINDOWS: dict[str, tuple[Shape, Shape, Shape, Any]] = {
    "planes": ((1, 3, 3), (1, 1, 1), (1, 1, 1), "same"),
    "planes strided": ((1, 3, 2), (1, 2, 1), (1, 1, 1), "valid"),
    "planes padded": ((1, 3, 3), (1, 1, 1), (1, 2, 2), ((0, 0), (2, 1), (0, 3))),
    "cells": ((1, 1, 1), (1, 1, 1), (1, 1, 1), "valid"),
    "cells strided": ((1, 1, 1), (1, 2, 3), (1, 1, 1), "same"),
    "across": ((3, 1, 1), (1, 1, 1), (1, 1, 1), "same"),
    "across strided": ((2, 1, 1), (2, 1, 1), (1, 1, 1), "valid"),
    "across dilated": ((3, 1, 1), (1, 1, 1), (2, 1, 1), "same"),
    "across padded": ((3, 1, 1), (1, 1, 1), (1, 1, 1), ((2, 0), (0, 0), (0, 0))),
}
APART = {
    "both": ((3, 3, 1), (1, 1, 1), "same"),
    "planes left out": ((1, 1, 3), (2, 1, 1), "valid"),
    "planes of padding": ((1, 1, 3), (1, 1, 1), ((1, 0), (0, 0), (1, 1))),
    "columns left out": ((3, 1, 1), (1, 1, 2), "valid"),
}


@pytest.fixture(autouse=True)
def nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    for other in ("bind_volume", "bind_any_conv"):
        monkeypatch.setattr(bind_window, other, lambda *_: None)


@pytest.mark.parametrize("case", WINDOWS)
@pytest.mark.parametrize("name", TIERS)
def test_conv(name: str, case: str) -> None:
    window, strides, dilation, padding = WINDOWS[case]
    for channels, filters in ((3, 17), (16, 33), (40, 5)):
        kernel = numbers(2, *window, channels, filters) / np.float32((channels * np.prod(window)) ** 0.5)
        attrs = ConvAttrs(strides, dilation, padding, 1, "elu", (1.0,))
        for rows in (0, 1, 2):
            check(
                "conv", name, [numbers(1, rows, 6, 7, 9, channels), kernel, numbers(3, filters)], attrs, tolerance=1e-5
            )
    x, kernel = numbers(1, 2, 2, 6, 7, 9, 4), numbers(2, *window, 4, 4)
    check("conv", name, [x, kernel, None], ConvAttrs(strides, dilation, padding), tolerance=1e-5)


@pytest.mark.parametrize("window", [(1, 3, 3), (3, 1, 1), (1, 1, 1)], ids=str)
@pytest.mark.parametrize("name", TIERS)
def test_sum(name: str, window: Shape) -> None:
    x, more, kernel = numbers(1, 2, 4, 5, 6, 8), numbers(4, 2, 4, 5, 6, 16), numbers(2, *window, 8, 16)
    specs = [TensorSpec((None, *a.shape[1:]), "float32") for a in (x, more)]
    inputs = [specs[0], TensorSpec(kernel.shape, "float32"), None, specs[1]]
    attrs = ConvAttrs((1, 1, 1), (1, 1, 1), "same")
    bound = BINDERS["conv"](tier_named(name), inputs, [None, kernel, None, None], specs[1], attrs)
    assert bound is not None
    y = np.empty_like(more)
    bound.kernels[0](x, more, y)
    close(y, OPS["conv"].run([x, kernel, None], attrs)[0] + more, 1e-5)


@pytest.mark.parametrize("case", APART)
def test_what_needs_three_axes(case: str) -> None:
    window, strides, padding = APART[case]
    kernel = numbers(2, *window, 2, 3)
    specs = [TensorSpec((None, 4, 5, 6, 2), "float32"), TensorSpec(kernel.shape, "float32"), None]
    attrs = ConvAttrs(strides, (1, 1, 1), padding)
    (output,) = OPS["conv"].infer(specs, attrs)
    assert as_images(specs, [None, kernel, None], output, attrs) is None

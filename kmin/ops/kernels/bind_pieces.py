"""Which windows are cut into square pieces, filtered minimally and summed up before they are transformed back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kmin.ops.kernels.bind_winograd import LEAST_CHANNELS, NEAR_BYTES, SIZES, Form, direct_nanoseconds, winograd_form
from kmin.ops.kernels.bound import After
from kmin.ops.tensor import Array

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Kernel, Tier

MOST_PIECES = 16


class Pieces(NamedTuple):
    """A window as `down` x `across` pieces of taps x taps cells, the last ones filled up with zeros."""

    taps: int
    down: int
    across: int
    form: Form


def pieces_form(g: dict[str, int], lanes: int) -> Pieces | None:
    """The fastest cut of a window, or None when direct sums are faster or it is one piece."""
    height, width = g["kernel_height"], g["kernel_width"]
    if min(height, width) == 1:
        return None
    best, found = direct_nanoseconds(g), None
    each, columns = (-(-g[name] // lanes) * lanes for name in ("channels", "filters"))
    for taps in SIZES:
        down, across = -(-height // taps), -(-width // taps)
        if not 1 < down * across <= MOST_PIECES:
            continue
        form = winograd_form(g | {"kernel_height": taps, "kernel_width": taps, "channels": down * across * each}, lanes)
        if form is None or form.nanoseconds >= best:
            continue
        weights = 4 * (form.size + taps - 1) ** 2 * down * across * each * columns
        exact = height * width * g["channels"] >= LEAST_CHANNELS[form.size, taps] * taps**2
        if exact and (form.shared or weights <= NEAR_BYTES):
            best, found = form.nanoseconds, Pieces(taps, down, across, form)
    return found


def cut(kernel: Array, taps: int, down: int, across: int) -> Array:
    """Weights [height, width, channels, filters] as [pieces, taps, taps, channels, filters]."""
    height, width, *rest = kernel.shape
    filled = np.pad(kernel, ((0, down * taps - height), (0, across * taps - width), (0, 0), (0, 0)))
    pieces = filled.reshape(down, taps, across, taps, *rest).swapaxes(1, 2)
    return np.ascontiguousarray(pieces).reshape(down * across, taps, taps, *rest)


def filter_pieces(
    tier: Tier, g: dict[str, int], kernel: Array, bias: Array | None, pieces: Pieces, after: After, residual: bool
) -> Kernel:
    """The kernel of a convolution of that geometry."""
    from kmin.ops.kernels import _winograd

    taps, down, across, form = pieces
    window = kernel.reshape(g["kernel_height"], g["kernel_width"], g["channels"], g["filters"])
    g = g | {"kernel_height": taps, "kernel_width": taps}
    return _winograd.winograd(
        tier, g, cut(window, taps, down, across), bias, form.size, form.shared, *after, residual, across=across
    )

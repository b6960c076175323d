"""Sliding windows: how many fit, what padding they need, and the padded tensor (convolutions and pooling)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array

# Cells that a window may span along an axis, and positions inside it: far more than any model's.
WINDOW_REACH_LIMIT = 1 << 24
WINDOW_TAPS_LIMIT = 1 << 20


def window_reach(kernel: int, dilation: int) -> int:
    """Cells from the first to the last one that a dilated window reads."""
    return (kernel - 1) * dilation + 1


def window_pads(size: int, kernel: int, stride: int, dilation: int, padding: Any) -> tuple[int, int]:
    """Cells added before and after one axis.

    `padding` is `valid`, `same` (TensorFlow's: the odd cell goes after), `causal` or a pair (before, after).
    """
    reach = window_reach(kernel, dilation)
    if padding == "same":
        total = max((-(-size // stride) - 1) * stride + reach - size, 0)
        return total // 2, total - total // 2
    if padding == "causal":
        return reach - 1, 0
    if padding == "valid":
        return 0, 0
    return padding[0], padding[1]


def windows_of(
    sizes: Sequence[int | None],
    kernel: Sequence[int],
    strides: Sequence[int],
    dilation: Sequence[int],
    padding: Any,
    op: str,
) -> tuple[int | None, ...]:
    """Windows along each axis, None where the size is unknown.

    Args:
        padding: one word for all axes, or a (before, after) pair per axis.
        op: for the message.

    Raises:
        InputError: not a single window fits, or the windows are no windows.
    """
    reaches = [window_reach(size, step) for size, step in zip(kernel, dilation, strict=True)]
    fits = min((*kernel, *strides, *dilation), default=1) >= 1 and max(reaches, default=1) <= WINDOW_REACH_LIMIT
    if not fits or math.prod(kernel) > WINDOW_TAPS_LIMIT:
        raise InputError(
            f"{op} needs windows, strides and dilation of 1 or more that reach at most {WINDOW_REACH_LIMIT} cells; "
            f"received {tuple(kernel)}, {tuple(strides)} and {tuple(dilation)}"
        )
    counts: list[int | None] = []
    for axis, size in enumerate(sizes):
        if size is None:
            counts.append(None)
            continue
        pads = padding if isinstance(padding, str) else padding[axis]
        added = sum(window_pads(size, kernel[axis], strides[axis], dilation[axis], pads))
        reach = window_reach(kernel[axis], dilation[axis])
        count = (size + added - reach) // strides[axis] + 1
        if count < 1 or size < 1:
            wanted = max(reach - added, 1)
            raise InputError(f"{op} needs at least {wanted} cells along spatial axis {axis}; received {size}")
        counts.append(count)
    return tuple(counts)


def window_padded(
    x: Array,
    kernel: Sequence[int],
    strides: Sequence[int],
    dilation: Sequence[int],
    padding: Any,
    value: Any = 0,
) -> Array:
    """x [N, *spatial, C] with the padding its windows need, filled with `value`; x itself when there is none."""
    sizes = x.shape[1:-1]
    pads = [
        window_pads(size, kernel[i], strides[i], dilation[i], padding if isinstance(padding, str) else padding[i])
        for i, size in enumerate(sizes)
    ]
    if not any(before or after for before, after in pads):
        return x
    spatial = tuple(size + sum(pad) for size, pad in zip(sizes, pads, strict=True))
    shape = (x.shape[0], *spatial, x.shape[-1])
    padded = np.zeros(shape, x.dtype) if value == 0 else np.full(shape, value, x.dtype)
    inner = (slice(None), *(slice(pad[0], pad[0] + size) for size, pad in zip(sizes, pads, strict=True)))
    padded[inner] = x
    return padded


def window_taps(kernel: Sequence[int]) -> list[tuple[int, ...]]:
    """Every position inside a window, last axis fastest."""
    return [tuple(int(i) for i in tap) for tap in np.ndindex(*kernel)]


def window_view(
    x: Array, tap: Sequence[int], counts: Sequence[int], strides: Sequence[int], dilation: Sequence[int]
) -> Array:
    """The cells of padded x that stand at `tap` in each window: a view [N, *counts, C]."""
    cells = tuple(
        slice(t * d, t * d + (n - 1) * s + 1, s) for t, n, s, d in zip(tap, counts, strides, dilation, strict=True)
    )
    every = (slice(None), *cells)
    return x[every]

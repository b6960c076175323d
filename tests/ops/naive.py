"""Loops that spell out what a window is, one cell at a time: the judge of every windowed op."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

POOLS: list[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], Any]] = [
    # sizes, window, strides, padding
    ((7,), (2,), (2,), "valid"),
    ((7,), (3,), (2,), "same"),
    ((7,), (4,), (3,), "same"),
    ((2,), (5,), (1,), "same"),
    ((6, 5), (2, 2), (2, 2), "valid"),
    ((6, 5), (3, 3), (2, 2), "same"),
    ((6, 5), (3, 2), (1, 3), "same"),
    ((6, 5), (6, 5), (1, 1), "valid"),
    ((6, 5), (1, 1), (2, 2), "valid"),
    ((6, 5), (3, 3), (2, 2), ((1, 1), (0, 1))),
    ((4, 3, 5), (2, 3, 2), (1, 2, 2), "same"),
]


def pads(size: int, kernel: int, stride: int, dilation: int, padding: Any) -> tuple[int, int, int]:
    """Cells before and after an axis, and how many windows fit."""
    reach = (kernel - 1) * dilation + 1
    if padding == "same":
        count = -(-size // stride)
        total = max(0, (count - 1) * stride + reach - size)
        return total // 2, total - total // 2, count
    before, after = (reach - 1, 0) if padding == "causal" else (0, 0) if padding == "valid" else padding
    return before, after, (size + before + after - reach) // stride + 1


def windows(
    sizes: Sequence[int], kernel: Sequence[int], strides: Sequence[int], dilation: Sequence[int], padding: Any
) -> tuple[tuple[int, ...], Iterator[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]]]:
    """Output sizes, and (output cell, tap, input cell) for every tap that falls on a real cell."""
    axes = [
        pads(n, kernel[i], strides[i], dilation[i], padding if isinstance(padding, str) else padding[i])
        for i, n in enumerate(sizes)
    ]
    counts = tuple(axis[2] for axis in axes)

    def every() -> Iterator[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]]:
        for out in np.ndindex(*counts):
            for tap in np.ndindex(*kernel):
                cell = tuple(
                    o * s + t * d - axis[0] for o, s, t, d, axis in zip(out, strides, tap, dilation, axes, strict=True)
                )
                if all(0 <= c < n for c, n in zip(cell, sizes, strict=True)):
                    yield out, tap, cell

    return counts, every()


def conv(x: np.ndarray, kernel: np.ndarray, strides: Any, dilation: Any, padding: Any, groups: int) -> np.ndarray:
    """x [N, *spatial, C], kernel [*window, C / groups, F] -> [N, *windows, F] in float64."""
    counts, every = windows(x.shape[1:-1], kernel.shape[:-2], strides, dilation, padding)
    inner, filters = kernel.shape[-2], kernel.shape[-1] // groups
    y = np.zeros((x.shape[0], *counts, kernel.shape[-1]))
    for out, tap, cell in every:
        for n in range(x.shape[0]):
            for g in range(groups):
                ins, outs = slice(g * inner, (g + 1) * inner), slice(g * filters, (g + 1) * filters)
                y[(n, *out)][outs] += x[(n, *cell)][ins].astype("f8") @ kernel[tap][:, outs].astype("f8")
    return y


def conv_transpose(x: np.ndarray, kernel: np.ndarray, strides: Any, dilation: Any) -> np.ndarray:
    """x [N, *spatial, C], kernel [*window, F, C] -> the whole spread, uncut, in float64."""
    window = kernel.shape[:-2]
    sizes = [(n - 1) * s + (k - 1) * d + 1 for n, k, s, d in zip(x.shape[1:-1], window, strides, dilation, strict=True)]
    y = np.zeros((x.shape[0], *sizes, kernel.shape[-2]))
    for cell in np.ndindex(*x.shape[1:-1]):
        for tap in np.ndindex(*window):
            out = tuple(c * s + t * d for c, s, t, d in zip(cell, strides, tap, dilation, strict=True))
            for n in range(x.shape[0]):
                y[(n, *out)] += kernel[tap].astype("f8") @ x[(n, *cell)].astype("f8")
    return y


def pool(x: np.ndarray, window: Any, strides: Any, padding: Any, reduction: Callable[..., Any]) -> np.ndarray:
    """x [N, *spatial, C] -> [N, *windows, C]: `reduction` over the real cells of each window."""
    counts, every = windows(x.shape[1:-1], window, strides, (1,) * len(window), padding)
    cells: dict[tuple[int, ...], list[np.ndarray]] = {}
    for out, _, cell in every:
        cells.setdefault(out, []).append(x[(slice(None), *cell)])
    y = np.zeros((x.shape[0], *counts, x.shape[-1]))
    for out, values in cells.items():
        y[(slice(None), *out)] = reduction(values, axis=0)
    return y

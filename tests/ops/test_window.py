"""The geometry of windows against loops."""

from __future__ import annotations

import numpy as np
import pytest
from ops import naive

from kmin.errors import InputError
from kmin.ops.window import window_padded, window_pads, window_taps, window_view, windows_of


@pytest.mark.parametrize("padding", ["valid", "same", "causal", (2, 1)])
@pytest.mark.parametrize("size", range(1, 9))
def test_pads_and_counts(size: int, padding: str | tuple[int, int]) -> None:
    for kernel in range(1, 5):
        for stride in range(1, 5):
            for dilation in range(1, 4):
                before, after, count = naive.pads(size, kernel, stride, dilation, padding)
                assert window_pads(size, kernel, stride, dilation, padding) == (before, after)
                words = padding if isinstance(padding, str) else (padding,)
                if count < 1:
                    with pytest.raises(InputError, match="spatial axis 0"):
                        windows_of([size], [kernel], [stride], [dilation], words, "op")
                else:
                    assert windows_of([size], [kernel], [stride], [dilation], words, "op") == (count,)
                    assert windows_of([None], [kernel], [stride], [dilation], words, "op") == (None,)


def test_views_are_the_cells_of_each_tap() -> None:
    x = np.arange(1, 2 * 5 * 6 + 1, dtype=np.float32).reshape(1, 5, 6, 2)
    window, strides, dilation = (2, 3), (2, 1), (1, 2)
    counts, every = naive.windows((5, 6), window, strides, dilation, "same")
    padded = window_padded(x, window, strides, dilation, "same", -1)
    wanted = {tap: np.full((1, *counts, 2), -1, np.float32) for tap in np.ndindex(*window)}
    for out, tap, cell in every:
        wanted[tap][(0, *out)] = x[(0, *cell)]
    assert window_taps(window) == list(wanted)
    for tap, cells in wanted.items():
        np.testing.assert_array_equal(window_view(padded, tap, counts, strides, dilation), cells)


def test_no_padding_is_no_copy() -> None:
    x = np.zeros((1, 4, 1))
    assert window_padded(x, (2,), (1,), (1,), "valid") is x
    assert window_padded(x, (2,), (2,), (1,), "same") is x

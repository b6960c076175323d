"""Signals: frames and spectra of keras.ops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kmin.formats.spec import Array
from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import binary, integer, tensor_of
from kmin.layers.operations.shaping import cut
from kmin.layers.operations.transforms import pair_of
from kmin.layers.operations.windowed import framed
from kmin.ops.conv_transpose import ConvTransposeAttrs
from kmin.ops.fourier import FourierAttrs
from kmin.ops.pad import PadAttrs
from kmin.ops.reshape import ReshapeAttrs


def frames(call: LayerCall, x: Any, length: Any, stride: Any) -> Tensor:
    """extract_sequences: the last axis cut into windows."""
    value = tensor_of(call, x)
    call.mix_samples(value, (value.rank - 1,))
    return framed(call, value, value.rank - 1, integer(call, length, "length"), integer(call, stride, "stride"))


def _window(call: LayerCall, window: Any, length: int, fft_length: int) -> Array | None:
    """The window filled to the transform's length on both sides."""
    if window is None:
        return None
    if isinstance(window, str):
        if window not in ("hann", "hamming"):
            raise call.fail(f"window must be 'hann' or 'hamming'; received {window!r:.40}")
        # TensorFlow's periodic window of odd length ends where it began, as a symmetric one does.
        turn = np.cos(2 * np.pi * np.arange(length) / max(length - length % 2, 1))
        line = 0.5 - 0.5 * turn if window == "hann" else 0.54 - 0.46 * turn
    else:
        if isinstance(window, Tensor) or np.shape(window) != (length,):
            raise call.fail(f"window must be {length} numbers; received {window!r:.60}")
        line = np.asarray(window, "f8")
    before = (fft_length - length) // 2
    return np.pad(line, (before, fft_length - length - before))


def _sizes(call: LayerCall, values: Sequence[Any]) -> list[int]:
    length, stride, fft_length = (integer(call, value, "a length") for value in values)
    if min(length, stride) < 1 or fft_length < length:
        raise call.fail(f"needs positive lengths and fft_length >= sequence_length; received {length}, {fft_length}")
    return [length, stride, fft_length]


def short_time(
    call: LayerCall, x: Any, length: Any, stride: Any, fft_length: Any, window: Any, center: Any
) -> list[Tensor]:
    """stft: windowed frames, transformed."""
    value = tensor_of(call, x)
    call.mix_samples(value, (value.rank - 1,))
    size, step, whole = _sizes(call, (length, stride, fft_length))
    if center:
        pads = (*((0, 0) for _ in range(value.rank - 1)), (whole // 2, whole // 2))
        value = call.add("pad", (value,), PadAttrs(pads, 0.0, "reflect"))
    line = _window(call, window, size, whole)
    value = framed(call, value, value.rank - 1, whole, step)
    if line is not None:
        value = binary(call, value, call.constant("window", line.astype(value.dtype)), "multiply")
    return list(call.add_all("fourier", (value,), FourierAttrs("rfft", 1, whole)))


def from_short_time(
    call: LayerCall, x: Any, length: Any, stride: Any, fft_length: Any, total: Any, window: Any, center: Any
) -> Tensor:
    """istft: frames back from their spectra, each place divided by what the windows gave it, and overlapped."""
    pair = pair_of(call, x, 2)
    size, step, whole = _sizes(call, (length, stride, fft_length))
    value = call.add("fourier", pair, FourierAttrs("irfft", 1, whole))
    count = value.shape[-2]
    if value.rank != 3 or count is None:
        raise call.fail(f"needs a batch with a known number of frames; received {pair[0].spec}")
    line = _window(call, window, size, whole)
    if line is not None:
        overlaps = -(-whole // step)
        squares = np.pad(line**2, (0, overlaps * step - whole)).reshape(overlaps, step).sum(axis=0)
        with np.errstate(all="ignore"):
            line = line / np.tile(squares, overlaps)[:whole]
        value = binary(call, value, call.constant("window", line.astype(value.dtype)), "multiply")
    kernel = call.constant("overlap", np.eye(whole, dtype=value.dtype)[:, None, :])
    value = call.add("conv_transpose", (value, kernel, None), ConvTransposeAttrs((step,), (1,)))
    full = whole + step * (count - 1)
    value = call.add("reshape", (value,), ReshapeAttrs((("x", 0), -1)))
    start = whole // 2 if center else 0
    if total is not None:
        stop = min(start + integer(call, total, "length"), full)
    else:
        stop = full - whole // 2 if center else full
    return cut(call, value, 1, start, stop)

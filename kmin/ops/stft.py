"""stft: discrete Fourier transforms of overlapping frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec

STFT_CHUNK_VALUES = 1 << 24  # in frames held at a time


@dataclass(frozen=True)
class StftAttrs:
    """stride: values from the start of one frame to that of the next."""

    stride: int


def infer_stft(specs: Specs, attrs: StftAttrs) -> tuple[TensorSpec, ...]:
    x, window = specs
    size = window.shape[0] if window.rank == 1 else None
    if size is None or size < 1 or attrs.stride < 1 or x.rank < 1 or x.dtype not in ("float32", "float64"):
        raise InputError(f"stft needs floats, one window and a positive stride; received {x}, {window} and {attrs}")
    length = x.shape[-1]
    frames = None if length is None else max(0, (length - size) // attrs.stride + 1)
    spec = TensorSpec((*x.shape[:-1], frames, size // 2 + 1), x.dtype)
    return (spec, spec)


def run_stft(arrays: Arrays, attrs: StftAttrs) -> tuple[Array, ...]:
    """x [..., T], window [N] -> real, imaginary [..., frames, N // 2 + 1]; a rest shorter than a frame is left out."""
    x, window = arrays
    size = window.shape[0]
    frames = max(0, (x.shape[-1] - size) // attrs.stride + 1)
    rows = x.reshape(-1, x.shape[-1])
    real = np.empty((len(rows), frames, size // 2 + 1), x.dtype)
    imaginary = np.empty_like(real)
    step = max(1, STFT_CHUNK_VALUES // max(1, frames * size))
    for start in range(0, len(rows) if frames else 0, step):
        chunk = rows[start : start + step]
        cut = np.lib.stride_tricks.sliding_window_view(chunk, size, axis=-1)[:, :: attrs.stride]
        spectrum = np.fft.rfft(cut.astype(np.float64) * window)
        real[start : start + step], imaginary[start : start + step] = spectrum.real, spectrum.imag
    shape = (*x.shape[:-1], frames, size // 2 + 1)
    return (real.reshape(shape), imaginary.reshape(shape))


def macs_stft(specs: Specs, outputs: Specs, attrs: StftAttrs) -> int | None:
    (_, window), (real, _) = specs, outputs
    sizes = real.shape[1:]
    if None in sizes:
        return None
    count = int(np.prod(sizes[:-1], dtype=np.int64))
    return count * int(window.shape[0]) * max(1, int(np.ceil(np.log2(window.shape[0]))))


OP = Op(StftAttrs, infer_stft, run_stft, macs_stft)

"""fourier: discrete Fourier transforms of the last axes; complex numbers are pairs of tensors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class FourierAttrs:
    """What to transform.

    Attributes:
        kind: `fft` and `ifft` take and give pairs, `rfft` takes reals, `irfft` gives reals.
        axes: how many of the last axes (1 for the last two kinds).
        length: of the reals' axis, cut or filled with zeros; None for what there is (`irfft`: 2 less than twice it).
    """

    kind: str
    axes: int = 1
    length: int | None = None


def infer_fourier(specs: Specs, attrs: FourierAttrs) -> tuple[TensorSpec, ...]:
    x = specs[0]
    count = 1 if attrs.kind == "rfft" else 2
    same = all(spec == x for spec in specs)
    if len(specs) != count or not same or x.rank < attrs.axes or x.dtype not in ("float32", "float64"):
        raise InputError(f"{attrs.kind} needs {count} tensors of floats; received {', '.join(map(str, specs))}")
    size, length = x.shape[-1], attrs.length
    if attrs.kind == "rfft":
        full = size if length is None else length
        out = TensorSpec((*x.shape[:-1], None if full is None else full // 2 + 1), x.dtype)
        return out, out
    if attrs.kind == "irfft":
        whole = length if length is not None else None if size is None else 2 * size - 2
        return (TensorSpec((*x.shape[:-1], whole), x.dtype),)
    return x, x


def run_fourier(arrays: Arrays, attrs: FourierAttrs) -> tuple[Array, ...]:
    """x, or real and imaginary part -> the same, transformed in double precision."""
    dtype = arrays[0].dtype
    if attrs.kind == "rfft":
        z = np.fft.rfft(arrays[0], attrs.length)
        return z.real.astype(dtype), z.imag.astype(dtype)
    z = arrays[0].astype(np.float64) + 1j * arrays[1]
    if attrs.kind == "irfft":
        return (np.fft.irfft(z, attrs.length).astype(dtype),)
    axes = tuple(range(-attrs.axes, 0))
    z = np.fft.fftn(z, axes=axes) if attrs.kind == "fft" else np.fft.ifftn(z, axes=axes)
    return z.real.astype(dtype), z.imag.astype(dtype)


OP = Op(FourierAttrs, infer_fourier, run_fourier)

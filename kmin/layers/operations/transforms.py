"""Fourier transforms of keras.ops; a complex tensor is a pair of tensors."""

from __future__ import annotations

from typing import Any

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import floating, integer, tensor_of
from kmin.ops.fourier import FourierAttrs


def pair_of(call: LayerCall, x: Any, axes: int) -> list[Tensor]:
    """Real and imaginary part; their last axes are those of one sample."""
    if not isinstance(x, (list, tuple)) or len(x) != 2:
        raise call.fail(f"needs a pair of tensors, real and imaginary; received {x!r:.60}")
    pair = [tensor_of(call, part) for part in x]
    for part in pair:
        call.mix_samples(part, range(part.rank - axes, part.rank))
    return pair


def fourier(call: LayerCall, x: Any) -> list[Tensor]:
    """fft over the last axis."""
    return list(call.add_all("fourier", pair_of(call, x, 1), FourierAttrs("fft")))


def fourier_2d(call: LayerCall, x: Any) -> list[Tensor]:
    """fft2 over the last two axes."""
    return list(call.add_all("fourier", pair_of(call, x, 2), FourierAttrs("fft", 2)))


def inverse_2d(call: LayerCall, x: Any) -> list[Tensor]:
    """ifft2 over the last two axes."""
    return list(call.add_all("fourier", pair_of(call, x, 2), FourierAttrs("ifft", 2)))


def _length(call: LayerCall, value: Any) -> int | None:
    if value is None:
        return None
    length = integer(call, value, "fft_length")
    if length < 1:
        raise call.fail(f"fft_length must be positive; received {length}")
    return length


def of_reals(call: LayerCall, x: Any, fft_length: Any) -> list[Tensor]:
    """rfft over the last axis."""
    value = floating(call, tensor_of(call, x))
    call.mix_samples(value, (value.rank - 1,))
    return list(call.add_all("fourier", (value,), FourierAttrs("rfft", 1, _length(call, fft_length))))


def to_reals(call: LayerCall, x: Any, fft_length: Any) -> Tensor:
    """irfft over the last axis."""
    return call.add("fourier", pair_of(call, x, 1), FourierAttrs("irfft", 1, _length(call, fft_length)))

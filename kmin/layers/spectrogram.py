"""STFTSpectrogram: short-time Fourier transforms as convolutions."""

from __future__ import annotations

import math

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.layout import is_channels_first, positive
from kmin.ops.binary import BinaryAttrs
from kmin.ops.concat import ConcatAttrs
from kmin.ops.conv import ConvAttrs
from kmin.ops.reshape import ReshapeAttrs
from kmin.ops.transpose import TransposeAttrs
from kmin.ops.unary import UnaryAttrs

_MODES = ("log", "magnitude", "psd", "real", "imag", "angle", "stft")
_SMALLEST = 1e-7  # keras.backend.epsilon()


def lower_stft_spectrogram(call: LayerCall) -> Tensor:
    """STFTSpectrogram; the window is in its stored kernels. Source: stft_spectrogram.py, Keras 3.15."""
    x = call.input
    if x.rank != 3 or not x.dtype.startswith("float"):
        raise call.fail(f"needs floats with one axis of time and one of channels; received {x.spec}")
    mode = call.option("mode", _MODES, "log")
    if not is_channels_first(call):
        x = call.add("transpose", (x,), TransposeAttrs((0, 2, 1)))
    channels = x.shape[1]
    if channels is None:
        raise call.fail(f"needs a known number of channels; received {x.spec}")
    signal = call.add("reshape", (x,), ReshapeAttrs((("x", 0), ("x", 1), ("x", 2), 1)))
    y = _spectrum(call, signal, mode)  # [batch, channels, time, frequency]
    first, apart, last = is_channels_first(call), bool(call.config.get("expand_dims", False)), y.shape[3]
    if first and apart:
        return y
    order = (0, 2, 3, 1) if apart else (0, 1, 3, 2) if first else (0, 2, 1, 3)
    y = call.add("transpose", (y,), TransposeAttrs(order))
    if apart or last is None:
        return y
    wide = channels * last
    return call.add("reshape", (y,), ReshapeAttrs((("x", 0), wide, ("x", 3)) if first else (("x", 0), ("x", 1), wide)))


def _spectrum(call: LayerCall, signal: Tensor, mode: str) -> Tensor:
    real = _part(call, signal, "real_kernel") if mode != "imag" else None
    imaginary = _part(call, signal, "imag_kernel") if mode != "real" else None
    if real is None or imaginary is None:
        one = real if real is not None else imaginary
        assert one is not None
        return one
    if mode == "angle":
        return call.add("binary", (imaginary, real), BinaryAttrs("arctan2"))
    if mode == "stft":
        return call.add("concat", (real, imaginary), ConcatAttrs(3))
    squares = [call.add("binary", (part, part), BinaryAttrs("multiply")) for part in (real, imaginary)]
    power = call.add("binary", squares, BinaryAttrs("add"))
    if mode == "psd":
        twice = np.full(power.shape[3] if power.shape[3] is not None else 1, 2)
        twice[[0, -1]] = 1
        factor = call.constant("twice", twice.astype(power.dtype))
        return call.add("binary", (power, factor), BinaryAttrs("multiply"))
    smallest = call.constant("smallest", np.asarray(_SMALLEST, power.dtype))
    power = call.add("binary", (power, smallest), BinaryAttrs("maximum"))
    magnitude = call.add("unary", (power,), UnaryAttrs("sqrt"))
    if mode == "magnitude":
        return magnitude
    magnitude = call.add("binary", (magnitude, smallest), BinaryAttrs("maximum"))
    return call.add("unary", (magnitude,), UnaryAttrs("log"))


def _part(call: LayerCall, signal: Tensor, name: str) -> Tensor:
    """The convolution with one of the two kernels."""
    config = call.config
    (length,) = positive(call, "frame_length", 1, 256)
    (step,) = positive(call, "frame_step", 1, max(1, length // 2))
    (fft,) = positive(call, "fft_length", 1, 2 ** math.ceil(math.log2(length)))
    padding = config.get("padding", "valid")
    if padding not in ("valid", "same"):
        raise call.fail(f"padding must be 'valid' or 'same'; received {padding!r}")
    kernel = call.weight(name, (length, 1, fft // 2 + 1))
    return call.add("conv", (signal, kernel, None), ConvAttrs((step,), (1,), padding))

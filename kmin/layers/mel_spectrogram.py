"""MelSpectrogram: the power of short frames of sound, in bands that are as wide as they sound."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kmin.formats.spec import Array
from kmin.layers.call import LayerCall, Tensor
from kmin.layers.layout import positive
from kmin.ops.cast import CastAttrs
from kmin.ops.dense import DenseAttrs
from kmin.ops.pad import PadAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.stft import StftAttrs
from kmin.ops.transpose import TransposeAttrs
from kmin.ops.unary import UnaryAttrs

MEL_BREAK, MEL_FACTOR = 700.0, 1127.0


def lower_mel_spectrogram(call: LayerCall) -> Tensor:
    """MelSpectrogram: [batch, time] -> [batch, bands, frames]. Source: mel_spectrogram.py, Keras 3.15.

    `top_db` is measured from the loudest value of all samples that are computed together.
    """
    x = call.input
    if x.rank < 2:
        raise call.fail(f"needs a batch axis and an axis of time; received {x.spec}")
    dtype = call.compute_dtype
    work = dtype if dtype in ("float32", "float64") else "float32"
    if x.dtype != work:
        x = call.add("cast", (x,), CastAttrs(work))
    power = _power(call, x)
    bands = call.constant("mel", _mel_weights(call, power.shape[-1]).astype(work))
    y = call.add("dense", (power, bands, None), DenseAttrs())
    if call.config.get("power_to_db", True):
        y = _decibels(call, y)
    y = call.add("transpose", (y,), TransposeAttrs((*range(y.rank - 2), y.rank - 1, y.rank - 2)))
    return y if work == dtype else call.add("cast", (y,), CastAttrs(dtype))


def _power(call: LayerCall, x: Tensor) -> Tensor:
    """Magnitudes of the spectrum to the power of mag_exp, [batch, frames, frequencies]."""
    (fft,) = positive(call, "fft_length", 1, 2048)
    (stride,) = positive(call, "sequence_stride", 1, 512)
    (length,) = positive(call, "sequence_length", 1, fft)
    if length > fft:
        raise call.fail(f"sequence_length must be at most fft_length; received {length} and {fft}")
    reach = fft // 2
    if x.shape[-1] is not None and x.shape[-1] <= reach:
        raise call.fail(f"needs more than {reach} steps of time to reflect at the ends; received {x.spec}")
    window = np.zeros(fft)
    before = (fft - length) // 2
    window[before : before + length] = _window(call, length)
    x = call.add("pad", (x,), PadAttrs((*((0, 0) for _ in range(x.rank - 1)), (reach, reach)), mode="reflect"))
    real, imaginary = call.add_all("stft", (x, call.constant("window", window.astype(x.dtype))), StftAttrs(stride))
    left, right = (call.binary(part, part, "multiply") for part in (real, imaginary))
    magnitude = call.add("unary", (call.binary(left, right, "add"),), UnaryAttrs("sqrt"))
    return call.binary(magnitude, _number(call, "exponent", _setting(call, "mag_exp", 2.0), x), "power")


def _window(call: LayerCall, length: int) -> Array:
    """The window function, periodic as in tf.signal: over one more step when the length is even."""
    value: Any = call.config.get("window", "hann")
    if isinstance(value, str) and value in ("hann", "hamming"):
        a = 0.5 if value == "hann" else 0.54
        if length == 1:
            return np.ones(1)
        steps = length + (1 - length % 2) - 1
        wave: Array = a - (1 - a) * np.cos(2 * np.pi * np.arange(length) / steps)
        return wave
    if value is None:
        return np.ones(length)
    numbers = isinstance(value, (list, tuple)) and all(isinstance(item, (int, float)) for item in value)
    if not numbers or len(value) != length:
        raise call.fail(f"window must be 'hann', 'hamming' or {length} numbers; received {value!r:.80}")
    return np.asarray(value, np.float64)


def _decibels(call: LayerCall, y: Tensor) -> Tensor:
    smallest = _setting(call, "min_power", 1e-10)
    reference = 10 * math.log10(max(abs(_setting(call, "ref_power", 1.0)), smallest))
    y = call.binary(y, _number(call, "smallest", smallest, y), "maximum")
    y = call.binary(call.add("unary", (y,), UnaryAttrs("log10")), _number(call, "ten", 10.0, y), "multiply")
    y = call.binary(y, _number(call, "reference", reference, y), "subtract")
    everything = tuple(range(y.rank))
    call.mix_samples(y, everything)
    loudest = call.add("reduce", (y,), ReduceAttrs("max", everything, True))
    floor = call.binary(loudest, _number(call, "range", _setting(call, "top_db", 80.0), y), "subtract")
    return call.binary(y, floor, "maximum")


def _mel_weights(call: LayerCall, frequencies: int | None) -> Array:
    """Triangles over the frequencies, [frequencies, bands], without the constant part (linear_to_mel_weight_matrix)."""
    assert frequencies is not None
    (bands,) = positive(call, "num_mel_bins", 1, 128)
    rate = _setting(call, "sampling_rate", 16000)
    lowest = _setting(call, "min_freq", 20.0)
    highest = call.config.get("max_freq")
    highest = _setting(call, "max_freq", 0.0) if highest else float(int(rate / 2))
    linear = np.linspace(0.0, rate / 2, frequencies)[1:, None]
    places = MEL_FACTOR * np.log1p(linear / MEL_BREAK)
    first, last = (MEL_FACTOR * math.log1p(edge / MEL_BREAK) for edge in (lowest, highest))
    edges: Array = np.linspace(first, last, bands + 2)
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    triangles = np.minimum((places - low) / (centre - low), (high - places) / (high - centre))
    return np.concatenate([np.zeros((1, bands)), np.maximum(0.0, triangles)])


def _setting(call: LayerCall, key: str, default: float) -> float:
    value = call.config.get(key, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise call.fail(f"{key} must be a number; received {value!r:.80}")
    return float(value)


def _number(call: LayerCall, name: str, value: float, like: Tensor) -> Tensor:
    return call.constant(name, np.asarray(value, like.dtype))

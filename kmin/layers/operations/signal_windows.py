"""Windows of TensorFlow's signal functions, and signals rolled by half of their length."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kmin.formats.spec import Array
from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import Lowering, axis_of, dtype_named, integers, is_number, tensor_of
from kmin.layers.operations.shaping import roll
from kmin.layers.operations.sizes import sizes_of


def _raised_cosine(share: float) -> Callable[..., Array]:
    def window(count: int, periodic: Any = True) -> Array:
        """A periodic one of an odd number ends where it began (TensorFlow 2.15)."""
        if count == 1:
            return np.ones(1)
        turns = np.cos(2 * np.pi * np.arange(count) / (count - 1 + (1 - count % 2 if periodic else 0)))
        return np.asarray(share - (1 - share) * turns)

    return window


def _kaiser(count: int, beta: float = 12.0) -> Array:
    return np.kaiser(count, beta)


def _kaiser_bessel(count: int, beta: float = 12.0) -> Array:
    total = np.cumsum(np.kaiser(count // 2 + 1, beta))
    half = np.sqrt(total[:-1] / total[-1])
    return np.concatenate([half, half[::-1]])


def _vorbis(count: int) -> Array:
    return np.asarray(np.sin(np.pi / 2 * np.sin(np.pi / count * (np.arange(count) + 0.5)) ** 2))


WINDOWS: dict[str, Callable[..., Array]] = {
    "hamming_window": _raised_cosine(0.54),
    "hann_window": _raised_cosine(0.5),
    "kaiser_bessel_derived_window": _kaiser_bessel,
    "kaiser_window": _kaiser,
    "vorbis_window": _vorbis,
}


def window_named(call: LayerCall, name: Any, count: int) -> Array:
    """The window of a function by its name; None: as strong everywhere, two halves having the strength of one."""
    if name is None:
        return np.full(count, 1 / np.sqrt(2))
    if not isinstance(name, str) or name not in WINDOWS:
        raise call.fail(f"window_fn must be None or one of {', '.join(WINDOWS)}; received {name!r:.40}")
    return WINDOWS[name](count)


def windowing(name: str) -> Lowering:
    """signal.hann_window and its like, of lengths that the model's shapes tell."""

    def lower(call: LayerCall, length: Any, *rest: Any) -> Tensor:
        *settings, dtype = rest
        sizes = sizes_of(call, length)
        if sizes is None or len(sizes) != 1 or not isinstance(sizes[0], int) or not 1 <= sizes[0] <= 1 << 24:
            raise call.fail("needs a length that the model's shapes tell")
        if not all(is_number(item) for item in settings):
            raise call.fail(f"needs numbers from the file; received {settings!r:.60}")
        return call.constant("window", WINDOWS[name](sizes[0], *settings).astype(dtype_named(call, dtype, "float32")))

    return lower


def shifted(sign: int) -> Lowering:
    """signal.fftshift (sign 1) and signal.ifftshift (sign -1)."""

    def lower(call: LayerCall, x: Any, axes: Any) -> Tensor:
        value = tensor_of(call, x)
        wanted = range(value.rank) if axes is None else integers(call, axes, "axes")
        found = [axis_of(call, axis, value.rank) for axis in wanted]
        sizes = [size for at in found if (size := value.shape[at]) is not None]
        if len(sizes) != len(found):
            raise call.fail(f"needs axes of known size; received {value.spec} and {axes!r:.40}")
        for at, size in zip(found, sizes, strict=True):
            value = roll(call, value, sign * (size // 2), at)
        return value

    return lower

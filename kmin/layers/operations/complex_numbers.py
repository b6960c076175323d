"""Complex numbers of TensorFlow's functions as pairs of real tensors: made, read, multiplied, transformed."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import Complex, LayerCall, Lowered, Tensor
from kmin.layers.operations.arguments import Lowering, binary, cast, integer, operands, tensor_of, unary
from kmin.layers.operations.arithmetic import convert, filled
from kmin.layers.operations.products import matmul
from kmin.layers.operations.shaping import concatenate, cut, pad, stack
from kmin.layers.operations.signal_windows import window_named
from kmin.layers.operations.windowed import framed
from kmin.ops.conv_transpose import ConvTransposeAttrs
from kmin.ops.fourier import FourierAttrs
from kmin.ops.reshape import ReshapeAttrs

REAL = {"complex128": "float64", "complex64": "float32"}


def paired(real: Tensor, imaginary: Tensor) -> Complex:
    """A complex tensor of two real ones."""
    return Complex(real.name, real.spec, imaginary=imaginary)


def parts_of(call: LayerCall, x: Any) -> tuple[Tensor, Tensor]:
    """The real and the imaginary part."""
    if not isinstance(x, Complex) or x.imaginary is None:
        raise call.fail("needs complex numbers")
    return Tensor(x.name, x.spec), x.imaginary


def joined(call: LayerCall, real: Any, imaginary: Any) -> Complex:
    """dtypes.complex."""
    left, right = operands(call, (real, imaginary))
    if left.shape != right.shape:
        raise call.fail(f"needs two tensors of one shape; received {left.spec} and {right.spec}")
    return paired(left, right)


def convert_number(call: LayerCall, x: Any, dtype: Any) -> Tensor:
    """cast, to complex numbers and from them, too."""
    wanted = str(dtype).removeprefix("tf.")
    value = parts_of(call, x)[0] if isinstance(x, Complex) else x
    if wanted not in REAL:
        return convert(call, value, dtype)
    if isinstance(x, Complex):
        return paired(*(cast(call, one, REAL[wanted]) for one in parts_of(call, x)))
    real = cast(call, tensor_of(call, value), REAL[wanted])
    return paired(real, _zeros(call, real))


def length(call: LayerCall, x: Any) -> Tensor:
    """math.abs."""
    return binary(call, *parts_of(call, x), "hypot")


def turn(call: LayerCall, x: Any) -> Tensor:
    """math.angle."""
    real, imaginary = parts_of(call, x)
    return binary(call, imaginary, real, "arctan2")


def part(at: int) -> Lowering:
    """math.real and math.imag."""
    return lambda call, x: parts_of(call, x)[at]


def conjugate(call: LayerCall, x: Any) -> Complex:
    """math.conj."""
    real, imaginary = parts_of(call, x)
    return paired(real, unary(call, imaginary, "negative"))


def _zeros(call: LayerCall, like: Tensor) -> Tensor:
    return filled(0.0)(call, like, None)  # type: ignore[no-any-return]


def _both(call: LayerCall, x: Any, y: Any) -> list[tuple[Any, Any]]:
    """The parts of two operands; of one that is no complex tensor the second is None. TensorFlow mixes no tensors.

    Keras 3.15 brings the operands to complex64, wider ones too.
    """
    if call.dialect < 3 and any(isinstance(one, Tensor) and not isinstance(one, Complex) for one in (x, y)):
        raise call.fail("needs complex numbers")
    found = [parts_of(call, one) if isinstance(one, Complex) else (one, None) for one in (x, y)]
    return found if call.dialect < 3 else [(_single(call, a), _single(call, b)) for a, b in found]


def _single(call: LayerCall, x: Any) -> Any:
    """float64 as float32, anything else as it is."""
    return cast(call, x, "float32") if isinstance(x, Tensor) and x.dtype == "float64" else x


def summed(kind: str) -> Lowering:
    """The sum or difference of complex numbers, one of which may be real numbers in the file (Keras 3: or anywhere)."""

    def lower(call: LayerCall, x: Any, y: Any) -> Complex:
        (a, b), (c, d) = _both(call, x, y)
        real = binary(call, a, c, kind)
        if b is not None and d is not None:
            return paired(real, binary(call, b, d, kind))
        found = b if d is None else d if kind == "add" else unary(call, d, "negative")
        return paired(real, binary(call, found, _zeros(call, real), "add") if found.shape != real.shape else found)

    return lower


def product(call: LayerCall, x: Any, y: Any) -> Complex:
    """The product of complex numbers, or of some and real ones."""
    return _multiplied(call, *_both(call, x, y))


def squared(call: LayerCall, x: Any) -> Complex:
    """The squares of complex numbers."""
    parts = parts_of(call, x)
    return _multiplied(call, parts, parts)


def _multiplied(call: LayerCall, left: tuple[Any, Any], right: tuple[Any, Any]) -> Complex:
    (a, b), (c, d) = left, right
    if d is None or b is None:
        (a, b), c = ((a, b), c) if d is None else ((c, d), a)
        return paired(binary(call, a, c, "multiply"), binary(call, b, c, "multiply"))
    real = binary(call, binary(call, a, c, "multiply"), binary(call, b, d, "multiply"), "subtract")
    return paired(real, binary(call, binary(call, a, d, "multiply"), binary(call, b, c, "multiply"), "add"))


def quotient(call: LayerCall, x: Any, y: Any) -> Complex:
    """A quotient of complex numbers, or of some and real ones."""
    if not isinstance(y, Complex):
        (a, b), (c, _) = _both(call, x, y)
        return paired(binary(call, a, c, "divide"), binary(call, b, c, "divide"))
    top = product(call, x, conjugate(call, y))
    _, (c, d) = _both(call, x, y)
    size = binary(call, unary(call, c, "square"), unary(call, d, "square"), "add")
    return paired(*(binary(call, one, size, "divide") for one in parts_of(call, top)))


def matrix_product(call: LayerCall, x: Any, y: Any) -> Complex:
    """The product of complex matrices."""
    (a, b), (c, d) = _both(call, x, y)
    if b is None or d is None:
        raise call.fail("needs complex numbers on both sides")
    real = binary(call, matmul(call, a, c), matmul(call, b, d), "subtract")
    return paired(real, binary(call, matmul(call, a, d), matmul(call, b, c), "add"))


def exponential(call: LayerCall, x: Any) -> Complex:
    """e to the power of complex numbers."""
    real, imaginary = parts_of(call, x)
    return in_polar(call, unary(call, real, "exp"), imaginary)


def in_polar(call: LayerCall, size: Any, angle: Any) -> Complex:
    """Complex numbers by their magnitudes and angles."""
    left, right = (tensor_of(call, x) for x in (size, angle))
    return paired(*(binary(call, left, unary(call, right, kind), "multiply") for kind in ("cos", "sin")))


def joined_along(call: LayerCall, values: Any, axis: Any) -> Complex:
    """Complex tensors one after another."""
    parts = [parts_of(call, x) for x in values]
    if call.dialect >= 3:
        parts = [(_single(call, a), _single(call, b)) for a, b in parts]
    real, imaginary = (concatenate(call, [part[at] for part in parts], axis) for at in (0, 1))
    return paired(real, imaginary)


def stacked_parts(call: LayerCall, x: Any) -> Tensor:
    """view_as_real: both parts along a new last axis."""
    return stack(call, list(parts_of(call, x)), -1)


def of_both(function: Lowering) -> Lowering:
    """A function that moves values around, of both parts."""

    def lower(call: LayerCall, x: Any, *rest: Any) -> Complex:
        real, imaginary = parts_of(call, x)
        return paired(function(call, real, *rest), function(call, imaginary, *rest))

    return lower


def transform(kind: str, axes: int) -> Lowering:
    """signal.fft, signal.ifft and theirs of two and three axes."""

    def lower(call: LayerCall, x: Any) -> Lowered:
        pair = parts_of(call, x)
        call.mix_samples(pair[0], range(pair[0].rank - axes, pair[0].rank))
        return paired(*call.add_all("fourier", pair, FourierAttrs(kind, axes)))

    return lower


def _window(call: LayerCall, name: Any, count: int) -> Any:
    return np.ones(count) if name is None else window_named(call, name, count)


def _lengths(call: LayerCall, frame: Any, step: Any, whole: Any) -> tuple[int, int, int]:
    size, hop = integer(call, frame, "frame_length"), integer(call, step, "frame_step")
    if min(size, hop) < 1:
        raise call.fail(f"needs positive lengths; received {size} and {hop}")
    return size, hop, 1 << (size - 1).bit_length() if whole is None else integer(call, whole, "fft_length")


def short_time(call: LayerCall, x: Any, frame: Any, step: Any, whole: Any, window: Any, padded: Any) -> Complex:
    """signal.stft: frames of the last axis, windowed, filled with zeros and transformed."""
    value = tensor_of(call, x)
    size, hop, count = _lengths(call, frame, step, whole)
    total = value.shape[-1] if value.rank else None
    if total is None or value.dtype not in REAL.values():
        raise call.fail(f"needs floats along an axis of known size; received {value.spec}")
    call.mix_samples(value, (value.rank - 1,))
    if padded:
        more = max((-(-total // hop) - 1) * hop + size - total, 0)
        value = pad(call, value, [[0, 0]] * (value.rank - 1) + [[0, more]], "CONSTANT", 0)
    frames = framed(call, value, value.rank - 1, size, hop)
    line = call.constant("window", _window(call, window, size).astype(value.dtype))
    frames = binary(call, frames, line, "multiply")
    return paired(*call.add_all("fourier", (frames,), FourierAttrs("rfft", 1, count)))


def overlapped(call: LayerCall, x: Any, step: Any) -> Tensor:
    """signal.overlap_and_add of a batch of frames."""
    value, hop = tensor_of(call, x), integer(call, step, "frame_step")
    size = value.shape[-1] if value.rank == 3 else None
    if size is None or value.shape[1] is None:
        raise call.fail(f"needs a batch of frames of known number and size; received {value.spec}")
    kernel = call.constant("overlap", np.eye(size, dtype=value.dtype)[:, None, :])
    y = call.add("conv_transpose", (value, kernel, None), ConvTransposeAttrs((hop,), (1,)))
    return call.add("reshape", (y,), ReshapeAttrs((("x", 0), -1)))


def from_short_time(call: LayerCall, x: Any, frame: Any, step: Any, whole: Any, window: Any) -> Tensor:
    """signal.inverse_stft: frames back from their spectra, windowed and added."""
    size, hop, count = _lengths(call, frame, step, whole)
    frames = call.add("fourier", parts_of(call, x), FourierAttrs("irfft", 1, count))
    if count > size:
        frames = cut(call, frames, frames.rank - 1, 0, size)
    elif count < size:
        frames = pad(call, frames, [[0, 0]] * (frames.rank - 1) + [[0, size - count]], "CONSTANT", 0)
    line = call.constant("window", _window(call, window, size).astype(frames.dtype))
    return overlapped(call, binary(call, frames, line, "multiply"), hop)

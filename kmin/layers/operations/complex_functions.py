"""COMPLEX_FUNCTIONS: the rows of TensorFlow's functions for complex tensors, by the name that files have."""

from __future__ import annotations

from kmin.layers.operations import complex_numbers as numbers
from kmin.layers.operations import shaping, slicing
from kmin.layers.operations.arguments import Row

_INVERSE = 'stfts frame_length frame_step fft_length=None window_fn="hann_window"'
_TRANSPOSE = (
    "a perm=None conjugate=False",
    numbers.of_both(lambda call, x, perm, _: shaping.transpose(call, x, perm)),
)

COMPLEX_FUNCTIONS: dict[str, Row] = {
    "__operators__.add": ("x y", numbers.summed("add")),
    "__operators__.getitem": ("tensor slice_spec", numbers.of_both(slicing.get_item)),
    "cast": ("x dtype", numbers.convert_number),
    "compat.v1.expand_dims": ("input axis", numbers.of_both(shaping.expand_dims)),
    "compat.v1.transpose": _TRANSPOSE,
    "expand_dims": ("input axis", numbers.of_both(shaping.expand_dims)),
    "math.abs": ("x", numbers.length),
    "math.add": ("x y", numbers.summed("add")),
    "math.angle": ("input", numbers.turn),
    "math.conj": ("x", numbers.conjugate),
    "math.imag": ("input", numbers.part(1)),
    "math.multiply": ("x y", numbers.product),
    "math.real": ("input", numbers.part(0)),
    "math.subtract": ("x y", numbers.summed("subtract")),
    "reshape": ("tensor shape", numbers.of_both(shaping.reshape)),
    "signal.fft": ("input", numbers.transform("fft", 1)),
    "signal.fft2d": ("input", numbers.transform("fft", 2)),
    "signal.fft3d": ("input", numbers.transform("fft", 3)),
    "signal.ifft": ("input", numbers.transform("ifft", 1)),
    "signal.ifft2d": ("input", numbers.transform("ifft", 2)),
    "signal.ifft3d": ("input", numbers.transform("ifft", 3)),
    "signal.inverse_stft": (_INVERSE, numbers.from_short_time),
    "transpose": _TRANSPOSE,
}

"""Models that are given complex numbers: both generations have such input layers."""

from __future__ import annotations

from ._function import function, tf_function

NUMBERS = {"dtype": "complex64"}
WIDE = {"dtype": "complex128"}


def _dense(t, x):
    """What a layer makes of the parts."""
    from keras import layers

    real, imaginary = (t.math.real, t.math.imag) if hasattr(t, "math") else (t.real, t.imag)
    joined = layers.Concatenate()([real(x), imaginary(x)])
    return layers.Dense(2, activation="tanh")(joined), x * x


CASES = [
    tf_function("real", lambda t, x: t.math.real(x), (2, 3), **NUMBERS),
    tf_function("imaginary", lambda t, x: t.math.imag(x), (2, 3), **NUMBERS),
    tf_function("absolute", lambda t, x: t.abs(x), (2, 3), **NUMBERS),
    tf_function("conjugate", lambda t, x: t.math.conj(x), (2, 3), **NUMBERS),
    tf_function("layers", _dense, (2, 3), **NUMBERS),
    tf_function("double", lambda t, x: (t.math.angle(x), x + 1.0), (2, 3), **WIDE),
    tf_function("two", lambda t, x, y: x * t.math.conj(y), (2, 3), (2, 3), **NUMBERS),
    tf_function("transform", lambda t, x: t.signal.ifft(x), (2, 4), **NUMBERS),
    function("keras_real", lambda o, x: o.real(x), (2, 3), **NUMBERS),
    function("keras_absolute", lambda o, x: o.abs(x), (2, 3), **NUMBERS),
    function("keras_conjugate", lambda o, x: o.conj(x), (2, 3), **NUMBERS),
    function("keras_layers", _dense, (2, 3), **NUMBERS),
    function("keras_two", lambda o, x, y: x * o.conj(y), (2, 3), (2, 3), **NUMBERS),
]

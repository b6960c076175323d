"""Vectors of length one in half precision, where zeros have none: NaN, or zeros where a bound is left."""

from . import case
from ._function import function, tf_function

X = (2, 3)
_ZEROS = {"scale": 0.0, "dtype": "float16", "tolerance": 2e-2, "reason": "float16"}


def _cosines(k):
    a, b = (k.Input(X[1:], dtype="float16") for _ in range(2))
    return k.Model([a, b], k.layers.Dot(-1, normalize=True, dtype="float16")([a, b + 1]))


CASES = [
    case("unit_zeros_in_half", lambda k: k.layers.UnitNormalization(dtype="float16"), X, **_ZEROS),
    case("cosines_of_zeros_in_half", _cosines, X, X, **_ZEROS),
    function("normalize_zeros_in_half", lambda o, x: (o.normalize(x), o.normalize(x, epsilon=1e-3)), X, **_ZEROS),
    tf_function(
        "l2_normalize_zeros_in_half",
        lambda t, x: (t.nn.l2_normalize(x, -1), t.nn.l2_normalize(x, -1, epsilon=1e-3)),
        X,
        **_ZEROS,
    ),
]

"""Functions of keras.ops whose dtype is not that of their operands (Keras 3)."""

from ._function import function

_BYTES = {"vocab": 200, "low": -100, "dtype": "int8"}
X = (3, 4)

CASES = [
    function(
        "products_of_bytes",
        lambda o, x: (o.matmul(x[:, None], x[:, :, None]), o.einsum("bi,bj->bij", x, x), o.einsum("bi->b", x)),
        X,
        **_BYTES,
    ),
    function("hypot_long", lambda o, x: o.hypot(o.cast(x, "int64"), x), X, **_BYTES),
    function(
        "geomspace_double",
        lambda o, x: (
            o.geomspace(o.abs(x) + 1, o.abs(x) * 2 + 1, 3, axis=1),
            o.geomspace(o.abs(x) + 1, 9.0, 3, dtype="float64", axis=1),
        ),
        X,
        dtype="float64",
    ),
    function(
        "complex_of_double_width",
        lambda o, x: o.abs(o.cast(o.polar(o.abs(x), x * 2), "complex128") * o.cast(x, "complex128")),
        X,
    ),
    function("complex_squares_of_double_width", lambda o, x: o.abs(o.square(o.cast(o.polar(x, x), "complex128"))), X),
    function("complex_made_wider", lambda o, x: o.imag(o.cast(o.polar(o.abs(x), x * 2), "complex128")), X),
]

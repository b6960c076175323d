"""Functions of keras.ops as graph nodes (Keras 3): arithmetic, comparison, elementwise mathematics."""

from ._function import INTEGERS, TRUTH, function

_UNARY = (
    *("abs", "absolute", "arcsinh", "arctan", "cbrt", "ceil", "conj", "copy", "cos", "cosh", "deg2rad", "erf", "erfc"),
    *("exp", "exp2", "expm1", "fabs", "floor", "isfinite", "isinf", "isnan", "isneginf", "isposinf", "logical_not"),
    *("negative", "ones_like", "rad2deg", "real", "reciprocal", "round", "sign", "signbit", "sin", "sinc", "sinh"),
    *("square", "stop_gradient", "tan", "trunc", "zeros_like", "nan_to_num"),
)
_POSITIVE = ("log", "log10", "log1p", "log2", "rsqrt", "sqrt", "arccosh")
_ACTIVATIONS = (
    *("celu", "elu", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh", "leaky_relu"),
    *("log_sigmoid", "log_softmax", "normalize", "relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink", "softmax"),
    *("softplus", "softsign", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "tanh", "tanh_shrink"),
)
_WITHIN_ONE = ("arccos", "arcsin", "arctanh")
_INTEGER_UNARY = ("abs", "negative", "sign", "square", "sin", "exp", "floor", "ceil", "trunc", "round", "logical_not")
_BINARY = (
    *("add", "arctan2", "divide", "divide_no_nan", "equal", "floor_divide", "fmod", "greater", "greater_equal"),
    *("hypot", "isclose", "less", "less_equal", "logaddexp", "maximum", "minimum", "mod", "multiply", "not_equal"),
    *("subtract", "true_divide"),
)
_INTEGER_BINARY = ("add", "bitwise_and", "bitwise_or", "bitwise_xor", "divide", "floor_divide", "left_shift", "maximum")
_LOGICAL = ("logical_and", "logical_or", "logical_xor")


def _one(name: str):
    return lambda o, x: getattr(o, name)(x)


def _two(name: str):
    return lambda o, x, y: getattr(o, name)(x, y)


CASES = [
    *[function(name, _one(name), (3, 4, 2)) for name in _UNARY],
    *[function(name, lambda o, x, n=name: getattr(o, n)(o.abs(x) + 1.0), (3, 4)) for name in _POSITIVE],
    *[function(name, lambda o, x, n=name: getattr(o, n)(o.sin(x) * 0.9), (3, 4)) for name in _WITHIN_ONE],
    *[function(name, _one(name), (3, 4, 2)) for name in _ACTIVATIONS],
    function("relu_integers", _one("relu"), (3, 4), **INTEGERS),
    function("gelu_exact", lambda o, x: o.gelu(x, approximate=False), (3, 4)),
    function("softmax_axis", lambda o, x: o.softmax(x, axis=1), (3, 4, 2)),
    function("log_softmax_axis", lambda o, x: o.log_softmax(x, axis=1), (3, 4, 2)),
    function("normalize_order", lambda o, x: o.normalize(x, axis=1, order=3), (3, 4, 2)),
    function("threshold", lambda o, x: o.threshold(x, 0.2, -3.0), (3, 4)),
    function("leaky_relu_slope", lambda o, x: o.leaky_relu(x, negative_slope=0.1), (3, 4)),
    function("depth_to_space", lambda o, x: o.nn.depth_to_space(x, 2), (2, 2, 3, 8)),
    function("space_to_depth", lambda o, x: o.nn.space_to_depth(x, 2), (2, 4, 6, 3)),
    *[function(f"{name}_integers", _one(name), (3, 4), **INTEGERS) for name in _INTEGER_UNARY],
    *[function(name, _two(name), (3, 4, 2), (3, 4, 2)) for name in _BINARY],
    *[function(f"{name}_broadcast", _two(name), (3, 4, 2), (3, 1, 2)) for name in ("add", "greater", "subtract")],
    *[function(f"{name}_integers", _two(name), (3, 4), (3, 4), **{**INTEGERS, "low": 1}) for name in _INTEGER_BINARY],
    *[function(name, _two(name), (3, 4), (3, 4), **TRUTH) for name in _LOGICAL],
    function("bitwise_not_integers", lambda o, x: o.bitwise_not(x), (3, 4), **INTEGERS),
    function("right_shift_integers", lambda o, x: o.right_shift(x, 2), (3, 4), **INTEGERS),
    function("add_number", lambda _, x: x + 1, (3, 4)),
    function("add_number_first", lambda _, x: 1 + x, (3, 4)),
    function("add_float_to_integers", lambda _, x: x + 1.5, (3, 4), **INTEGERS),
    function("add_number_to_integers", lambda _, x: 2 + x, (3, 4), **INTEGERS),
    function("add_number_to_truth", lambda _, x: x + 2, (3, 4), **TRUTH),
    function("add_array", lambda _, x: x + _array([0.5, 1.0, -2.0, 3.0]), (3, 4)),
    function("add_array_to_integers", lambda _, x: x * _array([1, 2, 3, 4]), (3, 4), **INTEGERS),
    function("add_float64", lambda _, x: x + 1, (3, 4), dtype="float64"),
    function("add_half", lambda _, x: x * 2.5, (3, 4), dtype="float16", tolerance=2e-3, reason="half precision"),
    function("add_mixed", lambda o, x: x + o.cast(x, "int32"), (3, 4), scale=5.0),
    function("subtract_from_number", lambda _, x: 3.0 - x, (3, 4)),
    function("divide_by_number", lambda _, x: x / 4, (3, 4)),
    function("divide_number", lambda o, x: 4 / (o.abs(x) + 1), (3, 4)),
    function("divide_no_nan_zeros", lambda o, x: o.divide_no_nan(x, o.relu(x)), (3, 4)),
    function("power_number", lambda _, x: x**2, (3, 4)),
    function("power_half", lambda o, x: o.power(o.abs(x), 0.5), (3, 4)),
    function("power_integers", lambda _, x: x**3, (3, 4), **INTEGERS),
    function("modulo_number", lambda _, x: x % 0.7, (3, 4)),
    function("floor_divide_number", lambda _, x: x // 0.7, (3, 4)),
    function("negated", lambda _, x: -abs(x), (3, 4)),
    function("comparisons", lambda _, x: (x > 0.5, x <= 0, x >= 1.0, x < 0.1), (3, 4)),
    function("keywords", lambda o, x: o.multiply(x1=2.0, x2=x), (3, 4)),
    function("round_decimals", lambda o, x: o.round(x, 2), (3, 4)),
    function("clip", lambda o, x: o.clip(x, -0.5, 0.5), (3, 4)),
    function("clip_integers", lambda o, x: o.clip(x, -2, 3), (3, 4), **INTEGERS),
    function("where", lambda o, x, y: o.where(x > y, x, y), (3, 4), (3, 4)),
    function("where_number", lambda o, x: o.where(x > 0, x, 0.0), (3, 4)),
    function("where_numbers", lambda o, x: o.where(x > 0, 1.0, 0.0), (3, 4)),
    function("where_whole_numbers", lambda o, x: o.where(x > 0, 1, 0), (3, 4)),
    function("where_broadcast", lambda o, x, y: o.where(x > 0, x, y), (3, 4, 2), (3, 1, 2)),
    function("cast_to_integers", lambda o, x: o.cast(x, "int32"), (3, 4), scale=5.0),
    function("cast_to_floats", lambda o, x: o.cast(x, "float32"), (3, 4), **INTEGERS),
    function("cast_to_truth", lambda o, x: o.cast(x, "bool"), (3, 4), **INTEGERS),
    function("saturate_cast", lambda o, x: o.saturate_cast(x, "uint8"), (3, 4), scale=300.0),
    function("full_like", lambda o, x: o.full_like(x, 2.5), (3, 4)),
    function("ones_like_integers", lambda o, x: o.ones_like(x, dtype="int32"), (3, 4)),
    function("nan_to_num_values", lambda o, x: o.nan_to_num(o.log(x), nan=5.0), (3, 4)),
    function("shared_operation", lambda o, x, y: o.multiply(o.add(x, y), o.add(y, x)), (3, 4), (3, 4)),
]


def _array(values, dtype=None):
    import numpy as np

    return np.array(values, dtype)

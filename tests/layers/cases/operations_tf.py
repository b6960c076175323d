"""TensorFlow functions as graph nodes (Keras 2): TFOpLambda and SlicingOpLambda."""

import numpy as np

from . import case
from ._function import IDS, INTEGERS, TRUTH, tf_function

_UNARY = (
    *("abs", "asinh", "atan", "ceil", "cos", "cosh", "erf", "erfc", "exp", "expm1", "floor", "is_finite", "is_inf"),
    *("is_nan", "log_sigmoid", "negative", "reciprocal", "rint", "round", "sigmoid", "sign", "sin", "sinh", "softplus"),
    *("square", "tan", "tanh"),
)
_POSITIVE = ("acosh", "log", "log1p", "rsqrt", "sqrt")
_BINARY = (
    *("add", "atan2", "divide", "divide_no_nan", "equal", "floordiv", "floormod", "greater", "greater_equal", "less"),
    *("less_equal", "maximum", "minimum", "multiply", "multiply_no_nan", "not_equal", "squared_difference", "subtract"),
    *("truediv",),
)
_REDUCTIONS = ("logsumexp", "max", "mean", "min", "prod", "std", "sum", "variance")
_NN = (
    *(
        "elu",
        "gelu",
        "l2_normalize",
        "leaky_relu",
        "log_softmax",
        "relu",
        "relu6",
        "selu",
        "sigmoid",
        "silu",
        "softmax",
    ),
    *("softplus", "softsign", "tanh"),
)
X = (3, 4, 5)


def _weights(*shape: int):
    return (np.arange(np.prod(shape)).reshape(shape) % 7 / 7 - 0.4).astype("float32")


def _masked(k):
    """A function between an embedding and an LSTM: the mask ends there."""
    ids = k.Input((6,), dtype="int32")
    x = k.layers.Embedding(5, 3, mask_zero=True)(ids)
    return k.Model(ids, [k.layers.LSTM(2)(x * 2.0), k.layers.LSTM(2)(x)])


def _residual(k):
    """Operators among layers, with the batch's own size in a reshape."""
    import tensorflow as tf

    x = k.Input((4, 6))
    y = k.layers.Dense(6, activation="relu")(x) + x
    heads = tf.transpose(tf.reshape(y, [tf.shape(y)[0], -1, 2, 3]), [0, 2, 1, 3])
    scores = tf.nn.softmax(tf.matmul(heads, heads, transpose_b=True) / 3.0**0.5)
    mixed = tf.transpose(tf.matmul(scores, heads), [0, 2, 1, 3])
    return k.Model(x, k.layers.Dense(2)(tf.reshape(mixed, [tf.shape(y)[0], tf.shape(y)[1], 6])))


CASES = [
    *[tf_function(f"math_{n}", lambda t, x, n=n: getattr(t.math, n)(x), (3, 4)) for n in _UNARY],
    *[tf_function(f"math_{n}", lambda t, x, n=n: getattr(t.math, n)(t.abs(x) + 1.0), (3, 4)) for n in _POSITIVE],
    *[tf_function(f"math_{n}", lambda t, x, y, n=n: getattr(t.math, n)(x, y), X, X) for n in _BINARY],
    *[tf_function(f"reduce_{n}", lambda t, x, n=n: getattr(t.math, f"reduce_{n}")(x, axis=1), X) for n in _REDUCTIONS],
    *[
        tf_function(
            f"reduce_{n}_keepdims", lambda t, x, n=n: getattr(t.math, f"reduce_{n}")(x, [1, -1], keepdims=True), X
        )
        for n in _REDUCTIONS
    ],
    *[tf_function(f"nn_{n}", lambda t, x, n=n: getattr(t.nn, n)(x), X) for n in _NN if n != "l2_normalize"],
    tf_function("nn_l2_normalize", lambda t, x: t.nn.l2_normalize(x, axis=-1), X),
    tf_function("nn_softmax_axis", lambda t, x: t.nn.softmax(x, axis=1), X),
    tf_function("nn_moments", lambda t, x: tuple(t.nn.moments(x, [1])), X),
    tf_function("nn_bias_add", lambda t, x: t.nn.bias_add(x, _weights(5)), X),
    tf_function("nn_depth_to_space", lambda t, x: t.nn.depth_to_space(x, 2), (2, 2, 3, 8)),
    tf_function("nn_space_to_depth", lambda t, x: t.nn.space_to_depth(x, 2), (2, 4, 6, 3)),
    tf_function("nn_embedding_lookup", lambda t, x: t.nn.embedding_lookup(_weights(5, 3), x), (3, 4), **IDS),
    tf_function("operators", lambda _, x, y: ((x + y) * (x - y) / (y * y + 1.0), -x, abs(y)), X, X),
    tf_function("operators_numbers", lambda _, x: (x + 1, 2.0 * x, 1 - x, x / 4, 3 / (x * x + 1), x**2), X),
    tf_function("operators_comparisons", lambda _, x: (x > 0.5, x <= 0, x >= 1.0, x < 0.1), X),
    tf_function("operators_modulo", lambda _, x: (x % 0.7, x // 0.7), X),
    tf_function("operators_array", lambda _, x: x * _weights(5) + _weights(4, 5), X),
    tf_function("operators_array_first", lambda t, x: t.constant(_weights(4, 5)) - x, X),
    tf_function("operators_integers", lambda _, x: (x + 2, x * x, x // 2, x % 3, x / 2), (3, 4), **INTEGERS),
    tf_function("logical", lambda t, x, y: (t.logical_and(x, y), t.logical_or(x, y), t.logical_not(x)), X, X, **TRUTH),
    tf_function("add_n", lambda t, x, y: t.add_n([x, y, x]), X, X),
    tf_function("clip_by_value", lambda t, x: t.clip_by_value(x, -0.5, 0.5), X),
    tf_function("where", lambda t, x, y: t.where(x > y, x, y), X, X),
    tf_function("where_number", lambda t, x: t.where(x > 0, x, 0.0), X),
    tf_function("where_zeros", lambda t, x: t.where(x > 0, t.zeros_like(x), t.ones_like(x)), X),
    tf_function("cast", lambda t, x: t.cast(x, t.float32) / 3.0, (3, 4), **INTEGERS),
    tf_function("cast_truth", lambda t, x: t.cast(x > 0, "float32"), (3, 4)),
    tf_function("identity", lambda t, x: t.stop_gradient(t.identity(x)) * 1.0, X),
    tf_function("any", lambda t, x: t.reduce_any(x > 1.0, axis=1), X),
    tf_function("all", lambda t, x: t.reduce_all(x > -1.0, axis=[1, 2], keepdims=True), X),
    tf_function("count_nonzero", lambda t, x: t.math.count_nonzero(x, axis=1), X, **IDS),
    tf_function("argmax", lambda t, x: (t.argmax(x, axis=1), t.argmin(x, axis=-1)), X),
    tf_function("argmax_int32", lambda t, x: t.argmax(x, axis=-1, output_type=t.int32), X),
    tf_function("norm", lambda t, x: (t.norm(x, axis=1), t.norm(x, ord=1, axis=-1, keepdims=True)), X),
    tf_function("cumsum", lambda t, x: (t.cumsum(x, axis=1), t.cumsum(x, axis=1, exclusive=True, reverse=True)), X),
    tf_function("cumprod", lambda t, x: t.math.cumprod(x, axis=-1), X),
    tf_function("sort", lambda t, x: (t.sort(x, axis=1), t.sort(x, direction="DESCENDING")), X),
    tf_function("argsort", lambda t, x: t.argsort(x, axis=1), X),
    tf_function("top_k", lambda t, x: tuple(t.math.top_k(x, 2)), X),
    tf_function("reshape", lambda t, x: t.reshape(x, (-1, 20)), X),
    tf_function("reshape_like_shape", lambda t, x: t.reshape(x, [t.shape(x)[0], 20]), X),
    tf_function("reshape_free", lambda t, x: t.reshape(x, [-1, t.shape(x)[1], 5, 1]), X, free=(1,)),
    tf_function("reshape_product", lambda t, x: t.reshape(x, [t.shape(x)[0] * t.shape(x)[1], 5]), X),
    tf_function("reshape_back", lambda t, x: t.reshape(t.reshape(x, (-1, 5)), t.shape(x)), X, free=(1,)),
    tf_function("reshape_stack", lambda t, x: t.reshape(x, t.stack([t.shape(x)[0], 5, 4])), X),
    tf_function("reshape_unstack", lambda t, x: t.reshape(x, [*t.unstack(t.shape(x))[:2], 1, 5]), X),
    tf_function("transpose", lambda t, x: t.transpose(x, [0, 2, 1]), X),
    tf_function("expand_dims", lambda t, x: (t.expand_dims(x, 1), t.expand_dims(x, -1)), X),
    tf_function("squeeze", lambda t, x: (t.squeeze(x, axis=2), t.squeeze(x, [2])), (3, 4, 1, 5)),
    tf_function("concat", lambda t, x, y: (t.concat([x, y], 1), t.concat([y, x, y], axis=1)), X, (3, 2, 5)),
    tf_function("stack", lambda t, x, y: (t.stack([x, y], axis=1), t.stack([x, y], axis=-1)), X, X),
    tf_function("split", lambda t, x: tuple(t.split(x, 2, axis=1)), X),
    tf_function("split_sizes", lambda t, x: tuple(t.split(x, [1, 3, -1], axis=-1)), X),
    tf_function("unstack", lambda t, x: tuple(t.unstack(x, axis=1)), X),
    tf_function("tile", lambda t, x: t.tile(x, [1, 2, 3]), X),
    tf_function("tile_rows", lambda t, x, y: t.tile(y[:, None], [1, t.shape(x)[1], 1]) + x, X, (3, 5), free=(1,)),
    tf_function("repeat", lambda t, x: t.repeat(x, 2, axis=1), X),
    tf_function("broadcast_to", lambda t, x, y: t.broadcast_to(x, t.shape(y)), (3, 1, 5), X),
    tf_function("reverse", lambda t, x: t.reverse(x, [1]), X),
    tf_function("roll", lambda t, x: t.roll(x, shift=1, axis=1), X),
    tf_function("pad", lambda t, x: t.pad(x, [[0, 0], [1, 2], [0, 3]]), X),
    tf_function("pad_reflect", lambda t, x: t.pad(x, [[0, 0], [1, 2], [2, 1]], "REFLECT"), X),
    tf_function("pad_value", lambda t, x: t.pad(x, [[0, 0], [1, 2], [0, 0]], constant_values=2.0), X),
    tf_function("band_part", lambda t, x: (t.linalg.band_part(x, -1, 0), t.linalg.band_part(x, 1, 2)), X),
    tf_function("slice_parts", lambda _, x: (x[:, 1:3], x[:, ::2], x[:, ::-1], x[:, 1:, :-1]), X),
    tf_function("slice_integers", lambda _, x: (x[:, 1], x[:, -1, 2:], x[..., 0], x[:, 0, 0]), X),
    tf_function("slice_new_axes", lambda t, x: (x[:, None], x[:, t.newaxis, ..., 1], x[..., None]), X),
    tf_function("slice_free", lambda _, x: (x[:, 1:-1], x[:, -1]), X, free=(1,)),
    tf_function("slice_function", lambda t, x: t.slice(x, [0, 1, 0], [-1, 2, 3]), X),
    tf_function(
        "strided_slice", lambda t, x: t.strided_slice(x, [0, 1, 0], [0, 4, 5], [1, 2, 2], begin_mask=1, end_mask=1), X
    ),
    tf_function("gather", lambda t, x: (t.gather(x, [0, 2, 2], axis=1), t.gather(x, 1, axis=-1)), X),
    tf_function("gather_rows", lambda t, x: t.gather(_weights(5, 3), x), (3, 4), **IDS),
    tf_function("gather_batch", lambda t, x: t.gather(x, t.argmax(x, axis=1), axis=1, batch_dims=1), X),
    tf_function(
        "one_hot", lambda t, x: (t.one_hot(x, 4), t.one_hot(x, 5, on_value=2.0, off_value=-1.0, axis=1)), (3, 4), **IDS
    ),
    tf_function("matmul", lambda t, x, y: t.matmul(x, y), X, (3, 5, 2)),
    tf_function("matmul_transposed", lambda t, x, y: t.matmul(x, y, transpose_b=True), X, (3, 2, 5), free=(1,)),
    tf_function("matmul_constant", lambda t, x: t.matmul(x, _weights(5, 3)), (3, 5)),
    tf_function("tensordot", lambda t, x: t.tensordot(x, _weights(5, 3), axes=1), X),
    tf_function("backend", lambda t, x: (t.keras.backend.mean(x, axis=1), t.keras.backend.sqrt(t.abs(x))), X),
    tf_function("resize", lambda t, x: t.image.resize(x, (8, 6)), (2, 4, 3, 2)),
    tf_function("resize_shrink", lambda t, x: t.image.resize(x, (3, 5), antialias=True), (2, 6, 7, 2)),
    tf_function("resize_bicubic", lambda t, x: t.image.resize(x, (5, 7), method="bicubic"), (2, 4, 6, 2)),
    tf_function("resize_nearest", lambda t, x: t.image.resize(x, (8, 6), method="nearest"), (2, 4, 3, 2)),
    case("mask_ends", _masked, (3, 6), vocab=5, dtype="int32", pad=0.7, dialects=(2,)),
    case("residual", _residual, (3, 4, 6), dialects=(2,)),
]

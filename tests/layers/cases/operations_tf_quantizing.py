"""TensorFlow's quantize_and_dequantize as graph nodes (Keras 2)."""

import numpy as np

from ._function import tf_function
from ._node import node

X = (3, 4, 5)
_LOW, _HIGH = np.array([-1, -0.5, 0, -2], "float32"), np.array([0.5, 1, 1.5, 0.1], "float32")


def _back(*rest, **options):
    return lambda t, x: (
        t.quantization.quantize_and_dequantize_v2(x, *rest, **options),
        t.quantization.quantize_and_dequantize(x, *rest, **options),
    )


CASES = [
    *[
        tf_function(f"given_{at}", _back(low, high, range_given=True, **options), X)
        for at, (low, high, options) in enumerate(
            (
                (-1.0, 1.0, {}),
                (-2.0, 0.7, {"num_bits": 4}),
                (-0.3, 1.2, {"num_bits": 3, "narrow_range": True}),
                (0.0, 1.5, {"signed_input": False, "num_bits": 5, "round_mode": "HALF_UP"}),
                (0.2, 1.5, {"num_bits": 4}),
                (-2.0, 2.0, {"num_bits": 2, "round_mode": "HALF_UP", "narrow_range": True}),
            )
        )
    ],
    tf_function("given_each", _back(_LOW, _HIGH, range_given=True, axis=1, num_bits=4), X),
    tf_function("given_each_unsigned", _back(_LOW, _HIGH, signed_input=False, range_given=True, axis=-2), X),
    tf_function("own", _back(0.0, 0.0, num_bits=5), X),
    tf_function("own_each", _back([0.0] * 5, [0.0] * 5, num_bits=4, axis=2, narrow_range=True), X),
    tf_function("own_each_unsigned", _back([0.0] * 4, [0.0] * 4, signed_input=False, axis=1, round_mode="HALF_UP"), X),
    tf_function(
        "given_by_the_model",
        lambda t, x: t.quantization.quantize_and_dequantize_v2(
            x, t.reduce_min(x) * 0.5, t.reduce_max(x) * 0.5, range_given=True, num_bits=6
        ),
        X,
    ),
    node(
        "node_given",
        lambda t, x: t.quantization.quantize_and_dequantize_v2(x, -1.0, 0.8, range_given=True, num_bits=4),
        X,
    ),
    node(
        "node_given_each",
        lambda t, x: t.quantization.quantize_and_dequantize_v2(x, _LOW, _HIGH, range_given=True, axis=1, num_bits=4),
        X,
    ),
    node("node_older", lambda t, x: t.quantization.quantize_and_dequantize(x, -1.0, 0.8, range_given=True), X),
]

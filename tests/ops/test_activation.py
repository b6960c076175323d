"""activation against the definitions, value by value, in Python's double precision."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.activation import ACTIVATIONS, LAST_AXIS_ACTIVATIONS, OP, ActivationAttrs, apply_activation
from kmin.ops.tensor import TensorSpec


def exp(x: float) -> float:
    return math.exp(x) if x < 709 else math.inf


def sigmoid(x: float) -> float:
    return 1 / (1 + exp(-x))


def softplus(x: float) -> float:
    return max(x, 0) + math.log1p(exp(-abs(x)))


def clip(x: float, low: float, high: float) -> float:
    return min(max(x, low), high)


def relu(x: float, slope: float, threshold: float, largest: float) -> float:
    return min(x, largest) if x > threshold else slope * (x - threshold)


SCALE, ALPHA = 1.0507009873554805, 1.6732632423543772
DEFINITIONS: dict[str, tuple[tuple[float, ...], Callable[[float], float]]] = {
    "bounded_relu": ((0.3, 0.5, 2.0), lambda x: relu(x, 0.3, 0.5, 2.0)),
    "celu": ((0.7,), lambda x: x if x > 0 else 0.7 * math.expm1(x / 0.7)),
    "elu": ((0.4,), lambda x: x if x > 0 else 0.4 * math.expm1(x)),
    "exponential": ((), lambda x: exp(min(x, 80.0))),
    "gelu": ((), lambda x: 0.5 * x * math.erfc(-x / math.sqrt(2))),
    "gelu_tanh": ((), lambda x: 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))),
    "hard_shrink": ((0.5,), lambda x: x if abs(x) > 0.5 else 0),
    "hard_sigmoid": ((0.2, 0.5), lambda x: clip(0.2 * x + 0.5, 0, 1)),
    "hard_silu": ((), lambda x: x * clip(x / 6 + 0.5, 0, 1)),
    "hard_tanh": ((), lambda x: clip(x, -1, 1)),
    "leaky_relu": ((0.2,), lambda x: x if x > 0 else 0.2 * x),
    "linear": ((), lambda x: x),
    "log_sigmoid": ((), lambda x: -softplus(-x)),
    "mish": ((), lambda x: x * math.tanh(softplus(x))),
    "relu": ((), lambda x: max(x, 0)),
    "relu6": ((), lambda x: clip(x, 0, 6)),
    "selu": ((), lambda x: SCALE * (x if x > 0 else ALPHA * math.expm1(x))),
    "shifted_relu": ((0.1, 0.8), lambda x: relu(x, 0.1, 0.8, math.inf)),
    "sigmoid": ((), sigmoid),
    "silu": ((), lambda x: x * sigmoid(x)),
    "soft_shrink": ((0.5,), lambda x: math.copysign(max(abs(x) - 0.5, 0), x)),
    "softplus": ((), softplus),
    "softsign": ((), lambda x: x / (1 + abs(x))),
    "sparse_plus": ((), lambda x: 0 if x <= -1 else 0.25 * (x + 1) ** 2 if x < 1 else x),
    "sparse_sigmoid": ((), lambda x: clip(0.5 * (x + 1), 0, 1)),
    "squareplus": ((4.0,), lambda x: (x + math.sqrt(x * x + 4)) / 2),
    "tanh": ((), math.tanh),
    "tanh_shrink": ((), lambda x: x - math.tanh(x)),
    "threshold": ((0.7, -2.0), lambda x: x if x > 0.7 else -2.0),
}
# Halves, thirds and thresholds are left out where the two sides of a step differ by rounding alone.
VALUES = [0.0, -0.0, 1e-30, -1e-30, 1e-6, -1e-6, 0.25, -0.25, 0.99, -0.99, 1.5, -1.5, 2.75, -2.75, 4.1, -4.1]
VALUES += [5.9, -5.9, 7.0, -7.0, 11.3, -11.3, 19.0, -19.0, 88.0, -88.0, 104.0, -104.0, 1e4, -1e4]
# Absolute and relative; tanh_shrink and squareplus subtract neighbours, as in Keras.
TOLERANCE = {"float16": (3e-3, 2e-3), "float32": (4e-7, 4e-7), "float64": (1e-15, 2e-15)}


def test_every_activation_is_defined_here() -> None:
    assert set(DEFINITIONS) | set(LAST_AXIS_ACTIVATIONS) == set(ACTIVATIONS)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("kind", DEFINITIONS)
def test_values(kind: str, dtype: str) -> None:
    args, define = DEFINITIONS[kind]
    x = np.array([v for v in VALUES if kind != "exponential" or v < 10], dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (got,) = OP.run([x], ActivationAttrs(kind, args))
    assert got.dtype == x.dtype
    assert got.shape == x.shape
    wanted = np.array([define(float(v)) for v in x])
    absolute, relative = TOLERANCE[dtype]
    room = np.abs(x.astype("f8")) * np.finfo(dtype).eps  # what cancels is as large as x
    assert np.all(np.abs(got.astype("f8") - wanted) <= absolute + relative * np.abs(wanted) + room), (x, got, wanted)


@pytest.mark.parametrize("kind", ["sigmoid", "softplus", "exponential", "elu", "selu", "gelu", "silu", "mish"])
def test_small_tails_keep_their_digits(kind: str) -> None:
    args, define = DEFINITIONS[kind]
    x = np.array([-3.0, -5.0, -8.0, -12.0], np.float32)
    got = apply_activation(x, kind, args).astype("f8")
    np.testing.assert_allclose(got, [define(float(v)) for v in x], rtol=1e-5)


@pytest.mark.parametrize("kind", ["elu", "selu", "celu"])
def test_small_negatives_keep_their_digits(kind: str) -> None:
    args, define = DEFINITIONS[kind]
    x = np.array([-1e-3, -1e-5, -1e-7], np.float32)
    np.testing.assert_allclose(apply_activation(x, kind, args), [define(float(v)) for v in x], rtol=1e-6)


@pytest.mark.parametrize("kind", [kind for kind in DEFINITIONS if kind != "linear"])
def test_nan_stays_nan_or_falls_below_the_threshold(kind: str) -> None:
    got = apply_activation(np.array([np.nan, 1.0], np.float32), kind, DEFINITIONS[kind][0])
    steps = ("hard_shrink", "soft_shrink", "threshold", "bounded_relu", "shifted_relu")
    assert np.isnan(got[0]) or kind in steps
    assert np.isfinite(got[1])


@pytest.mark.parametrize("kind", sorted(ACTIVATIONS))
@pytest.mark.parametrize("shape", [(0, 4), (1, 1), (3, 5), (2, 0), (2, 3, 4)])
def test_shapes_strides_and_the_input_left_alone(kind: str, shape: tuple[int, ...]) -> None:
    args = DEFINITIONS[kind][0] if kind in DEFINITIONS else ()
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    before = x.copy()
    (got,) = OP.run([x], ActivationAttrs(kind, args))
    assert got.shape == shape
    assert got.dtype == np.float32
    np.testing.assert_array_equal(x, before)
    wide = np.repeat(x, 2, axis=-1)[..., ::2]
    np.testing.assert_array_equal(OP.run([wide], ActivationAttrs(kind, args))[0], got)


def test_infer() -> None:
    spec = TensorSpec((None, None, 3), "float16")
    assert OP.infer([spec], ActivationAttrs("gelu")) == (spec,)
    assert OP.infer([TensorSpec((None, 3), "int32")], ActivationAttrs("relu"))[0].dtype == "int32"
    for spec, attrs in [
        (TensorSpec((None, 3), "int32"), ActivationAttrs("sigmoid")),
        (TensorSpec((None,)), ActivationAttrs("softmax")),
        (TensorSpec((None, 3)), ActivationAttrs("nonsense")),
    ]:
        with pytest.raises(InputError):
            OP.infer([spec], attrs)


def test_integers_stay_integers() -> None:
    got = apply_activation(np.array([-3, 0, 9], np.int32), "relu")
    assert got.dtype == np.int32
    np.testing.assert_array_equal(got, [0, 0, 9])

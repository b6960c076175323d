"""Functions and classes that no golden holds, most of them other names of those that one does: beside NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kmin.formats.spec import TensorRef

from .one_layer import graph_of, run

RNG = np.random.default_rng(8)
X = RNG.normal(size=(2, 4, 5)).astype("float32")
N = RNG.integers(0, 4, size=(2, 4, 5)).astype("int32")
IMAGE = RNG.normal(size=(2, 4, 4, 8)).astype("float32")
A = TensorRef("in0")
# name: the data, further arguments, what NumPy makes of it
Row = tuple[np.ndarray, dict[str, Any], Callable[[Any], Any]]


def _softmax(x: Any) -> Any:
    y = np.exp(x - x.max(axis=-1, keepdims=True))
    return y / y.sum(axis=-1, keepdims=True)


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def _blocks(x: Any) -> Any:
    return x.reshape(2, 4, 4, 2, 2, 2).transpose(0, 1, 3, 2, 4, 5).reshape(2, 8, 8, 2)


def _space(x: Any) -> Any:
    return x.reshape(2, 2, 2, 2, 2, 8).transpose(0, 1, 3, 2, 4, 5).reshape(2, 2, 2, 32)


def _pooled(x: Any) -> Any:
    return x.reshape(2, 2, 2, 2, 2, 8).max(axis=(2, 4))


KERNEL = RNG.normal(size=(1, 5, 3)).astype("float32")
PIXEL = RNG.normal(size=(1, 1, 8, 3)).astype("float32")
EACH = RNG.normal(size=(1, 1, 8, 1)).astype("float32")
VOXEL = RNG.normal(size=(1, 1, 1, 2, 3)).astype("float32")
VOLUME = RNG.normal(size=(2, 2, 3, 4, 2)).astype("float32")
TABLE = RNG.normal(size=(4, 3)).astype("float32")
VECTOR = RNG.normal(size=5).astype("float32")
MATRIX = RNG.normal(size=(2, 3, 3)).astype("float32")
DEFINITE = MATRIX @ MATRIX.transpose(0, 2, 1) + np.eye(3, dtype="float32")
_CROSS = {"logits": X[:1]}
_CONV = {"strides": 1, "padding": "SAME"}


def _crossed(x: Any) -> Any:
    return -(x * np.log(_softmax(X[:1]))).sum(axis=-1)


def _squashed(x: Any) -> Any:
    z = X[:1]
    return np.maximum(z, 0) - z * x + np.log1p(np.exp(-np.abs(z)))


def _lengths(x: Any) -> Any:
    return np.sqrt((x * x).sum(axis=1))


TENSORFLOW: dict[str, Row] = {
    "__operators__.eq": (N, {"y": 2}, lambda x: x == 2),
    "__operators__.ne": (N, {"y": 2}, lambda x: x != 2),
    "bitwise.bitwise_and": (N, {"y": 3}, lambda x: x & 3),
    "bitwise.bitwise_or": (N, {"y": 4}, lambda x: x | 4),
    "bitwise.bitwise_xor": (N, {"y": 5}, lambda x: x ^ 5),
    "bitwise.invert": (N, {}, np.invert),
    "bitwise.left_shift": (N, {"y": 2}, lambda x: x << 2),
    "bitwise.right_shift": (N, {"y": 1}, lambda x: x >> 1),
    "compat.v1.argmax": (X, {"dimension": 1}, lambda x: x.argmax(axis=1)),
    "compat.v1.argmin": (X, {"axis": 2}, lambda x: x.argmin(axis=2)),
    "compat.v1.count_nonzero": (N, {"axis": 1}, lambda x: (x != 0).sum(axis=1)),
    "compat.v1.depth_to_space": (IMAGE, {"block_size": 2}, _blocks),
    "compat.v1.expand_dims": (X, {"axis": 1}, lambda x: x[:, None]),
    "compat.v1.nn.conv3d": (VOLUME, {"filter": VOXEL, **_CONV}, lambda x: x @ VOXEL[0, 0, 0]),
    "compat.v1.nn.leaky_relu": (X, {"alpha": 0.1}, lambda x: np.where(x > 0, x, 0.1 * x)),
    "compat.v1.nn.log_softmax": (X, {}, lambda x: np.log(_softmax(x))),
    "compat.v1.nn.softmax": (X, {"dim": -1}, _softmax),
    "compat.v1.ones_like": (X, {}, np.ones_like),
    "compat.v1.reduce_all": (N > 0, {"axis": 1}, lambda x: x.all(axis=1)),
    "compat.v1.reduce_any": (N > 0, {"axis": 1}, lambda x: x.any(axis=1)),
    "compat.v1.reduce_logsumexp": (X, {"axis": 1}, lambda x: np.log(np.exp(x).sum(axis=1))),
    "compat.v1.reduce_max": (X, {"axis": 1}, lambda x: x.max(axis=1)),
    "compat.v1.reduce_mean": (X, {"axis": [1, 2]}, lambda x: x.mean(axis=(1, 2))),
    "compat.v1.reduce_min": (X, {"axis": 1, "keepdims": True}, lambda x: x.min(axis=1, keepdims=True)),
    "compat.v1.reduce_prod": (X, {"axis": 1}, lambda x: x.prod(axis=1)),
    "compat.v1.reduce_sum": (X, {"axis": 1}, lambda x: x.sum(axis=1)),
    "compat.v1.space_to_depth": (IMAGE, {"block_size": 2}, _space),
    "compat.v1.where": (N > 1, {"x": 1.0, "y": -1.0}, lambda x: np.where(x, 1.0, -1.0)),
    "compat.v1.zeros_like": (X, {}, np.zeros_like),
    "convert_to_tensor": (X, {}, lambda x: x),
    "gather": (X, {"indices": [0, 2], "axis": 1}, lambda x: x[:, [0, 2]]),
    "grad_pass_through": (X, {}, lambda x: x),
    "linalg.logdet": (DEFINITE, {}, lambda x: np.log(np.linalg.det(x))),
    "linalg.matvec": (X, {"b": np.tile(VECTOR, (1, 1))}, lambda x: x @ VECTOR),
    "linalg.norm": (X, {"axis": 1}, _lengths),
    "linalg.transpose": (X, {}, lambda x: x.transpose(0, 2, 1)),
    "math.acos": (np.tanh(X), {}, np.arccos),
    "math.asin": (np.tanh(X), {}, np.arcsin),
    "math.atanh": (np.tanh(X), {}, np.arctanh),
    "math.divide": (X, {"y": 3.0}, lambda x: x / 3),
    "math.floordiv": (X, {"y": 0.3}, lambda x: np.floor_divide(x, np.float32(0.3))),
    "math.in_top_k": (
        np.array([1, 0], "int32"),
        {"predictions": np.array([[0.1, 0.7, 0.2], [0.3, 0.5, 0.2]], "float32"), "k": 1},
        lambda x: x == 1,
    ),
    "math.logical_xor": (N > 1, {"y": True}, np.logical_not),
    "math.mod": (X, {"y": 0.3}, lambda x: np.mod(x, np.float32(0.3))),
    "math.reduce_euclidean_norm": (X, {"axis": 1}, _lengths),
    "math.scalar_mul": (X, {"x": 3.0}, lambda x: x * 3),
    "math.xlogy": (X, {"y": 2.0}, lambda x: x * np.log(2)),
    "nn.batch_normalization": (
        X,
        {"mean": VECTOR, "variance": VECTOR**2, "offset": VECTOR, "scale": VECTOR, "variance_epsilon": 0.1},
        lambda x: (x - VECTOR) / np.sqrt(VECTOR**2 + 0.1) * VECTOR + VECTOR,
    ),
    "nn.conv1d": (X, {"filters": KERNEL, "stride": 1, "padding": "SAME"}, lambda x: x @ KERNEL[0]),
    "nn.conv2d": (IMAGE, {"filters": PIXEL, **_CONV}, lambda x: x @ PIXEL[0, 0]),
    "nn.crelu": (X, {}, lambda x: np.concatenate([np.maximum(x, 0), np.maximum(-x, 0)], axis=-1)),
    "nn.depthwise_conv2d": (IMAGE, {"filter": EACH, **_CONV}, lambda x: x * EACH[0, 0, :, 0]),
    "nn.embedding_lookup": (N, {"params": TABLE}, lambda x: TABLE[x]),
    "nn.l2_normalize": (X, {"axis": 1}, lambda x: x / _lengths(x)[:, None]),
    "nn.max_pool": (IMAGE, {"ksize": 2, "strides": 2, "padding": "VALID"}, _pooled),
    "nn.moments": (X, {"axes": [1]}, lambda x: [x.mean(axis=1), x.var(axis=1)]),
    "nn.sigmoid": (X, {}, _sigmoid),
    "nn.sigmoid_cross_entropy_with_logits": (_sigmoid(X), _CROSS, _squashed),
    "nn.softmax_cross_entropy_with_logits": (_softmax(X), _CROSS, _crossed),
    "nn.softplus": (X, {}, lambda x: np.log1p(np.exp(x))),
    "nn.sparse_softmax_cross_entropy_with_logits": (
        N[..., 0],
        {"logits": np.repeat(X[:1], 1, 0)},
        lambda x: -np.take_along_axis(np.log(_softmax(np.repeat(X[:1], len(x), 0))), x[..., None], -1)[..., 0],
    ),
    "nn.tanh": (X, {}, np.tanh),
    "nn.top_k": (X, {"k": 2}, lambda x: [-np.sort(-x)[..., :2], np.argsort(-x)[..., :2]]),
    "norm": (X, {"axis": 1}, _lengths),
    "pad": (X, {"paddings": [[0, 0], [1, 2], [0, 1]]}, lambda x: np.pad(x, [(0, 0), (1, 2), (0, 1)])),
    "shape": (X, {}, lambda x: np.array(x.shape)),
    "sigmoid": (X, {}, _sigmoid),
    "squeeze": (X[:, :1], {"axis": 1}, lambda x: x[:, 0]),
    "tanh": (X, {}, np.tanh),
    "transpose": (X, {"perm": [0, 2, 1]}, lambda x: x.transpose(0, 2, 1)),
}
KERAS: dict[str, Row] = {
    "Abs": (X, {}, np.abs),
    "Array": (X, {"dtype": "float16"}, lambda x: x.astype("float16")),
    "BitwiseInvert": (N, {}, np.invert),
    "BitwiseLeftShift": (N, {"y": 2}, lambda x: x << 2),
    "BitwiseRightShift": (N, {"y": 1}, lambda x: x >> 1),
    "BroadcastTo": (X[:, :1], {"shape": [-1, 4, 5]}, lambda x: np.repeat(x, 4, 1)),
    "Conj": (X, {}, lambda x: x),
    "ConvertToTensor": (X, {}, lambda x: x),
    "Dsplit": (IMAGE[:, :, :, :2], {"indices_or_sections": 2}, lambda x: [x[:, :, :2], x[:, :, 2:]]),
    "Imag": (X, {}, np.zeros_like),
    "Slice": (X, {"start_indices": [0, 1, 2], "shape": [-1, 2, 3]}, lambda x: x[:, 1:3, 2:5]),
}


def check(name: str, kind: str, row: Row, dialect: int, config: dict[str, Any]) -> None:
    x, kwargs, wanted = row
    shape = (None, *x.shape[1:])
    args = (A,) if name not in ("math.scalar_mul", "nn.embedding_lookup") else ()
    kwargs = kwargs if args else {"ids": A, **kwargs} if "params" in kwargs else {"scalar": kwargs["x"], "x": A}
    graph = graph_of(kind, config, shape, dtype=x.dtype.name, args=args, kwargs=kwargs, dialect=dialect)
    expected = wanted(x)
    expected = expected if isinstance(expected, list) else [expected]
    if len(graph.outputs) < len(expected):  # the helper hands back the first result
        expected = expected[: len(graph.outputs)]
    got = run(graph, x)
    assert got.shape == np.shape(expected[0])
    np.testing.assert_allclose(got, expected[0], rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("name", TENSORFLOW)
def test_tensorflow_function(name: str) -> None:
    check(name, "TFOpLambda", TENSORFLOW[name], 2, {"function": name})


@pytest.mark.parametrize("name", KERAS)
def test_keras_function(name: str) -> None:
    check(name, f"ops.{name}", KERAS[name], 3, {})


@pytest.mark.parametrize("name", ["CutMix", "MixUp"])
def test_augmentation_of_pairs_rests(name: str) -> None:
    graph = graph_of(name, {}, (None, 4, 4, 8))
    np.testing.assert_array_equal(run(graph, IMAGE), IMAGE)


def test_batch_normalization_of_version_2() -> None:
    names = ("gamma", "beta", "moving_mean", "moving_variance")
    weights = dict(zip(names, (VECTOR, VECTOR + 1, VECTOR, VECTOR**2), strict=True))
    graph = graph_of("BatchNormalizationV2", {"epsilon": 0.1}, (None, 4, 5), weights=weights, dialect=2)
    wanted = (X - VECTOR) / np.sqrt(VECTOR**2 + 0.1) * VECTOR + VECTOR + 1
    np.testing.assert_allclose(run(graph, X), wanted, atol=1e-5)


def test_cudnn_gru_is_the_plain_layer_in_another_layout() -> None:
    kernel, inner = (RNG.normal(size=(size, 9)).astype("float32") for size in (5, 3))
    bias = RNG.normal(size=(2, 9)).astype("float32")
    plain = {"kernel": kernel, "recurrent_kernel": inner, "bias": bias}
    stored = {
        "kernel": np.hstack([part.T.reshape(part.shape, order="C") for part in np.hsplit(kernel, 3)]),
        "recurrent_kernel": np.hstack([part.T for part in np.hsplit(inner, 3)]),
        "bias": bias.reshape(-1),
    }
    config = {"units": 3, "reset_after": True, "activation": "tanh", "recurrent_activation": "sigmoid"}
    wanted = run(graph_of("GRU", config, (None, 4, 5), weights=plain, dialect=2), X)
    got = run(graph_of("CuDNNGRU", {"units": 3}, (None, 4, 5), weights=stored, dialect=2), X)
    np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-6)

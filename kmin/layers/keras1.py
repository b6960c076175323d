"""What only Keras 1 had: MaxoutDense, Highway, SReLU, ParametricSoftplus, Merge by cosine, normalised rows (1.2.2)."""

from __future__ import annotations

import numpy as np

from kmin.layers.activation import lower_activation_of
from kmin.layers.call import LayerCall, Tensor
from kmin.layers.layout import positive
from kmin.ops.activation import ActivationAttrs
from kmin.ops.batch_dot import BatchDotAttrs
from kmin.ops.dense import DenseAttrs
from kmin.ops.einsum import EinsumAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.reshape import ReshapeAttrs
from kmin.ops.unary import UnaryAttrs

_SMALLEST = 1e-7  # keras.backend.epsilon()


def lower_maxout_dense(call: LayerCall) -> Tensor:
    """MaxoutDense: the largest of several Dense layers, unit by unit."""
    x = call.input
    (units,), (pieces,) = positive(call, "output_dim", 1), positive(call, "nb_feature", 1, 4)
    size = _row_size(call, x)
    kernel = call.weight("kernel", (pieces, size, units))
    y = call.add("einsum", (x, kernel), EinsumAttrs("bi,fio->bfo"))
    if call.config.get("use_bias", True):
        y = call.binary(y, call.weight("bias", (pieces, units)), "add")
    return call.add("reduce", (y,), ReduceAttrs("max", (1,)))


def lower_highway(call: LayerCall) -> Tensor:
    """Highway: a Dense layer and its input, mixed by a gate."""
    x = call.input
    size = _row_size(call, x)
    biased = call.config.get("use_bias", True)
    parts = []
    for suffix in ("", "_carry"):
        bias = call.weight(f"bias{suffix}", (size,)) if biased else None
        parts.append(call.add("dense", (x, call.weight(f"kernel{suffix}", (size, size)), bias), DenseAttrs()))
    y = lower_activation_of(call, parts[0], call.config.get("activation"))
    gate = call.add("activation", (parts[1],), ActivationAttrs("sigmoid"))
    rest = call.binary(call.constant("one", np.asarray(1, x.dtype)), gate, "subtract")
    return call.binary(call.binary(y, gate, "multiply"), call.binary(rest, x, "multiply"), "add")


def lower_srelu(call: LayerCall) -> Tensor:
    """SReLU: linear in the middle, with slopes of their own below `t_left` and above `t_left + |t_right|`."""
    x = call.input
    t_left, a_left, t_right, a_right = (_slope(call, x, name) for name in ("t_left", "a_left", "t_right", "a_right"))
    width = call.add("unary", (t_right,), UnaryAttrs("abs"))
    zero = call.constant("zero", np.asarray(0, x.dtype))
    above = call.binary(x, t_left, "subtract")
    middle = call.binary(call.binary(above, zero, "maximum"), width, "minimum")
    left = call.binary(call.binary(above, zero, "minimum"), a_left, "multiply")
    right = call.binary(call.binary(x, call.binary(t_left, width, "add"), "subtract"), zero, "maximum")
    inner = call.binary(middle, left, "add")
    if call.config.get("backend") == "theano":  # whose relu limits the negative side as well
        inner = call.binary(inner, width, "minimum")
    y = call.binary(t_left, inner, "add")
    return call.binary(y, call.binary(right, a_right, "multiply"), "add")


def lower_parametric_softplus(call: LayerCall) -> Tensor:
    """ParametricSoftplus: alpha * softplus(beta * x), a pair of numbers per position."""
    x = call.input
    alpha, beta = _slope(call, x, "alphas"), _slope(call, x, "betas")
    y = call.add("activation", (call.binary(beta, x, "multiply"),), ActivationAttrs("softplus"))
    return call.binary(y, alpha, "multiply")


def lower_batch_normalization_of_keras_1(call: LayerCall) -> Tensor:
    """BatchNormalization over the last axis of each sample (mode 1), or by the statistics of all rows (mode 2)."""
    x, mode, axis = call.input, call.config.get("mode"), call.config.get("axis", -1)
    if mode not in (1, 2) or type(axis) is not int or not -x.rank <= axis < x.rank:
        raise call.fail(f"mode must be 0, 1 or 2, and axis one of {x.rank}; received {mode!r:.40} and {axis!r:.40}")
    at = x.rank - 1 if mode == 1 else axis % x.rank
    size = x.shape[at]
    if size is None or at == 0:
        raise call.fail(f"needs a known axis {at} after the batch; received {x.spec}")
    axes = (at,) if mode == 1 else tuple(other for other in range(x.rank) if other != at)
    call.mix_samples(x, axes)
    epsilon = call.constant("epsilon", np.asarray(call.config.get("epsilon", 1e-5), x.dtype))
    centred = call.binary(x, call.add("reduce", (x,), ReduceAttrs("mean", axes, True)), "subtract")
    square = call.binary(centred, centred, "multiply")
    variance = call.add("reduce", (square,), ReduceAttrs("mean", axes, True))
    deviation = call.add("unary", (call.binary(variance, epsilon, "add"),), UnaryAttrs("sqrt"))
    if mode == 1:
        deviation = call.binary(deviation, epsilon, "add")
    target = tuple(size if other == at else 1 for other in range(x.rank))
    gamma, beta = (
        call.add("reshape", (call.weight(name, (size,)),), ReshapeAttrs(target)) for name in ("gamma", "beta")
    )
    return call.binary(call.binary(call.binary(centred, deviation, "divide"), gamma, "multiply"), beta, "add")


def lower_merge_of_keras_1(call: LayerCall) -> Tensor:
    """Merge by cosine; the other modes are classes of their own in Keras 2."""
    mode = call.config.get("mode")
    if mode != "cos":
        what = "a function, which kmin never runs" if call.config.get("mode_type") == "lambda" else repr(mode)[:60]
        raise call.fail(f"mode must be ave, concat, cos, dot, max, mul or sum; received {what}")
    inputs = call.inputs
    if len(inputs) != 2 or any(x.rank != 2 for x in inputs):
        raise call.fail(f"mode 'cos' needs two inputs of rows; received {[str(x.spec) for x in inputs]}")
    a, b = inputs
    product, left, right = (call.add("batch_dot", pair, BatchDotAttrs((1, 1))) for pair in ((a, b), (a, a), (b, b)))
    length = call.add("unary", (call.binary(left, right, "multiply"),), UnaryAttrs("sqrt"))
    length = call.binary(length, call.constant("smallest", np.asarray(_SMALLEST, a.dtype)), "maximum")
    return call.add("reshape", (call.binary(product, length, "divide"),), ReshapeAttrs((("x", 0), 1, 1)))


def _row_size(call: LayerCall, x: Tensor) -> int:
    size = x.shape[-1] if x.rank == 2 else None
    if size is None:
        raise call.fail(f"needs rows of a known size; received {x.spec}")
    return size


def _slope(call: LayerCall, x: Tensor, name: str) -> Tensor:
    """A weight per position, 1 wide along shared_axes."""
    stored = call.layer.weights.get(name)  # 1 along shared_axes, which the config does not name
    ones = [] if stored is None or stored.ndim != x.rank - 1 else [at for at, n in enumerate(stored.shape, 1) if n == 1]
    wanted = [1 if axis in ones else size for axis, size in enumerate(x.shape)][1:]
    known = [size for size in wanted if size is not None]
    if len(known) < len(wanted):
        raise call.fail(f"needs an input of known size; received {x.spec}")
    return call.weight(name, known)

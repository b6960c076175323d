"""How narrow dense layers that follow each other are bound to one compiled kernel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from kmin.ops.kernels.bound import (
    NANOSECONDS_PER_WEIGHT,
    After,
    Bound,
    Constants,
    Specs,
    after_of,
    constant_weights,
    served_size,
)
from kmin.ops.tensor import Array, TensorSpec

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier

MOST_LAYERS = 8
MOST_WIDTH = 64
# What turning a value between rows and lanes takes, in multiply-adds, and the least that many rows must gain by it.
PER_TURNED = 4
GAIN = 0.9


class Layer(NamedTuple):
    """A dense layer that can be one of several: weights [K, N], bias, what follows, and rows in a sample."""

    weights: Array
    bias: Array | None
    after: After
    rows: int


def narrow_layer(op: str, inputs: Specs, constants: Constants, output: TensorSpec, attrs: Any) -> Layer | None:
    """The node as such a layer; None when it is anything else, too wide, or of values that are computed."""
    if op != "dense" or len(inputs) > 3:
        return None
    weights, after = constant_weights(inputs, constants), after_of(attrs.activation, attrs.activation_args)
    size = served_size(inputs[0])
    if weights is None or after is None or size is None or served_size(output) is None:
        return None
    if inputs[0] is None or inputs[0].rank < 2 or max(weights.shape) > MOST_WIDTH:
        return None
    return Layer(weights, constants[2], after, size // len(weights))


def gains(layers: Sequence[Layer], lanes: int) -> bool:
    """Whether rows as lanes are worth more than columns as lanes."""
    plain = sum(layer.weights.size for layer in layers)
    ends = layers[0].weights.shape[0], layers[-1].weights.shape[1]
    turned = PER_TURNED * sum(whole(end, lanes) for end in ends)
    columns = sum(len(layer.weights) * whole(layer.weights.shape[1], lanes) for layer in layers)
    return plain + turned < GAIN * columns


def whole(size: int, lanes: int) -> int:
    return math.ceil(size / lanes) * lanes


def bind_narrow(tier: Tier, layers: Sequence[Layer]) -> Bound:
    from kmin.ops.kernels import _narrow

    kernel = _narrow.narrow(tier, [layer[:3] for layer in layers], layers[0].rows)
    cost = sum(
        layer.rows * (layer.weights.size * NANOSECONDS_PER_WEIGHT + layer.after.nanoseconds(layer.weights.shape[1]))
        for layer in layers
    )
    return Bound((kernel,), False, cost)

"""TensorFlowOpLayer in files that nobody's TensorFlow wrote: refused by name, whatever stands there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kmin
from kmin.errors import UnsupportedError
from kmin.formats import build
from kmin.layers.lower import lower


def model(node: Any, constants: Any = None, shape: tuple[int, ...] = (4, 3, 2)) -> kmin.Model:
    config = {"name": "node", "trainable": True, "dtype": None, "node_def": node, "constants": constants}
    layers = [
        {"class_name": "InputLayer", "name": "x", "config": {"name": "x", "batch_input_shape": [None, *shape]}},
        {"class_name": "TensorFlowOpLayer", "name": "tf_op_layer_node", "config": config},
    ]
    calls: list[Any] = [[], [[["x", 0, 0, {}]]]]
    for layer, inbound in zip(layers, calls, strict=True):
        layer["inbound_nodes"] = inbound
    ends = {"input_layers": [["x", 0, 0]], "output_layers": [["tf_op_layer_node", 0, 0]]}
    return kmin.Model(lower(build({"class_name": "Model", "config": {"name": "m", "layers": layers, **ends}}, 2, {})))


FLOAT = {"T": {"type": "DT_FLOAT"}}


@pytest.mark.parametrize("constant", [2.0, {"class_name": "__numpy__", "config": {"value": 2.0, "dtype": "float32"}}])
def test_a_node(constant: Any) -> None:
    x = np.arange(24, dtype="f4").reshape(1, 4, 3, 2)
    got = model({"name": "node", "op": "Mul", "attr": FLOAT}, {"1": constant}).predict(x)
    np.testing.assert_array_equal(got, 2 * x)


NUMPY = {"class_name": "__numpy__", "config": {"value": [1], "dtype": "S2147483647"}}


@pytest.mark.parametrize(
    ("node", "constants", "says"),
    [
        ({"op": "PyFunc"}, {}, "the TensorFlow op 'PyFunc' is not supported"),
        ({"op": "Rel"}, {}, "the nearest supported: Relu"),
        ("\n\x04node", {}, "node_def must be an object"),
        ({"op": "Relu", "attr": []}, {}, "the attributes of Relu must be an object"),
        ({"op": "Relu", "attr": {"strange": {"b": True}}}, {}, "the argument strange=True is not supported"),
        ({"op": "LeakyRelu", "attr": {"alpha": {"f": "much"}}}, {}, "the attribute alpha does not make sense"),
        ({"op": "LeakyRelu", "attr": {"alpha": {"func": {}}}}, {}, "the attribute alpha must be one value"),
        ({"op": "Squeeze", "attr": {"squeeze_dims": {"list": [1]}}}, {}, "must be a list of one kind"),
        ({"op": "Mul"}, [1], "constants must be numbers by place"),
        ({"op": "Mul"}, {"one": 1}, "constants must be numbers by place"),
        ({"op": "Mul"}, {"1": NUMPY}, "a constant must have a dtype of numbers"),
        ({"op": "Mul"}, {"1": ["a"]}, "a constant must be numbers"),
        ({"op": "Mul"}, {"1": {"class_name": "__lambda__"}}, "a constant .* is not supported"),
        ({"op": "Mul"}, {}, "needs the argument 'y'"),
        ({"op": "Mul"}, {"1": 1.0, "2": 1.0}, "takes 2 arguments; received 3"),
        ({"op": "ResizeBilinear"}, {"1": [1 << 30, 1]}, "moderate size"),
        ({"op": "Conv2D", "attr": {"padding": {"s": "RVhQTElDSVQ="}}}, {"1": [[[[1.0]] * 2]]}, "needs the argument"),
    ],
)
def test_what_cannot_be(node: Any, constants: Any, says: str) -> None:
    with pytest.raises(UnsupportedError, match=says):
        model(node, constants)

"""Model configs of both generations: nodes, node numbers, structures, wrappers, identities and missing shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from formats.files import BIAS, KERNEL, dense, input_layer, sequential
from kmin.errors import FormatError
from kmin.formats import build
from kmin.formats.config import read_model
from kmin.formats.spec import TensorRef


def old(class_name: str, name: str, nodes: list[Any], **config: Any) -> dict[str, Any]:
    return {
        "class_name": class_name,
        "name": name,
        "config": {"name": name, "trainable": True, **config},
        "inbound_nodes": nodes,
    }


def old_input(name: str) -> dict[str, Any]:
    return old("InputLayer", name, [], batch_input_shape=[None, 3])


def functional(layers: list[Any], inputs: Any, outputs: Any, name: str = "m") -> dict[str, Any]:
    config = {"name": name, "layers": layers, "input_layers": inputs, "output_layers": outputs}
    return {"class_name": "Functional", "config": config}


def test_list_style_nodes() -> None:
    node_a = [["a", 0, 0, {}]]
    both = [["a", 0, 0, {}], ["b", 0, 0, {"mask": ["a", 0, 0], "k": [1, 2.0, None]}]]
    flat = ["a", 0, 0, {"y": ["b", 0, 0], "name": None}]
    constant = [["_CONSTANT_VALUE", -1, [1.0], {}], ["a", 0, 0, {}]]
    layers = [
        old_input("a"),
        old_input("b"),
        old("Dense", "d", [node_a, node_a], units=2),
        old("Add", "s", [both]),
        old("TFOpLambda", "op", [flat], function="math.add"),
        old("TFOpLambda", "cat", [node_a], function="concat"),
        old("Add", "c", [constant]),
    ]
    spec = read_model(functional(layers, [["a", 0, 0], ["b", 0, 0]], [["d", 1, 0]]), 2)
    calls = {layer.name: layer.calls for layer in spec.layers}
    assert [call.args for call in calls["d"]] == [(TensorRef("a"),)] * 2
    assert calls["s"][0].args == ([TensorRef("a"), TensorRef("b")],)
    assert calls["s"][0].kwargs == {"mask": TensorRef("a"), "k": [1, 2.0, None]}
    assert calls["op"][0].args == (TensorRef("a"),)
    assert calls["op"][0].kwargs == {"y": TensorRef("b"), "name": None}
    assert calls["cat"][0].args == ([TensorRef("a")],)
    assert calls["c"][0].args == ([[1.0], TensorRef("a")],)
    assert spec.inputs == [TensorRef("a"), TensorRef("b")]
    assert spec.outputs == TensorRef("d", 1)


@pytest.mark.parametrize("dialect", [2, 3])
def test_states_become_keyword_arguments(dialect: int) -> None:
    nodes = [[["a", 0, 0, {}], ["b", 0, 0, {}], ["c", 0, 0, {}], ["b", 0, 0, {}]]]
    rnn = old("RNN", "r", nodes, num_constants=1)
    spec = read_model(functional([*map(old_input, "abc"), rnn], [["a", 0, 0]], [["r", 0, 0]]), dialect)
    call = spec.layers[-1].calls[0]
    assert call.args == (TensorRef("a"),)
    assert call.kwargs == {"initial_state": [TensorRef("b"), TensorRef("c")], "constants": [TensorRef("b")]}


def nested(dialect: int, class_name: str, inner: list[int], outer: list[int]) -> list[int]:
    """The call numbers read from a nested model called twice: inside the graph, then as outputs."""
    model = functional([old_input("i"), old("Dense", "h", [[["i", 0, 0, {}]]])], [["i", 0, 0]], [["h", 0, 0]], "n")
    if class_name == "Sequential":
        model = sequential(old_input("i"), dense("h"), name="n")
    model |= {"name": "n", "inbound_nodes": [[["a", 0, 0, {}]], [["n", inner[0], 0, {}]]]}
    layers = [old_input("a"), model]
    spec = read_model(functional(layers, [["a", 0, 0]], [["n", node, 0] for node in outer]), dialect)
    second = spec.layers[1].calls[1].args[0]
    outputs = spec.outputs if isinstance(spec.outputs, list) else [spec.outputs]
    return [second.node, *(ref.node for ref in outputs)]


def test_node_numbers_of_nested_models_start_at_0() -> None:
    assert nested(2, "Functional", [1], [1, 2]) == [0, 0, 1]
    assert nested(2, "Functional", [1], [2]) == [0, 1]
    assert nested(2, "Sequential", [1], [2]) == [0, 1]
    assert nested(2, "Sequential", [0], [1]) == [0, 1]
    assert nested(3, "Functional", [0], [1, 2]) == [0, 0, 1]
    assert nested(3, "Functional", [0], [2]) == [0, 1]
    assert nested(3, "Sequential", [0], [1]) == [0, 1]


def lstm(**config: Any) -> dict[str, Any]:
    return {"class_name": "LSTM", "config": {"name": "lstm", "units": 2, "go_backwards": False, **config}}


def test_bidirectional_layers_are_derived() -> None:
    def children(dialect: int, layer: dict[str, Any], **config: Any) -> list[tuple[str, Any]]:
        both = {"class_name": "Bidirectional", "config": {"name": "b", "trainable": True, "layer": layer, **config}}
        spec = read_model(sequential(input_layer(), both), dialect).layers[1]
        assert list(spec.children) == ["forward_layer", "backward_layer"]
        return [(child.name, child.config["go_backwards"]) for child in spec.children.values()]

    assert children(2, lstm()) == [("forward_lstm", False), ("backward_lstm", True)]
    assert children(2, lstm(go_backwards=True)) == [("forward_lstm", True), ("backward_lstm", False)]
    assert children(3, lstm()) == [("forward_lstm", False), ("backward_lstm", True)]
    named = lstm(name="forward_lstm")
    assert children(3, named) == [("forward_lstm", False), ("backward_forward_lstm", True)]
    own = lstm(name="mine", go_backwards=True)
    assert children(2, lstm(), backward_layer=own) == [("forward_lstm", False), ("backward_mine", True)]
    assert children(3, lstm(), backward_layer=own) == [("forward_lstm", False), ("mine", True)]


def test_identities() -> None:
    def name(dialect: int = 3, **entry: Any) -> str:
        layer = {"config": {"name": "d", "trainable": True}, **entry}
        return read_model(sequential(input_layer(), layer), dialect).layers[1].class_name

    assert name(class_name="Dense") == "Dense"
    assert name(class_name="Dense", module="keras.layers", registered_name=None) == "Dense"
    assert name(class_name="Dense", module="keras.src.layers.core", registered_name="Dense") == "Dense"
    assert name(class_name="Dense", module="builtins", registered_name="Custom>Dense") == "Custom>Dense"
    assert name(class_name="Dense", module="mine.layers", registered_name="Dense") == "mine.layers.Dense"
    assert name(class_name="Dense", module=None, registered_name="Dense") == "custom>Dense"
    assert name(class_name="Dense", module="keras_hub.layers", registered_name=None) == "keras_hub.layers.Dense"
    assert name(class_name="Custom>Dense") == "Custom>Dense"
    assert name(class_name="Softmax", module="keras.src.ops.nn", registered_name="Softmax") == "ops.Softmax"
    assert name(class_name="BatchNormalizationV1", dialect=2) == "BatchNormalization"


def test_sequential_is_spelled_out() -> None:
    spec = read_model(sequential(dense("a", batch_input_shape=[None, 3], dtype="float64"), dense("b")), 2)
    assert [layer.class_name for layer in spec.layers] == ["InputLayer", "Dense", "Dense"]
    assert spec.layers[0].config == {"name": "a_input", "batch_shape": [None, 3], "dtype": "float64"}
    assert spec.layers[2].calls[0].args == (TensorRef("a"),)
    assert (spec.inputs, spec.outputs) == (TensorRef("a_input"), TensorRef("b"))
    listed = {"class_name": "Sequential", "config": [dense("a", batch_input_shape=[None, 3]), dense("b")]}
    assert [layer.name for layer in read_model(listed, 2).layers] == ["a_input", "a", "b"]


def test_missing_input_shapes_are_derived() -> None:
    def shape(config: dict[str, Any], weights: Any) -> Any:
        return build(config, 2, weights).layers[0].config["batch_shape"]

    weights = {"d": [("kernel", KERNEL), ("bias", BIAS)]}
    assert shape(sequential(dense("d")), weights) == [None, 3]
    assert shape(sequential(dense("d"), build_input_shape=[None, 4, 3]), weights) == [None, 4, 3]
    assert shape(sequential({**dense("d"), "build_config": {"input_shape": [None, 5, 3]}}), weights) == [None, 5, 3]
    conv = {"class_name": "Conv2D", "config": {"name": "c", "use_bias": False, "groups": 2}}
    kernel = {"c": [("kernel", np.zeros((3, 3, 2, 4), np.float32))]}
    assert shape(sequential(conv), kernel) == [None, None, None, 4]
    assert shape(sequential({"class_name": "Flatten", "config": {"name": "f"}}, dense("d")), weights) is None


def test_several_outputs_cannot_flow_through_a_sequential() -> None:
    with pytest.raises(FormatError, match="must have one output"):
        read_model(sequential(input_layer(), lstm(return_state=True), dense()), 3)


def test_dict_style_constants() -> None:
    array = {"class_name": "__numpy__", "config": {"value": [1, 2], "dtype": "int32"}}
    node = {"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["a", 0, 0]}}, array], "kwargs": {}}
    layers = [old_input("a"), old("Dense", "d", [node])]
    call = read_model(functional(layers, ["a", 0, 0], {"out": ["d", 0, 0]}), 3).layers[1].calls[0]
    assert call.args[0] == TensorRef("a")
    np.testing.assert_array_equal(call.args[1], np.array([1, 2], np.int32))


def test_unknown_layers_in_nodes_are_refused() -> None:
    node = {"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["zzz", 0, 0]}}], "kwargs": {}}
    with pytest.raises(FormatError, match="unknown layer 'zzz'"):
        read_model(functional([old_input("a"), old("Dense", "d", [node])], ["a", 0, 0], ["d", 0, 0]), 3)
    with pytest.raises(FormatError, match="inbound node"):
        read_model(functional([old_input("a"), old("Dense", "d", [[["zzz", 0, 0, {}]]])], ["a", 0, 0], ["d", 0, 0]), 2)

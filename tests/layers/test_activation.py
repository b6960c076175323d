"""Names of activations in every form that files carry, in both generations' meaning, and those that are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kmin.errors import UnsupportedError
from kmin.layers.activation import KERAS2, KERAS3
from kmin.ops import OPS
from kmin.ops.activation import ACTIVATIONS
from layers.one_layer import graph_of, run

X = np.array([[-2.0, -0.5, 0.0, 0.4, 3.0, 9.0]], np.float32)


def of(value: Any, dialect: int) -> tuple[str, tuple[float, ...]]:
    """Kind and arguments that an Activation layer lowers to."""
    graph = graph_of("Activation", {"activation": value}, (None, 6), dialect=dialect)
    if not graph.nodes:
        return "linear", ()
    (node,) = graph.nodes
    return ("glu", ()) if node.op == "glu" else (node.attrs.kind, node.attrs.args)


@pytest.mark.parametrize("table", [KERAS2, KERAS3])
def test_every_name_leads_to_an_op(table: dict[str, tuple[str, tuple[float, ...]]]) -> None:
    dialect = 3 if table is KERAS3 else 2
    for name, (kind, args) in table.items():
        assert kind in ACTIVATIONS or kind in OPS
        assert of(name, dialect) == (kind, args)


def test_names_whose_meaning_changed() -> None:
    hard = {d: run(graph_of("Activation", {"activation": "hard_sigmoid"}, (None, 6), dialect=d), X) for d in (2, 3)}
    np.testing.assert_allclose(hard[2], np.clip(0.2 * X + 0.5, 0, 1), rtol=1e-6)
    np.testing.assert_allclose(hard[3], np.clip(X / 6 + 0.5, 0, 1), rtol=1e-6)
    assert of("leaky_relu", 2) == of("leaky_relu", 3) == ("leaky_relu", (0.2,))
    assert of({"class_name": "LeakyReLU", "config": {}}, 2) == ("leaky_relu", (0.3,))


FORMS = [
    "relu",
    {"class_name": "function", "config": "relu"},
    {"class_name": "Function", "config": "relu"},
    {"module": "keras.activations", "class_name": "function", "config": "relu", "registered_name": "relu"},
    {"module": "builtins", "class_name": "function", "config": "relu", "registered_name": "function"},
    {"module": "keras.src.activations", "class_name": "function", "config": "relu", "registered_name": None},
    {"class_name": "Activation", "config": {"name": "a", "activation": "relu"}},
    {"module": "keras.layers", "class_name": "ReLU", "config": {"max_value": None, "negative_slope": 0.0}},
]


@pytest.mark.parametrize("dialect", [2, 3])
@pytest.mark.parametrize("form", FORMS)
def test_forms_of_relu(form: Any, dialect: int) -> None:
    assert of(form, dialect) == ("relu", ())


@pytest.mark.parametrize(
    ("form", "wanted"),
    [
        ({"class_name": "LeakyReLU", "config": {"alpha": 0.1}}, ("leaky_relu", (0.1,))),
        ({"class_name": "LeakyReLU", "config": {"negative_slope": 0.4}}, ("leaky_relu", (0.4,))),
        ({"class_name": "LeakyReLU", "config": {"alpha": 0.0}}, ("relu", ())),
        (
            {"class_name": "LeakyReLU", "config": {"alpha": {"class_name": "__numpy__", "config": {"value": 0.25}}}},
            ("leaky_relu", (0.25,)),
        ),
        ({"class_name": "ReLU", "config": {"max_value": 6.0}}, ("relu6", ())),
        ({"class_name": "ReLU", "config": {"max_value": 0.0}}, ("bounded_relu", (0.0, 0.0, 0.0))),
        ({"class_name": "ReLU", "config": {"threshold": 1.0}}, ("shifted_relu", (0.0, 1.0))),
        ({"class_name": "ELU", "config": {"alpha": 0.0}}, ("elu", (0.0,))),
        ({"class_name": "ThresholdedReLU", "config": {"theta": 0.5}}, ("threshold", (0.5, 0.0))),
        ({"class_name": "Softmax", "config": {"axis": -1}}, ("softmax", ())),
        (None, ("linear", ())),
    ],
)
def test_layers_as_activations(form: Any, wanted: tuple[str, tuple[float, ...]]) -> None:
    assert of(form, 2) == of(form, 3) == wanted


def test_names_of_early_tensorflow() -> None:
    assert of("softmax_v2", 2) == ("softmax", ())
    assert of("swish", 2) == of("silu", 2) == ("silu", ())
    assert of("LeakyReLU", 2) == ("leaky_relu", (0.3,))


@pytest.mark.parametrize(
    ("value", "dialect", "words"),
    [
        ("rellu", 3, "the nearest supported: relu"),
        ("threshold", 3, "'threshold' is not supported"),
        ("celu", 2, "'celu' is not supported"),
        ("Custom>act", 3, "'Custom>act' is not supported"),
        ("<lambda>", 2, "'<lambda>' is not supported"),
        (7, 3, "activation 7 is not supported"),
        ({"class_name": "__lambda__", "config": {"value": "abc"}}, 3, "'__lambda__' as activation"),
        ({"class_name": "PReLU", "config": {}}, 2, "'PReLU' as activation"),
        ({"module": "mine.nets", "class_name": "function", "config": "relu"}, 3, "'mine.nets.relu' is custom code"),
        ({"class_name": "LeakyReLU", "config": {"alpha": "big"}}, 2, "alpha must be a number; received 'big'"),
    ],
)
def test_refusals(value: Any, dialect: int, words: str) -> None:
    with pytest.raises(UnsupportedError, match="layer 'it'") as caught:
        graph_of("Activation", {"activation": value}, (None, 6), dialect=dialect)
    assert words in str(caught.value)


def test_softmax_knows_its_axes() -> None:
    assert graph_of("Softmax", {"axis": 0}, (None, 6)).mixes_samples
    assert not graph_of("Softmax", {"axis": -1}, (None, 6)).mixes_samples
    for config in ({"axis": 2}, {"axis": []}, {"axis": "last"}):
        with pytest.raises(UnsupportedError):
            graph_of("Softmax", config, (None, 6))
    with pytest.raises(UnsupportedError):
        graph_of("Activation", {"activation": "softmax"}, (None,))

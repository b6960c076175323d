"""Stateful layers against Keras: call after call, from every form that a model can take; and what is refused."""

from __future__ import annotations

import copy
import functools
import importlib.util
import json
import pickle
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kmin import Model
from kmin.errors import FormatError, InputError, UnsupportedError
from kmin.export import export
from kmin.export.document import graph_from_json, graph_to_json
from kmin.formats.spec import Call, LayerSpec, ModelSpec, TensorRef
from kmin.graph.ir import Graph
from kmin.graph.passes import simplify
from kmin.graph.precision import with_precision
from kmin.layers.lower import lower
from layers.cases import Case
from layers.cases._stateful import CALLS, CASES, RESET, ROWS
from layers.test_goldens import flat, graph_of, stored, worst

PAIRS = [pytest.param(row, dialect, id=f"{row.name}-keras{dialect}") for row in CASES for dialect in row.dialects]

# Models that keep nothing: Keras 3 reads initial_state in every call.
STATELESS = {
    ("bidirectional_initial_state", 3),
    ("initial_state", 3),
    ("time_distributed", 2),
    ("time_distributed", 3),
}


@functools.cache
def parts_of(name: str, dialect: int) -> dict[str, np.ndarray]:
    return stored("stateful", dialect)[name]


def numbered(name: str, dialect: int, kind: str) -> list[np.ndarray]:
    parts = parts_of(name, dialect)
    return [parts[f"{kind}/{i}"] for i in range(sum(key.startswith(f"{kind}/") for key in parts))]


def x_of(name: str, dialect: int, call: int) -> Any:
    arrays = numbered(name, dialect, f"x{call}")
    return arrays if len(arrays) > 1 else arrays[0]


def follows_keras(model: Any, row: Case, dialect: int) -> None:
    """Asserts that the model, which has not been asked yet, gives what Keras gave in every call."""
    for call in range(len(CALLS)):
        wanted = numbered(row.name, dialect, f"y{call}")
        assert worst(flat(model.predict(x_of(row.name, dialect, call))), wanted) <= row.tolerance, call
        if call == RESET:
            model.reset_states()


@pytest.mark.parametrize(("row", "dialect"), PAIRS)
def test_like_keras(row: Case, dialect: int) -> None:
    graph = graph_of(parts_of(row.name, dialect), dialect)
    follows_keras(Model(graph), row, dialect)
    follows_keras(Model(simplify(graph)), row, dialect)


@pytest.mark.parametrize(("row", "dialect"), PAIRS)
def test_states_run_on(row: Case, dialect: int) -> None:
    """What was kept shows in the next answer, one batch at a time or many, and a reset forgets it."""
    model = Model(simplify(graph_of(parts_of(row.name, dialect), dialect)))
    x = x_of(row.name, dialect, 0)
    whole = flat(model.predict(x))
    again = flat(model.predict(x))
    model.reset_states()
    cut = [
        flat(model([array[at : at + ROWS] for array in x] if isinstance(x, list) else x[at : at + ROWS]))
        for at in range(0, len(whole[0]), ROWS)
    ]
    for position, array in enumerate(whole):
        np.testing.assert_array_equal(array, np.concatenate([piece[position] for piece in cut]))
    if model.batch_size is None:
        assert (row.name, dialect) in STATELESS
    else:
        assert any(not np.array_equal(one, other) for one, other in zip(whole, again, strict=True))


@pytest.mark.parametrize(("row", "dialect"), PAIRS)
def test_double_precision(row: Case, dialect: int) -> None:
    model = Model(simplify(with_precision(graph_of(parts_of(row.name, dialect), dialect), "float64")))
    for call in range(len(CALLS)):
        outputs = flat(model.predict(x_of(row.name, dialect, call)))
        assert {array.dtype.name for array in outputs} == {"float64"}
        assert worst(outputs, numbered(row.name, dialect, f"y{call}")) <= row.tolerance
        if call == RESET:
            model.reset_states()


@pytest.mark.parametrize(("row", "dialect"), PAIRS)
def test_bundle_and_standalone(row: Case, dialect: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = simplify(graph_of(parts_of(row.name, dialect), dialect))
    export(graph, tmp_path / "model.npz")
    bundle = Model.load(tmp_path / "model.npz")
    assert bundle.graph.states == graph.states
    follows_keras(bundle, row, dialect)
    export(graph, tmp_path / "model.py")
    spec = importlib.util.spec_from_file_location("standalone_stateful", tmp_path / "model.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    if not graph.states:
        assert not hasattr(module, "reset_states")
        module.reset_states = lambda: None
    follows_keras(module, row, dialect)
    if graph.states:
        x = [np.zeros((3, *array.shape[1:]), np.float32) for array in numbered(row.name, dialect, "x0")]
        with pytest.raises(module.InputError, match="multiple of 2"):
            module.predict(x)
        with pytest.raises(module.InputError, match="batch_size must be 2 or None"):
            module.predict(x_of(row.name, dialect, 0), batch_size=3)


def stacked(dialect: int = 3) -> Model:
    return Model(simplify(graph_of(parts_of("stacked", dialect), dialect)))


def test_rows_must_fill_batches() -> None:
    model = stacked()
    x = np.ones((2 * ROWS, 5, 3), np.float32)
    with pytest.raises(InputError, match=r"number of rows must be a multiple of 2.*stateful.*received 3"):
        model.predict(x[:3])
    with pytest.raises(InputError, match=r"batch_size must be 2 or None.*received 4"):
        model.predict(x, batch_size=4)
    with pytest.raises(InputError, match=r"a call needs 2 rows.*received 4"):
        model(x)
    np.testing.assert_array_equal(model.predict(x, batch_size=ROWS), stacked().predict(x))  # nothing was kept so far


def test_empty_batch_keeps_the_states() -> None:
    model, other = stacked(), stacked()
    x = np.ones((ROWS, 5, 3), np.float32)
    np.testing.assert_array_equal(model(x), other(x))
    assert model.predict(x[:0]).shape == model(x[:0]).shape == (0, 2)
    np.testing.assert_array_equal(model(x), other(x))


def test_results_are_the_callers() -> None:
    """Writing into what came back does not reach the states."""
    graph = graph_of(parts_of("simple_rnn_all", 3), 3)
    model, other = Model(graph), Model(graph)
    x = x_of("simple_rnn_all", 3, 1)
    for array in flat(model(x)):
        array[...] = 7
    other(x)
    for mine, theirs in zip(flat(model(x)), flat(other(x)), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_copies_begin_anew() -> None:
    model = stacked()
    x = np.ones((ROWS, 5, 3), np.float32)
    first = model(x)
    for fresh in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        np.testing.assert_array_equal(fresh(x), first)
    assert not np.array_equal(model(x), first)


def test_models_of_one_graph_are_apart() -> None:
    model = stacked()
    other = Model(model.graph)
    x = np.ones((ROWS, 5, 3), np.float32)
    np.testing.assert_array_equal(model(x), other(x))


def test_threads_take_turns() -> None:
    """Every thread's answer is one of those that calls in a row give, each once."""
    x = np.ones((ROWS, 5, 3), np.float32)
    model, count = stacked(), 24
    wanted = [model(x) for _ in range(count)]
    model.reset_states()
    found: list[np.ndarray] = []

    def ask() -> None:
        for _ in range(count // 4):
            found.append(model(x))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(array.tobytes() for array in found) == sorted(array.tobytes() for array in wanted)


def test_stateless_models_have_no_states() -> None:
    spec = model_of(lstm(stateful=False), batch=2)
    model = Model(simplify(lower(spec)))
    assert (model.graph.states, model.graph.batch_size, model.batch_size) == ((), None, None)
    model.reset_states()
    assert model(np.zeros((3, 5, 3), np.float32))[0].shape == (3, 4)


def test_printed() -> None:
    text = str(stacked().graph)
    assert "stateful, batches of 2" in text
    assert text.count("\n  state  ") == 3


# ---------------------------------------------------------------------------------------------------------------------


def lstm(name: str = "it", **options: Any) -> LayerSpec:
    """An LSTM that reads the input `x`."""
    shapes = {"kernel": (3, 16), "recurrent_kernel": (4, 16), "bias": (16,)}
    weights = {key: np.full(shape, 0.1, np.float32) for key, shape in shapes.items()}
    config = {"units": 4, "stateful": True, "recurrent_activation": "sigmoid", **options}
    return LayerSpec(name, "LSTM", config, weights, (Call((TensorRef("x"),)),))


def model_of(layer: LayerSpec, batch: int | None = 2, shape: tuple[int | None, ...] = (5, 3)) -> ModelSpec:
    x = LayerSpec("x", "InputLayer", {"batch_shape": [batch, *shape]})
    outputs = [TensorRef(layer.name, number) for number in range(len(layer.calls))]
    return ModelSpec("m", "Functional", (x, layer), TensorRef("x"), outputs, 3)


def test_open_batch_size_is_refused() -> None:
    with pytest.raises(UnsupportedError, match=r"'it' \(LSTM\): stateful=True needs one batch size.*leave it open"):
        lower(model_of(lstm(), batch=None))


def test_different_batch_sizes_are_refused() -> None:
    spec = model_of(lstm())
    other = LayerSpec("other", "InputLayer", {"batch_shape": [3, 1]})
    with pytest.raises(UnsupportedError, match="they fix 2 and 3"):
        lower(replace(spec, layers=(*spec.layers, other), inputs=[TensorRef("x"), TensorRef("other")]))


def test_initial_state_in_some_calls_only() -> None:
    """Keras 3 does not read then what the call before left, but leaves something itself."""
    layer = lstm()
    state = LayerSpec("h", "InputLayer", {"batch_shape": [2, 4]})
    given = Call((TensorRef("x"),), {"initial_state": [TensorRef("h"), TensorRef("h")]})
    for calls in ((layer.calls[0], given), (given, layer.calls[0])):
        spec = model_of(replace(layer, calls=calls))
        spec = replace(spec, layers=(*spec.layers, state), inputs=[TensorRef("x"), TensorRef("h")])
        with pytest.raises(UnsupportedError, match=r"'it' \(LSTM\): .*called with an initial_state and without"):
            lower(spec)


@pytest.mark.parametrize(
    ("dialect", "shape", "match"),
    [
        (1, (4, 5, 3), "not supported in files of Keras 1"),
        (3, (None, 5, 3), "needs a known number of time steps"),
    ],
)
def test_refused_inside_time_distributed(dialect: int, shape: tuple[int | None, ...], match: str) -> None:
    wrapper = LayerSpec("wrapper", "TimeDistributed", {}, {}, lstm().calls, children={"layer": lstm()})
    with pytest.raises(UnsupportedError, match=f"'wrapper' .*{match}"):
        lower(replace(model_of(wrapper, shape=shape), dialect=dialect))


def test_mask_that_does_not_fit_the_steps() -> None:
    """Keras 2 covers what a step gives with the mask of its own axes."""
    x = LayerSpec("x", "InputLayer", {"batch_shape": [2, 4, 5, 3]})
    mask = LayerSpec("mask", "Masking", {"mask_value": 0.0}, {}, (Call((TensorRef("x"),)),))
    wrapper = LayerSpec("wrapper", "TimeDistributed", {}, {}, (Call((TensorRef("mask"),)),), children={"layer": lstm()})
    spec = ModelSpec("m", "Functional", (x, mask, wrapper), TensorRef("x"), TensorRef("wrapper"), 2)
    with pytest.raises(UnsupportedError, match=r"'wrapper' .*a mask of steps .* does not fit"):
        lower(spec)


def read_changed(graph: Graph, change: Any) -> None:
    """Reads the graph's document after a change to it."""
    document = json.loads(json.dumps(graph_to_json(graph, {name: name for name in graph.constants})))
    change(document)
    graph_from_json(document, lambda member, _: graph.constants[member])


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(batch_size=None),
        lambda d: d.update(batch_size=0),
        lambda d: d.update(batch_size="2"),
        lambda d: d.update(states=[]),
        lambda d: d["states"][0].reverse(),
        lambda d: d["states"][0].__setitem__(1, d["states"][2][1]),
        lambda d: d["states"].append(d["states"][0]),
        lambda d: d["states"][0].append("more"),
        lambda d: d["states"][0].__setitem__(0, "nowhere"),
        lambda d: d["states"][0].__setitem__(1, d["inputs"][0]["tensor"]),
    ],
)
def test_forged_bundles_are_refused(change: Any) -> None:
    graph = stacked().graph
    read_changed(graph, dict)
    with pytest.raises(FormatError):
        read_changed(graph, change)

"""Model: what callers may hand in, what they get back, and how refusals read."""

from __future__ import annotations

import copy
import pickle
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kmin
from graph.toy import Toy
from kmin import KminError, Model
from kmin.errors import InputError, UnsupportedError
from kmin.export.bundle import write_bundle
from kmin.graph.mapped import mapped_file
from kmin.graph.passes import simplify
from kmin.model import read_graph
from kmin.ops import kernels


def one_input() -> Model:
    toy = Toy()
    return Model(toy.graph(toy.dense(toy.input(5), 4)))


def two_inputs(names: Sequence[str] = ("left", "right")) -> Model:
    toy = Toy()
    left, right = (toy.input(3, name=name) for name in names)
    y = toy.dense(left, 2)
    z = toy.dense(right, 2)
    return Model(toy.graph(y, z, names=["a", "b"]))


@pytest.mark.parametrize("name", ["digits_cnn/model.keras", "digits_mlp/model.h5"])
def test_a_model_keeps_nothing_of_a_keras_file(tmp_path: Path, name: str) -> None:
    sample = Path(__file__).parents[1] / "sample_models" / name
    path = tmp_path / "model"
    path.write_bytes(sample.read_bytes())
    model = kmin.load(path)
    path.write_bytes(b"")  # shortened where it lies
    graph = simplify(read_graph(sample)[0])
    for name, array in graph.constants.items():
        assert mapped_file(model.graph.constants[name]) is None
        np.testing.assert_array_equal(model.graph.constants[name], array)
    x = data(3, *model.inputs[0].shape[1:])
    np.testing.assert_array_equal(model(x), kmin.load(sample)(x))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model))(x), model(x))


@pytest.mark.parametrize("rows", [1, 400])
def test_packed_weights_are_kept_once(rows: int) -> None:
    toy = Toy()
    graph = toy.graph(toy.dense(toy.input(rows, 256), 256))
    model = Model(graph)
    for name, array in graph.constants.items():
        np.testing.assert_array_equal(model.graph.constants[name], array)
    assert kernels.active() is None or model.graph.constants["w"] is not graph.constants["w"]


def data(*shape: int) -> np.ndarray:
    return np.random.default_rng(3).normal(size=shape).astype(np.float32)


def test_infos_and_repr() -> None:
    model = two_inputs()
    assert [tuple(info) for info in model.inputs] == [("left", (None, 3), "float32"), ("right", (None, 3), "float32")]
    assert [info.name for info in model.outputs] == ["a", "b"]
    assert model.outputs[0].shape == (None, 2)
    assert repr(model) == (
        "<kmin.Model 'toy': left float32(None, 3); right float32(None, 3) -> a float32(None, 2); b float32(None, 2)>"
    )


def test_call_and_predict_agree_with_numpy() -> None:
    model = one_input()
    x = data(7, 5)
    kernel, bias = (model.graph.constants[name] for name in model.graph.nodes[0].inputs[1:])
    np.testing.assert_allclose(model(x), x @ kernel + bias, rtol=1e-6)
    np.testing.assert_array_equal(model.predict(x), model(x))
    assert model(x).dtype == np.float32


@pytest.mark.parametrize("batch_size", [1, 2, 7, 8, 1000])
def test_batch_size_does_not_matter(batch_size: int) -> None:
    model, x = one_input(), data(7, 5)
    np.testing.assert_allclose(model.predict(x, batch_size=batch_size), model(x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("batch_size", [0, -1, True, 2.0, "2"])
def test_batch_size_must_be_a_positive_integer(batch_size: Any) -> None:
    with pytest.raises(InputError, match="batch_size must be a positive integer or None; received"):
        one_input().predict(data(7, 5), batch_size=batch_size)


@pytest.mark.parametrize("make", [list, tuple, lambda a: a.tolist(), lambda a: {"x": a}, lambda a: [a]])
def test_forms_of_one_input(make: Any) -> None:
    model, x = one_input(), data(7, 5)
    np.testing.assert_allclose(model.predict(make(x)), model(x), rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float64", "float16", "int8", "int64", "uint8", "bool", ">f4"])
def test_numeric_dtypes_are_converted(dtype: str) -> None:
    model, x = one_input(), data(7, 5).astype(dtype)
    np.testing.assert_array_equal(model(x), model(x.astype(np.float32)))
    assert model(x).dtype == np.float32


def test_python_integers_are_accepted() -> None:
    model = one_input()
    np.testing.assert_array_equal(model([[1, 2, 3, 4, 5]]), model(np.array([[1.0, 2, 3, 4, 5]])))


def test_non_contiguous_and_read_only_inputs() -> None:
    model, x = one_input(), data(7, 10)[:, ::2]
    wanted = model(x.copy())
    x.setflags(write=False)
    np.testing.assert_allclose(model(x), wanted, rtol=1e-6)


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (np.zeros((2, 4)), r"input 'x' must have shape \(any, 5\); received \(2, 4\)"),
        (np.zeros(5), r"must have shape \(any, 5\); received \(5,\)"),
        (np.zeros((2, 5, 3)), r"received \(2, 5, 3\)"),
        (3.0, r"received \(\)"),
        (None, "must be numeric"),
        ("text", "must be numeric"),
        ([["a", "b"]], "must be numeric"),
        (np.zeros((2, 5), complex), r"must be numeric \(float32\); received dtype complex128"),
        (np.array([[1, None]], object), "must be numeric"),
        ([[1.0, 2.0], [3.0]], "must be an array of numbers; received list"),
        ({"y": np.zeros((2, 5))}, "inputs must be named x; received y"),
        ({}, "inputs must be named x; received none"),
        ({"x": np.zeros((2, 5)), "z": 1}, "inputs must be named x; received x, z"),
    ],
)
def test_refusals_of_one_input(x: Any, text: str) -> None:
    with pytest.raises(InputError, match=text):
        one_input().predict(x)


def test_forms_of_two_inputs() -> None:
    model, left, right = two_inputs(), data(4, 3), -data(4, 3)
    wanted = model([left, right])
    assert isinstance(wanted, list)
    for form in ((left, right), {"right": right, "left": left}, [left.tolist(), right.tolist()]):
        for got, array in zip(model(form), wanted, strict=True):
            np.testing.assert_allclose(got, array, rtol=1e-6)


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (np.zeros((2, 3)), r"needs 2 inputs \(left, right\) as a list or dict; received an array of shape \(2, 3\)"),
        ([np.zeros((2, 3))], r"needs 2 inputs \(left, right\).*; received 1"),
        (5, "received int"),
        ({"left": np.zeros((2, 3))}, "inputs must be named left, right; received left"),
        ([np.zeros((2, 3)), np.zeros((3, 3))], "same number of rows; received 'left' 2, 'right' 3"),
        ([np.zeros((2, 3)), np.zeros((2, 4))], r"input 'right' must have shape \(any, 3\); received \(2, 4\)"),
    ],
)
def test_refusals_of_two_inputs(x: Any, text: str) -> None:
    with pytest.raises(InputError, match=text):
        two_inputs().predict(x)


def test_an_axis_of_one_may_be_left_out_or_added() -> None:
    toy = Toy()
    model = Model(toy.graph(toy.dense(toy.input(1), 4)))
    wanted = model(np.arange(3.0)[:, None])
    np.testing.assert_array_equal(model(np.arange(3.0)), wanted)
    np.testing.assert_array_equal(model(np.arange(3.0)[:, None, None]), wanted)
    np.testing.assert_array_equal(model([0, 1, 2]), wanted)


def test_an_empty_batch_gives_an_empty_result_of_the_right_shape() -> None:
    model = one_input()
    for result in (model(np.zeros((0, 5))), model.predict(np.zeros((0, 5)), batch_size=3)):
        assert result.shape == (0, 4)
        assert result.dtype == np.float32
    assert [array.shape for array in two_inputs()([np.zeros((0, 3)), np.zeros((0, 3))])] == [(0, 2), (0, 2)]


@pytest.mark.parametrize("structure", [{"p": 1, "q": 0}, [1, [0]], {"p": [0, 1]}])
def test_results_come_in_the_models_structure(structure: Any) -> None:
    toy = Toy()
    x = toy.dense(toy.input(5), 4)
    model = Model(toy.graph(x, toy.dense(x, 2), structure=structure))
    first, second = model.plan.run(model.bind(data(3, 5)))

    def filled(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: filled(value) for key, value in part.items()}
        return [filled(value) for value in part] if isinstance(part, list) else (first, second)[part]

    for got in (model(data(3, 5)), model.predict(data(3, 5), batch_size=2)):
        np.testing.assert_equal(_rounded(got), _rounded(filled(structure)))


def _rounded(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _rounded(value) for key, value in part.items()}
    return [_rounded(value) for value in part] if isinstance(part, list) else np.round(part, 4)


def test_chunks_chosen_by_memory_give_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    model, x = one_input(), data(50, 5)
    wanted = model(x)
    monkeypatch.setattr("kmin.model.CHUNK_BYTES", 36 * 7)
    assert model.chunk_rows([x]) == 7
    np.testing.assert_allclose(model.predict(x), wanted, rtol=1e-5, atol=1e-6)


def test_results_belong_to_the_caller() -> None:
    toy = Toy()
    x = toy.input(5)
    y = toy.dense(x, 4)
    same = toy.add("activation", y, kind="linear")
    weight = toy.weight(3, 5)
    graph = toy.graph(x, y, y, same, weight, toy.add("cast", x, dtype="float32"))
    model = Model(graph)
    given = data(3, 5)
    kept = given.copy()
    for results in (model([given]), model.predict(given)):
        for array in results:
            array[...] = 77
    np.testing.assert_array_equal(given, kept)
    assert not np.any(model.graph.constants[weight] == 77)
    first = model(given)
    first[1][...] = 77
    assert not np.any(first[2] == 77)
    assert not np.any(first[3] == 77)


def test_many_threads_get_identical_results() -> None:
    toy = Toy()
    y = toy.input(16)
    for _ in range(6):
        y = toy.dense(y, 16, activation="relu")
    model = Model(toy.graph(y))
    inputs = [data(n + 1, 16) for n in range(8)]
    wanted = [model(x) for x in inputs]
    wrong: list[int] = []

    def work(seed: int) -> None:
        for i in range(40):
            k = (seed + i) % len(inputs)
            if not np.array_equal(model(inputs[k]), wanted[k]):
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_models_travel_to_other_processes() -> None:
    model = one_input()
    x = data(4, 5)
    for twin in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        np.testing.assert_array_equal(twin(x), model(x))


def test_an_unsupported_graph_is_refused_with_every_reason() -> None:
    toy = Toy()
    x = toy.input(5)
    a = toy.builder.add_unsupported([x], "no class A", "a", 1)
    b = toy.builder.add_unsupported([x], "no class B", "b", 1)
    with pytest.raises(UnsupportedError, match="2 problems") as caught:
        Model(toy.graph(*a, *b))
    assert caught.value.problems == ("no class A", "no class B")
    assert isinstance(caught.value, KminError)


def test_load_takes_bundles_in_any_precision(tmp_path: Path) -> None:
    toy = Toy()
    x = toy.input(5)
    y = toy.dense(toy.add("cast", x, dtype="float32"), 4)
    write_bundle(toy.graph(y), tmp_path / "net.npz")
    double = kmin.load(tmp_path / "net.npz", dtype="float64")
    assert double.inputs[0].dtype == "float64"
    assert [node.op for node in double.graph.nodes] == ["dense"]
    exact = double(data(3, 5))
    assert exact.dtype == np.float64
    np.testing.assert_allclose(kmin.load(str(tmp_path / "net.npz"))(data(3, 5)), exact, rtol=1e-5)
    with pytest.raises(InputError, match="dtype must be one of"):
        kmin.load(tmp_path / "net.npz", dtype="int8")


def test_load_refuses_what_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "text.h5").write_text("hello")
    for name in ("text.h5", "missing.h5", "."):
        with pytest.raises(KminError):
            kmin.load(tmp_path / name)


def test_the_public_promise() -> None:
    assert kmin.Model is Model
    assert sorted(kmin.__all__) == ["KminError", "Model", "__version__", "load", "register_layer"]
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = kmin.nothing  # type: ignore[attr-defined]

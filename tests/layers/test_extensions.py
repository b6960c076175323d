"""register_layer: the user's own functions for custom classes and Lambdas."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kmin
from kmin.errors import KminError, UnsupportedError
from kmin.export import export
from kmin.export.attributes import attrs_from_json
from kmin.formats.spec import Call, LayerSpec, ModelSpec, TensorRef
from kmin.graph.precision import with_precision
from kmin.layers import extensions
from kmin.layers.lower import lower
from layers.one_layer import graph_of, run

RNG = np.random.default_rng(7)
X = RNG.normal(size=(3, 4)).astype("f4")


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Nothing stays registered."""
    yield
    extensions.REGISTERED.clear()


def scale(x: Any, *, config: Any, weights: Any) -> Any:
    return x * config["factor"] + weights["0"]


def test_by_class() -> None:
    kmin.register_layer("Scale", scale)
    bias = RNG.normal(size=4).astype("f4")
    for class_name in ("custom>Scale", "my.module.Scale"):
        graph = graph_of(class_name, {"factor": 2.5}, (None, 4), weights={"0": bias})
        np.testing.assert_allclose(run(graph, X), X * 2.5 + bias, rtol=1e-6)
        assert graph.specs[graph.outputs[0]].shape == (None, 4)


def test_by_layer_name() -> None:
    """Lambdas have no class of their own; the layer is called `it`."""
    kmin.register_layer("it", lambda x: x**2)
    np.testing.assert_allclose(run(graph_of("Lambda", {}, (None, 4)), X), X**2, rtol=1e-6)
    kmin.register_layer("it", None)
    with pytest.raises(UnsupportedError, match=r"Lambda\): holds Python code.*kmin.register_layer"):
        graph_of("Lambda", {}, (None, 4))


def test_several_inputs_and_outputs() -> None:
    def both(pair: Any, power: int) -> Any:
        a, b = pair
        return {"sum": (a + b) ** power, "rows": np.argmax(a, axis=1)}

    kmin.register_layer("Both", both)
    refs = [TensorRef("in0"), TensorRef("in1")]
    inputs = tuple(LayerSpec(r.layer, "InputLayer", {"batch_shape": [None, 4]}) for r in refs)
    layer = LayerSpec("it", "custom>Both", {}, calls=(Call((refs,), {"power": 3}),))
    outputs = [TensorRef("it", 0, 0), TensorRef("it", 0, 1)]
    model = kmin.Model(lower(ModelSpec("m", "Functional", (*inputs, layer), refs, outputs, 3)))
    rows, total = model.predict([X, 2 * X])  # dicts are numbered by sorted key, as in Keras
    np.testing.assert_allclose(total, (3 * X) ** 3, rtol=1e-5)
    assert rows.tolist() == X.argmax(axis=1).tolist()
    assert [info.dtype for info in model.outputs] == ["int64", "float32"]


def test_unknown_sizes_are_found_out() -> None:
    kmin.register_layer("Halves", lambda x: x[:, ::2])
    graph = graph_of("custom>Halves", {}, (None, None, 6))
    assert graph.specs[graph.outputs[0]].shape == (None, None, 6)
    assert run(graph, np.zeros((2, 9, 6))).shape == (2, 5, 6)
    kmin.register_layer("Halves", lambda x: x[:, ::2], output_shape=lambda x: (x[0], 5, x[2]))
    graph = graph_of("custom>Halves", {}, (None, None, 6))
    assert graph.specs[graph.outputs[0]].shape == (None, 5, 6)
    with pytest.raises(KminError, match=r"must return shape \(2, 5, 6\); returned \(2, 2, 6\)"):
        run(graph, np.zeros((2, 4, 6)))


def masked_model(**options: Any) -> kmin.Model:
    kmin.register_layer("Last", lambda x, mask: x * mask[..., None], **options)
    start = LayerSpec("x", "InputLayer", {"batch_shape": [None, 5, 2]})
    mask = LayerSpec("mask", "Masking", {"mask_value": 0.0}, calls=(Call((TensorRef("x"),)),))
    last = LayerSpec("last", "custom>Last", {}, calls=(Call((TensorRef("mask"),)),))
    mean = LayerSpec("mean", "GlobalAveragePooling1D", {}, calls=(Call((TensorRef("last"),)),))
    return kmin.Model(
        lower(ModelSpec("m", "Functional", (start, mask, last, mean), TensorRef("x"), TensorRef("mean"), 3))
    )


def test_masks() -> None:
    x = RNG.normal(size=(2, 5, 2)).astype("f4")
    x[1, 3:] = 0
    np.testing.assert_allclose(masked_model().predict(x), x.mean(axis=1), rtol=1e-5)
    wanted = np.stack([x[0].mean(axis=0), x[1, :3].mean(axis=0)])
    np.testing.assert_allclose(masked_model(passes_mask=True).predict(x), wanted, rtol=1e-5)


def test_double_precision() -> None:
    seen = []
    kmin.register_layer("Watch", lambda x: (seen.append(x.dtype.name), x / 3)[1])
    graph = with_precision(graph_of("custom>Watch", {}, (None, 4)), "float64")
    assert run(graph, X).dtype == np.float64
    assert seen[-1] == "float64"


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda x: x.sum(), "rows it was given"),
        (lambda x: np.array(["a"] * len(x)), "must return numbers"),
        (lambda x: x @ np.ones((9, 2)), "failed on ones of shape"),
        (lambda x: x[0, 9], "IndexError"),
        (lambda x: [x] * len(x), "as many arrays"),
    ],
)
def test_functions_that_do_not_fit(function: Any, reason: str) -> None:
    kmin.register_layer("Bad", function)
    with pytest.raises(KminError, match=reason):
        graph_of("custom>Bad", {}, (None, 4))


def test_what_fails_later_is_named() -> None:
    def picky(x: Any) -> Any:
        if x[0, 0] != 1:
            raise ValueError("no ones")
        return x

    kmin.register_layer("Picky", picky)
    with pytest.raises(KminError, match=r"layer 'it' \(custom>Picky\): the function .* failed: ValueError"):
        run(graph_of("custom>Picky", {}, (None, 4)), X)


def test_inputs_are_safe() -> None:
    def spoil(x: Any) -> Any:
        x += 1
        return x

    kmin.register_layer("Spoil", spoil, output_shape=lambda shape: shape)
    with pytest.raises(KminError, match="read-only"):
        run(graph_of("custom>Spoil", {}, (None, 4)), X)
    kmin.register_layer("Same", lambda x: x)
    result = kmin.Model(graph_of("custom>Same", {}, (None, 4)))(X)
    assert not np.shares_memory(result, X)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [(("Dense", scale), "kmin runs itself"), (("", scale), "needs the name"), (("A", 3), "must be a function")],
)
def test_what_cannot_be_registered(arguments: tuple[Any, Any], reason: str) -> None:
    with pytest.raises(KminError, match=reason):
        kmin.register_layer(*arguments)


@pytest.mark.parametrize("class_name", sorted(extensions.REFUSED))
def test_code_is_refused_with_its_reason(class_name: str) -> None:
    with pytest.raises(UnsupportedError, match=f"{extensions.REFUSED[class_name][:30]}.*kmin.register_layer"):
        graph_of(class_name, {}, (None, 4))


@pytest.mark.parametrize("name", ["net.npz", "net.py"])
def test_nothing_is_extracted(name: str, tmp_path: Path) -> None:
    kmin.register_layer("Scale", scale)
    graph = graph_of("custom>Scale", {"factor": 1.0}, (None, 4), weights={"0": np.zeros(4, "f4")})
    with pytest.raises(UnsupportedError, match=r"layer 'it' \(custom>Scale\): calls a function given to"):
        export(graph, tmp_path / name)
    assert not list(tmp_path.iterdir())
    with pytest.raises(KminError, match="not known"):
        attrs_from_json("extension", {})


def test_a_pickled_model_knows_its_function() -> None:
    kmin.register_layer("Scale", scale)
    model = kmin.Model(graph_of("custom>Scale", {"factor": 2.0}, (None, 4), weights={"0": np.zeros(4, "f4")}))
    np.testing.assert_allclose(pickle.loads(pickle.dumps(model)).predict(X), 2 * X)


def test_inside_a_wrapper() -> None:
    kmin.register_layer("Flip", lambda x: x[:, ::-1])
    child = {"layer": LayerSpec("flip", "custom>Flip", {})}
    start = LayerSpec("x", "InputLayer", {"batch_shape": [None, 5, 4]})
    timed = LayerSpec("t", "TimeDistributed", {}, calls=(Call((TensorRef("x"),)),), children=child)
    model = kmin.Model(lower(ModelSpec("m", "Functional", (start, timed), TensorRef("x"), TensorRef("t"), 3)))
    x = RNG.normal(size=(2, 5, 4)).astype("f4")
    np.testing.assert_array_equal(model.predict(x), x[..., ::-1])

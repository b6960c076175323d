"""Models that mix the samples of a batch: computed together, cut only on demand, in every form that a model takes."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from graph.toy import Toy
from kmin import Model
from kmin.arrays import predict_file, preview
from kmin.cli import main
from kmin.errors import FormatError, InputError
from kmin.export import export
from kmin.export.document import graph_from_json, graph_to_json
from kmin.graph.ir import Graph
from kmin.graph.passes import simplify
from kmin.ops import kernels
from kmin.plan.compile import compile_plan

X = np.random.default_rng(5).normal(size=(9, 6)).astype(np.float32)


def centred() -> Graph:
    """Two Dense layers with the mean over the batch taken away between them."""
    toy = Toy()
    h = toy.dense(toy.input(6), 8, activation="tanh")
    mean = toy.add("reduce", h, kind="mean", axes=(0,), keepdims=True)
    y = toy.dense(toy.add("binary", h, mean, kind="subtract"), 3)
    toy.builder.mixes_samples = True
    return toy.graph(y)


def time_major() -> Graph:
    """An LSTM over (time, batch, features), the batch of any size."""
    toy = Toy()
    x = toy.input(None, 5)
    y, *_ = toy.recurrent("lstm", toy.add("transpose", x, perm=(1, 0, 2)), 4, return_sequences=True)
    return toy.graph(toy.add("transpose", y, perm=(1, 0, 2)))


def total() -> Graph:
    """The rows as they are, and the sum of everything."""
    toy = Toy()
    h = toy.dense(toy.input(6), 4)
    return toy.graph(h, toy.add("reduce", h, kind="sum", axes=(0, 1)))


def plain() -> Graph:
    toy = Toy()
    return toy.graph(toy.dense(toy.input(6), 3))


def test_who_mixes() -> None:
    assert all(graph.mixes_samples for graph in (centred(), time_major(), total()))
    assert not plain().mixes_samples


def test_a_transpose_that_is_taken_back_mixes_nothing() -> None:
    toy = Toy()
    turned = toy.add("transpose", toy.input(4, 5), perm=(1, 0, 2))
    graph = toy.graph(toy.dense(toy.add("transpose", turned, perm=(1, 0, 2)), 3))
    assert graph.mixes_samples
    assert not simplify(graph).mixes_samples


@pytest.mark.parametrize(
    ("target", "mixed"),
    [
        ((-1, 3), False),  # every row becomes two
        ((("x", 0), 3, 2), False),
        ((-1, 12), True),  # two rows become one
        ((-1, 4), True),
        ((2, -1), True),
        ((1, ("x", 0), 6), True),
    ],
)
def test_rows_that_are_reshaped(target: tuple[object, ...], mixed: bool) -> None:
    toy = Toy()
    x = toy.add("reshape", toy.input(6), target=target)
    y = toy.add("softmax", x, axes=(1,))
    graph = toy.graph(toy.add("reshape", y, target=(-1, 6)))
    assert graph.mixes_samples == mixed
    model = Model(graph)
    given = X[:8]
    (wanted,) = compile_plan(graph, "numpy").run([given])
    np.testing.assert_allclose(model.predict(given), wanted, rtol=1e-5, atol=1e-6)


def test_all_rows_are_computed_together_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kmin.model.CHUNK_BYTES", 1)
    graph = centred()
    model = Model(graph)
    (wanted,) = compile_plan(graph, "numpy").run([X])
    for got in (model(X), model.predict(X), model.predict(X, batch_size=20)):
        np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-6)
    parts = [model(X[:4]), model(X[4:8]), model(X[8:])]
    np.testing.assert_array_equal(model.predict(X, batch_size=4), np.concatenate(parts))
    assert np.abs(model.predict(X, batch_size=4) - wanted).max() > 0.01
    assert not np.allclose(model(X[:1]), wanted[:1], atol=0.01)


@pytest.mark.skipif(kernels.active() is None, reason="no compiled kernels in use")
def test_sizes_of_a_call_are_served_natively() -> None:
    graph = time_major()
    model = Model(graph)
    for steps, rows in ((7, 3), (3, 7), (1, 2), (2, 1), (7, 3)):
        x = np.random.default_rng(steps).normal(size=(steps, rows, 5)).astype(np.float32)
        (wanted,) = compile_plan(graph, "numpy").run([x])
        np.testing.assert_allclose(model(x), wanted, rtol=1e-5, atol=1e-6)
    made = model._run.__self__._plans  # type: ignore[attr-defined]
    assert {tuple(shape) for (shape,) in made} == {(7, 3, 5), (3, 7, 5), (1, 2, 5), (2, 1, 5)}
    assert all(any(step.native is not None for step in plan.steps) for plan in made.values())


def test_sizes_that_do_not_fit_are_one_sentence() -> None:
    toy = Toy()
    x = toy.input(None, 5)
    graph = toy.graph(toy.add("binary", x, toy.add("transpose", x, perm=(1, 0, 2)), kind="add"))
    model = Model(graph)
    assert model(np.ones((3, 3, 5), np.float32)).shape == (3, 3, 5)
    assert model(np.ones((1, 4, 5), np.float32)).shape == (4, 4, 5)
    with pytest.raises(InputError):
        model(np.ones((2, 3, 5), np.float32))


def test_rows_that_meet_in_one_native_call_may_differ() -> None:
    toy = Toy()
    a, b = toy.input(5, name="a"), toy.input(5, name="b")
    toy.builder.mixes_samples = True
    graph = toy.graph(toy.add("binary", toy.dense(a, 4), toy.dense(b, 4), kind="multiply"))
    model = Model(graph)
    given = [X[:7, :5].copy(), X[8:, :5].copy()]
    (wanted,) = compile_plan(graph, "numpy").run(given)
    np.testing.assert_allclose(model(given), wanted, rtol=1e-5, atol=1e-6)
    with pytest.raises(InputError, match="7, 1 rows cannot be cut"):
        model.predict(given, batch_size=2)


def test_no_rows_and_results_without_rows() -> None:
    model = Model(total())
    with pytest.raises(InputError, match="at least one row"):
        model.predict(X[:0])
    rows, whole = model.predict(X)
    assert rows.shape == (9, 4) and whole.shape == ()
    np.testing.assert_allclose(whole, rows.sum(), rtol=1e-5)
    with pytest.raises(InputError, match="no axis of rows; predict all 9 rows"):
        model.predict(X, batch_size=4)


@pytest.mark.parametrize("make", [centred, time_major, total])
def test_every_form_gives_the_same(make: object, tmp_path: Path) -> None:
    graph = simplify(make())  # type: ignore[operator]
    model = Model(graph)
    x = X if make is not time_major else np.random.default_rng(1).normal(size=(4, 3, 5)).astype(np.float32)
    wanted = model.predict(x)
    flat = wanted if isinstance(wanted, list) else [wanted]
    again = pickle.loads(pickle.dumps(model)).predict(x)
    np.testing.assert_array_equal(again if not isinstance(again, list) else again[0], flat[0])
    for name in ("m.npz", "m.py"):
        export(graph, tmp_path / name)
    bundle = Model.load(tmp_path / "m.npz")
    assert bundle.mixes_samples
    result = bundle.predict(x)
    np.testing.assert_array_equal(result[0] if isinstance(result, list) else result, flat[0])
    np.save(tmp_path / "x.npy", x)
    command = [sys.executable, "m.py", "x.npy", "y.npz"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    with np.load(tmp_path / "y.npz") as found:
        for got, one in zip((found[name] for name in found.files), flat, strict=True):
            np.testing.assert_allclose(got, one, rtol=1e-5, atol=1e-6)


def test_files_of_predictions_hold_what_there_is(tmp_path: Path) -> None:
    model = Model(total())
    assert predict_file(model, [X], tmp_path / "y.npz") == 9
    with np.load(tmp_path / "y.npz") as found:
        assert [found[name].shape for name in found.files] == [(9, 4), ()]
    totals, shown = preview(model, [X], 3)
    assert totals == [9, 1] and [part.shape for part in shown] == [(3, 4), (1,)]


def test_commands_say_so(tmp_path: Path) -> None:
    export(simplify(centred()), tmp_path / "m.npz")
    np.save(tmp_path / "x.npy", X)
    runner = CliRunner()
    result = runner.invoke(
        main, ["predict", str(tmp_path / "m.npz"), "-i", str(tmp_path / "x.npy"), "-o", str(tmp_path / "y.npy")]
    )
    assert result.exit_code == 0 and "y from 9 rows" in result.output
    result = runner.invoke(main, ["inspect", str(tmp_path / "m.npz")])
    assert result.exit_code == 0 and "all rows are computed together" in result.output


def test_a_forged_bundle_is_refused() -> None:
    graph = simplify(centred())
    document = graph_to_json(graph, {name: name for name in graph.constants})
    assert graph_from_json(document, lambda name, _: graph.constants[name]).mixes_samples
    document["mixed"] = "yes"
    with pytest.raises(FormatError, match="true or false"):
        graph_from_json(document, lambda name, _: graph.constants[name])

"""Every sample model at every stage and in every extracted form, against what Keras predicted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import kmin
from kmin.cli import main
from kmin.formats import read
from kmin.graph.ir import Graph
from kmin.graph.passes import simplify
from kmin.layers.lower import lower
from kmin.ops import OPS

SAMPLES = Path(__file__).resolve().parents[1] / "sample_models"
NAMES = sorted(folder.name for folder in SAMPLES.iterdir() if (folder / "expected.npz").exists())
# Largest error allowed, relative to the output's largest magnitude.
TOLERANCE = 1e-5
# Two float32 results that are both right to the last bit of the largest value may still differ by this much.
FLOOR = 4 * float(np.finfo(np.float32).eps)

STANDALONE = """
import sys
sys.modules.update(dict.fromkeys(("kmin", "h5py", "click", "rich", "tabulate", "tensorflow", "keras", "tf_keras")))
sys.path.insert(0, sys.argv[1])
import numpy as np
import model
given = np.load(sys.argv[2])
arrays = [given[name] for name in given.files]
result = model.predict(arrays if len(arrays) > 1 else arrays[0])
np.savez(sys.argv[3], *(result if isinstance(result, list) else [result]))
"""


def path_of(name: str) -> Path:
    (path,) = (SAMPLES / name).glob("model.*")
    return path


def arrays_of(name: str, file: str) -> dict[str, np.ndarray]:
    with np.load(SAMPLES / name / file, allow_pickle=False) as archive:
        return {key: archive[key] for key in archive.files}


def listed(result: Any) -> list[np.ndarray]:
    return result if isinstance(result, list) else [result]


def worst(got: Any, wanted: Any) -> float:
    """Largest error over all outputs, each relative to its largest magnitude."""
    errors = []
    for mine, theirs in zip(listed(got), listed(wanted), strict=True):
        assert mine.shape == theirs.shape
        assert np.isfinite(mine).all()
        errors.append(float(np.abs(mine.astype("f8") - theirs.astype("f8")).max() / np.abs(theirs).max()))
    return max(errors)


def run_ops(graph: Graph, inputs: list[np.ndarray]) -> list[np.ndarray]:
    """The graph node by node on NumPy, without a plan."""
    values: dict[str, Any] = {**graph.constants, **dict(zip(graph.inputs, inputs, strict=True))}
    for node in graph.nodes:
        arrays = [None if tensor is None else values[tensor] for tensor in node.inputs]
        values.update(zip(node.outputs, OPS[node.op].run(arrays, node.attrs), strict=True))
    return [values[tensor] for tensor in graph.outputs]


def test_there_are_samples() -> None:
    assert len(NAMES) >= 8
    files = [file for name in NAMES for file in (SAMPLES / name).iterdir()]
    assert sum(file.stat().st_size for file in files) < 8 << 20


@pytest.mark.parametrize("name", NAMES)
def test_every_stage(name: str) -> None:
    inputs, expected = arrays_of(name, "input.npz"), list(arrays_of(name, "expected.npz").values())
    graph = lower(read(path_of(name)))
    model = kmin.load(path_of(name))
    bound = model.bind(inputs)
    assert worst(run_ops(graph, bound), expected) <= TOLERANCE, "graph on NumPy"
    assert worst(run_ops(simplify(graph), bound), expected) <= TOLERANCE, "simplified graph on NumPy"
    assert worst(model.predict(inputs), expected) <= TOLERANCE, "plan"


@pytest.mark.parametrize("name", NAMES)
def test_as_exact_as_keras(name: str) -> None:
    inputs, expected = arrays_of(name, "input.npz"), list(arrays_of(name, "expected.npz").values())
    exact = kmin.load(path_of(name), dtype="float64").predict(inputs)
    assert {array.dtype.name for array in listed(exact)} == {"float64"}
    mine = worst(kmin.load(path_of(name)).predict(inputs), exact)
    assert mine <= max(2 * worst(expected, exact), FLOOR)


@pytest.mark.parametrize("name", NAMES)
def test_names_shapes_and_dtypes(name: str) -> None:
    inputs, expected = arrays_of(name, "input.npz"), arrays_of(name, "expected.npz")
    model = kmin.load(path_of(name))
    assert [info.name for info in model.inputs] == list(inputs)
    assert [info.name for info in model.outputs] == list(expected)
    for info, array in zip((*model.inputs, *model.outputs), (*inputs.values(), *expected.values()), strict=True):
        assert info.shape == (None, *array.shape[1:])
        assert info.dtype == array.dtype.name
    assert [array.dtype.name for array in listed(model.predict(inputs))] == [a.dtype.name for a in expected.values()]


@pytest.mark.parametrize("name", NAMES)
def test_batches(name: str) -> None:
    inputs, expected = arrays_of(name, "input.npz"), arrays_of(name, "expected.npz")
    model = kmin.load(path_of(name))
    rows = len(next(iter(inputs.values())))
    whole = listed(model.predict(inputs))
    singles = [listed(model({key: x[row : row + 1] for key, x in inputs.items()})) for row in range(rows)]
    assert worst([np.concatenate(parts) for parts in zip(*singles, strict=True)], whole) <= 2 * FLOOR
    assert worst(model.predict(inputs, batch_size=5), whole) <= 2 * FLOOR
    repeated = {key: np.concatenate([x] * 40) for key, x in inputs.items()}
    assert worst(model.predict(repeated), [np.concatenate([y] * 40) for y in whole]) <= 2 * FLOOR
    empty = listed(model.predict({key: x[:0] for key, x in inputs.items()}))
    assert [y.shape for y in empty] == [(0, *y.shape[1:]) for y in expected.values()]


@pytest.mark.parametrize("name", NAMES)
def test_kinds_of_input(name: str) -> None:
    inputs = arrays_of(name, "input.npz")
    model = kmin.load(path_of(name))
    whole = listed(model.predict(inputs))
    arrays = list(inputs.values())
    alike: list[Any] = [arrays, dict(reversed(inputs.items())), [np.asfortranarray(array) for array in arrays]]
    if len(arrays) == 1:
        alike += [arrays[0], arrays[0].tolist(), arrays[0].astype("float64")]
    for x in alike:
        for mine, theirs in zip(listed(model.predict(x)), whole, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_bundle(name: str, tmp_path: Path) -> None:
    bundle = tmp_path / "model.npz"
    result = CliRunner().invoke(main, ["extract", str(path_of(name)), "-o", str(bundle)])
    assert result.exit_code == 0, result.output
    assert bundle.stat().st_size < path_of(name).stat().st_size
    model, original = kmin.load(bundle), kmin.load(path_of(name))
    assert (model.inputs, model.outputs) == (original.inputs, original.outputs)
    inputs = arrays_of(name, "input.npz")
    for mine, theirs in zip(listed(model.predict(inputs)), listed(original.predict(inputs)), strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("name", NAMES)
def test_standalone(name: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["extract", str(path_of(name)), "-o", str(tmp_path / "model.py")])
    assert result.exit_code == 0, result.output
    output = tmp_path / "result.npz"
    command = [sys.executable, "-I", "-c", STANDALONE, str(tmp_path), str(SAMPLES / name / "input.npz"), str(output)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    with np.load(output) as archive:
        got = [archive[key] for key in archive.files]
    assert worst(got, list(arrays_of(name, "expected.npz").values())) <= TOLERANCE

"""Files made by both Keras generations, read back: every layer's weights by name, and the predictions."""

from __future__ import annotations

import functools
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from formats.cases import CASES
from kmin.formats import read
from kmin.formats.spec import LayerSpec, ModelSpec
from kmin.graph.passes import simplify
from kmin.layers.lower import lower_all
from kmin.model import Model

# Classes that need not be lowered for this test to pass: their files must be read all the same.
UNSUPPORTED = (
    "TFOpLambda",
    "ops.Add",
    "ops.Multiply",
)
GOLDENS = Path(__file__).parent / "goldens"


@functools.cache
def archive(dialect: int) -> zipfile.ZipFile:
    return zipfile.ZipFile(GOLDENS / f"keras{dialect}.zip")


@functools.lru_cache(maxsize=4)
def stored(name: str, dialect: int) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(archive(dialect).read(f"{name}.npz")), allow_pickle=False) as arrays:
        return dict(arrays)


def weights_of(layer: LayerSpec, path: str) -> dict[str, np.ndarray]:
    found = {f"{path}|{name}": array for name, array in layer.weights.items()}
    for key, child in layer.children.items():
        found |= weights_of(child, f"{path}.{key}")
    if layer.model is not None:
        found |= all_weights(layer.model, path)
    return found


def all_weights(model: ModelSpec, path: str = "") -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    for layer in model.layers:
        found |= weights_of(layer, f"{path}/{layer.name}")
    return found


@pytest.mark.parametrize("extension", ["h5", "keras"])
@pytest.mark.parametrize("dialect", [2, 3])
@pytest.mark.parametrize("name", sorted(CASES))
def test_golden_file(name: str, dialect: int, extension: str, tmp_path: Path) -> None:
    path = tmp_path / f"model.{extension}"
    path.write_bytes(archive(dialect).read(f"{name}.{extension}"))
    wanted = stored(name, dialect)
    spec = read(path)

    got = all_weights(spec)
    assert sorted(got) == sorted(key[2:] for key in wanted if key.startswith("w|"))
    for key, array in got.items():
        np.testing.assert_array_equal(array, wanted[f"w|{key}"], err_msg=key)
    assert spec.dialect == dialect
    assert spec.file is not None
    assert spec.file.container == extension
    assert spec.file.keras_version in {"2.15.0", "3.15.1"}

    lowering = lower_all(spec)
    if lowering.problems:
        assert all(any(f"({name})" in problem for name in UNSUPPORTED) for problem in lowering.problems)
        return
    model = Model(simplify(lowering.graph))
    inputs = [wanted[f"x|{i}"] for i in range(len(model.inputs))]
    outputs = model(inputs if len(inputs) > 1 else inputs[0])
    expected = {key[2:]: value for key, value in wanted.items() if key.startswith("y|")}
    if not isinstance(outputs, dict):
        outputs = {str(i): array for i, array in enumerate(outputs if isinstance(outputs, list) else [outputs])}
    assert sorted(outputs) == sorted(expected)
    for key, array in expected.items():
        scale = max(1.0, float(np.abs(array).max()))
        assert outputs[key].shape == array.shape
        assert np.abs(outputs[key] - array).max() <= 1e-5 * scale, key

"""verify as a library: what it finds, streams and refuses."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from engines.models import LOOKUP, MLP, SAMPLES, needs_keras

import kmin
from kmin import verify as verify_module
from kmin.engines import ENGINES, Engine
from kmin.errors import EngineError, InputError
from kmin.verify import in_order, verify

# kmin on NumPy stands in for Keras where only verify's own work is tested.
STAND_IN = Engine("kmin.engines.kmin", "numpy", environment={"KMIN_KERNELS": "numpy"})


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENGINES, verify_module.REFERENCE, STAND_IN)


@pytest.mark.usefixtures("stand_in")
def test_samples_are_streamed_and_progress_is_told() -> None:
    steps: list[tuple[int, int]] = []
    found = verify(MLP, samples=250, batch_size=100, progress=lambda done, total: steps.append((done, total)))
    assert steps == [(0, 250), (100, 250), (200, 250), (250, 250)]
    assert found.passed and found.samples == found.outputs[0].difference.rows == 250


@pytest.mark.usefixtures("stand_in")
def test_whole_numbers_stay_inside_the_vocabulary() -> None:
    assert verify(LOOKUP, samples=64).passed


@pytest.mark.usefixtures("stand_in")
def test_the_seed_decides_the_samples() -> None:
    one, same, other = (verify(MLP, samples=20, seed=seed).outputs[0].difference.magnitude for seed in (1, 1, 2))
    assert one == same != other


@pytest.mark.usefixtures("stand_in")
def test_inputs_without_rows_are_refused() -> None:
    shape = [0 if size is None else size for size in kmin.load(MLP).inputs[0].shape]
    with pytest.raises(InputError, match="at least one sample"):
        verify(MLP, inputs=[np.zeros(shape, np.float32)])


@pytest.mark.usefixtures("stand_in")
def test_a_difference_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = verify_module.in_order
    monkeypatch.setattr(verify_module, "in_order", lambda model, found: [a + 1e-3 for a in plain(model, found)])
    found = verify(MLP, samples=10)
    assert not found.passed
    assert found.outputs[0].difference.largest == pytest.approx(1e-3, rel=1e-2)
    assert found.as_dict()["passed"] is False


def test_results_are_put_in_the_order_of_the_outputs() -> None:
    model: Any = SimpleNamespace(graph=SimpleNamespace(output_structure={"b": 1, "a": [0]}))
    one, two = np.zeros(1), np.ones(1)
    assert in_order(model, {"b": two, "a/0": one}) == [one, two]
    with pytest.raises(EngineError, match="returned outputs c, d, kmin b, a/0"):
        in_order(model, {"c": one, "d": two})


@needs_keras
@pytest.mark.parametrize("name", ["digits_mlp", "digits_cnn", "digits_transfer"])
def test_samples_pass_layer_by_layer(name: str) -> None:
    (path,) = (SAMPLES / name).glob("model.*")
    found = verify(path, samples=40, layers=True)
    assert found.passed and found.first_bad_layer is None
    assert len(found.layers) >= 3


@needs_keras
def test_the_first_layer_that_differs_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from kmin.engines.subject import read_subject

    def spoilt(path: Path) -> Any:
        subject = read_subject(path)
        node = next(node for node in subject.graph.nodes if node.op == "dense" and node.inputs[2] is not None)
        bias = node.inputs[2]
        assert bias is not None
        constants = {**subject.graph.constants, bias: subject.graph.constants[bias] + 1}
        spoilt.layer = node.layer  # type: ignore[attr-defined]
        return replace(subject, graph=replace(subject.graph, constants=constants))

    monkeypatch.setattr(verify_module, "read_subject", spoilt)
    found = verify(MLP, samples=20, layers=True)
    assert found.first_bad_layer == spoilt.layer  # type: ignore[attr-defined]


@needs_keras
def test_a_misnamed_file_still_finds_its_keras(tmp_path: Path) -> None:
    shutil.copy(MLP, tmp_path / "model.keras")
    assert verify(tmp_path / "model.keras", samples=10).passed


@needs_keras
@pytest.mark.parametrize("file", ["stateful.h5", "stateful.keras"])
def test_stateful_models_pass_in_batches_that_run_on(file: str) -> None:
    path = Path(__file__).parent / "layers" / "goldens" / file
    found = verify(path, samples=31, layers=True)
    assert found.samples == 30
    assert found.passed and found.first_bad_layer is None
    assert verify(path, samples=30, batch_size=2).passed

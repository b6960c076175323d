"""bench as a library: what is timed, checked and counted. Nothing here asserts a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engines.models import MLP, TWO, needs_keras

from kmin import bench as bench_module
from kmin.bench import ROUNDS, bench
from kmin.engines import ENGINES, Engine
from kmin.errors import EngineError
from kmin.graph.ir import Graph

NUMPY = {"KMIN_KERNELS": "numpy"}


@pytest.fixture(autouse=True)
def few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same work for a part of the waiting."""
    monkeypatch.setattr(bench_module, "ROUNDS", 2)


def test_every_sample_is_timed_in_every_round() -> None:
    steps: list[tuple[int, int]] = []
    found = bench(TWO, samples=100, engines=["kmin-numpy"], progress=lambda done, total: steps.append((done, total)))
    assert steps == [(0, 2), (1, 2), (2, 2)]
    (timing,) = found.timings
    assert found.samples == 100 and timing.singles == 100 and len(timing.batch_seconds) == 2
    assert 0 < timing.batch_min <= timing.batch_median and 0 < timing.single_min <= timing.single_median
    assert timing.import_seconds > 0 and timing.load_seconds > 0 and timing.first_seconds > 0
    assert timing.scaled_error is None and timing.kernels == "numpy"
    (row,) = found.rows()
    assert row["batch_speedup"] is None and row["single_speedup"] is None


def test_a_small_budget_means_fewer_samples() -> None:
    found = bench(MLP, samples=1_000_000, engines=["kmin-numpy"], budget=0.1)
    assert 1 <= found.samples < found.requested == 1_000_000
    assert 1 <= found.timings[0].singles <= found.samples


def test_one_sample_is_enough() -> None:
    found = bench(MLP, samples=1, engines=["kmin-numpy"])
    assert found.samples == 1 and found.timings[0].singles == 2  # one per round


def test_engines_are_checked_against_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENGINES, "kmin-other", Engine("kmin.engines.kmin", "numpy", environment=NUMPY))
    found = bench(TWO, samples=20, engines=["kmin-numpy", "kmin-other"], budget=0.2)
    assert found.reference == "kmin-numpy"
    assert found.timings[1].scaled_error == 0


def test_wrong_predictions_are_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENGINES, "fake", Engine("engines.fake", "", environment=NUMPY))
    with pytest.raises(EngineError, match="fake returned outputs b, a/0, a/1, kmin-numpy 0, 1"):
        bench(TWO, samples=20, engines=["kmin-numpy", "fake"])

    class Off(bench_module.Difference):
        @property
        def scaled(self) -> float:
            return 0.5

    monkeypatch.setitem(ENGINES, "kmin-other", Engine("kmin.engines.kmin", "numpy", environment=NUMPY))
    monkeypatch.setattr(bench_module, "Difference", Off)
    with pytest.raises(EngineError, match=r"not timed, because kmin-other and kmin-numpy disagree.*0.5 of the output"):
        bench(TWO, samples=20, engines=["kmin-numpy", "kmin-other"])


def test_a_family_without_compiled_kernels_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_module, "has_compiled_kernels", lambda _: False)
    found = bench(MLP, samples=10, engines=["kmin"], budget=0.2)
    assert found.skipped == ("kmin-native",)
    assert [timing.engine for timing in found.timings] == ["kmin-numpy"]


def test_compiled_kernels_asked_for_by_name_must_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENGINES, "kmin-native", Engine("kmin.engines.kmin", "native", environment=NUMPY))
    with pytest.raises(EngineError, match="no compiled kernels for this model"):
        bench(MLP, samples=10, engines=["kmin-native"])


def test_bundles_are_timed_without_keras(tmp_path: Path) -> None:
    import kmin
    from kmin.export import export

    export(kmin.load(MLP).graph, tmp_path / "m.npz")
    found = bench(tmp_path / "m.npz", samples=10, engines=["kmin-numpy"], budget=0.2)
    assert found.timings[0].singles == 10


def test_large_samples_are_held_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_module, "HELD_BYTES", 100 * 256)
    found = bench(MLP, samples=10_000, engines=["kmin-numpy"], budget=0.5)
    assert found.samples == 100


def test_pieces_for_direct_calls_hold_at_least_one_row() -> None:
    from kmin.engines.subject import read_subject

    subject: Any = read_subject(MLP)
    assert isinstance(subject.graph, Graph)
    shape = (3, *(size if size is not None else 1 for size in subject.model.inputs[0].shape[1:]))
    assert bench_module._piece_rows(subject, [np.zeros(shape, np.float32)]) >= 1


STATEFUL = Path(__file__).parent / "layers" / "goldens"


def test_stateful_models_are_timed_in_whole_batches() -> None:
    found = bench(STATEFUL / "stateful.h5", samples=101, engines=["kmin"], budget=0.5)
    assert (found.single_rows, found.samples % 2, found.samples <= 100) == (2, 0, True)
    assert all(timing.singles <= found.samples // 2 for timing in found.timings)


@needs_keras
@pytest.mark.parametrize("file", ["stateful.h5", "stateful.keras"])
def test_stateful_models_side_by_side(file: str) -> None:
    found = bench(STATEFUL / file, samples=80, engines=["keras-predict", "kmin-numpy"], budget=0.5, threads=1)
    assert all(timing.scaled_error is None or timing.scaled_error <= 1e-5 for timing in found.timings)


@needs_keras
def test_keras_and_kmin_side_by_side() -> None:
    found = bench(TWO, samples=200, budget=0.5, threads=1)
    assert found.reference == "keras-call" and ROUNDS == 5
    rows = {row["engine"]: row for row in found.rows()}
    assert {"keras-call", "keras-predict", "kmin-numpy"} <= set(rows)
    assert rows["keras-predict"]["batch_speedup"] == rows["keras-predict"]["single_speedup"] == 1
    assert all(row["scaled_error"] <= 1e-5 for name, row in rows.items() if name != "keras-call")
    assert all(row["peak_bytes"] is None or row["peak_bytes"] > 1e6 for row in rows.values())
    assert "keras 3" in rows["keras-call"]["version"] and "tensorflow" in rows["keras-call"]["version"]

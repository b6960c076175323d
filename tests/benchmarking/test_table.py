"""The tables: what they say of a row, and how figures are spelled."""

from __future__ import annotations

import pytest

from benchmarks.engines import ENGINES, PEERS
from benchmarks.models import MODELS, SAMPLES, TABLE
from benchmarks.results import Row, Timing
from benchmarks.survey import SURVEY
from benchmarks.table import TARGETS, grid, milliseconds, print_costs, print_reasons, print_rows

ROWS = [
    Row(
        "mlp",
        1,
        2,
        [
            Timing("kmin-native", times=[1e-6], load=0.1, first=2e-6, error=1e-7, peak=40_000_000),
            Timing("litert", times=[8e-6, 8e-6, 2e-6]),
            Timing("openvino", reason="cannot"),
        ],
    ),
    Row("lstm", 1, 2, [Timing("kmin-native", times=[1e-3]), Timing("onnxruntime", times=[2e-3])]),
]


def test_rows_name_the_best_peer_the_ratio_and_the_target() -> None:
    lines = print_rows(ROWS, ["kmin-native", "litert", "onnxruntime"]).splitlines()
    assert "best peer" in lines[1]
    assert lines[3].split()[-3:] == ["litert", "8.00", "5"]
    assert "0.00800 / 0.00200" in lines[3]
    assert lines[4].split()[-3:] == ["onnxruntime", "2.00", "2.2"]
    assert lines[5] == "geometric mean of the 2 ratios at batch 1, 2 threads: 4.00 (target 1.8)"


def test_costs_and_reasons() -> None:
    costs = print_costs(ROWS, ["kmin-native"]).splitlines()
    assert len(costs) == 3 and costs[2].endswith("kmin-native  0.100 s  0.00200 ms   40 MB  1.0e-07")
    assert print_reasons(ROWS) == "not run: openvino on MLP 10-10-20-10-1, batch 1: cannot"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "-"), (1.234e-7, "0.00012"), (4.321e-4, "0.4321"), (4.321e-3, "4.32"), (0.0432, "43.2"), (1.5, "1500")],
)
def test_milliseconds(seconds: float | None, text: str) -> None:
    assert milliseconds(seconds) == text


def test_grid_pads_names_to_the_right_and_figures_to_the_left() -> None:
    assert grid(["a", "b"], [["xx", "1"], ["y", "22"]]) == ["a    b", "--  --", "xx   1", "y   22"]


def test_tables_are_complete() -> None:
    assert list(ENGINES) == sorted(ENGINES)
    assert {name for name, _ in TARGETS} == set(TABLE)
    assert list(MODELS) == [*TABLE, *SURVEY]
    assert list(SURVEY) == sorted(set(SURVEY) - set(TABLE))
    assert not any(name.startswith("kmin") for name in PEERS)
    for case in MODELS.values():
        assert (case.build is None) != (case.sample is None)
        assert case.sample is None or (SAMPLES / case.sample / "model.h5").exists()

"""The arithmetic of the comparison: medians, ratios, means, and what survives writing and reading."""

from __future__ import annotations

import json
import statistics

import pytest

from benchmarks.results import Row, Timing, geometric_mean, row_from, thinned

ROW = Row(
    "mlp",
    1,
    2,
    [
        Timing("kmin-native", times=[1.0, 2.0, 9.0], load=0.5, first=1.5, error=1e-7, peak=10),
        Timing("litert", times=[3.0, 5.0, 4.0]),
        Timing("onnxruntime", times=[1.0, 6.0, 7.0]),
        Timing("openvino", reason="not installed"),
    ],
)


def test_the_ratio_is_that_of_the_medians_to_the_best_peer() -> None:
    best = ROW.best(["litert", "onnxruntime", "openvino"])
    assert best is not None and best.engine == "litert" and best.median == 4.0 and best.least == 3.0
    assert ROW.ratio("kmin-native", ["litert", "onnxruntime", "openvino"]) == 2.0
    assert ROW.ratio("kmin-native", ["openvino"]) is None
    assert ROW.ratio("openvino", ["litert"]) is None
    assert ROW.find("openvino") is None and ROW.find("keras-call") is None


def test_rows_survive_being_written() -> None:
    values = json.loads(json.dumps(ROW.as_dict()))
    assert values["timings"][0]["median"] == 2.0 and "median" not in values["timings"][3]
    assert row_from(values) == ROW


@pytest.mark.parametrize(("values", "mean"), [([2.0, 8.0], 4.0), ([5.0], 5.0), ([], None)])
def test_geometric_mean(values: list[float], mean: float | None) -> None:
    assert geometric_mean(values) == (None if mean is None else pytest.approx(mean))


def test_thinning_keeps_the_ends_and_the_median() -> None:
    times = [float(value) for value in range(1001)]
    few = thinned(times[::-1], 11)
    assert few == [float(value) for value in range(0, 1001, 100)]
    assert statistics.median(few) == statistics.median(times)
    assert thinned([3.0, 1.0], 11) == [3.0, 1.0]

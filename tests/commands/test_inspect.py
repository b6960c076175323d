"""kmin inspect: facts, tables, JSON and stages, of files that run and files that do not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from engines.models import LOOKUP, MLP, SAMPLES, TWO, doctored

from kmin.cli import main

KEYS = "class_name dtypes file inputs layers macs mixes_samples name outputs parameters problems runs"
LAYER_KEYS = "class_name connected_to depth dtype macs parameters path runs shapes"


def run(*arguments: Any) -> Any:
    return CliRunner().invoke(main, ["inspect", *map(str, arguments)])


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*/model.*")), ids=lambda path: path.parent.name)
def test_every_sample_at_a_glance(path: Path) -> None:
    result = run(path)
    assert result.exit_code == 0, result.output
    assert "kmin can run this model" in result.stdout
    assert "?" not in result.stdout
    found = json.loads(run(path, "--json").stdout)
    assert " ".join(sorted(found)) == KEYS
    assert all(" ".join(sorted(layer)) == LAYER_KEYS for layer in found["layers"])
    tops = [layer for layer in found["layers"] if layer["depth"] == 0]
    assert sum(layer["parameters"] for layer in tops) == found["parameters"] > 0
    assert sum(layer["macs"] for layer in tops) == found["macs"] > 0
    assert found["runs"] is True and found["problems"] == []
    assert found["file"]["size"] == path.stat().st_size


def test_facts_of_a_keras_archive() -> None:
    text = run(LOOKUP).stdout
    assert "Keras archive (.keras)" in text and "optimizer state" in text and "Bidirectional(GRU)" in text


def test_connections_are_shown_for_graphs_and_for_chains() -> None:
    assert "connected to" in run(TWO).stdout
    assert "connected to" in run(LOOKUP).stdout


def test_dense_costs_what_it_must() -> None:
    found = json.loads(run(MLP, "--json").stdout)
    dense = [layer for layer in found["layers"] if layer["class_name"] == "Dense"]
    for layer in dense:
        units = layer["shapes"][0][-1]
        assert layer["macs"] == layer["parameters"] - units


def test_everything_unsupported_is_listed_at_once(tmp_path: Path) -> None:
    def change(layers: list[dict[str, Any]]) -> None:
        layers[-2]["class_name"] = "Mystery"
        layers[-1]["class_name"] = "Lambda"

    path = doctored(tmp_path, change)
    result = run(path)
    assert result.exit_code == 0
    assert "kmin cannot run this model, for 2 reasons:" in result.stdout
    assert "(Mystery): this class" in result.stdout and "(Lambda): holds Python code" in result.stdout
    assert "Mystery (!)" in result.stdout and "Lambda (!)" in result.stdout
    found = json.loads(run(path, "--json").stdout)
    assert found["runs"] is False and len(found["problems"]) == 2
    assert [layer["runs"] for layer in found["layers"]].count(False) == 2
    assert run(path, "--stage", "graph").exit_code == 0
    for stage in ("simplified", "plan"):
        assert run(path, "--stage", stage).exit_code == 1


@pytest.mark.parametrize("stage", ["spec", "graph", "simplified", "plan"])
def test_stages(stage: str) -> None:
    result = run(TWO, "--stage", stage)
    assert result.exit_code == 0, result.output
    assert len(result.stdout.splitlines()) > 3


def test_a_bundle(tmp_path: Path) -> None:
    place = str(tmp_path / "model.npz")
    assert CliRunner().invoke(main, ["extract", str(TWO), "-o", place]).exit_code == 0
    result = run(place)
    assert result.exit_code == 0, result.output
    assert "kmin bundle" in result.stdout and "malignant" in result.stdout
    keras, bundle = (json.loads(run(path, "--json").stdout) for path in (TWO, place))
    assert bundle["inputs"] == keras["inputs"] and bundle["outputs"] == keras["outputs"]
    assert bundle["macs"] == keras["macs"]
    assert run(place, "--stage", "plan").exit_code == 0
    refused = run(place, "--stage", "spec")
    assert refused.exit_code == 1 and "a bundle holds no spec" in refused.stderr


def test_kernels_need_no_model() -> None:
    assert "tier in use" in run("--kernels").stdout
    found = json.loads(run("--kernels", "--json").stdout)
    assert {"active", "available", "choices", "compiled", "cpu", "forced"} == set(found)
    assert {"op": "dense", "tier": found["active"]}.items() <= next(
        choice for choice in found["choices"] if choice["op"] == "dense"
    ).items()


def test_without_a_model_it_is_a_usage_error() -> None:
    assert run().exit_code == 2

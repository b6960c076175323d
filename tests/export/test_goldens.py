"""Every golden case of the layer tests, saved as a bundle and as a standalone file: same numbers as the model."""

from __future__ import annotations

import importlib.util
import sys
import types
from pathlib import Path

import pytest

from kmin import Model
from kmin.export import export
from kmin.export.bundle import read_bundle
from kmin.graph.passes import simplify
from layers.cases import Case
from layers.test_goldens import IDS, ROWS, flat, graph_of, numbered, stored, worst


def load(path: Path) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location("generated_golden", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["generated_golden"] = module  # dataclasses look themselves up
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules["generated_golden"]
    return module


@pytest.mark.parametrize(("family", "row", "dialect"), ROWS, ids=IDS)
def test_golden(family: str, row: Case, dialect: int, tmp_path: Path) -> None:
    parts = stored(family, dialect)[row.name]
    graph = simplify(graph_of(parts, dialect))
    inputs = numbered(parts, "x")
    x = inputs if len(inputs) > 1 else inputs[0]
    wanted = flat(Model(graph)(x))

    export(graph, tmp_path / "net.npz")
    again = read_bundle(tmp_path / "net.npz")
    assert again.nodes == graph.nodes
    assert again.specs == graph.specs
    assert worst(flat(Model(again)(x)), wanted) == 0

    export(graph, tmp_path / "net.py")
    assert worst(flat(load(tmp_path / "net.py").predict(x)), wanted) <= row.tolerance

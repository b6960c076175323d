"""Summaries of specs, where the tables of the commands come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from engines.models import LOOKUP, SAMPLES, TWO, doctored

from kmin.errors import FormatError
from kmin.summary import stage_text, summarise


def test_nested_layers_follow_their_model_one_step_deeper() -> None:
    found = summarise(SAMPLES / "digits_transfer" / "model.h5")
    rows = {layer.path: layer for layer in found.layers}
    encoder = rows["encoder"]
    inner = [layer for layer in found.layers if layer.path.startswith("encoder/")]
    assert inner and all(layer.depth == 1 for layer in inner)
    assert encoder.parameters == sum(layer.parameters for layer in inner)
    assert encoder.macs == sum(layer.macs or 0 for layer in inner)
    assert all(shape is not None for layer in found.layers for shape in layer.shapes)


def test_sources_of_a_layer_with_two_inputs() -> None:
    rows = {layer.path: layer for layer in summarise(TWO).layers}
    assert rows["concatenate"].connected_to == ("dense", "dense_1")
    assert rows["mean"].connected_to == ()


def test_wrapped_layers_are_named() -> None:
    classes = [layer.class_name for layer in summarise(LOOKUP).layers]
    assert "Bidirectional(GRU)" in classes


def test_only_the_layers_at_fault_are_marked(tmp_path: Path) -> None:
    def change(layers: list[dict[str, Any]]) -> None:
        layers[1]["class_name"] = "Mystery"

    found = summarise(doctored(tmp_path, change))
    assert [layer.runs for layer in found.layers].count(False) == 1
    assert found.macs is None and len(found.problems) == 1


def test_stages_of_a_bundle(tmp_path: Path) -> None:
    import kmin
    from kmin.export import export

    place = tmp_path / "model.npz"
    export(kmin.load(TWO).graph, place)
    assert stage_text(place, "graph").startswith("graph cancer")
    with pytest.raises(FormatError, match="holds no spec"):
        stage_text(place, "spec")


def test_the_spec_shows_configs_weights_and_calls() -> None:
    text = stage_text(LOOKUP, "spec")
    for part in ("Bidirectional bidirectional", "forward_layer:", "weight recurrent_kernel: float32[", "call 0: ("):
        assert part in text

"""Unpacked .keras archives: vocabularies in their assets are read, links and everything else are not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import kmin
from formats.files import weights_h5
from kmin.errors import FormatError, UnsupportedError
from kmin.formats import folder as folder_module

CONFIG = {
    "class_name": "Sequential",
    "config": {
        "name": "words",
        "layers": [
            {
                "class_name": "InputLayer",
                "module": "keras.layers",
                "config": {"batch_shape": [None, 3], "dtype": "string", "name": "text"},
            },
            {
                "class_name": "StringLookup",
                "module": "keras.layers",
                "config": {"name": "string_lookup", "num_oov_indices": 1, "output_mode": "int", "vocabulary": None},
            },
        ],
    },
}


def unpacked(place: Path, words: str | None) -> Path:
    place.mkdir()
    (place / "config.json").write_text(json.dumps(CONFIG))
    (place / "metadata.json").write_text(json.dumps({"keras_version": "3.15.0"}))
    (place / "model.weights.h5").write_bytes(weights_h5({}))
    if words is not None:
        assets = place / "assets" / "layers" / "string_lookup"
        assets.mkdir(parents=True)
        (assets / "vocabulary.txt").write_text(words, encoding="utf-8")
    return place


def test_a_vocabulary_in_the_assets(tmp_path: Path) -> None:
    model = kmin.load(unpacked(tmp_path / "model", "ä\nb\nc\n"))
    np.testing.assert_array_equal(model.predict(np.array([["b", "no", "ä"]])), [[2, 0, 1]])


def test_without_its_vocabulary_a_layer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match="vocabulary is not in the file"):
        kmin.load(unpacked(tmp_path / "model", None))


def test_links_in_the_assets_are_not_followed(tmp_path: Path) -> None:
    outside = unpacked(tmp_path / "other", "a\nb\n") / "assets"
    whole = unpacked(tmp_path / "whole", None)
    (whole / "assets").symlink_to(outside)
    inner = unpacked(tmp_path / "inner", None)
    (inner / "assets").mkdir()
    (inner / "assets" / "layers").symlink_to(outside / "layers")
    file = unpacked(tmp_path / "file", "a\nb\n")
    (file / "assets/layers/string_lookup/vocabulary.txt").unlink()
    (file / "assets/layers/string_lookup/vocabulary.txt").symlink_to(outside / "layers/string_lookup/vocabulary.txt")
    for place in (whole, inner, file):
        with pytest.raises(UnsupportedError, match="vocabulary is not in the file"):
            kmin.load(place)


def test_too_many_assets_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "MAX_ASSETS", 3)
    place = unpacked(tmp_path / "model", "a\n")
    for number in range(4):
        (place / "assets" / f"{number}.txt").write_text("")
    with pytest.raises(FormatError, match="at most 3 files"):
        kmin.load(place)

"""kmin verify, against real Keras where that is installed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from click.testing import CliRunner
from engines.models import LOOKUP, MLP, SAMPLES, TWO, doctored, needs_keras

from formats.files import weights_h5, write_h5, write_keras
from kmin.cli import main
from kmin.engines import keras


def run(*arguments: Any) -> Any:
    return CliRunner().invoke(main, ["verify", *map(str, arguments)])


@needs_keras
def test_a_table_and_a_verdict() -> None:
    result = run(TWO, "--samples", 100)
    assert result.exit_code == 0, result.output
    assert "malignant" in result.stdout and "worst" in result.stdout
    assert "PASS: 100 samples against keras 3." in result.stdout


@needs_keras
def test_json_and_layers_with_given_inputs() -> None:
    given = SAMPLES / "languages_gru" / "input.npz"
    result = run(LOOKUP, "--input", given, "--layers", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert sorted(found) == ["first_bad_layer", "layers", "outputs", "passed", "reference", "samples", "tolerance"]
    assert found["passed"] is True and found["first_bad_layer"] is None
    with np.load(given) as archive:
        assert found["samples"] == len(archive[archive.files[0]])
    assert {"embedding", "bidirectional", "language"} <= {layer["name"] for layer in found["layers"]}
    assert sorted(found["outputs"][0]) == [
        "mae",
        "max_error",
        "mse",
        "name",
        "passed",
        "same_argmax",
        "scaled_error",
    ]


@needs_keras
def test_texts_in_and_out_and_sparse_results(tmp_path: Path) -> None:
    words = {"vocabulary": ["the", "cat"], "mask_token": None, "oov_token": "?"}
    names = ("x", "ids", "words", "hot")
    layers = [
        {"class_name": kind, "module": "keras.layers", "config": {"name": name, **config}, "name": name}
        for name, kind, config in zip(
            names,
            ("InputLayer", "StringLookup", "StringLookup", "StringLookup"),
            (
                {"batch_shape": [None, 3], "dtype": "string"},
                words,
                {**words, "invert": True},
                {**words, "output_mode": "multi_hot", "sparse": True},
            ),
            strict=True,
        )
    ]
    inbound = {"x": [], "ids": ["x"], "words": ["ids"], "hot": ["x"]}
    for layer in layers:
        dtype = "int64" if inbound[layer["name"]] == ["ids"] else "string"
        tensors = [
            {
                "class_name": "__keras_tensor__",
                "config": {"shape": [None, 3], "dtype": dtype, "keras_history": [name, 0, 0]},
            }
            for name in inbound[layer["name"]]
        ]
        layer["inbound_nodes"] = [{"args": tensors, "kwargs": {}}] if tensors else []
    ends = {"input_layers": [["x", 0, 0]], "output_layers": [["words", 0, 0], ["hot", 0, 0]]}
    config = {"name": "m", "layers": layers, **ends}
    model = {"class_name": "Functional", "module": "keras.src.models.functional", "config": config}
    result = run(write_keras(tmp_path / "m.keras", model, weights_h5({})), "--samples", 50)
    assert result.exit_code == 0, result.output
    assert result.stdout.count("PASS") == 3


@needs_keras
def test_a_tolerance_that_nothing_meets_fails() -> None:
    result = run(MLP, "--samples", 50, "--tolerance", 0)
    assert result.exit_code == 1
    assert "FAIL" in result.stdout and "Error" not in result.stderr


def test_without_keras_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "tensorflow.py").write_text(
        "raise ModuleNotFoundError('No module named tensorflow', name='tensorflow')"
    )
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    result = run(MLP, "--samples", 10)
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "TensorFlow cannot be imported" in result.stderr and "pip install 'kmin[tensorflow]'" in result.stderr


def test_code_in_a_file_never_reaches_keras(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def never(*_: Any) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr("kmin.verify.EngineProcess", never)

    def change(layers: list[dict[str, Any]]) -> None:
        layers[-1]["config"]["kernel_initializer"] = {"module": "os", "class_name": "system", "config": "true"}

    result = run(doctored(tmp_path, change))
    assert result.exit_code == 1
    assert "from the module 'os'" in result.stderr
    assert result.stderr.endswith("; handed to Keras only with --trust\n")


@needs_keras
def test_a_file_with_findings_reaches_keras_when_it_is_trusted(tmp_path: Path) -> None:
    path = doctored(tmp_path, lambda _: None)
    with h5py.File(path, "r+") as file:
        loss = {"class_name": "focal", "module": "mine.losses", "config": {}}
        file.attrs["training_config"] = json.dumps({"loss": loss})
    assert run(path, "--samples", 10).exit_code == 1
    result = run(path, "--samples", 10, "--trust")
    assert result.exit_code == 0, result.output
    assert "PASS: 10 samples" in result.stdout


def test_a_bundle_has_no_reference(tmp_path: Path) -> None:
    place = str(tmp_path / "model.npz")
    assert CliRunner().invoke(main, ["extract", str(MLP), "-o", place]).exit_code == 0
    result = run(place)
    assert result.exit_code == 1
    assert "Keras cannot open a bundle" in result.stderr and result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--input", "nowhere.npy"], "Error: input nowhere.npy: no such file"),
        (["--input", "{text}"], "cannot be read as .npy, .npz or .csv numbers"),
        (["--input", "{wrong}"], "must have shape"),
    ],
)
def test_inputs_that_do_not_fit(tmp_path: Path, arguments: list[str], message: str) -> None:
    (tmp_path / "text.npy").write_text("hello")
    np.save(tmp_path / "wrong.npy", np.zeros((3, 5), np.float32))
    places = {"text": tmp_path / "text.npy", "wrong": tmp_path / "wrong.npy"}
    result = run(MLP, *(argument.format(**places) for argument in arguments))
    assert result.exit_code == 1
    assert message in result.stderr and result.stderr.count("\n") == 1


def test_the_dialect_chooses_the_package() -> None:
    assert [keras.package_of(dialect) for dialect in (1, 2, 3)] == ["tf_keras", "tf_keras", "keras"]


def test_keras_1_has_no_reference(tmp_path: Path) -> None:
    layer = {"class_name": "Dense", "config": {"name": "d", "output_dim": 2, "batch_input_shape": [None, 3]}}
    weights = {"d": [("d_W:0", np.ones((3, 2), "f4")), ("d_b:0", np.zeros(2, "f4"))]}
    path = write_h5(tmp_path / "old.h5", {"class_name": "Sequential", "config": [layer]}, weights, "1.2.2")
    assert CliRunner().invoke(main, ["inspect", str(path)]).exit_code == 0
    result = run(path)
    assert result.exit_code == 1
    assert result.stderr == (
        f"Error: {path}: written by Keras 1, which no Keras of today opens, so there is no reference; "
        "kmin can be timed alone with kmin bench --engines kmin\n"
    )

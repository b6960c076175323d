"""Lookup layers: adapted ones from real archives, what is refused, and how texts come in and go out."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import kmin
from kmin.cli import main
from kmin.errors import FormatError, InputError, KminError, UnsupportedError
from kmin.export import export
from kmin.formats.spec import Call, LayerSpec, ModelSpec, TensorRef
from kmin.layers.lower import lower
from layers.one_layer import graph_of

GOLDENS = Path(__file__).parent / "goldens"
WORDS = {"vocabulary": ["the", "cat"]}


def model(class_name: str, config: dict[str, Any], shape: tuple[int | None, ...] = (None, 1)) -> kmin.Model:
    dtype = "int64" if config.get("invert") or class_name == "IntegerLookup" else "string"
    return kmin.Model(graph_of(class_name, config, shape, dtype=dtype))


@pytest.mark.parametrize("dialect", [2, 3])
def test_adapted_layers_find_their_words(dialect: int) -> None:
    """Vocabularies and their weights are beside the model's weights, nested and shared layers' as well."""
    loaded = kmin.load(GOLDENS / f"words.keras{dialect}.keras")
    with np.load(GOLDENS / f"words.keras{dialect}.npz") as stored:
        results = loaded.predict({"text": stored["x/0"], "number": stored["x/1"]})
        for i, got in enumerate(results):
            np.testing.assert_allclose(got, stored[f"y/{i}"], rtol=1e-6)


def after_ragged(class_name: str, config: dict[str, Any], dialect: int = 2, count: int = 1) -> kmin.Model:
    """A layer over one or more ragged tensors of words."""
    x = LayerSpec("x", "InputLayer", {"batch_shape": [None, 1], "dtype": "string"})
    words = LayerSpec("words", "TextVectorization", {**WORDS, "ragged": True}, calls=(Call((TensorRef("x"),), {}),))
    refs: Any = TensorRef("words") if count == 1 else [TensorRef("words")] * count
    last = LayerSpec("last", class_name, config, calls=(Call((refs,), {}),))
    spec = ModelSpec("m", "Functional", (x, words, last), [TensorRef("x")], TensorRef("last"), dialect)
    return kmin.Model(lower(spec))


@pytest.mark.parametrize(
    ("class_name", "config", "dialect", "reason"),
    [
        ("Conv1D", {"filters": 2, "kernel_size": 2}, 3, "rows of unequal length arrive"),
        ("LSTM", {"units": 2}, 3, "rows of unequal length arrive"),
        ("LSTM", {"units": 2, "unroll": True}, 2, "rows of unequal length arrive"),
        ("CategoryEncoding", {"num_tokens": 4, "output_mode": "one_hot"}, 3, "rows of unequal length arrive"),
        ("Embedding", {"input_dim": 4, "output_dim": 2, "mask_zero": True}, 2, "rows of unequal length arrive"),
        ("Mystery", {}, 2, "not supported"),
        ("TFOpLambda", {"function": "math.reduce_sum"}, 2, "rows of unequal length arrive"),
        ("ReLU", {}, 2, r"'m': gives rows of unequal length"),
    ],
)
def test_ragged_tensors_that_stay_ragged(class_name: str, config: dict[str, Any], dialect: int, reason: str) -> None:
    with pytest.raises(UnsupportedError, match=reason):
        after_ragged(class_name, config, dialect)


def test_ragged_tensors_are_not_merged() -> None:
    with pytest.raises(UnsupportedError, match="no ragged tensors beside others"):
        after_ragged("Concatenate", {}, count=2)


def test_no_row_has_a_step() -> None:
    got = after_ragged("CategoryEncoding", {"num_tokens": 4, "output_mode": "count"}).predict(np.array([[""], [" "]]))
    np.testing.assert_array_equal(got, np.zeros((2, 4)))


def damaged(tmp_path: Path, text: bytes) -> Path:
    """The archive with another vocabulary for its IntegerLookup."""
    path = tmp_path / "m.keras"
    with zipfile.ZipFile(GOLDENS / "words.keras3.keras") as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, text if "integer_lookup" in name else old.read(name))
    return path


def test_vocabularies_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="one integer per line"):
        kmin.load(damaged(tmp_path, b"-1\nthree"))
    with pytest.raises(FormatError, match="UTF-8"):
        kmin.load(damaged(tmp_path, b"\xff\xfe"))


@pytest.mark.parametrize(
    ("class_name", "config", "reason"),
    [
        ("StringLookup", {"vocabulary": "/etc/passwd"}, "path of a file"),
        ("StringLookup", {"vocabulary": None}, "not in the file"),
        ("StringLookup", {"vocabulary": ["a", "a"]}, "must not repeat"),
        ("StringLookup", {"vocabulary": ["a", 3]}, "must be text throughout"),
        ("StringLookup", {**WORDS, "output_mode": "nonsense"}, "output_mode must be"),
        ("StringLookup", {**WORDS, "output_mode": "tf_idf"}, "needs idf_weights"),
        ("StringLookup", {**WORDS, "output_mode": "count", "pad_to_max_tokens": True}, "max_tokens"),
        ("IntegerLookup", WORDS, "must be integers"),
        ("TextVectorization", {**WORDS, "standardize": {"class_name": "function"}}, "never runs"),
        ("TextVectorization", {**WORDS, "split": "words"}, "split must be"),
        ("TextVectorization", {**WORDS, "ragged": True}, "ragged"),
        ("TextVectorization", {**WORDS, "output_mode": "one_hot"}, "unequal length"),
        ("Hashing", {"num_bins": 0}, "num_bins"),
        ("Hashing", {"num_bins": 3, "mask_value": 7}, "mask_value must be text"),
        ("Hashing", {"num_bins": 3, "salt": "x"}, "salt"),
        ("HashedCrossing", {"num_bins": 3}, "at least two"),
        ("Dense", {"units": 2}, "takes numbers"),
    ],
)
def test_refusals(class_name: str, config: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnsupportedError, match=reason):
        model(class_name, config)


def test_what_may_come_in() -> None:
    lookup = model("StringLookup", {"vocabulary": ["the", "é"]})
    for x in (["the", "é", "x"], [["the"], ["é"], ["x"]], np.array([["the"], ["é".encode()], ["x"]], object)):
        np.testing.assert_array_equal(lookup.predict(x), [[1], [2], [0]])
    np.testing.assert_array_equal(lookup.predict(np.char.encode(["the", "é"], "utf-8")), [[1], [2]])
    assert lookup.predict(np.zeros((0, 1), "U3")).shape == (0, 1)
    for x, reason in (([[1], [2]], "must be text"), (np.array([["a"], [None]]), "must be text"), ([["a\0"]], "")):
        if reason:
            with pytest.raises(InputError, match=reason):
                lookup.predict(x)
    with pytest.raises(InputError, match="zero bytes"):
        lookup.predict(np.array([["a\0"]], object))


def test_unknown_words_without_a_number_for_them() -> None:
    lookup = model("StringLookup", {**WORDS, "num_oov_indices": 0})
    with pytest.raises(InputError, match="must be in the vocabulary; received b'dog'"):
        lookup.predict(["dog"])


def test_texts_of_unequal_length() -> None:
    """As in Keras, texts without output_sequence_length are as long as the longest beside them."""
    text = model("TextVectorization", WORDS)
    assert text.predict(["the", "the cat the"]).tolist() == [[2, 0, 0], [2, 3, 2]]
    with pytest.raises(KminError, match="batch_size=2"):
        text.predict(["the", "the cat the"], batch_size=1)


@pytest.mark.parametrize("name", ["m.npz", "m.py"])
def test_extracted(name: str, tmp_path: Path) -> None:
    """Vocabularies travel in bundles and standalone files; texts go in and come out as bytes."""
    source, path = GOLDENS / "words.keras3.keras", tmp_path / name
    export(kmin.load(source).graph, path)
    x = {"text": np.array([["the sat"], ["é"]]), "number": np.array([[3], [4]])}
    wanted = kmin.load(source).predict(x)
    if name.endswith(".npz"):
        got = kmin.load(path).predict(x)
    else:
        np.savez(tmp_path / "x.npz", **x)
        subprocess.run([sys.executable, "-W", "error", name, "x.npz", "y.npz"], cwd=tmp_path, check=True)
        with np.load(tmp_path / "y.npz") as stored:
            got = list(stored.values())
    for mine, theirs in zip(got, wanted, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_texts_on_the_command_line(tmp_path: Path) -> None:
    words = ["the", "\u00e9", "\x1b[2J" + "long " * 20]
    back = graph_of("StringLookup", {"vocabulary": words, "invert": True}, (None, 3), dtype="int64")
    export(back, tmp_path / "m.npz")
    np.save(tmp_path / "x.npy", np.array([[0, 1, 2], [3, 1, 1]]))
    shown = CliRunner().invoke(main, ["predict", str(tmp_path / "m.npz"), "--input", str(tmp_path / "x.npy")])
    assert shown.exit_code == 0, shown.output
    assert "[UNK]" in shown.output
    assert "\u00e9" in shown.output
    assert "?[2Jlong" in shown.output
    assert "..." in shown.output

"""Files that are not read: each is named for what it is, with the way to one that is."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

import pytest

from formats.files import write_keras
from kmin.errors import FormatError
from kmin.formats import read

SAVE = "save it with model.save('model.keras')"


@pytest.mark.parametrize(
    ("content", "messages"),
    [
        (pickle.dumps({"a": 1}), ("a Python pickle, which kmin never opens", SAVE)),
        (b"\x1c\x00\x00\x00TFL3\x14\x00", ("a TensorFlow Lite model", "the Keras model that it was converted from")),
        (
            b'{"format": "layers-model", "modelTopology": {"class_name": "x"}}',
            ("a TensorFlow.js model", "convert it back"),
        ),
        (b"\x08\x07\x12\x07pytorch\x1a\x051.9", ("an ONNX model", "the Keras model that it was converted from")),
        (b"\x08\x01\x12\xea\xa7\x97\x01\n\xdb\x1f", ("part of a TensorFlow SavedModel", SAVE)),
        (
            b"\x00\x00\x06\x08\x01\x1a\x02\x08\x01\x00\x1c\x0f_CHECKPOINTABLE_OBJECT_GRAPH",
            ("TensorFlow checkpoint", SAVE),
        ),
    ],
    ids=["pickle", "tflite", "tfjs", "onnx", "saved-model", "checkpoint"],
)
def test_refused(tmp_path: Path, content: bytes, messages: tuple[str, ...]) -> None:
    path = tmp_path / "model.h5"
    path.write_bytes(content)
    with pytest.raises(FormatError) as error:
        read(path)
    assert all(message in str(error.value) for message in messages)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("unpacked", [False, True])
def test_pickled_weights_in_an_archive(tmp_path: Path, unpacked: bool) -> None:
    path = write_keras(tmp_path / "m.keras")
    changed = tmp_path / "changed.keras"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(changed, "w") as target:
        for name in ("metadata.json", "config.json"):
            target.writestr(name, source.read(name))
        target.writestr("model.weights.npz", b"PK")
    if unpacked:
        with zipfile.ZipFile(changed) as archive:
            archive.extractall(tmp_path / "folder")
        changed = tmp_path / "folder"
    with pytest.raises(
        FormatError, match=r"pickle \(model.weights.npz\), which kmin never opens; load it with the Keras"
    ):
        read(changed)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("_CHECKPOINT_METADATA", "an Orbax checkpoint directory"),
        ("pytree.orbax-checkpoint", "an Orbax checkpoint directory"),
        ("manifest.ocdbt", "an Orbax checkpoint directory"),
        ("12/_METADATA", "an Orbax checkpoint directory"),
        ("checkpoint", "a TensorFlow checkpoint directory"),
        ("ckpt-1.index", "a TensorFlow checkpoint directory"),
        ("saved_model.pb", "a TensorFlow SavedModel directory, which only TensorFlow runs"),
    ],
)
def test_checkpoint_folders(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(FormatError) as error:
        read(tmp_path)
    assert message in str(error.value)
    assert SAVE in str(error.value)

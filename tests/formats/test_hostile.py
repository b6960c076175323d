"""Files that are damaged, hostile or something else: one clear sentence each, never a traceback."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from formats.files import MODEL, dense, input_layer, sequential, weights_h5, write_h5, write_keras
from kmin.errors import FormatError
from kmin.formats import read


def refused(path: Path) -> str:
    with pytest.raises(FormatError) as error:
        read(path)
    text = str(error.value)
    assert str(path) in text
    assert "\n" not in text
    return text


def npz() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, a=np.zeros(3))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"hello, this is no model\n", "text file"),
        (pickle.dumps({"a": 1}), "pickle"),
        (b"\x1c\x00\x00\x00TFL3" + bytes(40), "TensorFlow Lite"),
        (b"\x08\x07\x12\x0cskl2onnx" + bytes(9), "ONNX"),
        (json.dumps(MODEL).encode(), "architecture as JSON"),
        (b'{"a": 1}', "JSON file"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "git lfs pull"),
        (b"\x93NUMPY\x01\x00", ".npy"),
        (b"\x1f\x8b\x08" + bytes(30), "gzip"),
        (bytes(range(128, 256)) * 3, "not a format kmin knows"),
        (npz(), ".npz"),
        (b"PK\x03\x04 not really", "damaged"),
        (b"\x89HDF\r\n\x1a\n" + bytes(100), "damaged"),
    ],
)
def test_other_files_are_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "model.h5"
    path.write_bytes(content)
    assert message in refused(path)


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "absent.h5")
    assert "directory" in refused(tmp_path)
    (tmp_path / "saved_model.pb").write_bytes(b"")
    assert "SavedModel" in refused(tmp_path)
    with pytest.raises(FormatError, match="cannot be opened"):
        read("a\0b")


def test_weights_without_architecture(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "old.h5", "w") as file:
        file.attrs["layer_names"] = [b"dense"]
    assert "weights only" in refused(tmp_path / "old.h5")
    (tmp_path / "new.weights.h5").write_bytes(weights_h5({"layers/dense/vars/0": np.zeros(3)}))
    assert ".weights.h5" in refused(tmp_path / "new.weights.h5")
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["x"] = np.zeros(3)
    assert "no model_config" in refused(tmp_path / "data.h5")


@pytest.mark.parametrize("make", [write_h5, write_keras])
def test_truncation_anywhere(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    data = make(tmp_path / "whole").read_bytes()
    path = tmp_path / "part"
    for percent in range(100):
        path.write_bytes(data[: len(data) * percent // 100])
        refused(path)


@pytest.mark.parametrize("make", [write_h5, write_keras])
def test_flipped_bytes_never_raise_anything_else(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    data = make(tmp_path / "whole").read_bytes()
    rng = np.random.default_rng(0)
    path = tmp_path / "flipped"
    for _ in range(300):
        broken = bytearray(data)
        for at in rng.integers(0, len(data), 3):
            broken[at] ^= int(rng.integers(1, 256))
        path.write_bytes(broken)
        try:
            read(path)
        except FormatError as error:
            assert "\n" not in str(error)  # noqa: PT017


@pytest.mark.parametrize("kind", ["soft", "external"])
def test_links_are_refused(tmp_path: Path, kind: str) -> None:
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["kernel"] = np.zeros((3, 2), np.float32)
    path = write_h5(tmp_path / "m.h5")
    with h5py.File(path, "a") as file:
        group = file["model_weights/dense/dense"]
        del group["kernel"]
        group["kernel"] = h5py.SoftLink("/elsewhere") if kind == "soft" else h5py.ExternalLink(str(secret), "kernel")
    assert f"link of kind {kind}" in refused(path)


def test_storage_outside_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "raw").write_bytes(bytes(24))
    path = write_h5(tmp_path / "m.h5")
    with h5py.File(path, "a") as file:
        group = file["model_weights/dense/dense"]
        del group["kernel"]
        group.create_dataset("kernel", (3, 2), "f4", external=[(str(tmp_path / "raw"), 0, 24)])
    assert "another file" in refused(path)
    layout = h5py.VirtualLayout((3, 2), "f4")
    layout[:] = h5py.VirtualSource(str(tmp_path / "raw"), "kernel", (3, 2), "f4")
    with h5py.File(path, "a") as file:
        group = file["model_weights/dense/dense"]
        del group["kernel"]
        group.create_virtual_dataset("kernel", layout)
    assert "another file" in refused(path)


@pytest.mark.parametrize("options", [{}, {"chunks": (1000, 1000), "compression": "gzip"}])
def test_shape_bombs_are_refused_before_allocating(tmp_path: Path, options: dict[str, object]) -> None:
    path = write_h5(tmp_path / "m.h5")
    with h5py.File(path, "a") as file:
        group = file["model_weights/dense/dense"]
        del group["kernel"]
        group.create_dataset("kernel", (1_000_000, 1_000_000), "f4", **options)
    assert "declares 4000000000000 bytes" in refused(path)


def test_text_and_objects_are_not_weights(tmp_path: Path) -> None:
    path = write_h5(tmp_path / "m.h5")
    with h5py.File(path, "a") as file:
        group = file["model_weights/dense/dense"]
        del group["kernel"]
        group.create_dataset("kernel", data="text")
    assert "must hold numbers" in refused(path)


def test_zip_bomb_is_refused(tmp_path: Path) -> None:
    """A member that declares 8 GiB from a kilobyte; the sizes in the directory are forged."""
    path = write_keras(tmp_path / "m.keras", compression=zipfile.ZIP_DEFLATED)
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<I", 4_000_000_000)
    path.write_bytes(data)
    assert "would unpack" in refused(path)


def test_duplicate_member_is_refused(tmp_path: Path) -> None:
    path = write_keras(tmp_path / "m.keras")
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("config.json", "{}")
    assert "twice" in refused(path)


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps(MODEL))
        archive.writestr("model.weights.npz", b"")
    assert "pickle" in refused(path)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{", "not valid JSON"),
        ("[" * 100_000, "too deeply"),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, "too deeply"),
        ("[]", "class_name"),
        ('{"class_name": 3}', "class_name"),
        ('{"class_name": "Sequential", "config": {"layers": []}}', "must have layers"),
        ('{"class_name": "Sequential", "config": {"layers": 3}}', "must be a list"),
        (json.dumps(sequential(dense(), dense())), "comes twice"),
        ('{"class_name": "Functional", "config": {"layers": [], "output_layers": [["a", 0, 0]]}}', "must name tensors"),
    ],
)
def test_configs_that_make_no_sense(tmp_path: Path, config: str, message: str) -> None:
    assert message in refused(write_keras(tmp_path / "m.keras", config))
    assert message in refused(write_h5(tmp_path / "m.h5", config))


def test_models_nested_a_thousand_deep(tmp_path: Path) -> None:
    config = dense()
    for i in range(300):
        config = sequential(input_layer(), config, name=f"m{i}")
    assert "too deeply" in refused(write_keras(tmp_path / "m.keras", config))


def test_lambda_is_read_but_not_decoded(tmp_path: Path) -> None:
    body = {"class_name": "__lambda__", "config": {"code": "4wEAAAA=", "defaults": None, "closure": None}}
    lambda_ = {"class_name": "Lambda", "config": {"name": "f", "trainable": True, "function": body}}
    spec = read(write_keras(tmp_path / "m.keras", sequential(input_layer(), lambda_, dense())))
    assert spec.layers[1].class_name == "Lambda"
    assert spec.layers[1].config["function"] == body


def test_checksums_of_text_members(tmp_path: Path) -> None:
    path = write_keras(tmp_path / "m.keras")
    data = path.read_bytes()
    path.write_bytes(data.replace(b'"units": 2', b'"units": 3', 1))
    assert zlib.crc32(b"") == 0
    assert "damaged" in refused(path)


def test_a_damaged_heap_of_text_does_not_hang(tmp_path: Path) -> None:
    """A free block of size 0 sends libhdf5 2.0 into an endless loop."""
    path = write_h5(tmp_path / "m.h5")
    data = bytearray(path.read_bytes())
    at = data.index(b"GCOL\x01\x00\x00\x00")
    data[at + 16 : at + 32] = bytes(16)
    path.write_bytes(data)
    assert "heap" in refused(path)

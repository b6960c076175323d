"""What is never handed to Keras: findings by kind and place, in files that kmin opens and in files that it does not."""

from __future__ import annotations

import io
import json
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from click.testing import CliRunner

from formats.files import MODEL, dense, input_layer, sequential, write_h5, write_keras
from kmin.cli import main
from kmin.errors import FormatError, UnsupportedError
from kmin.formats.audit import audit_file, refuse_findings

ROOT = Path(__file__).parents[2]
REAL = Path(os.environ.get("KMIN_REAL_MODELS", ROOT.parent / "shared" / "real_models")) / "files"
BODY = {"class_name": "__lambda__", "config": {"code": "4wEAAAA=", "defaults": None, "closure": None}}


def layer(class_name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": {"name": "bad", "trainable": True, **config}}


def kinds(path: Path) -> list[str]:
    return [finding.kind for finding in audit_file(path)]


def both(tmp_path: Path, config: Any) -> list[Path]:
    return [write_h5(tmp_path / "m.h5", config), write_keras(tmp_path / "m.keras", config)]


@pytest.mark.parametrize("path", sorted(ROOT.glob("sample_models/*/model.*")), ids=lambda path: path.parent.name)
def test_ordinary_files_are_clean(path: Path) -> None:
    assert audit_file(path) == []


def test_real_files_are_clean_but_for_foreign_code() -> None:
    if not REAL.is_dir():
        pytest.skip("the real models are not here")
    found = set()
    for path in [path for path in REAL.rglob("*") if path.suffix in (".h5", ".hdf5", ".keras")]:
        try:
            found |= set(kinds(path))
        except FormatError:
            continue
    assert found <= {"code", "custom"}


OBJECTS = {
    "Lambda": (layer("Lambda", function=BODY), ["code", "code"], "CVE-2024-3660"),
    "TFSMLayer": (layer("TFSMLayer", filepath="/etc"), ["outside-model"], "CVE-2026-1462"),
    "TorchModuleWrapper": (layer("TorchModuleWrapper", module="gASV"), ["pickle"], "CVE-2025-49655"),
    "unknown class": (layer("MyLayer"), ["custom"], "CVE-2025-1550"),
    "package": ({**layer("My"), "module": None, "registered_name": "p>My"}, ["custom"], "CVE-2025-1550"),
    "module": ({**layer("system"), "module": "os", "registered_name": "system"}, ["import"], "CVE-2025-1550"),
    "Keras helper": (
        {**layer("get_file"), "module": "keras.src.utils.file_utils", "registered_name": None},
        ["import"],
        "CVE-2025-8747",
    ),
    "Keras switch": (
        {**layer("enable_unsafe_deserialization"), "module": "keras.config", "registered_name": None},
        ["import"],
        "CVE-2025-9906",
    ),
    "builtin": (
        dense(activation={"module": "builtins", "class_name": "function", "config": "eval"}),
        ["import"],
        "CVE-2025-1550",
    ),
    "regularizer": (
        dense(kernel_regularizer={"module": "evil", "class_name": "L2", "config": {}}),
        ["import"],
        "CVE-2025-1550",
    ),
    "type": (dense(extra={"class_name": "__typespec__", "spec_name": "x"}), ["import"], "CVE-2025-1550"),
    "vocabulary": (layer("StringLookup", vocabulary="/etc/passwd"), ["outside-file"], "CVE-2025-12058"),
    "name": (dense("../../x"), ["path"], "CVE-2026-12479"),
    "size": (dense(units=10**12), ["size"], "CVE-2026-0897"),
    "shape": (layer("Reshape", target_shape=[10**6, 10**6]), ["size"], "CVE-2026-0897"),
}


@pytest.mark.parametrize("name", OBJECTS)
@pytest.mark.parametrize("nesting", ["top", "nested", "wrapped"])
def test_objects_in_configs(tmp_path: Path, name: str, nesting: str) -> None:
    bad, expected, cve = OBJECTS[name]
    if nesting == "nested":
        bad = sequential(input_layer(), bad, name="inner")
    elif nesting == "wrapped":
        bad = {"class_name": "TimeDistributed", "config": {"name": "outer", "layer": bad}}
    for path in both(tmp_path, sequential(input_layer(), bad)):
        findings = audit_file(path)
        assert [finding.kind for finding in findings] == expected
        assert all(cve in finding.cve for finding in findings)
        with pytest.raises(UnsupportedError, match="only with --trust"):
            refuse_findings(path)


def test_training_configs_count(tmp_path: Path) -> None:
    path = write_h5(tmp_path / "m.h5")
    with h5py.File(path, "a") as file:
        file.attrs["training_config"] = json.dumps({"loss": {"class_name": "f", "module": "os", "config": {}}})
    assert kinds(path) == ["import"]


@pytest.mark.parametrize("optimizer", ["Adam", "Custom>Adam"])
def test_optimizers_of_keras_are_clean(tmp_path: Path, optimizer: str) -> None:
    path = write_h5(tmp_path / "m.h5")
    with h5py.File(path, "a") as file:
        file.attrs["training_config"] = json.dumps({"optimizer_config": {"class_name": optimizer, "config": {}}})
    assert kinds(path) == []


def test_links_and_storage(tmp_path: Path) -> None:
    path = write_h5(tmp_path / "m.h5")
    with h5py.File(path, "a") as file:
        file["soft"] = h5py.SoftLink("/elsewhere")
        file["far"] = h5py.ExternalLink("/etc/passwd", "x")
        file.create_dataset("raw", (3,), "f4", external=[("/etc/passwd", 0, 12)])
        file.create_dataset("huge", (10**6, 10**6), "f4")
        layout = h5py.VirtualLayout((3,), "f4")
        layout[:] = h5py.VirtualSource("/etc/passwd", "x", (3,), "f4")
        file.create_virtual_dataset("view", layout)
    findings = {finding.where: finding.kind for finding in audit_file(path)}
    outside = "outside-storage"
    assert findings == {"soft": outside, "far": outside, "raw": outside, "view": outside, "huge": "size"}


def test_members(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.array([{}]), allow_pickle=True)
    path = write_keras(tmp_path / "m.keras")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../out", "")
        archive.writestr("C:/out", "")
        archive.writestr("assets/x.npy", buffer.getvalue())
        archive.writestr("assets/run.py", "")
        archive.writestr("model.weights.npz", "")
        link = zipfile.ZipInfo("assets/link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("config.json", "{}")
        archive.writestr("bomb", bytes(100 << 20), zipfile.ZIP_DEFLATED)
    findings = {finding.where: finding.kind for finding in audit_file(path)}
    assert findings == {
        "../out": "path",
        "C:/out": "path",
        "assets/link": "path",
        "assets/run.py": "program",
        "assets/x.npy": "pickle",
        "bomb": "damaged",
        "config.json": "twice",
        "model.weights.npz": "pickle",
    }


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    path = write_h5(tmp_path / "m.h5", "{")
    assert kinds(path) == ["damaged"]
    path.write_bytes(path.read_bytes()[:1000])
    assert kinds(path) == ["damaged"]
    path.write_bytes(pickle.dumps(MODEL))
    assert kinds(path) == ["pickle"]
    with pytest.raises(FormatError, match="no such file"):
        audit_file(tmp_path / "absent")


def test_command(tmp_path: Path) -> None:
    clean, bad = write_h5(tmp_path / "m.h5"), write_keras(tmp_path / "m.keras", sequential(layer("Lambda")))
    result = CliRunner().invoke(main, ["inspect", "--audit", str(clean)])
    assert (result.exit_code, result.stdout) == (0, f"{clean}: nothing suspicious\n")
    result = CliRunner().invoke(main, ["inspect", "--audit", str(bad)])
    assert result.exit_code == 1
    assert "CVE-2024-3660" in result.stdout and "1 finding" in result.stdout
    result = CliRunner().invoke(main, ["inspect", "--audit", "--json", str(bad)])
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert [item["kind"] for item in told["findings"]] == ["code"]
    assert sorted(told["findings"][0]) == ["cve", "kind", "text", "where"]


def test_findings_are_plain_text(tmp_path: Path) -> None:
    bad = {"class_name": "Lambda", "config": {"name": "\x1b[2Jinnocent\n"}}
    for path in both(tmp_path, sequential(input_layer(), bad)):
        assert [str(finding).isprintable() for finding in audit_file(path)] == [True]

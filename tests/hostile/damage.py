"""Valid small model files and the damage done to them, both a function of a number alone."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import h5py
import numpy as np

import kmin
from formats.files import ARRAYS, dense, input_layer, sequential, weights_h5, write_h5, write_keras

SEEDS = (
    "h5",
    "h5 of many layers",
    "chunked h5",
    "latest h5",
    "keras",
    "keras, deflated",
    "weights",
    "npz",
)
# Kinds that libhdf5 reads, each in a process of its own first, take their time: they come less often.
_SLOW = ("chunked h5", "latest h5")
_TURNS = (*(kind for kind in SEEDS if kind not in _SLOW), *(kind for kind in SEEDS if kind not in _SLOW), *_SLOW)


@cache
def seed_file(kind: str) -> bytes:
    """A file that opens."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        if kind == "h5":
            write_h5(path)
        elif kind == "h5 of many layers":
            names = [f"dense_{i}" for i in range(30)]
            config = sequential(input_layer(), *(dense(name, units=3) for name in names), name="deep")
            kernel, bias = np.eye(3, dtype=np.float32), np.zeros(3, np.float32)
            weights = {name: [(f"{name}/kernel:0", kernel), (f"{name}/bias:0", bias)] for name in names}
            write_h5(path, config, {"x": [], **weights}, as_bytes=True)
        elif kind == "chunked h5":
            write_h5(path)
            with h5py.File(path, "a") as file:
                group = file["model_weights/dense/dense"]
                values = group["kernel"][()]
                del group["kernel"]
                group.create_dataset("kernel", data=values, chunks=(2, 2), compression="gzip", shuffle=True)
        elif kind == "latest h5":
            write_h5(path)
            with h5py.File(path) as old, h5py.File(path.with_suffix(".new"), "w", libver="latest") as new:
                for name in old:
                    old.copy(name, new)
                for name, value in old.attrs.items():
                    new.attrs[name] = value
            path = path.with_suffix(".new")
        elif kind == "bundle":
            from kmin.export.bundle import write_bundle

            write_h5(path)
            write_bundle(kmin.load(path).graph, Path(folder) / "bundle.npz")
            path = Path(folder) / "bundle.npz"
        else:
            names = {"layers/dense/vars": "dense"}
            packing = zipfile.ZIP_DEFLATED if "deflated" in kind else zipfile.ZIP_STORED
            write_keras(path, weights=weights_h5(ARRAYS, names), compression=packing)
        return path.read_bytes()


def damaged(number: int) -> tuple[str, bytes]:
    """Which seed, and its bytes after damage `number`: bytes changed, or a stretch overwritten or cut out."""
    rng = np.random.default_rng(number)
    kind = _TURNS[number % len(_TURNS)]
    if kind == "weights":
        inside = _hurt(bytearray(weights_h5(ARRAYS, {"layers/dense/vars": "dense"})), rng)
        return kind, _packed(inside)
    return kind, bytes(_hurt(bytearray(seed_file(kind)), rng))


def _hurt(data: bytearray, rng: np.random.Generator) -> bytes:
    way = rng.integers(0, 10)
    if way < 7:  # half of the time where something is written
        written = np.flatnonzero(np.frombuffer(bytes(data), np.uint8)) if way < 4 else np.arange(len(data))
        for at in rng.choice(written, int(rng.integers(1, 6))):
            data[at] = int(rng.choice([data[at] ^ (1 << rng.integers(0, 8)), rng.integers(0, 256), 0, 255]))
    elif way < 9:
        at, size = int(rng.integers(0, len(data))), int(rng.integers(1, 17))
        data[at : at + size] = bytes([int(rng.choice([0, 1, 127, 128, 255]))]) * len(data[at : at + size])
    else:
        at, size = int(rng.integers(0, len(data))), int(rng.integers(1, 65))
        del data[at : at + size]
    return bytes(data)


def _packed(weights: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.15.1"}))
        archive.writestr("config.json", json.dumps(sequential(input_layer(), dense())))
        archive.writestr("model.weights.h5", weights)
    return buffer.getvalue()

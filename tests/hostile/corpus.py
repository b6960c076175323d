"""Hostile model files, one maker each: what a stranger could send, with the words that kmin must refuse it with."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
from hostile.damage import seed_file

from formats.files import KERNEL, MODEL, dense, input_layer, sequential, weights_h5, write_h5, write_keras

BODY = {"class_name": "__lambda__", "config": {"code": "4wEAAAA=", "defaults": None, "closure": None}}
NONE = weights_h5({})


class Case(NamedTuple):
    """How to make a file, and what its refusal must say; None for a file that may open, harmlessly.

    Attributes:
        make: (path) writes the file.
        says: a regular expression; None when the file may open.
        kind: of a finding that the audit must report; None when it need not report any.
    """

    make: Callable[[Path], object]
    says: str | None
    kind: str | None = None


def layer(class_name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": {"name": "bad", "trainable": True, **config}}


def in_keras(*layers: dict[str, Any], shape: tuple[Any, ...] = (None, 3)) -> Callable[[Path], object]:
    return lambda path: write_keras(path, sequential(input_layer(shape=shape), *layers), NONE)


def in_h5(*layers: dict[str, Any], shape: tuple[Any, ...] = (None, 3)) -> Callable[[Path], object]:
    return lambda path: write_h5(path, sequential(input_layer(shape=shape), *layers), {})


def text(config: str) -> Callable[[Path], object]:
    return lambda path: write_keras(path, config, NONE)


def kernel(change: Callable[[h5py.Group, Path], object]) -> Callable[[Path], object]:
    """A valid .h5 file whose kernel is replaced by something else."""

    def make(path: Path) -> None:
        write_h5(path)
        with h5py.File(path, "a") as file:
            group = file["model_weights/dense/dense"]
            del group["kernel"]
            change(group, path)

    return make


def secret(path: Path) -> str:
    """Another file, which nobody may read."""
    place = path.with_name("secret.h5")
    with h5py.File(place, "w") as file:
        file["kernel"] = KERNEL
    return str(place)


def virtual(group: h5py.Group, path: Path) -> None:
    layout = h5py.VirtualLayout((3, 2), "f4")
    layout[:] = h5py.VirtualSource(secret(path), "kernel", (3, 2), "f4")
    group.create_virtual_dataset("kernel", layout)


def with_members(**members: bytes) -> Callable[[Path], object]:
    def make(path: Path) -> None:
        write_keras(path)
        with zipfile.ZipFile(path, "a") as archive:
            for name, data in members.items():
                archive.writestr(name.replace("__", "/"), data)

    return make


def archive(entries: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> Callable[[Path], object]:
    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "w", method) as file:
            for name, data in entries.items():
                file.writestr(name, data)

    return make


def forged_size(path: Path) -> None:
    """A member that declares 4 GB from a kilobyte; the sizes in the directory are forged."""
    write_keras(path, compression=zipfile.ZIP_DEFLATED)
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<I", 4_000_000_000)
    path.write_bytes(data)


def many_members(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("config.json", json.dumps(MODEL))
        for i in range(100_001):
            file.writestr(str(i), b"")


def bundle(change: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    """A bundle with the header of its first array changed; checksums are made anew."""

    def make(path: Path) -> None:
        with zipfile.ZipFile(io.BytesIO(seed_file("bundle"))) as old, zipfile.ZipFile(path, "w") as new:
            for number, info in enumerate(old.infolist()):
                data = old.read(info)
                new.writestr(info.filename, change(data) if number == 1 else data)

    return make


def objects(_data: bytes) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.array([{}]), allow_pickle=True)
    return buffer.getvalue()


def huge_header(data: bytes) -> bytes:
    shape = data[data.index(b"'shape': (") :].split(b")")[0] + b")"
    return data.replace(shape, b"'shape': (999999999,)".ljust(len(shape))[: max(len(shape), 21)], 1)


def nested(depth: int) -> dict[str, Any]:
    config = dense()
    for i in range(depth):
        config = sequential(input_layer(), config, name=f"m{i}")
    return config


def wrapped(class_name: str, depth: int) -> dict[str, Any]:
    config = layer("LSTM", units=1)
    for i in range(depth):
        config = {"class_name": class_name, "config": {"name": f"w{i}", "layer": config}}
    return sequential(input_layer(shape=(None, 3, 3)), config)


def functional(layers: list[dict[str, Any]], output: str, name: str = "model") -> dict[str, Any]:
    ends = {"input_layers": [["x", 0, 0]], "output_layers": [[output, 0, 0]]}
    return {"class_name": "Functional", "config": {"name": name, "layers": [input_layer(), *layers], **ends}}


def reads(config: dict[str, Any], *sources: str) -> dict[str, Any]:
    refs = [
        {"class_name": "__keras_tensor__", "config": {"shape": [None, 3], "keras_history": [source, i, 0]}}
        for i, source in enumerate(sources)
    ]
    return {
        **config,
        "name": config["config"]["name"],
        "inbound_nodes": [{"args": [ref], "kwargs": {}} for ref in refs],
    }


def doubling(levels: int) -> dict[str, Any]:
    """Each model applies the one inside it twice, one after the other: 2**levels calls from a few kilobytes."""
    model = functional([reads(layer("ReLU", name="act"), "x")], "act", "m0")
    for i in range(levels):
        inner = f"m{i}"
        twice = {**model, "name": inner}
        first = {"class_name": "__keras_tensor__", "config": {"shape": [None, 3], "keras_history": ["x", 0, 0]}}
        second = {"class_name": "__keras_tensor__", "config": {"shape": [None, 3], "keras_history": [inner, 0, 0]}}
        twice["inbound_nodes"] = [{"args": [first], "kwargs": {}}, {"args": [second], "kwargs": {}}]
        model = functional([twice], inner, f"m{i + 1}")
        model["config"]["output_layers"] = [[inner, 1, 0]]
    return model


def constant(value: Any, dtype: str) -> dict[str, Any]:
    argument = {"class_name": "__numpy__", "config": {"value": value, "dtype": dtype}}
    add = {"class_name": "Add", "module": "keras.src.ops.numpy", "registered_name": "Add", "name": "add"}
    add |= {"config": {"name": "add"}}
    tensor = {"class_name": "__keras_tensor__", "config": {"shape": [None, 3], "keras_history": ["x", 0, 0]}}
    return functional([{**add, "inbound_nodes": [{"args": [tensor, argument], "kwargs": {}}]}], "add")


def chain(count: int, class_name: str) -> dict[str, Any]:
    return sequential(input_layer(), *(layer(class_name, name=f"l{i}") for i in range(count)))


def group_cycle(path: Path) -> None:
    write_keras(path, weights=_edited(lambda file: file.__setitem__("layers/dense/again", file["layers"])))


def many_groups(path: Path) -> None:
    def change(file: h5py.File) -> None:
        for _ in range(70):
            file = file.create_group("g")

    write_keras(path, weights=_edited(change))


def _edited(change: Callable[[h5py.File], object]) -> bytes:
    buffer = io.BytesIO(weights_h5({"layers/dense/vars/0": KERNEL, "layers/dense/vars/1": np.zeros(2, np.float32)}))
    with h5py.File(buffer, "a") as file:
        change(file)
    return buffer.getvalue()


def endless_heap(path: Path) -> None:
    """libhdf5 2.0 never returns from this one: an object of a heap says that the next one begins where it does."""
    data = bytearray(write_h5(path).read_bytes())
    at = data.index(b"GCOL") + 16
    size = struct.unpack_from("<Q", data, at + 8)[0]
    following = at + 16 + (size + 7) // 8 * 8
    struct.pack_into("<HHIQ", data, following, 7, 0, 0, (1 << 64) - 16)
    path.write_bytes(data)


def repeated_text(path: Path) -> None:
    """Ten thousand names that are all one text of a megabyte."""
    write_h5(path)
    with h5py.File(path, "a") as file:
        group = file["model_weights"]
        del group.attrs["layer_names"]
        kind = h5py.string_dtype()
        group.attrs.create("layer_names", np.array(["x" * 1_000_000] + ["y"] * 3000, dtype=object), dtype=kind)
    data = bytearray(path.read_bytes())
    one = struct.pack("<I", 1) + b""
    long_at = data.index(struct.pack("<I", 1_000_000))
    reference = bytes(data[long_at : long_at + 16])
    for i in range(1, 3001):
        at = long_at + 16 * i
        assert data[at : at + 4] == one
        data[at : at + 16] = reference
    path.write_bytes(data)


def write_pickle(path: Path) -> None:
    path.write_bytes(pickle.dumps(Trap()))


class Trap:
    """Would write a file when unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return open, ("trapped", "w")


IMPORTED = {**layer("system", command="touch trapped"), "module": "os", "registered_name": "system"}
REGISTERED = {**layer("Mine"), "module": None, "registered_name": "mine>Mine"}
UNBOUNDED = (None, 3, 3, 1)
CASES: dict[str, Case] = {
    # Code in configs.
    "lambda in h5": Case(in_h5(layer("Lambda", function=BODY)), "Lambda", "code"),
    "lambda in keras": Case(in_keras(layer("Lambda", function=BODY)), "Lambda", "code"),
    "lambda of Keras 2": Case(in_h5(layer("Lambda", function=["4wEAAAA=", None, None])), "Lambda", "code"),
    "module to import": Case(in_keras(IMPORTED), r"os\.system", "import"),
    "registered class": Case(in_keras(REGISTERED), "mine>Mine", "custom"),
    "activation to import": Case(
        in_keras(dense(activation={"module": "os", "class_name": "function", "config": "abort"})), "dense", "import"
    ),
    "builtin as activation": Case(
        in_keras(dense(activation={"module": "builtins", "class_name": "function", "config": "eval"})),
        "dense",
        "import",
    ),
    "TorchModuleWrapper": Case(in_keras(layer("TorchModuleWrapper", module="gASV")), "TorchModuleWrapper", "pickle"),
    "TFSMLayer": Case(in_keras(layer("TFSMLayer", filepath="/etc")), "TFSMLayer", "outside-model"),
    "vocabulary as a path": Case(
        in_keras(layer("StringLookup", vocabulary="/etc/passwd")), "StringLookup|vocabulary", "outside-file"
    ),
    "vocabulary file": Case(
        in_keras(layer("TextVectorization", vocabulary="/etc/passwd")), "TextVectorization|vocabulary", "outside-file"
    ),
    # Sizes that files declare.
    "huge dataset": Case(kernel(lambda g, _: g.create_dataset("kernel", (10**6, 10**6), "f4")), "declares", "size"),
    "huge chunked dataset": Case(
        kernel(lambda g, _: g.create_dataset("kernel", (10**6, 10**6), "f4", chunks=(1000, 1000), compression="gzip")),
        "declares",
        "size",
    ),
    "huge dimensions": Case(
        kernel(lambda g, _: g.create_dataset("kernel", (1 << 40, 1 << 20), "f4", chunks=(1, 1))), "declares", "size"
    ),
    "huge array in a bundle": Case(bundle(huge_header), "must be|damaged"),
    # Other files.
    "external storage": Case(
        kernel(lambda g, p: g.create_dataset("kernel", (3, 2), "f4", external=[(secret(p), 0, 24)])),
        "another file",
        "outside-storage",
    ),
    "external link": Case(
        kernel(lambda g, p: g.__setitem__("kernel", h5py.ExternalLink(secret(p), "kernel"))), "link", "outside-storage"
    ),
    "soft link": Case(
        kernel(lambda g, _: g.__setitem__("kernel", h5py.SoftLink("/model_weights"))), "link", "outside-storage"
    ),
    "virtual dataset": Case(kernel(virtual), "another file", "outside-storage"),
    "paths as layer names": Case(in_keras(dense("../../out"), dense("/etc/passwd")), "out", "path"),
    "paths as members": Case(with_members(**{"..__..__out": b"x", "__etc__out": b"x", "C:\\out": b"x"}), None, "path"),
    # Archives.
    "forged sizes": Case(forged_size, "would unpack", "damaged"),
    "config bomb": Case(archive({"config.json": b" " * (300 << 20)}), "unpack|at most", "damaged"),
    "weights bomb": Case(
        archive({"config.json": json.dumps(MODEL), "model.weights.h5": bytes(300 << 20)}), "unpack", "damaged"
    ),
    "many members": Case(many_members, "at most", "damaged"),
    "lzma": Case(archive({"config.json": json.dumps(MODEL)}, zipfile.ZIP_LZMA), "deflated", "damaged"),
    "weights as npz": Case(
        archive({"config.json": json.dumps(MODEL), "model.weights.npz": pickle.dumps(Trap())}), "pickle", "pickle"
    ),
    "objects in a bundle": Case(bundle(objects), "must be|damaged", "pickle"),
    "pickle": Case(write_pickle, "pickle", "pickle"),
    # JSON.
    "deep lists": Case(text("[" * 100_000), "deep", "damaged"),
    "deep objects": Case(text('{"a":' * 500 + "1" + "}" * 500), "deep", "damaged"),
    "millions of values": Case(text("[" + "0," * 3_000_000 + "0]"), "at most 2000000 values", "damaged"),
    "a million layers": Case(
        text(
            '{"class_name":"Sequential","config":{"layers":[' + '{"class_name":"A","config":{}},' * 1_000_000 + "0]}}"
        ),
        "at most",
        "damaged",
    ),
    "too many unknown layers": Case(lambda path: write_keras(path, chain(30_001, "Strange"), NONE), "layers|calls"),
    "thousands of unknown layers": Case(lambda path: write_keras(path, chain(5_000, "Strange"), NONE), "Strange"),
    "thousands of layers": Case(lambda path: write_keras(path, chain(5_000, "ReLU"), NONE), None),
    "digits without end": Case(text('{"class_name": "Dense", "config": {"units": ' + "9" * 5000 + "}}"), "config.json"),
    "number beyond 64 bits": Case(in_keras(dense(units=10**30)), "64 bits", "damaged"),
    "models in models": Case(lambda path: write_keras(path, nested(300)), "deep", "damaged"),
    "wrappers in wrappers": Case(lambda path: write_keras(path, wrapped("TimeDistributed", 150)), "deep", "damaged"),
    "Bidirectional in Bidirectional": Case(lambda path: write_keras(path, wrapped("Bidirectional", 60)), "deep"),
    "doubling models": Case(lambda path: write_keras(path, doubling(30), NONE), "calls|deep"),
    "doubling models within the depth": Case(lambda path: write_keras(path, doubling(20), NONE), "calls"),
    # Graphs and names.
    "cycle": Case(
        lambda path: write_keras(
            path, functional([reads(layer("ReLU", name="a"), "b"), reads(layer("ReLU", name="b"), "a")], "b"), NONE
        ),
        "cycle",
    ),
    "layer that reads itself": Case(
        lambda path: write_keras(path, functional([reads(layer("ReLU", name="a"), "a")], "a"), NONE), "cycle"
    ),
    "names twice": Case(in_keras(dense(), dense()), "twice"),
    "names for terminals": Case(in_keras(dense("\x1b[2J\x1b]0;owned\x07")), "plain text"),
    "keys for terminals": Case(text(json.dumps(sequential({"\x1b[2J\n": None}))), r"object with \\x1b\[2J\\n$"),
    "names of surrogates": Case(in_keras(dense("\ud800")), "plain text"),
    "endless names": Case(in_keras(layer("A" * 1_000_000)), "plain text"),
    # Settings.
    "huge Dense": Case(in_keras(dense(units=10**12)), "dense", "size"),
    "huge Reshape": Case(in_keras(layer("Reshape", target_shape=[10**9, 10**9])), "bad", "size"),
    "huge RepeatVector": Case(in_keras(layer("RepeatVector", n=10**12)), "bad", "size"),
    "huge ZeroPadding2D": Case(in_keras(layer("ZeroPadding2D", padding=10**9), shape=UNBOUNDED), "bad", "size"),
    "huge ZeroPadding1D": Case(in_keras(layer("ZeroPadding1D", padding=10**12), shape=(None, 3, 3)), "bad", "size"),
    "huge UpSampling2D": Case(in_keras(layer("UpSampling2D", size=[10**6, 10**6]), shape=UNBOUNDED), "bad", "size"),
    "huge Embedding": Case(in_keras(layer("Embedding", input_dim=10**12, output_dim=10**6)), "bad", "size"),
    "huge input": Case(in_keras(layer("Flatten"), shape=(None, 10**6, 10**6, 10**6)), "at most", "size"),
    "huge pool": Case(in_keras(layer("MaxPooling2D", pool_size=10**9, padding="same"), shape=UNBOUNDED), "bad", "size"),
    "huge dilation": Case(
        lambda path: write_h5(
            path,
            sequential(
                input_layer(shape=UNBOUNDED),
                dense("dense", filters=1, kernel_size=[2, 2], dilation_rate=10**12, padding="same", use_bias=False)
                | {"class_name": "Conv2D"},
            ),
            {"dense": [("dense/kernel", np.zeros((2, 2, 1, 1), np.float32))]},
        ),
        "dense",
        "size",
    ),
    "strides of zero": Case(in_keras(layer("MaxPooling2D", pool_size=2, strides=0), shape=UNBOUNDED), "bad"),
    "crop of everything": Case(in_keras(layer("Cropping2D", cropping=10**9), shape=UNBOUNDED), "bad"),
    "shape of words": Case(in_keras(layer("Flatten"), shape=(None, "a", {}, 1.5)), "input shape"),
    "negative shape": Case(in_keras(layer("Flatten"), shape=(None, -3, 5)), "input shape"),
    "huge constant": Case(lambda path: write_keras(path, constant("a", "S2147483647"), NONE), "dtype|constant"),
    "constant of objects": Case(lambda path: write_keras(path, constant([{}], "object"), NONE), "dtype|constant"),
    # HDF5.
    "group in itself": Case(group_cycle, "more than once", "damaged"),
    "deep groups": Case(many_groups, "deep", "damaged"),
    "heap without end": Case(endless_heap, "damaged|heap|text"),
    "one text a thousand times": Case(repeated_text, "text|damaged", None),
}

"""The bundle: what comes back is what went in, and nothing forged or damaged gets through."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kmin
from graph.toy import Toy, assert_sound
from kmin import KminError, Model
from kmin.errors import FormatError, UnsupportedError
from kmin.export.bundle import read_bundle, read_facts, write_bundle
from kmin.export.bundle_mark import is_bundle
from kmin.export.npz import MAPS
from kmin.formats.spec import FileFacts
from kmin.graph.ir import Graph
from kmin.graph.mapped import mapped_file

ROOT = Path(kmin.__file__).parents[1]


def sample() -> tuple[Toy, Graph]:
    toy = Toy()
    x = toy.add("activation", toy.dense(toy.input(5), 4), kind="leaky_relu", args=(0.25,))
    toy.builder.layers["inner/dense"] = (x,)
    y = toy.dense(x, 2, bias=False, activation="relu")
    return toy, toy.graph(y, x, structure={"b": 0, "a": [1]}, names=["b", "a"])


@pytest.mark.parametrize("compress", [False, True])
def test_round_trip(tmp_path: Path, compress: bool) -> None:
    toy, graph = sample()
    path = tmp_path / "model.npz"
    write_bundle(graph, path, compress=compress)
    assert is_bundle(path)
    again = read_bundle(path)
    toy.assert_same(graph, again)
    assert again.nodes == graph.nodes
    assert again.specs == graph.specs
    assert again.layers == graph.layers
    assert [file.name for file in tmp_path.iterdir()] == ["model.npz"]
    got = kmin.load(path).predict(toy.feed(graph)[0])
    np.testing.assert_array_equal(got["b"], toy.run(graph)[0])


def test_numpy_reads_the_arrays_by_layer_name(tmp_path: Path) -> None:
    toy = Toy()
    kernel = toy.weight(5, 4, name="encoder/dense.kernel")
    write_bundle(toy.graph(toy.add("dense", toy.input(5), kernel, None)), tmp_path / "m.npz")
    with np.load(tmp_path / "m.npz", allow_pickle=False) as archive:
        assert archive.files == ["kmin.json", "encoder/dense.kernel"]
        np.testing.assert_array_equal(archive["encoder/dense.kernel"], toy.builder.constants[kernel])
        assert json.loads(archive["kmin.json"].tobytes())["format"] == "kmin bundle"


def test_every_array_starts_on_a_64_byte_boundary(tmp_path: Path) -> None:
    toy = Toy()
    y = toy.input(5)
    for units in (3, 1, 17, 2):
        y = toy.dense(y, units)
    write_bundle(toy.graph(y), tmp_path / "m.npz")
    raw = (tmp_path / "m.npz").read_bytes()
    for array in toy.builder.constants.values():
        assert raw.index(array.tobytes()) % 64 == 0


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((0, 3), np.float32),
        np.float32(2.5),
        np.array(7, np.int64),
        np.arange(6, dtype=np.float16).reshape(2, 3),
        np.array([True, False]),
        np.arange(4, dtype=">f8"),
        np.asfortranarray(np.arange(6, dtype=np.float64).reshape(2, 3)),
        np.arange(12, dtype=np.uint8)[::3],
        np.full(3, np.nan, np.float32),
    ],
    ids=lambda array: f"{np.asarray(array).dtype}{np.shape(array)}",
)
def test_arrays_of_every_kind(tmp_path: Path, array: Any) -> None:
    array = np.asarray(array)
    toy = Toy()
    toy.input(2)
    graph = toy.graph(toy.constant(array))
    write_bundle(graph, tmp_path / "m.npz")
    (got,) = read_bundle(tmp_path / "m.npz").constants.values()
    assert got.dtype == array.dtype.newbyteorder("=")
    np.testing.assert_array_equal(got, array)


def test_equal_arrays_are_stored_once_and_shared_again(tmp_path: Path) -> None:
    toy = Toy()
    big = np.random.default_rng(0).normal(size=(64, 64)).astype(np.float32)
    y = toy.input(64)
    near = big.copy()
    near[32, 32] += 1
    for name, array in (("a", big), ("b", big), ("c", big.copy()), ("d", near)):
        y = toy.add("dense", y, toy.constant(array, name), None)
    write_bundle(toy.graph(y), tmp_path / "m.npz")
    assert (tmp_path / "m.npz").stat().st_size < 2 * big.nbytes + 8192
    constants = read_bundle(tmp_path / "m.npz").constants
    assert constants["a"] is constants["b"] is constants["c"]
    np.testing.assert_array_equal(constants["d"], near)


@pytest.mark.parametrize(
    "name", ["../../evil", "/etc/passwd", "a\\b", "kmin.json", "a:1", "ü/ß", "", "x" * 500, "A", "a"]
)
def test_names_of_any_kind(tmp_path: Path, name: str) -> None:
    toy = Toy()
    kernel = toy.constant(np.ones((5, 1), np.float32), name)
    other = toy.constant(np.ones((1, 1), np.float32) * 2, "a")
    graph = toy.graph(toy.add("dense", toy.add("dense", toy.input(5), kernel, None), other, None))
    write_bundle(graph, tmp_path / "m.npz")
    toy.assert_same(graph, read_bundle(tmp_path / "m.npz"))
    for member in zipfile.ZipFile(tmp_path / "m.npz").namelist():
        assert not member.startswith("/")
        assert ".." not in member
        assert "\\" not in member


def test_infinite_attributes_survive(tmp_path: Path) -> None:
    toy = Toy()
    x = toy.add("activation", toy.input(5), kind="bounded_relu", args=(0.0, -float("inf"), float("inf")))
    graph = toy.graph(x)
    write_bundle(graph, tmp_path / "m.npz")
    assert read_bundle(tmp_path / "m.npz").nodes[0].attrs.args == (0.0, -float("inf"), float("inf"))


def test_facts_about_the_source_are_kept(tmp_path: Path) -> None:
    _, graph = sample()
    write_bundle(graph, tmp_path / "m.npz", FileFacts("keras", 3, "3.15.0", "tensorflow", 1000, 400, True))
    facts = read_facts(tmp_path / "m.npz")
    assert (facts.container, facts.dialect, facts.keras_version) == ("bundle", 3, "3.15.0")
    assert facts.size == (tmp_path / "m.npz").stat().st_size


def test_same_graph_same_bytes(tmp_path: Path) -> None:
    for name in ("a.npz", "b.npz"):
        write_bundle(sample()[1], tmp_path / name)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_other_files_are_not_bundles(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "text").write_text("PK nothing")
    np.savez(tmp_path / "other.npz", a=np.ones(3))
    for name in ("empty", "text", "other.npz", "missing", "."):
        assert not is_bundle(tmp_path / name)
    with pytest.raises(FormatError, match=r"cannot read .*missing"):
        read_bundle(tmp_path / "missing")
    with pytest.raises(FormatError, match="not a kmin bundle"):
        read_bundle(tmp_path / "other.npz")


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.999])
def test_a_truncated_file_is_refused(tmp_path: Path, share: float) -> None:
    path = tmp_path / "m.npz"
    write_bundle(sample()[1], path)
    raw = path.read_bytes()
    path.write_bytes(raw[: int(share * len(raw))])
    assert is_bundle(path)
    with pytest.raises(FormatError, match="damaged or cut short"):
        kmin.load(path)


def test_a_flipped_bit_is_noticed(tmp_path: Path) -> None:
    toy, graph = sample()
    path = tmp_path / "m.npz"
    write_bundle(graph, path)
    raw = bytearray(path.read_bytes())
    at = raw.index(next(iter(toy.builder.constants.values())).tobytes())
    raw[at + 3] ^= 1
    path.write_bytes(raw)
    with pytest.raises(FormatError, match="is damaged"):
        read_bundle(path)


def large() -> tuple[Toy, Graph]:
    """A small weight, and one that is worth mapping."""
    toy = Toy()
    x = toy.add("gather", toy.weight(4000, 8), toy.input(3, dtype="int32"))
    return toy, toy.graph(toy.dense(x, 4))


@pytest.mark.skipif(not MAPS, reason="a mapped file cannot be replaced here")
def test_large_arrays_stay_in_the_file(tmp_path: Path) -> None:
    toy, graph = large()
    path = tmp_path / "m.npz"
    write_bundle(graph, path)
    again = read_bundle(path)
    assert [mapped_file(array) is not None for array in again.constants.values()] == [True, False, False]
    assert not again.constants["w"].flags.writeable
    model, wanted = kmin.load(path), toy.run(graph)[0]
    write_bundle(sample()[1], path)  # a new file under the old name
    np.testing.assert_array_equal(model(toy.feed(graph)[0]), wanted)
    toy.assert_same(graph, again)


@pytest.mark.skipif(not MAPS, reason="a mapped file cannot be replaced here")
def test_what_kernels_cannot_give_back_stays_in_the_file(tmp_path: Path) -> None:
    toy = Toy()
    graph = toy.graph(toy.dense(toy.input(400, 256), 256))
    write_bundle(graph, tmp_path / "m.npz")
    model = kmin.load(tmp_path / "m.npz")
    np.testing.assert_array_equal(model.graph.constants["w"], graph.constants["w"])
    np.testing.assert_array_equal(model(toy.feed(graph)[0]), Model(graph)(toy.feed(graph)[0]))


def packed(graph: Graph, path: Path) -> None:
    write_bundle(graph, path, compress=True)


def off_boundary(graph: Graph, path: Path) -> None:
    write_bundle(graph, path)
    with np.load(path) as archive:
        arrays = dict(archive)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pad", bytes(1))
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w") as member:
                np.lib.format.write_array(member, array)


@pytest.mark.parametrize("write", [packed, off_boundary])
def test_arrays_that_cannot_be_mapped_are_read(tmp_path: Path, write: Callable[[Graph, Path], None]) -> None:
    toy, graph = large()
    write(graph, tmp_path / "m.npz")
    again = read_bundle(tmp_path / "m.npz")
    assert all(mapped_file(array) is None for array in again.constants.values())
    toy.assert_same(graph, again)


def test_damage_in_a_mapped_array_is_noticed(tmp_path: Path) -> None:
    _, graph = large()
    path = tmp_path / "m.npz"
    write_bundle(graph, path)
    raw = bytearray(path.read_bytes())
    raw[raw.index(graph.constants["w"].tobytes()) + 70_001] ^= 1
    path.write_bytes(raw)
    with pytest.raises(FormatError, match="checksum does not match"):
        read_bundle(path)


def forge(path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Rewrites the JSON document of a bundle."""
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    document = json.loads(arrays["kmin.json"].tobytes())
    change(document)
    arrays["kmin.json"] = np.frombuffer(json.dumps(document).encode(), np.uint8)
    np.savez(path, **arrays)


def assign(*keys: Any) -> Callable[[dict[str, Any]], None]:
    """A change that sets document[k1][k2]... = last."""
    *path, last, value = keys

    def change(document: dict[str, Any]) -> None:
        for key in path:
            document = document[key]
        document[last] = value

    return change


FORGED = [
    (assign("version", 2), "bundle version 2; this kmin .* reads 1"),
    (assign("format", "other"), "not a kmin bundle"),
    (assign("nodes", 0, "op", "explode"), "op 'explode' is not known"),
    (assign("nodes", 0, "op", "unsupported"), "op 'unsupported' is not known"),
    (assign("nodes", 0, "attrs", "size", 3), "op 'dense' has no attribute 'size'"),
    (assign("nodes", 0, "attrs", "activation", 3), "attribute 'activation' of op 'dense' must be"),
    (assign("nodes", 0, "attrs", "activation", "evil"), "unknown activation 'evil'"),
    (assign("nodes", 1, "attrs", "args", ["a"]), "attribute 'args' of op 'activation' must be"),
    (assign("nodes", 1, "attrs", "args", {"a": 1}), "must be a number, text, null or a list"),
    (assign("nodes", 1, "attrs", {}), "needs the attribute 'kind'"),
    (assign("nodes", 1, "attrs", None), "must be an object"),
    (assign("nodes", 0, "inputs", ["x", "x", None]), "node 'dense/dense'"),
    (assign("nodes", 0, "inputs", ["x"]), "node 'dense/dense'"),
    (assign("nodes", 0, "inputs", ["later", "w", None]), "reads 'later', which no earlier node makes"),
    (assign("nodes", 1, "outputs", ["x"]), "makes a tensor that is there already"),
    (assign("nodes", 1, "name", "dense/dense"), "uses a name twice"),
    (assign("nodes", 0, "inputs", 5), "damaged"),
    (assign("outputs", 0, "tensor", "nowhere"), "output 'nowhere' is made by no node"),
    (assign("outputs", []), "output structure|no inputs or no outputs"),
    (assign("inputs", []), "no inputs or no outputs"),
    (assign("output_structure", 7), "names output 7 of 2"),
    (assign("output_structure", "a"), "must have a number >= 0"),
    (assign("specs", "x", ["object", [None, 5]]), "unknown dtype 'object'"),
    (assign("specs", "x", ["float32", [None, -5]]), "must have a number >= 0"),
    (assign("specs", "w", ["float32", [5, 400000000]]), "must be float32"),
    (assign("constants", "w", "nothing"), "the array 'nothing' is missing"),
    (assign("specs", {}), "damaged"),
    (assign("dialect", "3"), "must have a number"),
]


@pytest.mark.parametrize(("change", "text"), FORGED, ids=[text[:40] for _, text in FORGED])
def test_forged_documents_are_refused(tmp_path: Path, change: Callable[[Any], None], text: str) -> None:
    path = tmp_path / "m.npz"
    write_bundle(sample()[1], path)
    forge(path, change)
    with pytest.raises(FormatError, match=text):
        read_bundle(path)


def test_a_pickle_inside_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "m.npz"
    write_bundle(sample()[1], path)
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    arrays["w"] = np.array([[{}] * 4] * 5, object)
    np.savez(path, **arrays)
    with pytest.raises(FormatError, match="must be float32"):
        read_bundle(path)


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    toy = Toy()
    toy.input(2)
    graph = toy.graph(toy.constant(np.zeros(10_000_000, np.float32)))
    write_bundle(graph, tmp_path / "m.npz", compress=True)
    with pytest.raises(FormatError, match="times the file's size"):
        read_bundle(tmp_path / "m.npz")


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "m.npz"
    path.write_text("old")
    toy = Toy()
    (y,) = toy.builder.add_unsupported([toy.input(5)], "cannot run", "odd", 1)
    with pytest.raises(UnsupportedError, match="cannot run"):
        write_bundle(toy.graph(y), path)
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["m.npz"]
    with pytest.raises(KminError, match="cannot write"):
        write_bundle(sample()[1], tmp_path / "no" / "m.npz")
    (tmp_path / "dir.npz").mkdir()
    with pytest.raises(KminError, match="it is a directory"):
        write_bundle(sample()[1], tmp_path / "dir.npz")


def test_numpy_is_all_it_takes(tmp_path: Path) -> None:
    toy, graph = sample()
    write_bundle(graph, tmp_path / "m.npz")
    np.save(tmp_path / "x.npy", toy.feed(graph)[0])
    code = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("h5py", "click", "rich", "tabulate", "keras", "tensorflow", "scipy"):
            raise ImportError(f"{name} is blocked")
sys.meta_path.insert(0, Blocked())
import numpy as np, kmin
np.save("y.npy", kmin.load("m.npz").predict(np.load("x.npy"))["b"])
assert "kmin.formats.h5" not in sys.modules
"""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=tmp_path, env=env, check=True)
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), Model(graph)(toy.feed(graph))["b"], rtol=1e-6)
    assert_sound(read_bundle(tmp_path / "m.npz"))


@pytest.mark.parametrize("compress", [False, True])
def test_damage_anywhere_is_refused_or_harmless(tmp_path: Path, compress: bool) -> None:
    toy, graph = sample()
    path = tmp_path / "m.npz"
    write_bundle(graph, path, compress=compress)
    raw = path.read_bytes()
    rng = np.random.default_rng(5)
    refused = 0
    for _ in range(300):
        damaged = bytearray(raw)
        for at in rng.integers(0, len(raw), rng.integers(1, 4)):
            damaged[at] = rng.integers(0, 256)
        path.write_bytes(damaged)
        try:
            toy.assert_same(graph, read_bundle(path))
        except FormatError:
            refused += 1
    assert refused > 150

"""Arrays on disk: what is accepted, what is refused, and that nothing is held whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from engines.models import MLP, TWO

import kmin
from kmin import arrays as arrays_module
from kmin.arrays import MappedRows, Writer, predict_file, preview, read_arrays, read_inputs
from kmin.errors import InputError


@pytest.fixture(scope="module")
def mlp() -> kmin.Model:
    return kmin.load(MLP)


@pytest.fixture(scope="module")
def two() -> kmin.Model:
    return kmin.load(TWO)


def random_inputs(model: kmin.Model, rows: int) -> list[np.ndarray]:
    random = np.random.default_rng(0)
    return [random.normal(size=(rows, *info.shape[1:])).astype(info.dtype) for info in model.inputs]


def test_inputs_by_order_and_by_name(two: kmin.Model, tmp_path: Path) -> None:
    mean, error = random_inputs(two, 5)
    for name, array in {"mean": mean, "error": error}.items():
        np.save(tmp_path / f"{name}.npy", array)
    np.savez(tmp_path / "named.npz", error=error, mean=mean)
    np.savez(tmp_path / "ordered.npz", mean, error)
    np.savez_compressed(tmp_path / "packed.npz", mean=mean, error=error)
    ways = [
        ["mean.npy", "error.npy"],
        ["error=error.npy", "mean=mean.npy"],
        ["named.npz"],
        ["ordered.npz"],
        ["packed.npz"],
    ]
    for way in ways:
        sources = [source.replace("=", f"={tmp_path}/") if "=" in source else str(tmp_path / source) for source in way]
        found = read_inputs(two, sources)
        np.testing.assert_array_equal(found[0][:], mean)
        np.testing.assert_array_equal(found[1][:], error)


@pytest.mark.parametrize("version", [(1, 0), (2, 0)])
def test_npy_files_are_mapped_not_read(mlp: kmin.Model, tmp_path: Path, version: tuple[int, int]) -> None:
    (x,) = random_inputs(mlp, 5)
    with (tmp_path / "x.npy").open("wb") as file:
        np.lib.format.write_array(file, x, version)
    (rows,) = read_inputs(mlp, [str(tmp_path / "x.npy")])
    assert (len(rows), rows.shape, rows.ndim, rows.dtype) == (5, x.shape, x.ndim, x.dtype)
    for part in (slice(None), slice(1, 3), slice(3, 99), slice(4, 2), slice(0, 0)):
        np.testing.assert_array_equal(rows[part], x[part])
    assert isinstance(rows[1:3], np.memmap)


def test_an_array_in_fortran_order_is_mapped_whole(mlp: kmin.Model, tmp_path: Path) -> None:
    (x,) = random_inputs(mlp, 3)
    np.save(tmp_path / "x.npy", np.asfortranarray(x))
    (rows,) = read_inputs(mlp, [str(tmp_path / "x.npy")])
    assert isinstance(rows, np.memmap)
    np.testing.assert_array_equal(rows[1:], x[1:])


def test_large_members_of_an_npz_are_mapped_too(
    mlp: kmin.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (x,) = random_inputs(mlp, 3)
    np.savez_compressed(tmp_path / "x.npz", x)
    monkeypatch.setattr(arrays_module, "SPILL_BYTES", 10)
    (found,) = read_inputs(mlp, [str(tmp_path / "x.npz")])
    assert isinstance(found, MappedRows)
    np.testing.assert_array_equal(found[:], x)


def test_csv(two: kmin.Model, tmp_path: Path) -> None:
    mean, error = random_inputs(two, 4)
    np.savetxt(tmp_path / "mean.csv", mean, delimiter=",")
    np.savetxt(tmp_path / "error.csv", error, delimiter=",")
    found = read_inputs(two, [str(tmp_path / "mean.csv"), str(tmp_path / "error.csv")])
    np.testing.assert_allclose(found[0], mean, rtol=1e-6)


def test_an_equals_sign_in_a_file_name_is_no_input_name(mlp: kmin.Model, tmp_path: Path) -> None:
    np.save(tmp_path / "a=b.npy", random_inputs(mlp, 2)[0])
    assert len(read_inputs(mlp, [str(tmp_path / "a=b.npy")])[0]) == 2


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        (["missing.npy"], "missing.npy: no such file"),
        (["."], "is a directory; an .npy, .npz or .csv file is required"),
        (["text.npy"], "cannot be read as .npy, .npz or .csv numbers: it is another kind of file"),
        (["objects.npy"], "cannot be read as .npy, .npz or .csv numbers: it holds Python objects"),
        (["objects.npz"], "cannot be read as .npy, .npz or .csv numbers: it holds Python objects"),
        (["words.csv"], "cannot be read as .npy, .npz or .csv numbers: could not convert"),
        (["cut.npy"], "cut.npy: cannot be read"),
        (["scalar.npy", "good.npy"], "input 'mean' must have a batch axis; received a single number"),
        (["good.npy"], r"needs 2 inputs \(mean, error\); received 1"),
        (["mean=good.npy"], "inputs must be named mean, error; received mean"),
        (["meen=good.npy", "error=good.npy"], "inputs must be named mean, error; received meen, error"),
        (["mean=good.npy", "mean=good.npy"], "input 'mean' is given twice"),
        (["mean=good.npy", "good.npy"], r"give all inputs by name \(mean, error\) or none"),
        (["good.npy", "short.npy"], "same number of rows; received 'mean' 5, 'error' 3"),
        (["good.npy", "wide.npy"], r"input 'error' must have shape \(any, 10\); received \(5, 11\)"),
        (["good.npy", "complex.npy"], "input 'error' must be numeric"),
        (["mean=both.npz", "error=good.npy"], "input 'mean' needs one array; .*both.npz holds 2: a, b"),
    ],
)
def test_refusals(
    two: kmin.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sources: list[str], message: str
) -> None:
    good = np.zeros((5, 10), np.float32)
    np.save(tmp_path / "good.npy", good)
    np.save(tmp_path / "short.npy", good[:3])
    np.save(tmp_path / "wide.npy", np.zeros((5, 11), np.float32))
    np.save(tmp_path / "complex.npy", good.astype(np.complex64))
    np.save(tmp_path / "scalar.npy", np.float32(1))
    np.save(tmp_path / "objects.npy", np.array([{}], object), allow_pickle=True)
    np.savez(tmp_path / "objects.npz", np.array([{}], object))
    np.savez(tmp_path / "both.npz", a=good, b=good)
    (tmp_path / "text.npy").write_text("hello")
    (tmp_path / "words.csv").write_text("a,b\n1,2\n")
    (tmp_path / "cut.npy").write_bytes((tmp_path / "good.npy").read_bytes()[:150])
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=message) as caught:
        read_inputs(two, sources)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("batch_size", [None, 1, 3, 100])
def test_predictions_are_those_of_predict(two: kmin.Model, tmp_path: Path, batch_size: int | None) -> None:
    inputs = random_inputs(two, 7)
    steps: list[int] = []
    rows = predict_file(two, inputs, tmp_path / "y.npz", batch_size, lambda done, _: steps.append(done))
    assert rows == 7 and steps[-1] == 7
    with np.load(tmp_path / "y.npz") as found:
        assert found.files == ["malignant", "worst"]
        for name, expected in zip(found.files, two.predict(inputs), strict=True):
            np.testing.assert_allclose(found[name], expected, rtol=1e-5, atol=1e-6)
    assert [path.name for path in tmp_path.iterdir()] == ["y.npz"]


def test_no_rows_give_an_empty_file_of_the_right_shape(mlp: kmin.Model, tmp_path: Path) -> None:
    (x,) = random_inputs(mlp, 0)
    assert predict_file(mlp, [x], tmp_path / "y.npy") == 0
    assert np.load(tmp_path / "y.npy").shape == (0, *mlp.outputs[0].shape[1:])


def test_the_output_may_replace_the_input(mlp: kmin.Model, tmp_path: Path) -> None:
    (x,) = random_inputs(mlp, 4)
    place = tmp_path / "x.npy"
    np.save(place, x)
    predict_file(mlp, read_inputs(mlp, [str(place)]), place)
    np.testing.assert_allclose(np.load(place), mlp.predict(x), rtol=1e-5, atol=1e-6)


def test_a_failed_run_leaves_what_was_there(two: kmin.Model, tmp_path: Path) -> None:
    place = tmp_path / "y.npy"
    place.write_text("old")
    with pytest.raises(InputError, match=r"must end in .npz, because the model has 2 outputs \(malignant, worst\)"):
        predict_file(two, random_inputs(two, 2), place)
    with Writer(place, ["one"], 4) as writer:
        writer.write([np.zeros((2, 3))])  # and finish is never reached
    assert place.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["y.npy"]


@pytest.mark.parametrize(
    ("place", "message"), [("y.txt", "must end in .npy or .npz"), ("no/y.npy", "the folder .*no does not exist")]
)
def test_outputs_that_cannot_be(tmp_path: Path, place: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Writer(tmp_path / place, ["y"], 1)


def test_preview_computes_the_first_rows_only(two: kmin.Model) -> None:
    inputs = random_inputs(two, 30)
    totals, outputs = preview(two, inputs, 4)
    assert totals == [30, 30] and [len(output) for output in outputs] == [4, 4]


def test_read_arrays_names_what_it_finds(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros(3))
    np.savez(tmp_path / "x.npz", b=np.zeros(2), a=np.ones(1))
    assert list(read_arrays(str(tmp_path / "x.npy"))) == ["arr_0"]
    assert list(read_arrays(str(tmp_path / "x.npz"))) == ["b", "a"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="RLIMIT_AS bounds all memory on Linux only")
@pytest.mark.parametrize("output", ["y.npy", "y.npz"])
def test_an_input_larger_than_the_memory_allowed(mlp: kmin.Model, tmp_path: Path, output: str) -> None:
    """800 MB of input under a limit of 700 MB on everything that the process allocates or maps."""
    row = mlp.inputs[0].shape[1:]
    shape = (800_000_000 // (4 * int(np.prod(row))), *row)  # type: ignore[arg-type]
    np.lib.format.open_memmap(tmp_path / "x.npy", mode="w+", dtype=np.float32, shape=shape)  # a sparse file of zeros
    code = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_AS, (700_000_000, 700_000_000))\n"
        "from kmin.cli import main\n"
        "main()"
    )
    arguments = ["predict", str(MLP), "-i", str(tmp_path / "x.npy"), "-o", str(tmp_path / output)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", code, *arguments]
    found = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert found.returncode == 0, found.stderr
    (y,) = read_arrays(str(tmp_path / output)).values()
    assert len(y) == shape[0]
    zeros = np.zeros((1, *shape[1:]), np.float32)
    np.testing.assert_allclose(y[len(y) - 1 : len(y)], mlp.predict(zeros), rtol=1e-5, atol=1e-6)


def test_strings_of_any_length_are_written_whole(tmp_path: Path) -> None:
    pieces = [np.array([[b"a"], [b"bb"]]), np.array([[b"dddd"]]), np.array([[b"c"]])]
    with Writer(tmp_path / "y.npy", ["y"], 4) as writer:
        for piece in pieces:
            writer.write([piece])
        writer.finish()
    np.testing.assert_array_equal(np.load(tmp_path / "y.npy"), np.concatenate(pieces))


def test_pieces_of_another_dtype_are_not_written(tmp_path: Path) -> None:
    with Writer(tmp_path / "y.npy", ["y"], 4) as writer:
        writer.write([np.zeros((2, 3), np.float32)])
        with pytest.raises(TypeError):
            writer.write([np.zeros((2, 3))])


STATEFUL = Path(__file__).parent / "layers" / "goldens" / "stateful.keras"


def test_states_run_on_from_piece_to_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kmin.model.CHUNK_BYTES", 1)  # one batch of 2 rows per piece
    model = kmin.load(STATEFUL)
    (x,) = random_inputs(model, 6)
    wanted = model.predict(x)
    model.reset_states()
    assert predict_file(model, [x], tmp_path / "y.npy") == 6
    np.testing.assert_array_equal(np.load(tmp_path / "y.npy"), wanted)
    model.reset_states()
    totals, (shown,) = preview(model, [x], rows=3)  # not a whole number of batches
    assert totals == [6]
    np.testing.assert_array_equal(shown, wanted[:3])


def test_rows_of_a_stateful_model_must_fill_batches(tmp_path: Path) -> None:
    model = kmin.load(STATEFUL)
    (x,) = random_inputs(model, 5)
    np.save(tmp_path / "x.npy", x)
    with pytest.raises(InputError, match=r"multiple of 2.*received 5"):
        read_inputs(model, [str(tmp_path / "x.npy")])
    with pytest.raises(InputError, match=r"batch_size must be 2 or None.*received 3"):
        predict_file(model, [x[:4]], tmp_path / "y.npy", batch_size=3)
    assert not (tmp_path / "y.npy").exists()

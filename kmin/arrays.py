"""Arrays on disk: inputs mapped into memory, outputs written as they are computed, neither ever whole in memory."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from kmin.errors import InputError
from kmin.model import Model, predict_chunks
from kmin.ops.tensor import Array

SPILL_BYTES = 256 << 20  # members of an .npz above this size are unpacked to a temporary file instead of memory


def read_inputs(model: Model, sources: Sequence[str]) -> list[Array]:
    """One array per input of the model, in its order, mapped into memory where the file allows it.

    Args:
        sources: `x.npy`, `x.npz`, `x.csv` or `name=x.npy`, as on the command line. Files without a name go to the
            inputs in order; the members of an .npz by their names, or in order when they are arr_0, arr_1, ...

    Raises:
        InputError: a file is not a plain array, or names, number, rank, size, dtype or rows do not fit.
    """
    names = [info.name for info in model.inputs]
    named: dict[str, Array] = {}
    plain: list[Array] = []
    for source in sources:
        name, separator, path = source.partition("=")
        if separator and (name in names or not Path(source).exists()):
            if name in named:
                raise InputError(f"input '{name}' is given twice")
            arrays = read_arrays(path)
            if len(arrays) != 1:
                raise InputError(f"input '{name}' needs one array; {path} holds {len(arrays)}: {', '.join(arrays)}")
            named[name] = next(iter(arrays.values()))
            continue
        arrays = read_arrays(source)
        if len(arrays) == 1 or all(key.startswith("arr_") for key in arrays):
            plain += arrays.values()
        else:
            named.update(arrays)
    if len(plain) + len(named) == 1 == len(names) and (plain or not any("=" in source for source in sources)):
        return _checked(model, [*plain, *named.values()])
    if named and plain:
        raise InputError(f"give all inputs by name ({', '.join(names)}) or none")
    if named:
        if set(named) != set(names):
            raise InputError(f"inputs must be named {', '.join(names)}; received {', '.join(named)}")
        return _checked(model, [named[name] for name in names])
    if len(plain) != len(names):
        needs = "1 input" if len(names) == 1 else f"{len(names)} inputs"
        raise InputError(f"needs {needs} ({', '.join(names)}); received {len(plain)}")
    return _checked(model, plain)


def read_arrays(path: str) -> dict[str, Array]:
    """The arrays in an .npy, .npz or .csv file by name (`arr_0` for a lone one); pickles are refused."""
    if not Path(path).exists():
        raise InputError(f"input {path}: no such file")
    if Path(path).is_dir():
        raise InputError(f"input {path}: is a directory; an .npy, .npz or .csv file is required")
    try:
        if path.lower().endswith(".csv"):
            return {"arr_0": np.loadtxt(path, delimiter=",", ndmin=2, dtype=np.float32)}
        loaded = np.load(path, mmap_mode="r", allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return {"arr_0": loaded}
        with loaded:
            return {name: _member(loaded, name) for name in loaded.files}
    except Exception as error:
        if isinstance(error, (MemoryError, PermissionError)):
            raise
        text = str(error).splitlines()[0]
        if "Object arrays" in text or "Python objects" in text:
            text = "it holds Python objects"
        elif "pickle" in text:
            text = "it is another kind of file"
        raise InputError(f"input {path}: cannot be read as .npy, .npz or .csv numbers: {text}") from None


def _member(archive: Any, name: str) -> Array:
    """One member of an .npz, by way of a mapped temporary file when it is large."""
    entry = f"{name}.npy"
    if entry not in archive.zip.namelist() or archive.zip.getinfo(entry).file_size <= SPILL_BYTES:
        return np.asarray(archive[name])
    with tempfile.TemporaryDirectory() as folder, archive.zip.open(entry) as stream:
        spilled = Path(folder) / "member.npy"
        with spilled.open("wb") as target:
            while block := stream.read(1 << 20):
                target.write(block)
        mapped: Array = np.load(spilled, mmap_mode="r", allow_pickle=False)
        return mapped  # the mapping outlives the file's name


def _checked(model: Model, arrays: list[Array]) -> list[Array]:
    """The arrays, once their first rows have passed the model's own checks."""
    for info, array in zip(model.inputs, arrays, strict=True):
        if array.ndim == 0:
            raise InputError(f"input '{info.name}' must have a batch axis; received a single number")
    rows = {len(array) for array in arrays}
    if len(rows) > 1:
        sizes = ", ".join(f"'{info.name}' {len(array)}" for info, array in zip(model.inputs, arrays, strict=True))
        raise InputError(f"all inputs must have the same number of rows; received {sizes}")
    model.check_rows(len(arrays[0]))
    try:
        bind_rows(model, arrays, 0, 1)
    except InputError as error:
        text = str(error)
        for array in arrays:  # one row was tried; the user knows the array by its whole shape
            text = text.replace(f"received {array[:1].shape}", f"received {array.shape}")
        raise InputError(text) from None
    return arrays


def bind_rows(model: Model, arrays: Sequence[Array], start: int, stop: int) -> list[Array]:
    """Rows of the inputs as checked arrays of the model's dtypes."""
    cut = [array[start:stop] for array in arrays]
    return model.bind(cut if len(cut) > 1 else cut[0])


def cut_chunks(model: Model, arrays: Sequence[Array], rows: int) -> Iterator[list[Array]]:
    """The inputs in pieces of at most `rows` rows, each read when its turn comes."""
    for start in range(0, len(arrays[0]), rows):
        yield bind_rows(model, arrays, start, start + rows)


def rows_of_chunk(model: Model, arrays: Sequence[Array], batch_size: int | None) -> int:
    """Rows to compute at a time: the caller's choice, else the model's by memory; whole batches of a stateful model."""
    return model.chunk_rows(bind_rows(model, arrays, 0, 1), batch_size)


class Writer:
    """Writes outputs piece by piece beside their final place; a context manager that renames at the end, or cleans up.

    Args:
        path: `.npy` for one output, `.npz` for any number.
        names: of the outputs.
        rows: how many rows will come in all.

    Raises:
        InputError: the suffix is neither, or several outputs are meant for an .npy.
    """

    def __init__(self, path: str | os.PathLike[str], names: Sequence[str], rows: int) -> None:
        self.path = Path(path)
        self.names = list(names)
        self.rows = rows
        self.suffix = self.path.suffix.lower()
        if self.suffix not in (".npy", ".npz"):
            raise InputError(f"output {self.path}: must end in .npy or .npz")
        if self.suffix == ".npy" and len(self.names) > 1:
            raise InputError(
                f"output {self.path}: must end in .npz, because the model has {len(self.names)} outputs "
                f"({', '.join(self.names)})"
            )
        if not self.path.parent.is_dir():
            raise InputError(f"output {self.path}: the folder {self.path.parent} does not exist")
        self._folder = tempfile.TemporaryDirectory(prefix=".kmin-", dir=self.path.parent)
        self._arrays: list[Array] = []
        self._at = 0

    def write(self, outputs: Sequence[Array]) -> None:
        """The next rows of every output."""
        if not self._arrays:
            self._arrays = [
                np.lib.format.open_memmap(
                    Path(self._folder.name) / f"{position}.npy",
                    mode="w+",
                    dtype=output.dtype,
                    shape=(self.rows, *output.shape[1:]),
                )
                for position, output in enumerate(outputs)
            ]
        for array, output in zip(self._arrays, outputs, strict=True):
            array[self._at : self._at + len(output)] = output
        self._at += len(outputs[0])

    def finish(self) -> None:
        """Puts the file in its place."""
        done = Path(self._folder.name) / "0.npy"
        if self.suffix == ".npz":
            done = Path(self._folder.name) / "all.npz"
            np.savez(done, **dict(zip(self.names, self._arrays, strict=True)))  # type: ignore[arg-type]
        else:
            self._arrays[0].flush()  # type: ignore[attr-defined]
        self._arrays = []
        done.replace(self.path)

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._arrays = []
        self._folder.cleanup()


def predict_file(
    model: Model,
    arrays: Sequence[Array],
    output: str | os.PathLike[str],
    batch_size: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Predictions for every row of `arrays` (one per input, mapped or not) into a file; returns the number of rows."""
    total, done = len(arrays[0]), 0
    with Writer(output, [info.name for info in model.outputs], total) as writer:
        if total == 0:
            empty = model(list(arrays) if len(arrays) > 1 else arrays[0])
            writer.write(flat_results(model, empty))
        for outputs in predict_chunks(model, cut_chunks(model, arrays, rows_of_chunk(model, arrays, batch_size))):
            writer.write(outputs)
            done += len(outputs[0])
            if progress is not None:
                progress(done, total)
        writer.finish()
    return total


def flat_results(model: Model, result: Any) -> list[Array]:
    """What `model.predict` returned as a list in the order of the model's outputs."""
    places = _flat(model.graph.output_structure)
    flat = _flat(result)
    return [flat[places.index(position)] for position in range(len(flat))]


def _flat(structure: Any) -> list[Any]:
    if isinstance(structure, dict):
        structure = list(structure.values())
    if isinstance(structure, (list, tuple)):
        return [leaf for item in structure for leaf in _flat(item)]
    return [structure]


def preview(model: Model, arrays: Sequence[Array], rows: int = 10) -> tuple[int, list[Array]]:
    """How many rows the inputs have, and the outputs for the first few of them."""
    size = model.batch_size if model.batch_size is not None else 1
    cut = bind_rows(model, arrays, 0, -(-rows // size) * size)
    results = flat_results(model, model.predict(cut if len(cut) > 1 else cut[0]))
    return len(arrays[0]), [result[:rows] for result in results]

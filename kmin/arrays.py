"""Arrays on disk: inputs mapped and outputs written a piece at a time, neither ever whole in memory."""

from __future__ import annotations

import math
import os
import tempfile
import weakref
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import numpy as np

from kmin.errors import InputError
from kmin.export.npz import pack_npy
from kmin.model import Model, predict_chunks
from kmin.ops.tensor import Array

SPILL_BYTES = 256 << 20  # members of an .npz above this size are unpacked to a temporary file instead of memory


class MappedRows:
    """An .npy file as an array of which only the rows asked for are ever mapped into memory.

    Mapping it whole would take as much address space as the file is long, which limits on a process count.

    Args:
        file: opened for reading; closed when nobody needs the rows any more.

    Raises:
        ValueError: not a complete array of plain values, or one in Fortran order, whose rows lie apart.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        weakref.finalize(self, file.close)
        version = np.lib.format.read_magic(file)
        read_header = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }.get(version)
        if read_header is None:
            raise ValueError(f"its .npy version is {version}")
        self.shape, self.is_fortran, self.dtype = read_header(file)
        if self.dtype.hasobject:
            raise ValueError("it holds Python objects")
        self._start = file.tell()
        self._row_bytes = math.prod(self.shape[1:]) * self.dtype.itemsize
        need, size = math.prod(self.shape) * self.dtype.itemsize, os.fstat(file.fileno()).st_size - self._start
        if size < need:
            raise ValueError(f"it is cut short: {size} of {need} bytes of values are there")

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice) -> Array:
        """Rows `start:stop` as an array over a mapping of their own."""
        start, stop, _ = rows.indices(len(self))
        shape = (max(0, stop - start), *self.shape[1:])
        if 0 in shape:
            return np.empty(shape, self.dtype)
        return np.memmap(self._file, self.dtype, "r", self._start + start * self._row_bytes, shape)


# What inputs may be where they are only cut into rows.
Rows = Array | MappedRows


def read_inputs(model: Model, sources: Sequence[str]) -> list[Rows]:
    """One array per input of the model, in its order, mapped into memory as its rows are asked for.

    Args:
        sources: `x.npy`, `x.npz`, `x.csv` or `name=x.npy`, as on the command line. Files without a name go to the
            inputs in order; the members of an .npz by their names, or in order when they are arr_0, arr_1, ...

    Raises:
        InputError: a file is not a plain array, or names, number, rank, size, dtype or rows do not fit.
    """
    names = [info.name for info in model.inputs]
    named: dict[str, Rows] = {}
    plain: list[Rows] = []
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


def read_arrays(path: str) -> dict[str, Rows]:
    """The arrays in an .npy, .npz or .csv file by name (`arr_0` for a lone one); pickles are refused."""
    if not Path(path).exists():
        raise InputError(f"input {path}: no such file")
    if Path(path).is_dir():
        raise InputError(f"input {path}: is a directory; an .npy, .npz or .csv file is required")
    try:
        if path.lower().endswith(".csv"):
            return {"arr_0": np.loadtxt(path, delimiter=",", ndmin=2, dtype=np.float32)}
        with Path(path).open("rb") as file:
            is_array = file.read(len(np.lib.format.MAGIC_PREFIX)) == np.lib.format.MAGIC_PREFIX
        if is_array:
            return {"arr_0": _mapped(path)}
        with np.load(path, allow_pickle=False) as loaded:
            if not all(entry.endswith(".npy") for entry in loaded.zip.namelist()):
                raise ValueError("it is another kind of zip archive")
            return {name: _member(loaded, name) for name in loaded.files}
    except Exception as error:
        if isinstance(error, (MemoryError, PermissionError)):
            raise
        text = str(error).splitlines()[0] if str(error) else type(error).__name__
        if "Object arrays" in text or "Python objects" in text:
            text = "it holds Python objects"
        elif "pickle" in text:
            text = "it is another kind of file"
        raise InputError(f"input {path}: cannot be read as .npy, .npz or .csv numbers: {text}") from None


def _mapped(path: str | os.PathLike[str]) -> Rows:
    """The array in an .npy file; one in Fortran order is mapped as a whole."""
    rows = MappedRows(Path(path).open("rb"))  # noqa: SIM115 - open as long as its rows are wanted
    if rows.shape and not rows.is_fortran:
        return rows
    whole: Array = np.load(path, mmap_mode="r", allow_pickle=False)
    return whole


def _member(archive: Any, name: str) -> Rows:
    """One member of an .npz, by way of a temporary file when it is large."""
    entry = f"{name}.npy"
    if entry not in archive.zip.namelist() or archive.zip.getinfo(entry).file_size <= SPILL_BYTES:
        return np.asarray(archive[name])
    with tempfile.TemporaryDirectory() as folder, archive.zip.open(entry) as stream:
        spilled = Path(folder) / "member.npy"
        with spilled.open("wb") as target:
            while block := stream.read(1 << 20):
                target.write(block)
        return _mapped(spilled)  # the open file outlives its name


def _checked(model: Model, arrays: list[Rows]) -> list[Rows]:
    """The arrays, once their first rows have passed the model's own checks."""
    for info, array in zip(model.inputs, arrays, strict=True):
        if array.ndim == 0:
            raise InputError(f"input '{info.name}' must have a batch axis; received a single number")
    rows = {len(array) for array in arrays}
    if len(rows) > 1 and not model.mixes_samples:
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


def bind_rows(model: Model, arrays: Sequence[Rows], start: int, stop: int | None) -> list[Array]:
    """Rows of the inputs as checked arrays of the model's dtypes."""
    cut = [array[start:stop] for array in arrays]
    return model.bind(cut if len(cut) > 1 else cut[0])


def cut_chunks(model: Model, arrays: Sequence[Rows], rows: int) -> Iterator[list[Array]]:
    """The inputs in pieces of at most `rows` rows, each read when its turn comes."""
    if model.mixes_samples and rows >= len(arrays[0]):
        yield bind_rows(model, arrays, 0, None)
        return
    for start in range(0, len(arrays[0]), rows):
        yield bind_rows(model, arrays, start, start + rows)


def rows_of_chunk(model: Model, arrays: Sequence[Rows], batch_size: int | None) -> int:
    """Rows to compute at a time: the caller's choice, else the model's by memory; whole batches of a stateful model,
    and all rows of one that mixes samples."""
    if model.mixes_samples and model.batch_size is None and batch_size is None:
        return max(1, len(arrays[0]))
    return model.chunk_rows(bind_rows(model, arrays, 0, 1), batch_size)


class Writer:
    """Writes outputs piece by piece beside their final place; a context manager that renames at the end, or cleans up.

    Args:
        path: `.npy` for one output, `.npz` for any number.
        names: of the outputs.
        rows: how many rows will come in all; None for outputs that are written once, whatever their rows.

    Raises:
        InputError: the suffix is neither, or several outputs are meant for an .npy.
    """

    def __init__(self, path: str | os.PathLike[str], names: Sequence[str], rows: int | None) -> None:
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
        self._files: list[IO[bytes]] = []
        self._shapes: list[tuple[int, ...]] = []
        self._dtypes: list[np.dtype[Any]] = []

    def write(self, outputs: Sequence[Array]) -> None:
        """The next rows of every output."""
        if not self._files:
            self._shapes = [output.shape if self.rows is None else (self.rows, *output.shape[1:]) for output in outputs]
            self._dtypes = [output.dtype for output in outputs]
            self._files = [self._begun(position) for position in range(len(outputs))]
        for position, output in enumerate(outputs):
            if output.dtype.kind == "S" and output.dtype.itemsize > self._dtypes[position].itemsize:
                self._widen(position, output.dtype)
            dtype = self._dtypes[position]
            self._files[position].write(np.ascontiguousarray(output.astype(dtype, casting="safe", copy=False)).data)

    def _begun(self, position: int) -> IO[bytes]:
        """The file of an output with its header written."""
        file = self._place(position).open("wb")
        header = {"descr": self._dtypes[position].str, "fortran_order": False, "shape": self._shapes[position]}
        np.lib.format.write_array_header_1_0(file, header)
        return file

    def _widen(self, position: int, dtype: np.dtype[Any]) -> None:
        """Writes the strings so far once more, in the width of a longer one that has come."""
        narrow, place = self._dtypes[position], self._place(position)
        self._files[position].close()
        old = place.replace(place.with_name("narrow.npy"))
        self._dtypes[position] = dtype
        self._files[position] = self._begun(position)
        with old.open("rb") as source:
            np.lib.format.read_magic(source)
            np.lib.format.read_array_header_1_0(source)
            while piece := source.read(narrow.itemsize << 16):
                self._files[position].write(np.frombuffer(piece, narrow).astype(dtype).data)

    def finish(self) -> None:
        """Puts the file in its place."""
        self._close()
        done = self._place(0)
        if self.suffix == ".npz":
            done = Path(self._folder.name) / "all.npz"
            pack_npy(done, {name: self._place(position) for position, name in enumerate(self.names)})
        done.replace(self.path)

    def _place(self, position: int) -> Path:
        return Path(self._folder.name) / f"{position}.npy"

    def _close(self) -> None:
        for file in self._files:
            file.close()
        self._files = []

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close()
        self._folder.cleanup()


def predict_file(
    model: Model,
    arrays: Sequence[Rows],
    output: str | os.PathLike[str],
    batch_size: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Predictions for every row of `arrays` (one per input, mapped or not) into a file; returns the number of rows."""
    total, done = len(arrays[0]), 0
    if model.mixes_samples:
        whole = bind_rows(model, arrays, 0, None)
        results = flat_results(model, model.predict(whole if len(whole) > 1 else whole[0], batch_size))
        with Writer(output, [info.name for info in model.outputs], None) as writer:
            writer.write(results)
            writer.finish()
        return total
    with Writer(output, [info.name for info in model.outputs], total) as writer:
        if total == 0:
            none = bind_rows(model, arrays, 0, 0)
            empty = model(none if len(none) > 1 else none[0])
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


def preview(model: Model, arrays: Sequence[Rows], rows: int = 10) -> tuple[list[int], list[Array]]:
    """How many rows each output has, and the first few of them."""
    size = model.batch_size if model.batch_size is not None else 1
    stop = None if model.mixes_samples else -(-rows // size) * size
    cut = bind_rows(model, arrays, 0, stop)
    results = flat_results(model, model.predict(cut if len(cut) > 1 else cut[0]))
    if model.mixes_samples:  # whose results have rows of their own, or none
        results = [result.reshape(result.shape or (1,)) for result in results]
        return [len(result) for result in results], [result[:rows] for result in results]
    return [len(arrays[0])] * len(results), [result[:rows] for result in results]

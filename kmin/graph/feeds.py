"""What callers hand in, as one checked array per input; and results, as callers want them back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Shape


class TensorInfo(NamedTuple):
    """Name, shape (None = any size; axis 0 is the batch) and dtype of a model's input or output."""

    name: str
    shape: Shape
    dtype: str


def bind_inputs(x: Any, inputs: Sequence[TensorInfo], same_rows: bool = True) -> list[Array]:
    """`x` as one array per input, in order, in the input's dtype and, if `same_rows`, with the same number of rows.

    Raises:
        InputError: names, number, rank, size or dtype of `x` do not fit.
    """
    arrays = [checked_input(value, info) for value, info in zip(values_by_input(x, inputs), inputs, strict=True)]
    if same_rows and len({len(array) for array in arrays}) > 1:
        sizes = ", ".join(f"'{info.name}' {len(array)}" for info, array in zip(inputs, arrays, strict=True))
        raise InputError(f"all inputs must have the same number of rows; received {sizes}")
    return arrays


def values_by_input(x: Any, inputs: Sequence[TensorInfo]) -> list[Any]:
    """The caller's value for each input: from a dict by name, a list in order, or the one array itself."""
    names = [info.name for info in inputs]
    if isinstance(x, Mapping):
        if set(x) != set(names):
            raise InputError(f"inputs must be named {', '.join(names)}; received {', '.join(map(str, x)) or 'none'}")
        return [x[name] for name in names]
    if len(names) == 1:
        wrapped = isinstance(x, (list, tuple)) and len(x) == 1 and isinstance(x[0], np.ndarray)
        return [x[0]] if wrapped and np.ndim(x[0]) == len(inputs[0].shape) else [x]
    received = f"an array of shape {x.shape}" if isinstance(x, np.ndarray) else type(x).__name__
    if isinstance(x, (list, tuple)):
        if len(x) == len(names):
            return list(x)
        received = f"{len(x)} in a {type(x).__name__}"
    raise InputError(f"needs {len(names)} inputs ({', '.join(names)}) as a list or dict; received {received}")


def checked_input(value: Any, info: TensorInfo) -> Array:
    """One input as an array of the right dtype; Keras' rank adjustment for a last axis of 1 included."""
    try:
        array = np.asarray(value)
        if info.dtype == "string":
            array = text_bytes(array, info.name)
    except (ValueError, TypeError) as error:
        why = " with rows of unequal length" if "inhomogeneous" in str(error) else f": {error}"
        raise InputError(
            f"input '{info.name}' must be an array of numbers; received {type(value).__name__}{why}"
        ) from None
    kinds = "fiubc" if info.dtype.startswith("complex") else "fiub"
    if array.dtype.kind not in kinds and info.dtype != "string":
        kind = "" if hasattr(value, "dtype") else f"{type(value).__name__} of "
        received = f"{kind}dtype {array.dtype}" if array.ndim else repr(value)[:80]
        raise InputError(f"input '{info.name}' must be numeric ({info.dtype}); received {received}")
    rank = len(info.shape)
    if array.ndim == rank - 1 and rank > 1 and info.shape[-1] == 1:
        array = array[..., None]
    elif array.ndim == rank + 1 and array.shape[-1] == 1:
        array = array[..., 0]
    if array.ndim != rank or any(w not in (None, g) for w, g in zip(info.shape, array.shape, strict=True)):
        wanted = ", ".join("any" if size is None else str(size) for size in info.shape)
        raise InputError(
            f"input '{info.name}' must have shape ({wanted}{',' if rank == 1 else ''}); received {array.shape}"
        )
    return array if info.dtype == "string" else array.astype(info.dtype, copy=False)


def text_bytes(array: Array, name: str) -> Array:
    """Texts as UTF-8 bytes, of one width.

    Raises:
        InputError: they are no texts, or end in zero bytes, which NumPy cannot tell from filling.
    """
    if array.dtype.kind == "S":
        return array
    if array.dtype.kind == "U":
        encoded: Array = np.char.encode(array, "utf-8")
        return encoded
    texts = array.reshape(-1).tolist() if array.dtype.kind == "O" else [None]
    if array.size and not all(isinstance(text, (str, bytes)) for text in texts):
        received = f"dtype {array.dtype}" if array.dtype.kind != "O" else repr(texts[0])[:80]
        raise InputError(f"input '{name}' must be text (string); received {received}")
    plain = [text.encode() if isinstance(text, str) else text for text in texts if text is not None]
    if any(text.endswith(b"\0") for text in plain):
        raise InputError(f"input '{name}' must be text that does not end in zero bytes")
    return np.array(plain, "S").reshape(array.shape)


def run_rows(run: Callable[[Sequence[Array]], list[Array]], arrays: Sequence[Array], batch_size: int) -> list[Array]:
    """What `run` makes of `arrays`, `batch_size` rows at a time.

    An empty batch gives empty results of the right shape: those of one row of zeros, cut to none.
    """
    rows = len(arrays[0])
    if rows == 0:
        return [result[:0] for result in run([np.zeros((1, *array.shape[1:]), array.dtype) for array in arrays])]
    if rows <= batch_size:
        return run(arrays)
    parts = [run([array[at : at + batch_size] for array in arrays]) for at in range(0, rows, batch_size)]
    for pieces in zip(*parts, strict=True):
        if pieces[0].ndim == 0:
            raise InputError(f"a result of the model has no axis of rows; predict all {rows} rows at a time")
        if len({piece.shape[1:] for piece in pieces}) > 1:
            raise InputError(
                f"results of {batch_size} rows at a time differ in size, which the values beside them decide; "
                f"predict all {rows} rows at a time (batch_size={rows})"
            )
    return [np.concatenate(pieces) for pieces in zip(*parts, strict=True)]


def run_mixed(
    run: Callable[[Sequence[Array]], list[Array]], arrays: Sequence[Array], batch_size: int | None
) -> list[Array]:
    """What `run`, which mixes the samples of a batch, makes of `arrays`: all rows in one go, or so many at a time.

    Raises:
        InputError: there are no rows, or inputs whose numbers of rows differ are to be cut.
    """
    if any(len(array) == 0 for array in arrays):
        raise InputError("the model mixes the samples of a batch, so it needs at least one row; received none")
    if batch_size is None:
        return run(arrays)
    step = checked_batch_size(batch_size, 1)
    if len({len(array) for array in arrays}) > 1:
        sizes = ", ".join(str(len(array)) for array in arrays)
        raise InputError(f"inputs of {sizes} rows cannot be cut into batches; batch_size must be None")
    return run_rows(run, arrays, step)


def checked_batch_size(value: Any, default: int) -> int:
    """`value`, or `default` for None.

    Raises:
        InputError: not a positive integer.
    """
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise InputError(f"batch_size must be a positive integer or None; received {value!r}")
    return int(value)


def structured(structure: Any, results: Sequence[Array]) -> Any:
    """`results` in the model's structure: an index stands for a result, lists and dicts hold more."""
    if isinstance(structure, Mapping):
        return {key: structured(item, results) for key, item in structure.items()}
    if isinstance(structure, (list, tuple)):
        return [structured(item, results) for item in structure]
    return results[structure]

"""TensorSpec and Op: the two words every op is written in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Shape = tuple[int | None, ...]


def array_dtype(name: str) -> np.dtype[Any]:
    """The NumPy dtype of a spec's dtype; strings are UTF-8 bytes of any width."""
    return np.dtype("S") if name == "string" else np.dtype(name)


def dtype_name(array: Array) -> str:
    """What a spec calls the dtype of an array."""
    return "string" if array.dtype.kind == "S" else array.dtype.name


def item_bytes(name: str) -> int:
    """Bytes of one value; of a string, what a short text may take."""
    return 64 if name == "string" else np.dtype(name).itemsize


@dataclass(frozen=True)
class TensorSpec:
    """Shape and dtype of a tensor.

    Attributes:
        shape: axis sizes; None where the size is known only when the model runs (the batch axis,
            images of any size, sequences of any length).
        dtype: NumPy dtype name (`float32`, `int32`, `bool`, ...), or `string`.
    """

    shape: Shape
    dtype: str = "float32"

    @property
    def rank(self) -> int:
        return len(self.shape)

    def __str__(self) -> str:
        sizes = ", ".join("None" if size is None else str(size) for size in self.shape)
        return f"{self.dtype}({sizes}{',' if len(self.shape) == 1 else ''})"


# What `infer` and `run` are given: TensorSpecs or arrays, None where an optional input is absent. Typed loosely so that
# ops read as arithmetic; each op's docstring says what it takes.
Specs = Sequence[Any]
Arrays = Sequence[Any]


def sample_size(spec: TensorSpec) -> int | None:
    """How many values one sample has (axis 0 is the batch); None where a size is unknown."""
    size = 1
    for axis in spec.shape[1:]:
        if axis is None:
            return None
        size *= axis
    return size


def no_macs(inputs: Specs, outputs: Specs, attrs: Any) -> int | None:
    """The cost of an op that multiplies nothing."""
    return 0


@dataclass(frozen=True)
class Op:
    """One computation.

    Attributes:
        attrs: frozen dataclass of the op's attributes; values are JSON-able (int, float, bool, str,
            None and tuples of them) so that a bundle can store them.
        infer: (input specs, attrs) -> output specs; raises KminError when the inputs do not fit.
        run: (input arrays, attrs) -> output arrays; plain NumPy, the truth.
        macs: (input specs, output specs, attrs) -> multiply-accumulates for ONE sample, None where
            a variable size makes it unknown.
    Optional inputs that are absent are None in both sequences.
    """

    attrs: type
    infer: Callable[[Any, Any], tuple[TensorSpec, ...]]
    run: Callable[[Any, Any], tuple[Any, ...]]
    macs: Callable[[Any, Any, Any], int | None] = no_macs

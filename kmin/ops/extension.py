"""extension: a function that the user supplied, for a layer that kmin does not know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Shape, Specs, TensorSpec, dtype_name


@dataclass(frozen=True)
class ExtensionAttrs:
    """What to call. No bundle can hold it: it is code.

    Attributes:
        function: arrays -> list of arrays.
        label: the layer, for messages.
        shapes: of the results, None where a size is not known before; axis 0 is the batch.
        dtypes: of the results; empty for floats, which are brought to `float_dtype`.
        float_dtype: NumPy dtype name.
    """

    function: Callable[..., list[Any]]
    label: str
    shapes: tuple[Shape, ...]
    dtypes: tuple[str, ...]
    float_dtype: str = "float32"


def infer_extension(specs: Specs, attrs: ExtensionAttrs) -> tuple[TensorSpec, ...]:
    pairs = zip(attrs.shapes, attrs.dtypes, strict=True)
    return tuple(TensorSpec(shape, dtype if dtype else attrs.float_dtype) for shape, dtype in pairs)


def run_extension(arrays: Arrays, attrs: ExtensionAttrs) -> tuple[Array, ...]:
    """The function's results, checked against what it promised, never in the memory of what it was given."""
    shut = [array.view() for array in arrays]
    for array in shut:
        array.flags.writeable = False
    results = attrs.function(*shut)
    if len(results) != len(attrs.shapes):
        raise InputError(f"{attrs.label}: its function must return {len(attrs.shapes)} arrays; returned {len(results)}")
    made = []
    for result, spec in zip(results, infer_extension((), attrs), strict=True):
        wanted = (len(arrays[0]), *spec.shape[1:])
        if result.ndim != len(wanted) or any(w not in (None, n) for w, n in zip(wanted, result.shape, strict=True)):
            raise InputError(f"{attrs.label}: its function must return shape {wanted}; returned {result.shape}")
        if dtype_name(result) != spec.dtype:
            result = result.astype(spec.dtype)
        made.append(result.copy() if any(np.may_share_memory(result, array) for array in shut) else result)
    return tuple(made)


OP = Op(ExtensionAttrs, infer_extension, run_extension)

"""The dtype and shape that several operands have in common."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Shape


def promote_dtypes(dtypes: Sequence[str]) -> str:
    """Keras 3's rule for mixed operands: any float beats any integer, the widest float wins, bool is weakest.

    (NumPy would make float64 of int32 with float32.)
    """
    if "string" in dtypes:
        if set(dtypes) == {"string"}:
            return "string"
        raise InputError(f"strings and numbers do not mix; received {', '.join(dtypes)}")
    floats = [dtype for dtype in dtypes if np.dtype(dtype).kind == "f"]
    chosen = floats if floats else dtypes
    result = np.dtype(chosen[0])
    for dtype in chosen[1:]:
        result = np.promote_types(result, dtype)
    return result.name


def broadcast_shapes(shapes: Sequence[Shape]) -> Shape:
    """NumPy's broadcasting with sizes that may be unknown.

    Raises:
        InputError: the shapes do not broadcast.
    """
    rank = max(len(shape) for shape in shapes)
    padded = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    result: list[int | None] = []
    for sizes in zip(*padded, strict=True):
        known = {size for size in sizes if size is not None and size != 1}
        if len(known) > 1:
            raise InputError(f"shapes {' and '.join(map(str, shapes))} do not broadcast")
        result.append(known.pop() if known else None if None in sizes else 1)
    return tuple(result)

"""scatter: a tensor with some of its values changed, told by their places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec

SCATTER_KINDS = ("add", "max", "min", "mul", "replace")


@dataclass(frozen=True)
class ScatterAttrs:
    """kind: add, max, min, mul, or replace (of several values for one place the last one counts)."""

    kind: str


def infer_scatter(specs: Specs, attrs: ScatterAttrs) -> tuple[TensorSpec, ...]:
    x, places, values = specs
    depth = places.shape[-1] if places.rank else None
    if attrs.kind not in SCATTER_KINDS or depth is None or depth > x.rank or x.dtype != values.dtype:
        raise InputError(f"scatter '{attrs.kind}' needs places in {x} and values of its dtype; received {specs[1:]}")
    wanted = (*places.shape[:-1], *x.shape[depth:])
    fits = len(wanted) == values.rank and all(
        None in (a, b) or a == b for a, b in zip(wanted, values.shape, strict=False)
    )
    if not fits or not places.dtype.startswith(("int", "uint")):
        raise InputError(f"scatter at {places} of {x} needs values of shape {wanted}; received {values}")
    return (x,)


def run_scatter(arrays: Arrays, attrs: ScatterAttrs) -> tuple[Array, ...]:
    """x, places [..., depth] (leading indices into x), values [..., rest of x] -> x changed."""
    x, places, values = arrays
    depth = places.shape[-1]
    flat = places.reshape(-1, depth)
    if flat.size and ((flat < 0).any() or (flat >= np.asarray(x.shape[:depth])).any()):
        raise InputError(f"places of scatter must lie in {x.shape[:depth]}; received {flat.min(0)} to {flat.max(0)}")
    result = x.copy()
    index = tuple(flat[:, axis] for axis in range(depth))
    given = values.reshape(len(flat), *x.shape[depth:])
    if attrs.kind == "replace":
        result[index] = given
        return (result,)
    update = {"add": np.add, "max": np.maximum, "min": np.minimum, "mul": np.multiply}[attrs.kind]
    update.at(result, index, given)
    return (result,)


OP = Op(ScatterAttrs, infer_scatter, run_scatter)

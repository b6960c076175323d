"""lookup: values by key, for strings and integers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec, array_dtype


@dataclass(frozen=True)
class LookupAttrs:
    """strict: a key that is not in the table is refused; else it gets the default value."""

    strict: bool = False


def infer_lookup(specs: Specs, attrs: LookupAttrs) -> tuple[TensorSpec, ...]:
    x, keys, values, default = specs
    kinds = [array_dtype(spec.dtype).kind for spec in (x, keys)]
    if kinds not in (["S", "S"], ["i", "i"], ["u", "i"]) or keys.rank != 1 or values.shape != keys.shape:
        raise InputError(f"lookup needs strings or integers and a table of the same; received {x}, {keys}, {values}")
    if default.rank != 0 or default.dtype != values.dtype:
        raise InputError(f"lookup needs one default value like {values}; received {default}")
    return (TensorSpec(x.shape, values.dtype),)


def run_lookup(arrays: Arrays, attrs: LookupAttrs) -> tuple[Array, ...]:
    """x [...], keys [N] in ascending order, values [N], default () -> values, or the default, [...]."""
    x, keys, values, default = arrays
    if not len(keys):
        found = np.zeros(x.shape, bool)
        result = np.broadcast_to(default, x.shape)
    else:
        # In the keys' own width, so that the table need not be copied; what was cut off decides below.
        probe = x.astype(keys.dtype)
        places = np.minimum(np.searchsorted(keys, probe), len(keys) - 1)
        found = keys[places] == x
        result = np.where(found, values[places], default)
    if attrs.strict and not found.all():
        raise InputError(f"all values must be in the vocabulary; received {x[~found].tolist()[0]!r:.80}")
    return (np.array(result),)


OP = Op(LookupAttrs, infer_lookup, run_lookup)

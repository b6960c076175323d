"""gather: rows of a table by integer ids."""

from __future__ import annotations

from dataclasses import dataclass

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class GatherAttrs:
    """wrap: whether -1 means the last row (Keras 3; Keras 2 refuses it); name: whose ids they are, for messages."""

    wrap: bool = False
    name: str = "gather"


def infer_gather(specs: Specs, attrs: GatherAttrs) -> tuple[TensorSpec, ...]:
    table, ids = specs
    if not ids.dtype.startswith(("int", "uint")):
        raise InputError(f"gather needs integer ids; received {ids}")
    return (TensorSpec((*ids.shape, *table.shape[1:]), table.dtype),)


def run_gather(arrays: Arrays, attrs: GatherAttrs) -> tuple[Array, ...]:
    """table [N, ...], ids [...] -> [ids..., ...].

    Raises:
        InputError: an id is outside the table (Keras on a CPU refuses it, too).
    """
    table, ids = arrays
    rows = table.shape[0]
    if ids.size:
        smallest, largest = int(ids.min()), int(ids.max())
        if largest >= rows or smallest < (-rows if attrs.wrap else 0):
            wrong = largest if largest >= rows else smallest
            raise InputError(f"{attrs.name}: ids must be in [{-rows if attrs.wrap else 0}, {rows}); received {wrong}")
    return (table[ids],)


OP = Op(GatherAttrs, infer_gather, run_gather)

"""Nested lists, tuples and dicts of tensors: resolved, rebuilt and numbered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kmin.errors import UnsupportedError
from kmin.formats.spec import TensorRef
from kmin.layers.call import Lowered, Tensor, Withheld


def indices(structure: Any, counter: list[int]) -> Any:
    """The structure with its tensors replaced by 0, 1, 2, ..."""
    if isinstance(structure, (list, tuple)):
        return [indices(item, counter) for item in structure]
    if isinstance(structure, Mapping):
        return {key: indices(item, counter) for key, item in structure.items()}
    counter[0] += 1
    return counter[0] - 1


def numbered(result: Lowered) -> list[Tensor]:
    """What a layer returned, in the order in which files number it: dicts by sorted key, as Keras flattens them."""
    if isinstance(result, Mapping):
        return [tensor for key in sorted(result) for tensor in numbered(result[key])]
    if isinstance(result, (list, tuple)):
        return [tensor for item in result for tensor in numbered(item)]
    return [result] if isinstance(result, Tensor) else []


def rebuild(structure: Any, fresh: Any) -> Any:
    """`structure` with its Tensors replaced, in order, by those of the iterator `fresh`."""
    if isinstance(structure, Tensor):
        return next(fresh)
    if isinstance(structure, (list, tuple)):
        return type(structure)(rebuild(item, fresh) for item in structure)
    if isinstance(structure, Mapping):
        return {key: rebuild(item, fresh) for key, item in structure.items()}
    return structure


def resolve(structure: Any, known: Mapping[TensorRef, Tensor]) -> Any:
    """The structure with its references replaced by the tensors they stand for."""
    if isinstance(structure, TensorRef):
        if structure not in known:
            raise UnsupportedError(
                f"layer '{structure.layer}': output {structure.tensor} of call {structure.node} does not exist"
            )
        found = known[structure]
        if isinstance(found, Withheld):
            raise UnsupportedError(found.reason)
        return found
    if isinstance(structure, (list, tuple)):
        return type(structure)(resolve(item, known) for item in structure)
    if isinstance(structure, Mapping):
        return {key: resolve(item, known) for key, item in structure.items()}
    return structure

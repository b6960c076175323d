"""Node numbers: Keras counts the calls of nested models from 0 or from 1; a ModelSpec always from 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kmin.formats.spec import Call, ModelSpec, TensorRef, leaves


def renumber(model: ModelSpec) -> ModelSpec:
    """The model with every TensorRef to a nested model counted from 0.

    Keras 1 and 2 give a nested model that was built with inputs a node of its own, so its calls count from 1.
    Keras 3 counts from 0 inside inbound nodes but from 1 in `input_layers`/`output_layers`, for Functional alone.
    A reference that would fall outside the calls that exist is taken to be counted the other way.
    """
    nested = {layer.name: layer for layer in model.layers if layer.model is not None}
    if not nested:
        return model
    inner = [[call.args, call.kwargs] for layer in model.layers for call in layer.calls]
    ends = [model.inputs, model.outputs]
    inside: dict[str, int] = {}
    outside: dict[str, int] = {}
    for name, layer in nested.items():
        count = len(layer.calls)
        if model.dialect >= 3:
            inside[name] = _shift(_nodes(inner, name), count, 0)
            outside[name] = _shift(_nodes(ends, name), count, 0 if layer.class_name == "Sequential" else 1)
        else:
            inside[name] = outside[name] = _shift(_nodes([inner, ends], name), count, 1)
    layers = tuple(
        replace(layer, calls=tuple(Call(_moved(c.args, inside), _moved(c.kwargs, inside)) for c in layer.calls))
        for layer in model.layers
    )
    return replace(model, layers=layers, inputs=_moved(model.inputs, outside), outputs=_moved(model.outputs, outside))


def _nodes(structure: Any, name: str) -> set[int]:
    return {ref.node for ref in leaves(structure) if isinstance(ref, TensorRef) and ref.layer == name}


def _shift(nodes: set[int], count: int, usual: int) -> int:
    """0 or 1: how far the references are from counting `count` calls from 0."""
    if not nodes:
        return usual
    if min(nodes) == 0:
        return 0
    return 1 if max(nodes) >= count else usual


def _moved(structure: Any, shift: Mapping[str, int]) -> Any:
    if isinstance(structure, TensorRef):
        by = shift.get(structure.layer, 0)
        return TensorRef(structure.layer, structure.node - by, structure.tensor) if by else structure
    if isinstance(structure, (list, tuple)):
        return type(structure)(_moved(item, shift) for item in structure)
    if isinstance(structure, Mapping):
        return {key: _moved(item, shift) for key, item in structure.items()}
    return structure

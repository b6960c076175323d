"""Layers whose weights were left out, marked as such, so that nobody takes them for layers that need none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kmin.formats.slots import Path
from kmin.formats.spec import LayerSpec, ModelSpec
from kmin.formats.variables import own_variables


def mark_missing(model: ModelSpec, reasons: Mapping[Path, str], path: Path = ()) -> ModelSpec:
    """The model with its layers at the paths in `reasons`, and all layers inside those, without weights."""
    if not reasons:
        return model
    return replace(
        model, layers=tuple(_marked(layer, reasons, (*path, f"/{layer.name}"), None) for layer in model.layers)
    )


def _marked(layer: LayerSpec, reasons: Mapping[Path, str], path: Path, reason: str | None) -> LayerSpec:
    reason = reasons.get(path, reason)
    children = {key: _marked(child, reasons, (*path, f".{key}"), reason) for key, child in layer.children.items()}
    model = layer.model
    if model is not None:
        model = replace(
            model, layers=tuple(_marked(item, reasons, (*path, f"/{item.name}"), reason) for item in model.layers)
        )
    if reason is None or own_variables(layer) == ():
        return replace(layer, model=model, children=children)
    return replace(layer, weights={}, missing=reason, model=model, children=children)

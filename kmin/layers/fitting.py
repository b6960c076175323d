"""Weights files that fit a model only in part: which layers go without, and what Keras starts those with."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from kmin.formats import read
from kmin.formats.source import source_of
from kmin.formats.spec import Array, LayerSpec, LayerWeights, ModelSpec
from kmin.formats.variables import own_variables
from kmin.graph.builder import Asked
from kmin.layers.lower import lower_all

# Names of variables whose initialiser is not called after them.
_INITIALIZERS = {
    "depthwise_kernel": "depthwise_initializer",
    "pointwise_kernel": "pointwise_initializer",
}


def read_spec(path: str | os.PathLike[str]) -> ModelSpec:
    """The model file at `path`; with a lenient Source, without the weights that do not fit.

    Raises:
        FormatError: as `kmin.formats.read`.
    """
    source = source_of(path)
    spec = read(source)
    if source.is_lenient:
        spec = fit(spec, source.skip_mismatch)
        if source.report is not None:
            source.report(spec.loading)
    return spec


def fit(spec: ModelSpec, skip_mismatch: bool) -> ModelSpec:
    """The model as its weights file leaves it.

    A layer whose weights have other shapes than the model asks for is marked as missing them when `skip_mismatch`. A
    layer that misses its weights gets the values that Keras starts it with if none of them is random.
    """
    asked: Asked = {}
    lower_all(spec, asked)
    found: dict[str, tuple[LayerSpec, str]] = {}
    layers = tuple(_fitted(layer, layer.name, asked, skip_mismatch, found) for layer in spec.layers)
    return replace(spec, layers=layers, loading=_rows(spec.loading, found))


def _fitted(
    layer: LayerSpec, path: str, asked: Asked, skip_mismatch: bool, found: dict[str, tuple[LayerSpec, str]]
) -> LayerSpec:
    """The layer and all inside it; `found` gets the layers without their weights, and why."""
    shapes = asked.get(path, {})
    reason = layer.missing
    if reason is None and skip_mismatch:
        misfits = [(name, *pair) for name, pair in shapes.items() if pair[1] is not None and pair[0] != pair[1]]
        if misfits:
            reason = "weight '{}' must have shape {}; received {}".format(*misfits[0])
    children = {
        key: _fitted(child, f"{path}/{child.name}", asked, skip_mismatch, found)
        for key, child in layer.children.items()
    }
    model = layer.model
    if model is not None:
        inside = (_fitted(item, f"{path}/{item.name}", asked, skip_mismatch, found) for item in model.layers)
        model = replace(model, layers=tuple(inside))
    layer = replace(layer, children=children, model=model)
    if reason is None:
        return layer
    initial = initial_values(layer, {name: wanted for name, (wanted, _) in shapes.items()})
    fitted = replace(layer, weights=initial or {}, missing=None if initial is not None else reason)
    found[path] = (fitted, reason)
    return fitted


def initial_values(layer: LayerSpec, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Array] | None:
    """The values that Keras gives the layer's own variables when it builds it; None when any is random."""
    values = {}
    for variable in own_variables(layer) or ():
        value = _constant(layer.config.get(_INITIALIZERS.get(variable.name, f"{variable.name}_initializer")))
        if value is None or variable.name not in shapes or layer.config.get("unit_forget_bias"):
            return None
        values[variable.name] = np.full(shapes[variable.name], value, np.float32)
    return values if values else None


def _constant(initializer: Any) -> float | None:
    """The one value that a serialised initialiser fills arrays with; None for any other initialiser."""
    config: Any = {}
    if isinstance(initializer, Mapping):
        module = initializer.get("module")
        if module is not None and not str(module).startswith("keras."):
            return None
        config = initializer.get("config")
        initializer = initializer.get("class_name")
    name = str(initializer).lower()
    if name in ("zeros", "ones"):
        return 0.0 if name == "zeros" else 1.0
    value = config.get("value") if name == "constant" and isinstance(config, Mapping) else None
    return float(value) if isinstance(value, (int, float)) else None


def _rows(rows: tuple[LayerWeights, ...], found: Mapping[str, tuple[LayerSpec, str]]) -> tuple[LayerWeights, ...]:
    """The rows with what was found added: a layer inside one that has a row gets its own."""
    result: dict[str, LayerWeights] = {}
    for row in rows:
        result[row.layer] = row
        own = {path: pair for path, pair in found.items() if path == row.layer or path.startswith(f"{row.layer}/")}
        for path, (layer, reason) in own.items():
            outcome = "skipped" if layer.missing is not None else "initial"
            whole = path == row.layer or (row.outcome == "skipped" and len(own) == 1)
            name, class_name = (row.layer, row.class_name) if whole else (path, layer.class_name)
            result[name] = LayerWeights(name, class_name, outcome, reason)
    return tuple(result.values())

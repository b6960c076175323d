"""Weights of the legacy layout (per top-level layer, trainable first) put into a ModelSpec."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from kmin.errors import FormatError
from kmin.formats.inputs import settle_inputs
from kmin.formats.keras1 import settle_weights
from kmin.formats.matching import NamedArrays, assign
from kmin.formats.missing import mark_missing
from kmin.formats.slots import Path, is_known, legacy_order, model_with_weights
from kmin.formats.spec import Array, LayerSpec, LayerWeights, ModelSpec
from kmin.formats.variables import LOOKUPS

Weights = Mapping[str, NamedArrays]


def place_weights(
    model: ModelSpec,
    weights: Weights,
    backend: str | None = None,
    *,
    by_name: bool = False,
    skip_mismatch: bool = False,
) -> ModelSpec:
    """The model with its weights.

    Args:
        model: as read from the config, weights empty.
        weights: top-level layer name -> (name in file, array) in the order of the file.
        backend: the backend that the model was trained on, when the file says; Keras 1 files say it by their names
            (TensorFlow's end in `:0`).
        by_name: only layers of the same name get weights; the others are marked as missing theirs.
        skip_mismatch: layers with another number or order of weights are marked as missing theirs.

    Raises:
        FormatError: a layer's weights are missing, too many or not in a known order.
    """
    placed: dict[Path, dict[str, Array]] = {}
    missing: dict[Path, str] = {}
    rows: list[LayerWeights] = []
    for layer, arrays in _paired(model, weights, by_name):
        top: Path = (f"/{layer.name}",)
        try:
            if arrays is None:
                raise FormatError("the weights file has no layer of this name")
            for path, named in assign(layer, arrays, model.dialect, layer.name).items():
                placed[top + path] = named
        except FormatError as error:
            if not (by_name and arrays is None) and not skip_mismatch:
                raise
            missing[top] = str(error).removeprefix(f"layer '{layer.name}' ({layer.class_name}): ")
        if top in missing or arrays:
            outcome = "skipped" if top in missing else "loaded"
            rows.append(LayerWeights(layer.name, layer.class_name, outcome, missing.get(top, "")))
    if by_name:
        rows += _unused(model, weights)
    if backend is None and model.dialect == 1:
        names = [name for arrays in weights.values() for name, _ in arrays]
        backend = "tensorflow" if any(name.endswith(":0") for name in names) else "theano"
    settled = settle_weights(mark_missing(model_with_weights(model, placed), missing), backend)
    return replace(settle_inputs(settled), loading=tuple(rows))


def _paired(model: ModelSpec, weights: Weights, by_name: bool) -> list[tuple[LayerSpec, NamedArrays | None]]:
    """Layers with their arrays: by name, or by order when the file names other layers (as Keras loads them).

    A layer that needs weights and gets none has None when matching by name.
    """
    words = {layer.name for layer in model.layers if layer.class_name in LOOKUPS}
    weights = {name: () if name in words else arrays for name, arrays in weights.items()}  # Keras 2's copies of configs
    names = {layer.name for layer in model.layers}
    filled = [name for name, arrays in weights.items() if len(arrays)]
    needing = [layer for layer in model.layers if not is_known(layer) or legacy_order(layer, model.dialect)]
    if by_name:
        needy = {layer.name for layer in needing}
        return [(layer, weights.get(layer.name, None if layer.name in needy else ())) for layer in model.layers]
    if all(name in names for name in filled):
        return [(layer, weights.get(layer.name, ())) for layer in model.layers]
    if len(needing) != len(filled):
        strange = next(name for name in filled if name not in names)
        raise FormatError(
            f"the weights of '{strange}' belong to no layer of the model, "
            f"and {len(filled)} layers with weights in the file cannot be matched in order with {len(needing)}"
        )
    given = dict(zip((layer.name for layer in needing), filled, strict=True))
    return [(layer, weights[given[layer.name]] if layer.name in given else ()) for layer in model.layers]


def _unused(model: ModelSpec, weights: Weights) -> Iterator[LayerWeights]:
    names = {layer.name for layer in model.layers}
    for name, arrays in weights.items():
        if name not in names and len(arrays):
            yield LayerWeights(name, "", "unused", "the model has no layer of this name")

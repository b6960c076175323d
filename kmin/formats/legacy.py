"""Weights of the legacy layout (per top-level layer, trainable first) put into a ModelSpec."""

from __future__ import annotations

from collections.abc import Mapping

from kmin.errors import FormatError
from kmin.formats.inputs import settle_inputs
from kmin.formats.keras1 import settle_weights
from kmin.formats.matching import NamedArrays, assign
from kmin.formats.slots import Path, is_known, legacy_order, model_with_weights
from kmin.formats.spec import Array, LayerSpec, ModelSpec


def place_weights(model: ModelSpec, weights: Mapping[str, NamedArrays], backend: str | None = None) -> ModelSpec:
    """The model with its weights.

    Args:
        model: as read from the config, weights empty.
        weights: top-level layer name -> (name in file, array) in the order of the file.
        backend: the backend that the model was trained on, when the file says; Keras 1 files say it by their names
            (TensorFlow's end in `:0`).

    Raises:
        FormatError: a layer's weights are missing, too many or not in a known order.
    """
    placed: dict[Path, dict[str, Array]] = {}
    for layer, arrays in _paired(model, weights):
        for path, named in assign(layer, arrays, model.dialect, layer.name).items():
            place: Path = (f"/{layer.name}", *path)
            placed[place] = named
    if backend is None and model.dialect == 1:
        names = [name for arrays in weights.values() for name, _ in arrays]
        backend = "tensorflow" if any(name.endswith(":0") for name in names) else "theano"
    return settle_inputs(settle_weights(model_with_weights(model, placed), backend))


def _paired(model: ModelSpec, weights: Mapping[str, NamedArrays]) -> list[tuple[LayerSpec, NamedArrays]]:
    """Layers with their arrays: by name, or by order when the file names other layers (as Keras loads them)."""
    names = {layer.name for layer in model.layers}
    filled = [name for name, arrays in weights.items() if len(arrays)]
    if all(name in names for name in filled):
        return [(layer, weights.get(layer.name, ())) for layer in model.layers]
    needing = [layer for layer in model.layers if not is_known(layer) or legacy_order(layer, model.dialect)]
    if len(needing) != len(filled):
        strange = next(name for name in filled if name not in names)
        raise FormatError(f"the weights of '{strange}' belong to no layer of the model")
    given = dict(zip((layer.name for layer in needing), filled, strict=True))
    return [(layer, weights[given[layer.name]] if layer.name in given else ()) for layer in model.layers]

"""Calls that a Keras 2 model makes with training=True: harmless for most layers, another result for some."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kmin.errors import UnsupportedError
from kmin.formats.spec import LayerSpec
from kmin.layers.call import Tensor

# Config keys that make a layer random when it trains, zero meaning that they do not.
_RATES = ("drop_path_rate", "dropout", "rate", "recurrent_dropout", "stddev")
# They hand `training` to the layers in them, which are asked themselves.
_HANDS_ON = frozenset({"Bidirectional", "TimeDistributed"})
_BY_BATCH = frozenset({"BatchNormalization", "BatchNormalizationV1", "BatchNormalizationV2", "SyncBatchNormalization"})
# Functions and nodes of a TensorFlow graph have no argument `training`.
_FUNCTIONS = frozenset({"SlicingOpLambda", "TFOpLambda", "TensorFlowOpLayer"})


def is_training(kwargs: Mapping[str, Any], dialect: int) -> bool:
    """Whether the call asks for training behaviour. Keras 3 does not mean it: predict overrules what the file says.

    Source: operation_fn in keras/src/models/functional.py, Keras 3.15.
    """
    return dialect < 3 and kwargs.get("training") in (True, 1)


def inherited(layer: LayerSpec, kwargs: Mapping[str, Any], training: bool) -> Mapping[str, Any]:
    """The arguments of a call in a model that is itself called with `training`: what it says itself goes first."""
    if not training or kwargs.get("training") is not None or layer.class_name in _FUNCTIONS:
        return kwargs
    return {**kwargs, "training": True}


def normalises_by_batch(layer: LayerSpec, kwargs: Mapping[str, Any], dialect: int) -> bool:
    """Whether the call asks a BatchNormalization for the statistics of the batch: in Keras 2, unless it is frozen."""
    live = layer.class_name == "BatchNormalizationV1" or bool(layer.config.get("trainable", True))
    return layer.class_name in _BY_BATCH and is_training(kwargs, dialect) and live


def refuse_training(layer: LayerSpec, path: str, kwargs: Mapping[str, Any], dialect: int) -> None:
    """Raises UnsupportedError when the call asks for training behaviour that no result can be told for.

    Dropout and noise become random; SpectralNormalization changes its kernel with every call.
    """
    if layer.model is not None or layer.class_name in _HANDS_ON:
        return
    told = isinstance(kwargs.get("training"), Tensor) and dialect < 3
    if not told and not is_training(kwargs, dialect):
        return
    for inner in layer.walk():
        why = _why(inner)
        if why is None and told and inner.class_name in _BY_BATCH:
            why = "it depends on the whole batch"
        if why is not None:
            how = "with a tensor as training" if told else "with training=True"
            where = path if inner is layer else f"{path}/{inner.name}"
            raise UnsupportedError(f"layer '{where}' ({inner.class_name}): called {how}, which is not supported: {why}")


def _why(layer: LayerSpec) -> str | None:
    """Why a layer cannot run as it trains."""
    if layer.class_name == "SpectralNormalization":
        return "every call changes its kernel"
    random = layer.class_name.startswith("Random") and layer.class_name != "RandomFourierFeatures"
    return "its output is random" if random or any(layer.config.get(key) for key in _RATES) else None

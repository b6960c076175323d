"""Calls that a Keras 2 model makes with training=True: harmless for most layers, another result for some."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kmin.errors import UnsupportedError
from kmin.formats.spec import LayerSpec

# Config keys that make a layer random when it trains, zero meaning that they do not.
_RATES = ("dropout", "rate", "recurrent_dropout", "stddev")


def normalises_by_batch(layer: LayerSpec, kwargs: Mapping[str, Any], dialect: int) -> bool:
    """Whether the call asks a BatchNormalization for the statistics of the batch: in Keras 2, unless it is frozen."""
    return (
        layer.class_name == "BatchNormalization"
        and dialect < 3
        and kwargs.get("training") is True
        and bool(layer.config.get("trainable", True))
    )


def refuse_training(layer: LayerSpec, path: str, kwargs: Mapping[str, Any], dialect: int) -> None:
    """Raises UnsupportedError when the call asks for training behaviour that would change the result.

    Dropout and noise become random, batch normalisation inside another layer takes the statistics of the batch (unless
    it is frozen, BatchNormalization.call in Keras 2.15). Keras 3 does not mean it: predict overrules what the file says
    (operation_fn in keras/src/models/functional.py, Keras 3.15).
    """
    if dialect >= 3 or kwargs.get("training") is not True:
        return
    if normalises_by_batch(layer, kwargs, dialect):
        return
    for inner in layer.walk():
        noisy = any(inner.config.get(key) for key in _RATES) or inner.class_name.startswith("Random")
        batchwise = "BatchNormalization" in inner.class_name and inner.config.get("trainable", True)
        if noisy or batchwise:
            why = "its output is random" if noisy else "it depends on the whole batch"
            where = path if inner is layer else f"{path}/{inner.name}"
            raise UnsupportedError(
                f"layer '{where}' ({inner.class_name}): called with training=True, which is not supported: {why}"
            )

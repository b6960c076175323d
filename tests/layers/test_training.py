"""training=True in a file: refused where it would change the result."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kmin.errors import UnsupportedError
from kmin.formats.spec import Call, LayerSpec, ModelSpec, TensorRef
from kmin.layers.lower import lower

WEIGHTS = {name: np.ones(4, "f4") for name in ("gamma", "beta", "moving_mean", "moving_variance")}


def model(layer: LayerSpec, training: bool | None = True, dialect: int = 2) -> ModelSpec:
    start = LayerSpec("x", "InputLayer", {"batch_shape": [None, 5, 4]})
    applied = replace(layer, calls=(Call((TensorRef("x"),), {"training": training}),))
    return ModelSpec("m", "Functional", (start, applied), TensorRef("x"), TensorRef(layer.name), dialect)


def nested(layer: LayerSpec) -> LayerSpec:
    return LayerSpec("inner", "Functional", {}, model=model(layer, None))


DROPOUT = LayerSpec("drop", "Dropout", {"rate": 0.5})
NORM = LayerSpec("norm", "BatchNormalization", {"axis": -1}, WEIGHTS)


@pytest.mark.parametrize(
    ("layer", "where"),
    [
        (DROPOUT, r"'drop' \(Dropout\)"),
        (LayerSpec("noise", "GaussianNoise", {"stddev": 0.1}), r"'noise' \(GaussianNoise\)"),
        (nested(DROPOUT), r"'inner/drop' \(Dropout\)"),
        (LayerSpec("timed", "TimeDistributed", {}, children={"layer": DROPOUT}), r"'timed/drop' \(Dropout\)"),
        (LayerSpec("spectral", "SpectralNormalization", {}), r"'spectral' \(SpectralNormalization\)"),
        (LayerSpec("depth", "StochasticDepth", {"drop_path_rate": 0.1}), r"'depth' \(StochasticDepth\)"),
        (LayerSpec("rnn", "LSTM", {"units": 3, "recurrent_dropout": 0.1}), r"'rnn' \(LSTM\)"),
    ],
)
def test_refused(layer: LayerSpec, where: str) -> None:
    with pytest.raises(UnsupportedError, match=rf"layer {where}: called with training=True"):
        lower(model(layer))


@pytest.mark.parametrize("training", [False, None])
@pytest.mark.parametrize("layer", [DROPOUT, NORM, nested(DROPOUT)])
def test_without_training_they_run(layer: LayerSpec, training: Any) -> None:
    lower(model(layer, training))


@pytest.mark.parametrize(
    "layer",
    [
        replace(DROPOUT, config={"rate": 0.0}),
        replace(NORM, config={"axis": -1, "trainable": False}),
        LayerSpec("act", "Activation", {"activation": "relu"}),
        nested(replace(NORM, config={"axis": -1, "trainable": False})),
    ],
)
def test_harmless_training_is_ignored(layer: LayerSpec) -> None:
    lower(model(layer))


def test_predict_of_keras_3_overrules_the_file() -> None:
    """Keras 3.15: `Dropout(0.5)(x, training=True)` is random in a call, but not in `predict`."""
    lower(model(DROPOUT, dialect=3))


@pytest.mark.parametrize("order", [(True, None), (False, True)])
def test_statistics_that_another_call_changes(order: tuple[bool | None, ...]) -> None:
    start = LayerSpec("x", "InputLayer", {"batch_shape": [None, 5, 4]})
    calls = tuple(Call((TensorRef("x"),), {"training": training}) for training in order)
    outputs = [TensorRef("norm", 0), TensorRef("norm", 1)]
    spec = ModelSpec("m", "Functional", (start, replace(NORM, calls=calls)), TensorRef("x"), outputs, 2)
    with pytest.raises(UnsupportedError, match="changes the statistics that another reads"):
        lower(spec)


def test_training_that_a_tensor_decides() -> None:
    start = LayerSpec("x", "InputLayer", {"batch_shape": [None, 5, 4]})
    applied = replace(NORM, calls=(Call((TensorRef("x"),), {"training": TensorRef("x")}),))
    with pytest.raises(UnsupportedError, match="called with a tensor as training"):
        lower(ModelSpec("m", "Functional", (start, applied), TensorRef("x"), TensorRef("norm"), 2))

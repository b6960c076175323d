"""Keras compiled with tf.function: the fastest that TensorFlow itself offers without converting the model."""

from __future__ import annotations

import importlib
from typing import Any

from benchmarks.engines.fixed import FixedSession
from kmin.engines import keras
from kmin.engines.session import Opening

start = keras.start


def open_session(opening: Opening) -> FixedSession:
    """Loads the model and traces it for `opening.rows` rows."""
    tensorflow = importlib.import_module("tensorflow")
    model = keras.open_session(opening).model
    shape = (opening.rows, *model.inputs[0].shape[1:])

    def forward(x: Any) -> Any:
        return model(x, training=False)

    signature = [tensorflow.TensorSpec(shape, model.inputs[0].dtype)]
    traced = tensorflow.function(forward, input_signature=signature).get_concrete_function()
    constant = tensorflow.constant

    def predict(x: Any) -> Any:
        return traced(constant(x)).numpy()

    return FixedSession(predict, shape, "tensorflow")

"""ConvLSTM in channels_first, which TensorFlow does not compute on a CPU, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kmin.errors import UnsupportedError
from layers.one_layer import graph_of, run

RNG = np.random.default_rng(3)
CONFIG: dict[str, Any] = {
    "filters": 3,
    "kernel_size": [3, 2],
    "padding": "same",
    "activation": "tanh",
    "recurrent_activation": "sigmoid",
}
WEIGHTS = {
    "kernel": RNG.normal(size=(3, 2, 2, 12)).astype("f4"),
    "recurrent_kernel": RNG.normal(size=(3, 2, 3, 12)).astype("f4"),
    "bias": RNG.normal(size=12).astype("f4"),
}


@pytest.mark.parametrize("sequences", [True, False])
def test_channels_first_is_channels_last_turned(sequences: bool) -> None:
    x = RNG.normal(size=(2, 3, 5, 4, 2)).astype("f4")
    config = {**CONFIG, "return_sequences": sequences}
    last = run(graph_of("ConvLSTM2D", config, (None, 3, 5, 4, 2), weights=WEIGHTS), x)
    turned = {**config, "data_format": "channels_first"}
    graph = graph_of("ConvLSTM2D", turned, (None, 3, 2, 5, 4), weights=WEIGHTS)
    first = run(graph, np.moveaxis(x, -1, 2))
    np.testing.assert_array_equal(first, np.moveaxis(last, -1, -3))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"stateful": True}, "stateful"),
        ({"padding": "causal"}, "padding"),
        ({"strides": 2, "dilation_rate": 2}, "cannot both"),
        ({"filters": 4}, "kernel"),
        ({"num_constants": 1}, "constants"),
    ],
)
def test_refusals(change: dict[str, Any], message: str) -> None:
    with pytest.raises(UnsupportedError, match=message):
        graph_of("ConvLSTM2D", {**CONFIG, **change}, (None, 3, 5, 4, 2), weights=WEIGHTS)

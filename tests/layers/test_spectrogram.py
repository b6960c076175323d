"""STFTSpectrogram in channels_first, which TensorFlow does not compute on a CPU, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kmin.errors import UnsupportedError
from layers.one_layer import graph_of, run

RNG = np.random.default_rng(5)
CONFIG: dict[str, Any] = {"mode": "log", "frame_length": 6, "frame_step": 2, "fft_length": 8}
WEIGHTS = {f"{part}_kernel": RNG.normal(size=(6, 1, 5)).astype("f4") for part in ("real", "imag")}


@pytest.mark.parametrize(("apart", "order"), [(False, (0, 2, 1)), (True, (0, 3, 1, 2))])
def test_channels_first_is_channels_last_turned(apart: bool, order: tuple[int, ...]) -> None:
    x = RNG.normal(size=(2, 20, 3)).astype("f4")
    config = {**CONFIG, "expand_dims": apart}
    last = run(graph_of("STFTSpectrogram", config, (None, 20, 3), weights=WEIGHTS), x)
    turned = {**config, "data_format": "channels_first"}
    first = run(graph_of("STFTSpectrogram", turned, (None, 3, 20), weights=WEIGHTS), np.swapaxes(x, 1, 2))
    np.testing.assert_array_equal(first, np.transpose(last, order))


@pytest.mark.parametrize(
    ("change", "message"),
    [({"mode": "power"}, "mode"), ({"padding": "causal"}, "padding"), ({"frame_length": 8}, "real_kernel")],
)
def test_refusals(change: dict[str, Any], message: str) -> None:
    with pytest.raises(UnsupportedError, match=message):
        graph_of("STFTSpectrogram", {**CONFIG, **change}, (None, 20, 3), weights=WEIGHTS)

"""Pipeline: its layers' weights are where Keras puts them in an archive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import kmin
from formats.files import input_layer, sequential, weights_h5, write_keras

RNG = np.random.default_rng(2)


def dense(name: str) -> dict[str, Any]:
    config = {"name": name, "units": 3, "activation": "linear", "use_bias": False}
    return {"class_name": "Dense", "module": "keras.layers", "config": config}


def test_weights_inside(tmp_path: Path) -> None:
    kernels = [RNG.normal(size=(3, 3)).astype("f4") for _ in range(3)]
    inside = {"class_name": "Pipeline", "module": "keras.layers", "config": {"name": "steps", "layers": []}}
    inside["config"]["layers"] = [dense("one"), dense("two")]
    first = input_layer()
    first["config"]["batch_shape"] = [None, 3]
    places = ("pipeline/layers/dense", "pipeline/layers/dense_1", "dense")
    arrays = {f"layers/{place}/vars/0": kernel for place, kernel in zip(places, kernels, strict=True)}
    path = write_keras(tmp_path / "m.keras", sequential(first, inside, dense("last")), weights_h5(arrays))
    x = RNG.normal(size=(4, 3)).astype("f4")
    np.testing.assert_allclose(kmin.load(path).predict(x), x @ kernels[0] @ kernels[1] @ kernels[2], rtol=1e-5)

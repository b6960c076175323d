"""Saves one architecture of keras.applications with seeded weights, two images and what Keras makes of them.

    python tests/make_zoo.py (keras|tf_keras) ARCHITECTURE FOLDER

Writes model.h5, model.keras and reference.npz (`x`, `y`: logits) into FOLDER. Biases, and the scales and statistics of
the batch normalisations, are random, so that no layer is close to an identity.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import numpy as np

# Architectures that these seeds make chaotic: with float32 itself 2e-4 to 5e-4 away from float64. The ends of the names
# of the batch normalisations that close their branches, which are scaled down as those of the name "project" are.
CHAOTIC = {
    "RegNetY016": "_conv_1x1_2_bn",
    "RegNetY032": "_conv_1x1_2_bn",
    "ResNetRS101": "_batch_norm_3",
}


def main(package: str, architecture: str, folder: str) -> None:
    keras = importlib.import_module(package)
    keras.utils.set_random_seed(1)
    model = getattr(keras.applications, architecture)(weights=None, classifier_activation=None)
    rng = np.random.default_rng(2)
    for layer in model.layers:
        for weight in layer.weights:
            shape = tuple(weight.shape)
            if "variance" in weight.name:
                weight.assign(rng.uniform(0.5, 1.5, shape))
            elif "gamma" in weight.name:
                # Branches are added up: large ones make a deep net chaotic, as no trained one is.
                last = layer.name.endswith(CHAOTIC.get(architecture, ()))
                small = last or "project" in layer.name or "layer_scale" in layer.name
                low, high = (0.1, 0.3) if small else (0.8, 1.2)
                weight.assign(rng.uniform(low, high, shape))
            elif len(shape) == 1:
                weight.assign(rng.normal(size=shape) * 0.1)
        if type(layer).__name__ == "Normalization" and layer.weights:
            layer.finalize_state()  # as loading weights does
    shape = (224 if size is None else size for size in model.input_shape[1:3])
    x = rng.normal(size=(2, *shape, 3)).astype("float32")
    if any(type(layer).__name__ in ("Normalization", "Rescaling") for layer in model.layers):
        x = (128 + 64 * x).clip(0, 255)  # the model prepares images itself
    np.savez(Path(folder) / "reference.npz", x=x, y=np.asarray(model(x, training=False)))
    model.save(str(Path(folder) / "model.h5"))
    model.save(str(Path(folder) / "model.keras"))


if __name__ == "__main__":
    main(*sys.argv[1:])

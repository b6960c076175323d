"""Kernels trained on Theano, turned for today's Keras."""

from __future__ import annotations

from typing import Any

# As in kmin.formats.keras1: the layers whose kernels Keras up to 2.3.1 turned (its saving.py, `_need_convert_kernel`).
MIRRORED = frozenset({"Conv1D", "Conv2D", "Conv2DTranspose", "Conv3D", "Conv3DTranspose", "ConvLSTM2D"})


def mirror_kernels(model: Any) -> None:
    """Mirrors the kernels of a Keras model in place: Theano convolves where TensorFlow correlates.

    Keras did this itself when it loaded such a file, until tf-keras took over with 2.4 and left it out.
    """
    import numpy as np

    for layer in model._flatten_layers(include_self=False):
        if type(layer).__name__ in MIRRORED:
            for weight in layer.weights:
                if weight.name.split(":")[0].endswith("kernel"):
                    kernel = weight.numpy()
                    weight.assign(np.flip(kernel, tuple(range(kernel.ndim - 2))))

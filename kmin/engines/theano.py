"""Kernels trained on Theano, turned for today's Keras."""

from __future__ import annotations

from typing import Any

from kmin.errors import EngineError
from kmin.formats.spec import LayerSpec
from kmin.formats.theano import MIRRORED, pads_otherwise


def mirror_kernels(model: Any) -> None:
    """Mirrors the kernels of a Keras model in place: Theano convolves where TensorFlow correlates.

    Keras did this itself when it loaded such a file (2.3.1, saving.py, `_need_convert_kernel`), until tf-keras took
    over with 2.4 and left it out.

    Raises:
        EngineError: a layer pads in Theano's way, which TensorFlow does not know.
    """
    import numpy as np

    for layer in model._flatten_layers(include_self=False):
        kind, config = type(layer).__name__, layer.get_config()
        if pads_otherwise(LayerSpec(layer.name, kind, config)):
            raise EngineError(
                f"layer '{layer.name}' ({kind}) pads as Theano does, which Keras on TensorFlow cannot: there is no "
                "reference for this file"
            )
        if kind in MIRRORED:
            for weight in layer.weights:
                if weight.name.split(":")[0].endswith("kernel"):
                    kernel = weight.numpy()
                    weight.assign(np.flip(kernel, tuple(range(kernel.ndim - 2))))

"""LAYERS: Keras class name -> lowering function. Many names, few ops."""

from __future__ import annotations

from kmin.layers import core
from kmin.layers.call import Lower

# Keras 2/3 spellings, sorted. A reader of another dialect translates its names before they get here.
LAYERS: dict[str, Lower] = {
    "Activation": core.lower_activation,
    "Dense": core.lower_dense,
    "InputLayer": core.lower_identity,
}

# Classes whose output carries the mask of their (first) input unchanged: Keras' supports_masking with the
# default compute_mask. Layers with a mask rule of their own return masked Tensors from their lowering.
PASSES_MASK: frozenset[str] = frozenset({"Activation", "Dense", "InputLayer"})

"""What a layer computes in when Keras 3's TimeDistributed calls it past its own dtype policy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kmin.formats.policy import is_mixed, policy_of
from kmin.formats.spec import LayerSpec
from kmin.layers.call import LayerCall

# They cast to their own compute dtype in what they compute, or call layers of their own. Source: Keras 3.15.
_OWN = frozenset(
    {
        "AugMix",
        "AutoContrast",
        "BatchNormalization",
        "Bidirectional",
        "CategoryEncoding",
        "CenterCrop",
        "ConvLSTM1D",
        "ConvLSTM2D",
        "ConvLSTM3D",
        "CutMix",
        "Embedding",
        "GRU",
        "GroupNormalization",
        "HashedCrossing",
        "Hashing",
        "IntegerLookup",
        "LSTM",
        "LayerNormalization",
        "MelSpectrogram",
        "Normalization",
        "Pipeline",
        "RNN",
        "RandAugment",
        "RandomElasticTransform",
        "RandomErasing",
        "RandomFlip",
        "RandomGaussianBlur",
        "RandomPerspective",
        "RandomPosterization",
        "RandomRotation",
        "RandomSharpness",
        "RandomShear",
        "RandomTranslation",
        "RandomZoom",
        "Rescaling",
        "ReversibleEmbedding",
        "SimpleRNN",
        "Solarization",
        "StringLookup",
        "TextVectorization",
    }
)
_AS_GIVEN = frozenset({"RMSNormalization", "SpectralNormalization"})
_WIDTHS = {"bfloat16": 16, "float16": 16, "float32": 32, "float64": 64}


def called_directly(call: LayerCall, layer: LayerSpec) -> LayerSpec:
    """`layer` with the dtype of what a TimeDistributed `call` of Keras 3 makes of it.

    Its `call` runs without the casts of its `__call__`: inputs keep the wrapper's compute dtype, and weights are cast
    only by a mixed policy of the wrapper. Source: TimeDistributed.call, Layer.__call__ and AutocastScope, Keras 3.15.
    """
    own = policy_of(layer.config)
    if call.dialect < 3 or own.mode is not None or own.compute not in _WIDTHS:
        return layer
    if layer.class_name == "Discretization":  # whose own cast is that of its __call__ alone
        return replace(layer, config={**layer.config, "autocast": False})
    if layer.model is not None or layer.class_name in _OWN:
        return layer
    if layer.class_name == "TimeDistributed":
        return _computing_in(layer, call.config.get("dtype"))
    given = policy_of(call.config).compute
    if given not in _WIDTHS or not all(x.dtype.startswith("float") for x in call.inputs):
        return layer
    weighs = any(array.dtype.kind == "f" for array in layer.weights.values()) and layer.class_name not in _AS_GIVEN
    if weighs and not is_mixed(call.config):
        given = _promoted(given, "float32" if is_mixed(layer.config) else own.compute)
    return _computing_in(layer, given)


def _promoted(a: str, b: str) -> str:
    """keras.backend.result_type of two floating dtypes."""
    if a == b:
        return a
    if _WIDTHS[a] == _WIDTHS[b]:
        return "float32"
    return a if _WIDTHS[a] > _WIDTHS[b] else b


def _computing_in(layer: LayerSpec, dtype: Any) -> LayerSpec:
    return replace(layer, config={**layer.config, "dtype": dtype})

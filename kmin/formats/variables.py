"""Which variables each Keras class owns: canonical names, in the order in which Keras creates them.

The names are those of Keras 3 for both generations (`kernel` for the depthwise layers, `mean` and `variance` for
Normalization). The recurrent layers are flat (`LSTM` owns `kernel`, `recurrent_kernel`, `bias`; no `cell` between),
and the dense sub-layers of the attention layers are spelled out with a slash (`query/kernel`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from kmin.formats.keras1 import gate_names
from kmin.formats.policy import Policy, policy_of
from kmin.formats.spec import LayerSpec


class Variable(NamedTuple):
    """One variable of a layer.

    Attributes:
        name: canonical name.
        trainable: as created by the layer; False for statistics.
        when: boolean config key that decides whether it exists (absent means yes); empty for always.
    """

    name: str
    trainable: bool = True
    when: str = ""


Variables = tuple[Variable, ...]
Config = Mapping[str, Any]

_KERNEL_BIAS: Variables = (Variable("kernel"), Variable("bias", when="use_bias"))
_RECURRENT: Variables = (Variable("kernel"), Variable("recurrent_kernel"), Variable("bias", when="use_bias"))
_SEPARABLE: Variables = (Variable("depthwise_kernel"), Variable("pointwise_kernel"), Variable("bias", when="use_bias"))
_SCALED: Variables = (Variable("gamma", when="scale"), Variable("beta", when="center"))
_CUDNN: Variables = (Variable("kernel"), Variable("recurrent_kernel"), Variable("bias"))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _batch_normalization(config: Config) -> Variables:
    statistics = ["moving_mean", "moving_variance"]
    if config.get("renorm"):
        statistics += ["moving_stddev", "renorm_mean", "renorm_stddev"]
    return _SCALED + tuple(Variable(name, trainable=False) for name in statistics)


def _layer_normalization(config: Config) -> Variables:
    return (Variable("gamma"),) if config.get("rms_scaling") else _SCALED


def _normalization(config: Config) -> Variables:
    if config.get("mean") is not None:
        return ()
    return tuple(Variable(name, trainable=False) for name in ("mean", "variance", "count"))


def _discretization(config: Config) -> Variables:
    return () if config.get("bin_boundaries") is not None else (Variable("summary", trainable=False),)


def _einsum_dense(config: Config) -> Variables:
    return _KERNEL_BIAS if config.get("bias_axes") is not None else _KERNEL_BIAS[:1]


def _heads(*parts: str) -> Callable[[Config], Variables]:
    names = [f"{part}/{name}" for part in parts for name in ("kernel", "bias")]
    rows = tuple(Variable(name, when="use_bias" if name.endswith("bias") else "") for name in names)
    return lambda _config: rows


def _multi_head(config: Config) -> Variables:
    gate = ("gate",) if config.get("use_gate") else ()
    return _heads("query", "key", *gate, "value", "attention_output")(config)


def _attention(config: Config) -> Variables:
    rows = (Variable("scale"),) if config.get("use_scale", False) else ()
    return (*rows, Variable("concat_score_weight")) if config.get("score_mode") == "concat" else rows


def _additive_attention(config: Config) -> Variables:
    return (Variable("scale"),) if config.get("use_scale", True) else ()


def _stft(config: Config) -> Variables:
    mode = config.get("mode", "log")
    names = ["real_kernel"] if mode != "imag" else []
    names += ["imag_kernel"] if mode != "real" else []
    return tuple(Variable(name, trainable=bool(config.get("trainable", False))) for name in names)


def _reversible_embedding(config: Config) -> Variables:
    tied = config.get("tie_weights", True)
    return (Variable("embeddings"),) if tied else (Variable("embeddings"), Variable("reverse_embeddings"))


# Every Keras 2 and Keras 3 layer class that owns variables itself.
OWNERS: dict[str, Variables | Callable[[Config], Variables]] = {
    "AdditiveAttention": _additive_attention,
    "Attention": _attention,
    "BatchNormalization": _batch_normalization,
    "Conv1D": _KERNEL_BIAS,
    "Conv1DTranspose": _KERNEL_BIAS,
    "Conv2D": _KERNEL_BIAS,
    "Conv2DTranspose": _KERNEL_BIAS,
    "Conv3D": _KERNEL_BIAS,
    "Conv3DTranspose": _KERNEL_BIAS,
    "ConvLSTM1D": _RECURRENT,
    "ConvLSTM2D": _RECURRENT,
    "ConvLSTM3D": _RECURRENT,
    "CuDNNGRU": _CUDNN,
    "CuDNNLSTM": _CUDNN,
    "Dense": _KERNEL_BIAS,
    "DepthwiseConv1D": _KERNEL_BIAS,
    "DepthwiseConv2D": _KERNEL_BIAS,
    "Discretization": _discretization,
    "EinsumDense": _einsum_dense,
    "Embedding": (Variable("embeddings"),),
    "GRU": _RECURRENT,
    "GRUCell": _RECURRENT,
    "GroupNormalization": _SCALED,
    "GroupQueryAttention": _multi_head,
    "LSTM": _RECURRENT,
    "LSTMCell": _RECURRENT,
    "LayerNormalization": _layer_normalization,
    "LayerScale": (Variable("gamma"),),
    "LocallyConnected1D": _KERNEL_BIAS,
    "LocallyConnected2D": _KERNEL_BIAS,
    "MultiHeadAttention": _multi_head,
    "Normalization": _normalization,
    "PReLU": (Variable("alpha"),),
    "RMSNormalization": (Variable("scale"),),
    "RandomFourierFeatures": (
        Variable("unscaled_kernel", trainable=False),
        Variable("bias", trainable=False),
        Variable("kernel_scale"),
    ),
    "ReversibleEmbedding": _reversible_embedding,
    "STFTSpectrogram": _stft,
    "SeparableConv1D": _SEPARABLE,
    "SeparableConv2D": _SEPARABLE,
    "SimpleRNN": _RECURRENT,
    "SimpleRNNCell": _RECURRENT,
    "SpectralNormalization": (Variable("vector_u", trainable=False),),
    "SyncBatchNormalization": _batch_normalization,
    "keras1.BatchNormalization": (
        Variable("gamma"),
        Variable("beta"),
        Variable("moving_mean", trainable=False),
        Variable("moving_variance", trainable=False),
    ),
    "keras1.Highway": (
        Variable("kernel"),
        Variable("kernel_carry"),
        Variable("bias", when="use_bias"),
        Variable("bias_carry", when="use_bias"),
    ),
    "keras1.MaxoutDense": _KERNEL_BIAS,
    "keras1.ParametricSoftplus": (Variable("alphas"), Variable("betas")),
    "keras1.SReLU": (Variable("t_left"), Variable("a_left"), Variable("t_right"), Variable("a_right")),
}

# Layer classes whose words may weigh something: no variable to Keras, but stored beside them in a .keras archive.
LOOKUPS: frozenset[str] = frozenset({"IntegerLookup", "StringLookup", "TextVectorization"})

# Layer classes that own none (their wrapped layers may).
FREE: frozenset[str] = _words(
    """
    Activation ActivityRegularization AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D
    AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D ContrastLimitedAdaptiveHistogramEqualization
    RandomElasticTransform Add AlphaDropout AugMix AutoContrast Average AveragePooling1D AveragePooling2D
    AveragePooling3D Bidirectional CategoryEncoding CenterCrop Concatenate Cropping1D Cropping2D Cropping3D CutMix
    Dot Dropout ELU Equalization Flatten Functional GELU GaussianDropout GaussianNoise
    GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D
    GlobalMaxPooling3D HashedCrossing Hashing Identity InputLayer IntegerLookup LeakyReLU Masking MaxNumBoundingBoxes
    MaxPooling1D MaxPooling2D MaxPooling3D Maximum MelSpectrogram Minimum MixUp Model Multiply Permute Pipeline RNN
    RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop RandomErasing
    RandomFlip RandomGaussianBlur RandomGrayscale RandomHeight RandomHue RandomInvert RandomPerspective
    RandomPosterization RandomRotation RandomSaturation RandomSharpness RandomShear RandomTranslation RandomWidth
    RandomZoom ReLU RepeatVector Rescaling Reshape Resizing Sequential SlicingOpLambda Softmax Solarization
    SpatialDropout1D SpatialDropout2D SpatialDropout3D StackedRNNCells StochasticDepth StringLookup Subtract TFOpLambda
    TensorFlowOpLayer TextVectorization ThresholdedReLU TimeDistributed UnitNormalization UpSampling1D UpSampling2D
    UpSampling3D ZeroPadding1D ZeroPadding2D ZeroPadding3D keras1.Merge
    """
)


def own_variables(layer: LayerSpec, archived: bool = False) -> Variables | None:
    """The variables the layer itself owns, children not included; None when the class is not known.

    A layer with another policy for each part of it counts as not known, as does one with LoRA factors of a kernel
    that is quantised in a way that Keras has no factors for.

    Args:
        layer: its class and config.
        archived: in a .keras archive or .weights.h5, which hold kernels with their LoRA factors in them.
    """
    if layer.class_name.startswith("ops.") or layer.class_name in FREE:
        return ()
    gates = gate_names(layer)
    if gates is not None:
        return tuple(Variable(name) for name in gates)
    config, policy = layer.config, policy_of(layer.config)
    rows = OWNERS.get(layer.class_name)
    factors = config.get("lora_rank") is not None and not archived
    if rows is None or policy.compute == "DTypePolicyMap" or (factors and policy.mode not in (None, "int4", "int8")):
        return None
    if callable(rows):
        rows = rows(config)
    found = tuple(row for row in rows if not row.when or config.get(row.when, True))
    adapters = [Variable(f"lora_{found[0].name}_{end}") for end in "ab"] if factors else []
    if policy.mode is None:
        return (found[0]._replace(trainable=False), *found[1:], *adapters) if factors else found
    stored = _quantized(layer.class_name, found, policy)
    return None if stored is None else (*stored, *adapters)


def _quantized(class_name: str, rows: Variables, policy: Policy) -> Variables | None:
    """The variables of a quantised layer in the order of Keras' variable_serialization_spec; None for other classes."""
    kind = "Embedding" if "Embedding" in class_name else class_name
    names = _STORED.get((kind, policy.mode), _STORED.get((kind.replace("Einsum", ""), policy.mode)))
    if names is None:
        return None
    plain = {row.name: row for row in rows}
    result = []
    for name in names.split():
        if name == "bias" and name not in plain:
            continue
        if policy.block is None and policy.mode == "int4" and name in ("kernel_zero", "embeddings_zero", "g_idx"):
            continue
        trainable = name == "bias" or policy.mode == "float8"
        result.append(plain[name] if name == "bias" else Variable(name, trainable))
    if "reverse_embeddings" in plain:
        result += [Variable(f"reverse_embeddings{end}", False) for end in ("", "_scale")]
        result += [Variable("reverse_embeddings_zero", False)] if policy.block is not None else []
    return tuple(result)


_STORED: dict[tuple[str, str | None], str] = {
    ("Dense", "awq"): "bias kernel kernel_scale kernel_zero awq_scales g_idx",
    ("Dense", "float8"): "kernel bias inputs_scale inputs_amax_history kernel_scale kernel_amax_history "
    "outputs_grad_scale outputs_grad_amax_history",
    ("Dense", "gptq"): "bias kernel kernel_scale kernel_zero g_idx",
    ("Dense", "int4"): "kernel bias kernel_scale kernel_zero g_idx",
    ("Dense", "int8"): "kernel bias kernel_scale",
    ("EinsumDense", "awq"): "bias kernel kernel_scale zero_point awq_scales g_idx",
    ("EinsumDense", "gptq"): "bias kernel kernel_scale zero_point g_idx",
    ("Embedding", "int4"): "embeddings embeddings_scale embeddings_zero g_idx",
    ("Embedding", "int8"): "embeddings embeddings_scale",
}

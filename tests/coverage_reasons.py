"""What the stored goldens cannot tell the coverage page: aliases, other proofs, and why something is refused."""

from __future__ import annotations

_POOLS = {f"{kind}Pool{n}D": f"{kind}Pooling{n}D" for kind in ("GlobalMax", "Max") for n in (1, 2, 3)}
_AVERAGES = {f"{k}AvgPool{n}D": f"{k}AveragePooling{n}D" for k in ("", "Global") for n in (1, 2, 3)}
_CONVOLUTIONS = {f"Convolution{n}D{end}": f"Conv{n}D{end}" for n in (1, 2, 3) for end in ("", "Transpose")}
_SEPARABLE = {f"SeparableConvolution{n}D": f"SeparableConv{n}D" for n in (1, 2)}

# Other names of exported classes; files hold the name on the right.
ALIASES = {**_AVERAGES, **_CONVOLUTIONS, **_POOLS, **_SEPARABLE, "DepthwiseConvolution1D": "DepthwiseConv1D"}
ALIASES |= {"DepthwiseConvolution2D": "DepthwiseConv2D", "Convolution2DTranspose": "Conv2DTranspose"}

# Exported classes that are no layers of their own.
REFUSED_PARTS = {
    "AbstractRNNCell": "a base class",
    "GRUCell": "runs inside RNN",
    "InputSpec": "no layer",
    "LSTMCell": "runs inside RNN",
    "Layer": "a base class",
    "SimpleRNNCell": "runs inside RNN",
    "StackedRNNCells": "runs inside RNN",
    "Wrapper": "a base class",
}

# Tests of names that no golden holds.
OTHER_PROOFS = {
    "BatchNormalizationV1": "tests/layers/test_core.py",
    "BatchNormalizationV2": "tests/layers/test_function_names.py",
    "CuDNNGRU": "tests/layers/test_function_names.py",
    "CuDNNLSTM": "tests/layers/test_masks.py",
    "CustomScaleLayer": "tests/test_zoo.py",
    "CutMix": "tests/layers/test_function_names.py",
    "LayerScale": "tests/test_zoo.py",
    "MixUp": "tests/layers/test_function_names.py",
    "StochasticDepth": "tests/layers/test_convolutional.py",
    "SyncBatchNormalization": "tests/layers/test_core.py",
}

_CODE = "holds code of another framework"
REFUSED_LAYERS = {
    "FlaxLayer": _CODE,
    "JaxLayer": _CODE,
    "Lambda": "holds Python code, which kmin never runs; `kmin.register_layer` takes yours",
    "TFSMLayer": "points at a SavedModel outside the file",
    "TorchModuleWrapper": _CODE,
}

# TensorFlow's functions in whose place Keras 2.15 writes others, which run (seen in the files that it writes).
WRITTEN_AS_OTHERS = frozenset(
    {
        *("batch_to_space", "boolean_mask", "compat.v1.batch_to_space", "compat.v1.debugging.assert_all_finite"),
        *("compat.v1.image.draw_bounding_boxes", "compat.v1.math.confusion_matrix", "compat.v1.strings.reduce_join"),
        *("compat.v1.substr", "gather_nd", "size", "space_to_batch"),
        *(f"compat.v1.losses.{name}_loss" for name in ("hinge", "huber", "log")),
        *(f"compat.v1.losses.{name}" for name in ("absolute_difference", "cosine_distance", "mean_squared_error")),
        *(f"compat.v1.math.{name}" for name in ("argmax", "argmin", "count_nonzero")),
        *(f"compat.v1.math.reduce_{n}" for n in ("all", "any", "logsumexp", "max", "mean", "min", "prod", "sum")),
        *(f"compat.v1.nn.{name}" for name in ("conv2d_transpose", "conv3d_transpose", "moments", "space_to_batch")),
        *(f"compat.v1.nn.{name}_cross_entropy_with_logits" for name in ("softmax", "weighted")),
        *(f"compat.v1.to_{name}" for name in ("bfloat16", "complex128", "complex64", "double", "float")),
        *("compat.v1.to_int32", "compat.v1.to_int64", "compat.v1.tuple", "tuple"),
        *("image.image_gradients", "image.sobel_edges", "image.total_variation"),
        *("math.approx_max_k", "math.approx_min_k", "nn.atrous_conv2d", "nn.conv_transpose", "nn.normalize_moments"),
        *("nn.batch_norm_with_global_normalization", "compat.v1.nn.batch_norm_with_global_normalization"),
        *("nn.pool", "nn.scale_regularization_loss", "nn.separable_conv2d", "nn.sufficient_statistics"),
        "nn.weighted_moments",
    }
)

# Classes that only Keras 1 had.
KERAS_1 = (
    "AtrousConvolution1D",
    "AtrousConvolution2D",
    "AtrousConv1D",
    "AtrousConv2D",
    "Convolution1D",
    "Convolution2D",
    "Convolution3D",
    "Deconvolution2D",
    "Highway",
    "MaxoutDense",
    "Merge",
    "ParametricSoftplus",
    "SReLU",
    "SeparableConvolution2D",
    "TimeDistributedDense",
)

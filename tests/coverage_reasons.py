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

_PYTHON = "its arguments are Python functions, which Keras does not write into a file"
_KERAS = "Keras 3.15 itself cannot run the node on a batch with TensorFlow"
_PLAIN = "takes no tensors of a model, or makes a constant"
REFUSED_OPERATIONS = {
    "arange": "Keras 3.15 itself takes no tensors of a model here",
    "argpartition": _KERAS,
    "associative_scan": _PYTHON,
    "bartlett": _PLAIN,
    "blackman": _PLAIN,
    "cond": _PYTHON,
    "conv_transpose": "Keras 3.15 itself cannot run the node (its call swaps two arguments)",
    "convert_to_numpy": _PLAIN,
    "correlate": _KERAS,
    "custom_gradient": _PYTHON,
    "dtype": _PLAIN,
    "empty": _PLAIN,
    "empty_like": "holds whatever memory held",
    "eye": _PLAIN,
    "fori_loop": _PYTHON,
    "hamming": _PLAIN,
    "hanning": _PLAIN,
    "histogram": _KERAS,
    "identity": _PLAIN,
    "image.elastic_transform": "random",
    "is_tensor": _PLAIN,
    "jvp": _PYTHON,
    "kaiser": _PLAIN,
    "lu_factor": _KERAS,
    "map": _PYTHON,
    "ndim": _PLAIN,
    "ones": _PLAIN,
    "rearrange": _KERAS,
    "scan": _PYTHON,
    "shape": "gives numbers, which stand in the file where they are used",
    "switch": _PYTHON,
    "tri": _PLAIN,
    "vectorize": _PYTHON,
    "vectorized_map": _PYTHON,
    "view_as_complex": "Keras 3.15 itself cannot run the node with TensorFlow",
    "while_loop": _PYTHON,
    "zeros": _PLAIN,
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
_CALLED = "takes Python functions"
_DATA = "reads or writes encoded data"
_GRADIENT = "a gradient or an optimiser's step"
_LOSS = "a loss of training"
_QUANTISED = "its tensors are of an integer engine's dtypes (`quint8` and its like)"
_RANDOM = "random"
_SPARSE = "sparse tensors are not supported"
_UNKEPT = "Keras 2.15 itself cannot record it"
# Beginnings of TensorFlow's names (compat.v1 may be left out) -> why the functions are refused; the longest one counts.
REFUSED_FUNCTIONS = {
    "audio.": _DATA,
    "broadcast_dynamic_shape": "computes shapes, not values",
    "broadcast_static_shape": "computes shapes, not values",
    "case": _CALLED,
    "compat.v1.image.extract_glimpse": "what is outside of the image is noise",
    "compat.v1.strings.split": "gives sparse tensors, which are not supported",
    "cond": _CALLED,
    "conv": _UNKEPT,
    "debugging.": "a check without a value: Keras writes only what leads to a model's outputs",
    "decode_raw": _DATA,
    "dynamic_stitch": _UNKEPT,
    "edit_distance": _SPARSE,
    "einsum": "Keras 2 does not write its operands into the file",
    "fftnd": _UNKEPT,
    "fingerprint": "hashes the bytes of whole samples",
    "foldl": _CALLED,
    "foldr": _CALLED,
    "ifftnd": _UNKEPT,
    "image.adjust_jpeg_quality": _DATA,
    "image.decode": _DATA,
    "image.encode": _DATA,
    "image.generate_bounding_box_proposals": "TensorFlow computes it on graphics cards alone",
    "image.random": _RANDOM,
    "image.sample_distorted_bounding_box": _RANDOM,
    "image.stateless": _RANDOM,
    "io.": _DATA,
    "irfftnd": _UNKEPT,
    "linalg.experimental.conjugate_gradient": "takes a Python object",
    "map_fn": _CALLED,
    "math.sobol_sample": _PLAIN,
    "meshgrid": "Keras 2 does not write its operands into the file",
    "nn.bidirectional_dynamic_rnn": _CALLED,
    "nn.collapse_repeated": "serves a loss of training",
    "nn.compute_accidental_hits": "serves a loss of training",
    "nn.compute_average_loss": _LOSS,
    "nn.conv2d_backprop_filter": _GRADIENT,
    "nn.conv3d_backprop_filter": _GRADIENT,
    "nn.ctc_beam_search_decoder": "gives sparse tensors, which are not supported",
    "nn.ctc_greedy_decoder": "gives sparse tensors, which are not supported",
    "nn.ctc_unique_labels": "serves a loss of training",
    "nn.depthwise_conv2d_backprop": _GRADIENT,
    "nn.dropout": _RANDOM,
    "nn.dynamic_rnn": _CALLED,
    "nn.embedding_lookup_sparse": _SPARSE,
    "nn.experimental": _RANDOM,
    "nn.fractional": _RANDOM,
    "nn.nce_loss": _RANDOM,
    "nn.quantized": _QUANTISED,
    "nn.raw_rnn": _CALLED,
    "nn.safe_embedding_lookup_sparse": _SPARSE,
    "nn.sampled_softmax_loss": _RANDOM,
    "nn.static": _CALLED,
    "nn.with_space_to_batch": _CALLED,
    "no_op": _PLAIN,
    "numpy_function": _CALLED,
    "parallel_stack": _UNKEPT,
    "print": _UNKEPT,
    "py_func": _CALLED,
    "quantization.": _QUANTISED,
    "quantization.fake_quant_with_min_max": _GRADIENT,
    "quantize_v2": _QUANTISED,
    "ragged": "of ragged tensors, only split texts and words that were looked up are known",
    "random": _RANDOM,
    "rfftnd": _UNKEPT,
    "scan": _CALLED,
    "sets.": _SPARSE,
    "signal.inverse_stft_window_fn": "gives a Python function",
    "signal.linear_to_mel_weight_matrix": _PLAIN,
    "sparse": _SPARSE,
    "string_split": "gives sparse tensors, which are not supported",
    "strings.format": "prints all samples together into one text",
    "strings.unicode_decode_with_offsets": "gives two ragged tensors",
    "strings.unicode_encode": "takes ragged tensors",
    "strings.unicode_script": "needs Unicode's table of scripts",
    "strings.unicode_split_with_offsets": "gives two ragged tensors",
    "timestamp": _PLAIN,
    "train.": _GRADIENT,
    "while_loop": _CALLED,
}

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

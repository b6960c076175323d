"""Why functions are refused: those of keras.ops that Keras 3.15 exports, and those of TensorFlow 2.15."""

from __future__ import annotations

import re

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

# Beginnings of names of TensorFlow ops, likewise.
REFUSED_NODES = {
    "CTCGreedyDecoder": _SPARSE,
    "Decode": _DATA,
    "Encode": _DATA,
    "If": _CALLED,
    "Multinomial": _RANDOM,
    "PyFunc": _CALLED,
    "QuantizeDown": _QUANTISED,
    "QuantizeV2": _QUANTISED,
    "Quantized": _QUANTISED,
    "Ragged": "ragged tensors are not supported",
    "Random": _RANDOM,
    "Sparse": _SPARSE,
    "StatelessIf": _CALLED,
    "StatelessRandom": _RANDOM,
    "StatelessWhile": _CALLED,
    "TensorList": "lists of tensors are not supported",
    "TruncatedNormal": _RANDOM,
    "While": _CALLED,
}


def why_operation_is_refused(class_name: str) -> str | None:
    """The reason for an operation of keras.ops, by the name of its class."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", class_name.removeprefix("ops.")).lower()
    return REFUSED_OPERATIONS.get(name, REFUSED_OPERATIONS.get(f"image.{name}"))


def why_function_is_refused(name: str) -> str | None:
    """The reason for a function of TensorFlow, by its exported name."""
    known = [
        key for key in REFUSED_FUNCTIONS if name.removeprefix("compat.v1.").startswith(key) or name.startswith(key)
    ]
    return REFUSED_FUNCTIONS[max(known, key=len)] if known else None


def why_node_is_refused(op: str) -> str | None:
    """The reason for an op of a TensorFlow graph."""
    known = [key for key in REFUSED_NODES if op.startswith(key)]
    return REFUSED_NODES[max(known, key=len)] if known else None

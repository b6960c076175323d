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
    "ctc_loss": "a loss of training",
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

# Beginnings of TensorFlow's names (without compat.v1) -> why the functions are refused; the longest one counts.
REFUSED_FUNCTIONS = {
    "": "not in the table",
    "audio.": "reads or writes encoded data",
    "case": "takes Python functions",
    "cond": "takes Python functions",
    "einsum": "Keras 2 does not write its operands into the file",
    "debugging.": "a check without a result",
    "foldl": "takes Python functions",
    "foldr": "takes Python functions",
    "image.decode": "reads or writes encoded data",
    "image.encode": "reads or writes encoded data",
    "image.random": "random",
    "image.stateless_random": "random",
    "io.": "reads or writes encoded data",
    "linalg.eigh_tridiagonal": "takes vectors of the batch, and starts eigenvectors at random",
    "meshgrid": "Keras 2 does not write its operands into the file",
    "map_fn": "takes Python functions",
    "nn.dropout": "random",
    "nn.experimental": "random",
    "nn.nce_loss": "random",
    "nn.sampled_softmax_loss": "random",
    "numpy_function": "takes Python functions",
    "py_func": "takes Python functions",
    "quantization.": "an integer engine's",
    "ragged": "ragged tensors are not supported",
    "random": "random",
    "scan": "takes Python functions",
    "sets.": "sparse tensors are not supported",
    "signal.": "makes a constant, or not in the table",
    "sparse": "sparse tensors are not supported",
    "strings.": "works on strings; not in the table",
    "while_loop": "takes Python functions",
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

"""COMPLEX_FUNCTIONS: the rows of TensorFlow's functions for complex tensors, by the name that files have."""

from __future__ import annotations

from kmin.layers.operations import arithmetic, choosing, reductions, shaping, slicing
from kmin.layers.operations import complex_numbers as numbers
from kmin.layers.operations.arguments import Row

_INVERSE = 'stfts frame_length frame_step fft_length=None window_fn="hann_window"'
_TRANSPOSE = (
    "a perm=None conjugate=False",
    numbers.of_both(lambda call, x, perm, _: shaping.transpose(call, x, perm)),
)

_MEAN: Row = ("input_tensor axis=None keepdims=False", numbers.of_both(reductions.reduction("mean")))
_SUM: Row = ("input_tensor axis=None keepdims=False", numbers.of_both(reductions.reduction("sum")))

COMPLEX_FUNCTIONS: dict[str, Row] = {
    "__operators__.add": ("x y", numbers.summed("add")),
    "__operators__.getitem": ("tensor slice_spec", numbers.of_both(slicing.get_item)),
    "cast": ("x dtype", numbers.convert_number),
    "compat.v1.concat": ("values axis", numbers.joined_along),
    "compat.v1.expand_dims": ("input axis", numbers.of_both(shaping.expand_dims)),
    "compat.v1.transpose": _TRANSPOSE,
    "concat": ("values axis", numbers.joined_along),
    "expand_dims": ("input axis", numbers.of_both(shaping.expand_dims)),
    "linalg.matmul": ("a b", numbers.matrix_product),
    "math.abs": ("x", numbers.length),
    "math.add": ("x y", numbers.summed("add")),
    "math.angle": ("input", numbers.turn),
    "math.conj": ("x", numbers.conjugate),
    "math.exp": ("x", numbers.exponential),
    "math.imag": ("input", numbers.part(1)),
    "math.multiply": ("x y", numbers.product),
    "math.negative": ("x", numbers.of_both(arithmetic.elementwise("negative"))),
    "math.real": ("input", numbers.part(0)),
    "math.reduce_mean": _MEAN,
    "math.reduce_sum": _SUM,
    "math.square": ("x", numbers.squared),
    "math.subtract": ("x y", numbers.summed("subtract")),
    "math.truediv": ("x y", numbers.quotient),
    "reshape": ("tensor shape", numbers.of_both(shaping.reshape)),
    "signal.fft": ("input", numbers.transform("fft", 1)),
    "signal.fft2d": ("input", numbers.transform("fft", 2)),
    "signal.fft3d": ("input", numbers.transform("fft", 3)),
    "signal.ifft": ("input", numbers.transform("ifft", 1)),
    "signal.ifft2d": ("input", numbers.transform("ifft", 2)),
    "signal.ifft3d": ("input", numbers.transform("ifft", 3)),
    "signal.inverse_stft": (_INVERSE, numbers.from_short_time),
    "transpose": _TRANSPOSE,
}

# The same of keras.ops, by the name of their classes (3.15).
COMPLEX_OPERATIONS: dict[str, Row] = {
    "Abs": ("x", numbers.length),
    "Absolute": ("x", numbers.length),
    "Add": ("x1 x2", numbers.summed("add")),
    "Angle": ("x", numbers.turn),
    "Cast": ("x dtype", numbers.convert_number),
    "Concatenate": ("xs axis=0", numbers.joined_along),
    "Conj": ("x", numbers.conjugate),
    "Conjugate": ("x", numbers.conjugate),
    "Divide": ("x1 x2", numbers.quotient),
    "Exp": ("x", numbers.exponential),
    "ExpandDims": ("x axis", numbers.of_both(shaping.expand_dims)),
    "GetItem": ("x key", numbers.of_both(slicing.get_item)),
    "Imag": ("x", numbers.part(1)),
    "Matmul": ("x1 x2", numbers.matrix_product),
    "Mean": ("x axis=None keepdims=False", numbers.of_both(reductions.reduction("mean"))),
    "Multiply": ("x1 x2", numbers.product),
    "Negative": ("x", numbers.of_both(arithmetic.elementwise("negative"))),
    "Real": ("x", numbers.part(0)),
    "Reshape": ("x newshape", numbers.of_both(shaping.reshape)),
    "Square": ("x", numbers.squared),
    "Squeeze": ("x axis=None", numbers.of_both(shaping.squeeze)),
    "Subtract": ("x1 x2", numbers.summed("subtract")),
    "Sum": ("x axis=None keepdims=False", numbers.of_both(reductions.reduction("sum"))),
    "Swapaxes": ("x axis1 axis2", numbers.of_both(shaping.swap_axes)),
    "Take": ("x indices axis=None", numbers.of_both(choosing.take)),
    "Transpose": ("x axes=None", numbers.of_both(shaping.transpose)),
    "TrueDivide": ("x1 x2", numbers.quotient),
    "ViewAsReal": ("x", numbers.stacked_parts),
}

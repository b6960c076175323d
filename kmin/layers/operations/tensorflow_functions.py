"""TENSORFLOW_FUNCTIONS: exported name of a TensorFlow function (1.13 to 2.15) -> its parameters and what lowers it."""

from __future__ import annotations

from typing import Any

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations import (
    arithmetic,
    choosing,
    complex_numbers,
    extents,
    network,
    normalizing,
    products,
    reductions,
    selecting,
    shaping,
    sizes,
    slicing,
)
from kmin.layers.operations.arguments import Lowering, Row, integer
from kmin.layers.operations.count_functions import COUNT_FUNCTIONS
from kmin.layers.operations.image_functions import IMAGE_FUNCTIONS
from kmin.layers.operations.loss_functions import LOSS_FUNCTIONS
from kmin.layers.operations.matrix_functions import MATRIX_FUNCTIONS
from kmin.layers.operations.number_functions import NUMBER_FUNCTIONS
from kmin.layers.operations.placing_functions import PLACING_FUNCTIONS
from kmin.layers.operations.quantizing_functions import QUANTIZING_FUNCTIONS
from kmin.layers.operations.ragged_functions import RAGGED_FUNCTIONS
from kmin.layers.operations.selecting_functions import SELECTING_FUNCTIONS
from kmin.layers.operations.signal_functions import SIGNAL_FUNCTIONS
from kmin.layers.operations.special_functions import SPECIAL_FUNCTIONS
from kmin.layers.operations.tensorflow_layer_functions import LAYER_FUNCTIONS
from kmin.layers.operations.text_functions import TEXT_FUNCTIONS
from kmin.layers.operations.window_functions import WINDOW_FUNCTIONS


def _argument(largest: bool) -> Lowering:
    return lambda call, x, axis, dtype: reductions.arg_extreme(largest, 0)(call, x, axis, False, dtype)


def _argument_v1(largest: bool) -> Lowering:
    def lower(call: LayerCall, x: Any, axis: Any, dimension: Any, dtype: Any) -> Tensor:
        at = dimension if axis is None else axis
        return reductions.arg_extreme(largest, 0)(call, x, at, False, dtype)  # type: ignore[no-any-return]

    return lower


def _cumulative(kind: str) -> Lowering:
    return lambda call, x, axis, exclusive, reverse: reductions.cumulative(kind)(
        call, x, axis, exclusive, reverse, None
    )


def _band_part(call: LayerCall, x: Any, lower: Any, upper: Any) -> Tensor:
    low, high = integer(call, lower, "num_lower"), integer(call, upper, "num_upper")
    result = shaping.triangle(True)(call, x, -low) if low >= 0 else x
    return shaping.triangle(False)(call, result, high) if high >= 0 else result  # type: ignore[no-any-return]


def _lost(call: LayerCall, equation: Any) -> Tensor:
    raise call.fail(f"Keras 2 does not write the operands of tf.einsum into the file; only {equation!r:.60} is there")


def _last(function: Lowering, call: LayerCall, x: Any, axis: Any, dim: Any) -> Tensor:
    """Softmax functions take the last axis when none is given."""
    given = dim if axis is None else axis
    return function(call, x, -1 if given is None else given)  # type: ignore[no-any-return]


_EQUAL: Row = ("x y incompatible_shape_error=True", lambda call, x, y, _: arithmetic.pairwise("equal")(call, x, y))
_NOT_EQUAL: Row = ("x y incompatible_shape_error=True", lambda c, x, y, _: arithmetic.pairwise("not_equal")(c, x, y))

_FUNCTIONS: dict[str, Row] = {
    "__operators__.add": ("x y", arithmetic.pairwise("add")),
    "__operators__.eq": _EQUAL,
    "__operators__.getitem": ("tensor slice_spec", slicing.get_item),
    "__operators__.ne": _NOT_EQUAL,
    "argsort": (
        'values axis=-1 direction="ASCENDING" stable=False',
        lambda call, x, axis, direction, _: reductions.ordered(True)(call, x, axis, direction),
    ),
    "bitwise.bitwise_and": ("x y", arithmetic.bitwise("and")),
    "bitwise.bitwise_or": ("x y", arithmetic.bitwise("or")),
    "bitwise.bitwise_xor": ("x y", arithmetic.bitwise("xor")),
    "bitwise.invert": ("x", arithmetic.elementwise("bitwise_not")),
    "bitwise.left_shift": ("x y", arithmetic.bitwise("left_shift")),
    "bitwise.right_shift": ("x y", arithmetic.bitwise("right_shift")),
    "broadcast_to": ("input shape", shaping.broadcast_to),
    "cast": ("x dtype", complex_numbers.convert_number),
    "clip_by_value": ("t clip_value_min clip_value_max", arithmetic.clip),
    "compat.v1.argmax": ("input axis=None dimension=None output_type=None", _argument_v1(True)),
    "compat.v1.argmin": ("input axis=None dimension=None output_type=None", _argument_v1(False)),
    "compat.v1.count_nonzero": ("input_tensor axis=None keepdims=False dtype=None", reductions.count_nonzero),
    "compat.v1.depth_to_space": ('input block_size data_format="NHWC"', network.depth_to_space),
    "compat.v1.expand_dims": ("input axis", shaping.expand_dims),
    "compat.v1.floor_div": ("x y", arithmetic.pairwise("floor_divide")),
    "compat.v1.gather": ("params indices axis=None batch_dims=0", choosing.gather),
    "compat.v1.nn.embedding_lookup": (
        'params ids partition_strategy="mod" validate_indices=True',
        lambda call, table, ids, *_: choosing.embedding_lookup(call, table, ids),
    ),
    "compat.v1.nn.leaky_relu": ("features alpha=0.2", network.leaky_relu),
    "compat.v1.nn.log_softmax": (
        "logits axis=None dim=None",
        lambda call, x, axis, dim: _last(network.log_softmax, call, x, axis, dim),
    ),
    "compat.v1.nn.softmax": (
        "logits axis=None dim=None",
        lambda call, x, axis, dim: _last(network.softmax, call, x, axis, dim),
    ),
    "compat.v1.norm": (
        'tensor ord="euclidean" axis=None keepdims=False keep_dims=None',
        lambda call, x, order, axis, new, old: reductions.norm(call, x, order, axis, new or old),
    ),
    "compat.v1.ones_like": (
        "tensor dtype=None optimize=True",
        lambda call, x, dtype, _: arithmetic.filled(1.0)(call, x, dtype),
    ),
    "compat.v1.pad": ('tensor paddings mode="CONSTANT" constant_values=0', shaping.pad),
    "compat.v1.reduce_all": ("input_tensor axis=None keepdims=False", reductions.truth("all")),
    "compat.v1.reduce_any": ("input_tensor axis=None keepdims=False", reductions.truth("any")),
    "compat.v1.reduce_logsumexp": ("input_tensor axis=None keepdims=False", reductions.log_sum_exp),
    "compat.v1.reduce_max": ("input_tensor axis=None keepdims=False", reductions.reduction("max")),
    "compat.v1.reduce_mean": ("input_tensor axis=None keepdims=False", reductions.reduction("mean")),
    "compat.v1.reduce_min": ("input_tensor axis=None keepdims=False", reductions.reduction("min")),
    "compat.v1.reduce_prod": ("input_tensor axis=None keepdims=False", reductions.reduction("prod")),
    "compat.v1.reduce_sum": ("input_tensor axis=None keepdims=False", reductions.reduction("sum")),
    "compat.v1.shape": ("input out_type=None", sizes.lower_shape),
    "compat.v1.space_to_depth": ('input block_size data_format="NHWC"', network.space_to_depth),
    "compat.v1.squeeze": ("input axis=None", shaping.squeeze),
    "compat.v1.transpose": ("a perm=None conjugate=False", lambda call, x, perm, _: shaping.transpose(call, x, perm)),
    "compat.v1.where": ("condition x=None y=None", selecting.where),
    "compat.v1.zeros_like": (
        "tensor dtype=None optimize=True",
        lambda call, x, dtype, _: arithmetic.filled(0.0)(call, x, dtype),
    ),
    "concat": ("values axis", shaping.concatenate),
    "convert_to_tensor": (
        "value dtype=None dtype_hint=None",
        lambda call, x, dtype, _: arithmetic.convert(call, x, dtype),
    ),
    "dtypes.saturate_cast": ("value dtype", arithmetic.convert_saturated),
    "einsum": ("equation", _lost),
    "ensure_shape": ("x shape", lambda call, x, _: arithmetic.same(call, x)),
    "expand_dims": ("input axis", shaping.expand_dims),
    "gather": ("params indices axis=None batch_dims=0", choosing.gather),
    "grad_pass_through": ("x", arithmetic.same),
    "identity": ("input", arithmetic.same),
    "image.resize": (
        'images size method="bilinear" preserve_aspect_ratio=False antialias=False',
        network.resize_images,
    ),
    "image.rgb_to_grayscale": ("images", lambda call, x: normalizing.grayscale(call, x, None)),
    "linalg.adjoint": ("matrix", lambda call, x: shaping.swap_axes(call, x, -1, -2)),
    "linalg.band_part": ("input num_lower num_upper", _band_part),
    "linalg.matmul": (
        "a b transpose_a=False transpose_b=False adjoint_a=False adjoint_b=False "
        "a_is_sparse=False b_is_sparse=False output_type=None",
        products.matmul_transposed,
    ),
    "linalg.matrix_transpose": ("a conjugate=False", lambda call, x, _: shaping.swap_axes(call, x, -1, -2)),
    "linalg.matvec": (
        "a b transpose_a=False adjoint_a=False a_is_sparse=False b_is_sparse=False",
        lambda call, a, b, transpose, adjoint, *_: products.matvec(call, a, b, transpose, adjoint),
    ),
    "linalg.norm": ('tensor ord="euclidean" axis=None keepdims=False', reductions.norm),
    "linalg.transpose": ("a", lambda call, x: shaping.swap_axes(call, x, -1, -2)),
    "math.abs": ("x", arithmetic.elementwise("abs")),
    "math.acos": ("x", arithmetic.elementwise("arccos")),
    "math.acosh": ("x", arithmetic.elementwise("arccosh")),
    "math.add": ("x y", arithmetic.pairwise("add")),
    "math.add_n": ("inputs", arithmetic.add_all),
    "math.argmax": ("input axis=None output_type=None", _argument(True)),
    "math.argmin": ("input axis=None output_type=None", _argument(False)),
    "math.asin": ("x", arithmetic.elementwise("arcsin")),
    "math.asinh": ("x", arithmetic.elementwise("arcsinh")),
    "math.atan": ("x", arithmetic.elementwise("arctan")),
    "math.atan2": ("y x", arithmetic.pairwise("arctan2")),
    "math.atanh": ("x", arithmetic.elementwise("arctanh")),
    "math.ceil": ("x", arithmetic.elementwise("ceil")),
    "math.conj": ("x", arithmetic.same),
    "math.cos": ("x", arithmetic.elementwise("cos")),
    "math.cosh": ("x", arithmetic.elementwise("cosh")),
    "math.count_nonzero": ("input axis=None keepdims=False dtype=None", reductions.count_nonzero),
    "math.cumprod": ("x axis=0 exclusive=False reverse=False", _cumulative("prod")),
    "math.cumsum": ("x axis=0 exclusive=False reverse=False", _cumulative("sum")),
    "math.divide": ("x y", arithmetic.divide),
    "math.divide_no_nan": ("x y", arithmetic.divide_no_nan),
    "math.equal": ("x y", arithmetic.pairwise("equal")),
    "math.erf": ("x", arithmetic.elementwise("erf")),
    "math.erfc": ("x", arithmetic.elementwise("erfc")),
    "math.exp": ("x", arithmetic.elementwise("exp")),
    "math.expm1": ("x", arithmetic.elementwise("expm1")),
    "math.floor": ("x", arithmetic.elementwise("floor")),
    "math.floordiv": ("x y", arithmetic.pairwise("floor_divide")),
    "math.floormod": ("x y", arithmetic.pairwise("mod")),
    "math.greater": ("x y", arithmetic.pairwise("greater")),
    "math.greater_equal": ("x y", arithmetic.pairwise("greater_equal")),
    "math.in_top_k": ("targets predictions k", choosing.in_top_k),
    "math.is_finite": ("x", arithmetic.elementwise("isfinite")),
    "math.is_inf": ("x", arithmetic.elementwise("isinf")),
    "math.is_nan": ("x", arithmetic.elementwise("isnan")),
    "math.l2_normalize": ("x axis=None epsilon=1e-12", network.l2_normalize),
    "math.less": ("x y", arithmetic.pairwise("less")),
    "math.less_equal": ("x y", arithmetic.pairwise("less_equal")),
    "math.log": ("x", arithmetic.elementwise("log")),
    "math.log1p": ("x", arithmetic.elementwise("log1p")),
    "math.log_sigmoid": ("x", network.activated("log_sigmoid")),
    "math.logical_and": ("x y", arithmetic.logical("and")),
    "math.logical_not": ("x", arithmetic.elementwise("logical_not")),
    "math.logical_or": ("x y", arithmetic.logical("or")),
    "math.logical_xor": ("x y", arithmetic.logical("xor")),
    "math.maximum": ("x y", arithmetic.pairwise("maximum")),
    "math.minimum": ("x y", arithmetic.pairwise("minimum")),
    "math.mod": ("x y", arithmetic.pairwise("mod")),
    "math.multiply": ("x y", arithmetic.pairwise("multiply")),
    "math.multiply_no_nan": ("x y", arithmetic.multiply_no_nan),
    "math.negative": ("x", arithmetic.elementwise("negative")),
    "math.not_equal": ("x y", arithmetic.pairwise("not_equal")),
    "math.pow": ("x y", arithmetic.pairwise("power")),
    "math.real": ("input", arithmetic.same),
    "math.reciprocal": ("x", arithmetic.elementwise("reciprocal")),
    "math.reduce_all": ("input_tensor axis=None keepdims=False", reductions.truth("all")),
    "math.reduce_any": ("input_tensor axis=None keepdims=False", reductions.truth("any")),
    "math.reduce_euclidean_norm": (
        "input_tensor axis=None keepdims=False",
        lambda call, x, axis, k: reductions.norm(call, x, None, axis, k),
    ),
    "math.reduce_logsumexp": ("input_tensor axis=None keepdims=False", reductions.log_sum_exp),
    "math.reduce_max": ("input_tensor axis=None keepdims=False", reductions.reduction("max")),
    "math.reduce_mean": ("input_tensor axis=None keepdims=False", reductions.reduction("mean")),
    "math.reduce_min": ("input_tensor axis=None keepdims=False", reductions.reduction("min")),
    "math.reduce_prod": ("input_tensor axis=None keepdims=False", reductions.reduction("prod")),
    "math.reduce_std": ("input_tensor axis=None keepdims=False", reductions.deviation),
    "math.reduce_sum": ("input_tensor axis=None keepdims=False", reductions.reduction("sum")),
    "math.reduce_variance": ("input_tensor axis=None keepdims=False", reductions.variance),
    "math.rint": ("x", arithmetic.elementwise("round")),
    "math.round": ("x", arithmetic.elementwise("round")),
    "math.rsqrt": ("x", arithmetic.elementwise("rsqrt")),
    "math.scalar_mul": ("scalar x", arithmetic.pairwise("multiply")),
    "math.sigmoid": ("x", network.activated("sigmoid")),
    "math.sign": ("x", arithmetic.elementwise("sign")),
    "math.sin": ("x", arithmetic.elementwise("sin")),
    "math.sinh": ("x", arithmetic.elementwise("sinh")),
    "math.softplus": ("features", network.activated("softplus")),
    "math.sqrt": ("x", arithmetic.elementwise("sqrt")),
    "math.square": ("x", arithmetic.elementwise("square")),
    "math.squared_difference": ("x y", arithmetic.squared_difference),
    "math.subtract": ("x y", arithmetic.pairwise("subtract")),
    "math.tan": ("x", arithmetic.elementwise("tan")),
    "math.tanh": ("x", network.activated("tanh")),
    "math.top_k": (
        "input k=1 sorted=True index_type=None",
        lambda call, x, k, _, dtype: reductions.top_k(call, x, k, dtype),
    ),
    "math.truediv": ("x y", arithmetic.divide),
    "math.xlogy": (
        "x y",
        lambda call, x, y: arithmetic.multiply_no_nan(call, arithmetic.elementwise("log")(call, y), x),
    ),
    "nn.bias_add": ("value bias data_format=None", network.bias_add),
    "nn.depth_to_space": ('input block_size data_format="NHWC"', network.depth_to_space),
    "nn.elu": ("features", network.activated("elu", 1.0)),
    "nn.embedding_lookup": ("params ids", choosing.embedding_lookup),
    "nn.gelu": ("features approximate=False", network.gelu),
    "nn.l2_normalize": ("x axis=None epsilon=1e-12", network.l2_normalize),
    "nn.leaky_relu": ("features alpha=0.2", network.leaky_relu),
    "nn.log_softmax": ("logits axis=None", lambda call, x, axis: _last(network.log_softmax, call, x, axis, None)),
    "nn.moments": (
        "x axes shift=None keepdims=False",
        lambda call, x, axes, _, keepdims: reductions.moments(call, x, axes, keepdims),
    ),
    "nn.relu": ("features", network.activated("relu")),
    "nn.relu6": ("features", network.activated("relu6")),
    "nn.selu": ("features", network.activated("selu")),
    "nn.sigmoid": ("x", network.activated("sigmoid")),
    "nn.silu": ("features beta=1.0", network.silu),
    "nn.softmax": ("logits axis=None", lambda call, x, axis: _last(network.softmax, call, x, axis, None)),
    "nn.softplus": ("features", network.activated("softplus")),
    "nn.softsign": ("features", network.activated("softsign")),
    "nn.space_to_depth": ('input block_size data_format="NHWC"', network.space_to_depth),
    "nn.tanh": ("x", network.activated("tanh")),
    "nn.top_k": (
        "input k=1 sorted=True index_type=None",
        lambda call, x, k, _, dtype: reductions.top_k(call, x, k, dtype),
    ),
    "norm": ('tensor ord="euclidean" axis=None keepdims=False', reductions.norm),
    "one_hot": ("indices depth on_value=None off_value=None axis=None dtype=None", extents.one_hot),
    "ones_like": ("input dtype=None", arithmetic.filled(1.0)),
    "pad": ('tensor paddings mode="CONSTANT" constant_values=0', shaping.pad),
    "realdiv": ("x y", arithmetic.divide),
    "repeat": ("input repeats axis=None", extents.repeat),
    "reshape": ("tensor shape", shaping.reshape),
    "reverse": ("tensor axis", shaping.flip),
    "roll": ("input shift axis", shaping.roll),
    "shape": ("input out_type=None", sizes.lower_shape),
    "sigmoid": ("x", network.activated("sigmoid")),
    "slice": ("input_ begin size", slicing.slice_from),
    "sort": ('values axis=-1 direction="ASCENDING"', reductions.ordered(False)),
    "split": (
        "value num_or_size_splits axis=0 num=None",
        lambda call, x, parts, axis, _: shaping.split(call, x, parts, axis, "sizes"),
    ),
    "squeeze": ("input axis=None", shaping.squeeze),
    "stack": ("values axis=0", shaping.stack),
    "stop_gradient": ("input", arithmetic.same),
    "strided_slice": (
        "input_ begin end strides=None begin_mask=0 end_mask=0 ellipsis_mask=0 new_axis_mask=0 shrink_axis_mask=0",
        slicing.strided_slice,
    ),
    "tanh": ("x", network.activated("tanh")),
    "tensordot": ("a b axes", products.tensordot),
    "tile": ("input multiples", shaping.tile),
    "transpose": ("a perm=None conjugate=False", lambda call, x, perm, _: shaping.transpose(call, x, perm)),
    "truncatemod": ("x y", arithmetic.pairwise("fmod")),
    "unstack": ("value num=None axis=0", shaping.unstack),
    "where": ("condition x=None y=None", selecting.where),
    "zeros_like": ("input dtype=None", arithmetic.filled(0.0)),
}

_TEXTS = {name: row for name, row in TEXT_FUNCTIONS.items() if name.startswith(("strings.", "compat.v1.strings."))}
_ROWS = (
    COUNT_FUNCTIONS,
    IMAGE_FUNCTIONS,
    LAYER_FUNCTIONS,
    LOSS_FUNCTIONS,
    MATRIX_FUNCTIONS,
    NUMBER_FUNCTIONS,
    PLACING_FUNCTIONS,
    QUANTIZING_FUNCTIONS,
    RAGGED_FUNCTIONS,
    SELECTING_FUNCTIONS,
    SIGNAL_FUNCTIONS,
    SPECIAL_FUNCTIONS,
    WINDOW_FUNCTIONS,
    _FUNCTIONS,
    _TEXTS,
)
TENSORFLOW_FUNCTIONS: dict[str, Row] = dict(sorted(item for rows in _ROWS for item in rows.items()))

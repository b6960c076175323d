"""NUMBER_FUNCTIONS: the rows of TENSORFLOW_FUNCTIONS for less common arithmetic, and for lengths of tensors."""

from __future__ import annotations

from kmin.layers.operations import arithmetic, backend, complex_numbers, numbers, tensorflow_numbers, totals
from kmin.layers.operations.arguments import Row

NUMBER_FUNCTIONS: dict[str, Row] = {
    "clip_by_global_norm": ("t_list clip_norm use_norm=None", totals.clip_by_global_norm),
    "compat.v1.div": ("x y", tensorflow_numbers.divided),
    "compat.v1.math.scalar_mul": ("scalar x", arithmetic.pairwise("multiply")),
    "compat.v1.nn.relu_layer": ("x weights biases", tensorflow_numbers.affine(True)),
    "compat.v1.nn.weighted_moments": (
        "x axes frequency_weights name=None keep_dims=None keepdims=None",
        lambda call, x, axes, weights, _, old, keep: totals.weighted_moments(call, x, axes, weights, old or keep),
    ),
    "compat.v1.nn.xw_plus_b": ("x weights biases", tensorflow_numbers.affine(False)),
    "dtypes.complex": ("real imag", complex_numbers.joined),
    "keras.backend.cast_to_floatx": ("x", backend.cast_to_floatx),
    "linalg.global_norm": ("t_list", totals.global_norm),
    "linspace": ("start stop num axis=0", tensorflow_numbers.spaced),
    "math.accumulate_n": ("inputs shape=None tensor_dtype=None", lambda call, xs, *_: arithmetic.add_all(call, xs)),
    "math.cumulative_logsumexp": ("x axis=0 exclusive=False reverse=False", tensorflow_numbers.cumulative_logarithm),
    "math.is_non_decreasing": ("x", totals.rising(False)),
    "math.is_strictly_increasing": ("x", totals.rising(True)),
    "math.nextafter": ("x1 x2", numbers.next_after),
    "math.polyval": ("coeffs x", tensorflow_numbers.polynomial),
    "math.zero_fraction": ("value", totals.zero_fraction),
    "nn.l2_loss": ("t", totals.half_square),
    "truncatediv": ("x y", tensorflow_numbers.whole_part),
}

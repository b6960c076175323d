"""How large dense layers of few rows are bound to the kernel that leaves their weights where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kmin.ops.dense import DenseAttrs
from kmin.ops.kernels.bind import then_softmax
from kmin.ops.kernels.bound import NANOSECONDS_PER_WEIGHT, Bound, Constants, Specs, after_of
from kmin.ops.tensor import Array, TensorSpec

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier

# Fewer weights stay near, and are read as they are packed; rows of few columns are not worth a start.
LEAST_WEIGHTS, LEAST_COLUMNS = 1 << 20, 512


def stays(kernel: Array) -> bool:
    """Whether these weights can be read where they are, and it pays."""
    readable = kernel.dtype == np.float32 and kernel.flags.c_contiguous and kernel.flags.aligned
    return readable and kernel.ndim == 2 and kernel.size > LEAST_WEIGHTS and kernel.shape[1] >= LEAST_COLUMNS


def bind_plain(tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: DenseAttrs) -> Bound | None:
    """None unless each sample is one row, to be multiplied by constant weights that `stays` is true of."""
    (x, *_), (data, kernel, bias, *others) = inputs, constants
    if x is None or data is not None or kernel is None or not stays(kernel) or (bias is None) != (inputs[2] is None):
        return None
    after = after_of(attrs.activation, attrs.activation_args)
    if after is None or x.shape != (None, kernel.shape[0]) or x.dtype != "float32":
        return None
    from kmin.ops.kernels._plain import plain

    made = plain(tier, kernel, bias, *after, residual=bool(others))
    cost = kernel.size * NANOSECONDS_PER_WEIGHT + after.nanoseconds(kernel.shape[1])
    return Bound((made,), False, cost, (0, 3) if others else (0,))


bind_plain_softmax = then_softmax(bind_plain)

"""Vectors of length one, as each Keras generation bounds the length it divides by."""

from __future__ import annotations

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.ops.l2_normalize import L2NormalizeAttrs


def of_unit_length(call: LayerCall, x: Tensor, axes: int | tuple[int, ...], smallest: float) -> Tensor:
    """x / max(|x|, smallest) along axes, of any float dtype.

    In float16 vectors of zeros are NaN where the bound vanishes: Keras 3 multiplies by at most 1 / smallest, which is
    infinite there, Keras 2 takes the root of at least the square of it, which is zero.
    """
    if x.dtype == "float16":
        with np.errstate(over="ignore", under="ignore", divide="ignore"):
            bound = np.float16(1 / np.float64(smallest)) if call.dialect >= 3 else np.float16(smallest**2)
        smallest = smallest if np.isfinite(bound) and bound > 0 else 0.0
    return call.add("l2_normalize", (x,), L2NormalizeAttrs(axes, smallest))

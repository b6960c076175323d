"""Numbers read as others of the same bits."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import dtype_named, tensor_of
from kmin.layers.operations.shaping import expand_dims, squeeze
from kmin.ops.view import ViewAttrs


def view(call: LayerCall, x: Any, dtype: Any) -> Tensor:
    """keras.ops.view: the last axis grows or shrinks with the size of a number."""
    value = tensor_of(call, x)
    wanted = value.dtype if dtype is None else dtype_named(call, dtype, value.dtype)
    rounded = call.builder.rounded
    if "bool" in (value.dtype, wanted) or "bfloat16" in str(dtype) or value.name in rounded:
        raise call.fail(f"bool and bfloat16 are not supported here; received {value.spec} and {dtype!r:.40}")
    if value.rank == 1 and np.dtype(value.dtype).itemsize != np.dtype(wanted).itemsize:
        call.mix_samples(value, (0,))
    return call.add("view", (value,), ViewAttrs(value.dtype, wanted, wanted))


def bitcast(call: LayerCall, x: Any, dtype: Any) -> Tensor:
    """tf.bitcast: a last axis appears or goes where the size of a number is another."""
    value = tensor_of(call, x)
    before, after = (np.dtype(dtype_named(call, name, "")).itemsize for name in (value.dtype, dtype))
    if before < after and (not value.rank or value.shape[-1] != after // before):
        raise call.fail(f"needs a last axis of {after // before}; received {value.spec}")
    wide = view(call, expand_dims(call, value, -1) if before > after else value, dtype)
    return squeeze(call, wide, -1) if before < after else wide

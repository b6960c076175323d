"""PLACING_FUNCTIONS: the rows of TENSORFLOW_FUNCTIONS that choose, place and move values, and tell shapes."""

from __future__ import annotations

from typing import Any

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations import (
    arithmetic,
    backend,
    bits,
    blocks,
    joint,
    numbers,
    shaping,
    tensorflow_numbers,
    tensorflow_windows,
    totals,
)
from kmin.layers.operations.arguments import Lowering, Row, tensor_of, unary


def _unravelled(call: LayerCall, indices: Any, dims: Any) -> Tensor:
    return shaping.stack(call, numbers.unravelled(call, indices, dims), 0)


def _scattered(kind: str | None) -> Lowering:
    return lambda call, x, places, values: joint.scatter_update(call, x, places, values, kind)


def _scattered_less(call: LayerCall, x: Any, places: Any, values: Any) -> Tensor:
    return joint.scatter_update(call, x, places, unary(call, tensor_of(call, values), "negative"), "add")


PLACING_FUNCTIONS: dict[str, Row] = {
    "bitcast": ("input type", bits.bitcast),
    "compat.v1.batch_gather": ("params indices", tensorflow_numbers.batch_gather),
    "compat.v1.batch_to_space_nd": ("input block_shape crops", blocks.batch_to_space),
    "compat.v1.convert_to_tensor": (
        "value dtype=None name=None preferred_dtype=None dtype_hint=None",
        lambda call, x, dtype, *_: arithmetic.convert(call, x, dtype),
    ),
    "compat.v1.gather_nd": ("params indices batch_dims=0", tensorflow_numbers.gather_nd),
    "compat.v1.size": ("input name=None out_type=None", lambda call, x, _, dtype: totals.size(call, x, dtype)),
    "identity_n": ("input", tensorflow_numbers.same_dtype),
    "keras.backend.batch_flatten": ("x", backend.batch_flatten),
    "rank": ("input", tensorflow_numbers.rank),
    "reverse_sequence": (
        "input seq_lengths seq_axis batch_axis=None",
        tensorflow_windows.reverse_sequence,
    ),
    "scatter_nd": ("indices updates shape", joint.scatter),
    "shape_n": ("input out_type=None", tensorflow_numbers.shapes),
    "space_to_batch_nd": ("input block_shape paddings", blocks.space_to_batch),
    "tensor_scatter_nd_add": ("tensor indices updates", _scattered("add")),
    "tensor_scatter_nd_max": ("tensor indices updates", _scattered("max")),
    "tensor_scatter_nd_min": ("tensor indices updates", _scattered("min")),
    "tensor_scatter_nd_sub": ("tensor indices updates", _scattered_less),
    "tensor_scatter_nd_update": ("tensor indices updates", _scattered(None)),
    "unravel_index": ("indices dims", _unravelled),
}

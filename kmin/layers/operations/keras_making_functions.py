"""MAKING_OPERATIONS: the rows of KERAS_FUNCTIONS that make numbers in order, counts, places and factors."""

from __future__ import annotations

from typing import Any

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations import complex_numbers, label_losses, linear_algebra, selecting, shaping, spacing
from kmin.layers.operations.arguments import Row, dtype_named, tensor_of
from kmin.layers.operations.arithmetic import convert


def _full(call: LayerCall, fill: Any, shape: Any, dtype: Any) -> Tensor:
    value = tensor_of(call, fill)
    return shaping.broadcast_to(call, convert(call, value, dtype_named(call, dtype, value.dtype)), shape)


MAKING_OPERATIONS: dict[str, Row] = {
    "CTCLoss": ("target output target_length output_length mask_index=0", label_losses.ctc_loss),
    "Bincount": ("x weights=None minlength=0 sparse=False", spacing.bincount),
    "Eig": ("x", linear_algebra.eig(True)),
    "Eigh": ("x", linear_algebra.eigh),
    "Full": ("fill_value shape dtype=None", _full),
    "Geomspace": ("start stop num=50 endpoint=True dtype=None axis=0", spacing.geomspace),
    "Linspace": ("start stop num=50 endpoint=True retstep=False dtype=None axis=0", spacing.linspace),
    "Logspace": ("start stop num=50 endpoint=True base=10 dtype=None axis=0", spacing.logspace),
    "Nonzero": ("x", selecting.nonzero),
    "Polar": ("abs_ angle", complex_numbers.in_polar),
    "Unique": (
        "x sorted=True return_index=False return_inverse=False return_counts=False axis=None size=None fill_value=None",
        selecting.unique,
    ),
    "ViewAsReal": ("x", complex_numbers.stacked_parts),
}

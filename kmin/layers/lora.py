"""LoRA: the factors of an adapted kernel or table, which a legacy .h5 file of Keras 3 keeps apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kmin.formats.spec import Array
from kmin.layers.call import LayerCall, Tensor


def adapted(call: LayerCall, name: str, shape: Sequence[int]) -> Tensor:
    """The weight `name` with its factors merged, when the file has any."""
    plain = call.weight(name, shape)
    merged = with_factors(call, name, call.layer.weights.get(name))
    return plain if merged is None else call.made(f"{name}_adapted", merged.astype(call.compute_dtype))


def with_factors(call: LayerCall, name: str, array: Array | None) -> Array | None:
    """array + alpha / rank * (a @ b); None when the file has no factors."""
    change = None if array is None else change_by_factors(call, name, array.shape)
    if array is None or change is None:
        return None
    merged: Array = array.astype("f8") + change
    return merged


def change_by_factors(call: LayerCall, name: str, shape: Sequence[int]) -> Array | None:
    """alpha / rank * (a @ b) in float64, which must have `shape`; None when the file has no factors."""
    a, b = (call.layer.weights.get(f"lora_{name}_{end}") for end in "ab")
    if a is None or b is None:
        return None
    rank = call.config.get("lora_rank")
    alpha = call.config.get("lora_alpha", rank)
    if not isinstance(rank, int) or rank < 1 or not isinstance(alpha, (int, float)):
        raise call.fail(f"LoRA weights need lora_rank and lora_alpha; received {rank!r} and {alpha!r}")
    change: Array = alpha / rank * np.matmul(a.astype("f8"), b.astype("f8"))
    if change.shape != tuple(shape):
        raise call.fail(f"LoRA weights must make a change of {tuple(shape)}; received {change.shape}")
    return change

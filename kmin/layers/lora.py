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
    factors = [call.layer.weights.get(f"lora_{name}_{end}") for end in "ab"]
    if array is None or factors[0] is None or factors[1] is None:
        return None
    rank = call.config.get("lora_rank")
    alpha = call.config.get("lora_alpha", rank)
    if not isinstance(rank, int) or rank < 1 or not isinstance(alpha, (int, float)):
        raise call.fail(f"LoRA weights need lora_rank and lora_alpha; received {rank!r} and {alpha!r}")
    change = np.matmul(factors[0].astype("f8"), factors[1].astype("f8"))
    if change.shape != array.shape:
        raise call.fail(f"LoRA weights must make a change of {array.shape}; received {change.shape}")
    merged: Array = array.astype("f8") + alpha / rank * change
    return merged

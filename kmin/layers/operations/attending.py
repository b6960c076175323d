"""Attention of keras.ops."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kmin.layers.activation import lower_softmax_of
from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import binary, cast, operands, tensor_of
from kmin.layers.operations.shaping import reshaped
from kmin.ops.attention_band import AttentionBandAttrs
from kmin.ops.binary import BinaryAttrs
from kmin.ops.einsum import EinsumAttrs
from kmin.ops.repeat import RepeatAttrs
from kmin.ops.where import WhereAttrs


def attention(
    call: LayerCall,
    query: Any,
    key: Any,
    value: Any,
    bias: Any,
    mask: Any,
    scale: Any,
    is_causal: Any,
    flash: Any,
    cap: Any,
) -> Tensor:
    """dot_product_attention over (batch, time, heads, size)."""
    q, k, v = operands(call, (query, key, value))
    if any(x.rank != 4 for x in (q, k, v)) or flash or cap is not None:
        raise call.fail("needs tensors of rank 4, no flash_attention and no attn_logits_soft_cap")
    heads, few = q.shape[2], k.shape[2]
    if heads is not None and few is not None and heads > few > 1:
        k, v = (call.add("repeat", (x,), RepeatAttrs(heads // few, 2)) for x in (k, v))
    size = q.shape[3]
    factor = scale if scale is not None else None if size is None else 1 / math.sqrt(size)
    if factor is None or isinstance(factor, Tensor):
        raise call.fail(f"needs a known last axis, or a scale from the file; received {q.spec}")
    one = k.shape[2] == 1 and heads != 1
    product = "btnh,bsh->bnts" if one else "btnh,bsnh->bnts"
    combine = "bnts,bsh->btnh" if one else "bnts,bsnh->btnh"
    if one:
        k, v = (reshaped(call, x, (("x", 0), ("x", 1), ("x", 3))) for x in (k, v))
    scores = call.add("einsum", (q, k), EinsumAttrs(product))
    wide = scores if scores.dtype == "float64" else cast(call, scores, "float32")
    wide = binary(call, wide, float(factor), "multiply")
    wide = wide if bias is None else binary(call, wide, cast(call, tensor_of(call, bias), wide.dtype), "add")
    seen = None if mask is None else cast(call, tensor_of(call, mask), "bool")
    if is_causal:
        rows = reshaped(call, q, (("x", 0), ("x", 1), -1))
        columns = reshaped(call, k, (("x", 0), ("x", 1), -1))
        band = call.add("attention_band", (rows, columns), AttentionBandAttrs(True, None))
        target = (*(1,) * (4 - band.rank), *(("x", at) for at in range(band.rank)))
        band = reshaped(call, band, (("x", 0), 1, ("x", 1), ("x", 2)) if band.rank == 3 else target)
        seen = band if seen is None else call.add("binary", (seen, band), BinaryAttrs("logical_and"))
    if seen is not None:
        low = call.constant("masked", np.asarray(-0.7 * np.finfo(wide.dtype).max, wide.dtype))
        wide = call.add("where", (seen, wide, low), WhereAttrs())
    weights = cast(call, lower_softmax_of(call, wide, -1), k.dtype)
    return call.add("einsum", (weights, v), EinsumAttrs(combine))

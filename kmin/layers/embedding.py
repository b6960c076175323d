"""Embedding, one row of a table per id, and ReversibleEmbedding, which also goes back."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.formats.policy import policy_of
from kmin.layers.call import LayerCall, Tensor
from kmin.layers.core import cast_to_compute
from kmin.layers.lora import adapted
from kmin.layers.quantized import lower_quantized_reverse, whole_table
from kmin.ops.activation import ActivationAttrs
from kmin.ops.binary import BinaryAttrs
from kmin.ops.cast import CastAttrs
from kmin.ops.einsum import EinsumAttrs
from kmin.ops.gather import GatherAttrs


def lower_embedding(call: LayerCall) -> Tensor:
    """Embedding; with mask_zero the output carries the mask ids != 0 (taken before ids become integers)."""
    ids = call.input
    if call.config.get("sparse", False):
        raise call.fail("sparse=True returns a sparse tensor and is not supported")
    rows, size = call.config.get("input_dim"), call.config.get("output_dim")
    if not isinstance(rows, int) or not isinstance(size, int):
        raise call.fail(f"input_dim and output_dim must be integers; received {rows!r} and {size!r}")
    policy = policy_of(call.config)
    if policy.mode is None:
        table = adapted(call, "embeddings", (rows, size))
    else:
        table = call.made("embeddings", whole_table(call, policy, rows, size).astype(call.compute_dtype))
    mask = None
    if call.config.get("mask_zero", False):
        zero = call.constant("zero", np.asarray(0, ids.dtype))
        mask = call.add("binary", (ids, zero), BinaryAttrs("not_equal"))
    if ids.dtype not in ("int32", "int64"):
        ids = call.add("cast", (ids,), CastAttrs("int32"))
    y = call.add("gather", (table, ids), GatherAttrs(call.dialect >= 3, f"layer '{call.path}'"))
    return cast_to_compute(call, y).masked(mask)


def lower_reversible_embedding(call: LayerCall) -> Tensor:
    """ReversibleEmbedding: an Embedding; called with reverse=True, the product with the (or another) table."""
    given = call.kwargs.get("reverse", call.args[1] if len(call.args) > 1 else False)
    if not given:
        return lower_embedding(call)
    x, config = call.input, call.config
    rows, size = config.get("input_dim"), config.get("output_dim")
    if not isinstance(rows, int) or not isinstance(size, int):
        raise call.fail(f"input_dim and output_dim must be integers; received {rows!r} and {size!r}")
    cap = config.get("logit_soft_cap")
    if policy_of(config).mode is not None:
        return _capped(call, lower_quantized_reverse(call, cast_to_compute(call, x), rows, size), cap)
    tied = bool(config.get("tie_weights", True))
    table = adapted(call, "embeddings", (rows, size)) if tied else call.weight("reverse_embeddings", (size, rows))
    dtype = config.get("reverse_dtype")
    if dtype is not None:
        if dtype not in ("float16", "float32", "float64"):
            raise call.fail(f"reverse_dtype {dtype!r} is not supported")
        x, table = (t if t.dtype == dtype else call.add("cast", (t,), CastAttrs(dtype)) for t in (x, table))
    lead = "abcdefgh"[: x.rank - 1]
    y = call.add("einsum", (x, table), EinsumAttrs(f"{lead}y,{'zy' if tied else 'yz'}->{lead}z"))
    return _capped(call, y, cap)


def _capped(call: LayerCall, y: Tensor, cap: Any) -> Tensor:
    if cap is None:
        return y
    limit = call.constant("cap", np.asarray(cap, y.dtype))
    y = call.add("activation", (call.add("binary", (y, limit), BinaryAttrs("divide")),), ActivationAttrs("tanh"))
    return call.add("binary", (y, limit), BinaryAttrs("multiply"))

"""Attention and AdditiveAttention: scores of every query with every key, and the values they weigh."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.activation import lower_softmax_of
from kmin.layers.call import LayerCall, Lowered, Tensor
from kmin.layers.core import cast_to_compute
from kmin.ops.activation import ActivationAttrs
from kmin.ops.attention_band import AttentionBandAttrs
from kmin.ops.binary import BinaryAttrs
from kmin.ops.cast import CastAttrs
from kmin.ops.einsum import EinsumAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.reshape import ReshapeAttrs
from kmin.ops.where import WhereAttrs

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def lower_attention(call: LayerCall) -> Lowered:
    """Attention (dot and concat scores) and AdditiveAttention. Sources: their `call` in Keras 2.15 and 3.15."""
    given = call.args[0] if call.args else None
    if not isinstance(given, (list, tuple)) or len(given) not in (2, 3) or len(call.inputs) != len(given):
        raise call.fail("takes a list of query, value and, perhaps, key")
    query, value, *rest = (cast_to_compute(call, x) for x in call.inputs)
    key = rest[0] if rest else value
    if query.rank < 3 or not query.rank == value.rank == key.rank:
        raise call.fail(f"needs inputs of one rank, at least 3; received {query.spec}, {value.spec} and {key.spec}")
    query_mask, value_mask = _masks(call)
    scores = _scores(call, query, key)
    seen = value_mask if value_mask is None else expanded(call, bool_mask(call, value_mask), -2)
    if argument(call, "use_causal_mask", 4, False) or call.config.get("causal"):
        axis = scores.rank - 2
        band = call.add("attention_band", (query, key), AttentionBandAttrs(True, None, (axis, axis)))
        seen = band if seen is None else call.add("binary", (seen, band), BinaryAttrs("logical_and"))
    if seen is not None:
        low = call.constant("masked", np.asarray(65504.0 if scores.dtype == "float16" else 1e9, scores.dtype))
        away = call.add("binary", (scores, low), BinaryAttrs("subtract"))
        scores = call.add("where", (seen, scores, away), WhereAttrs())
    weights = lower_softmax_of(call, scores, -1)
    lead, t, s, d = LETTERS[: scores.rank - 2], "x", "y", "z"
    y = call.add("einsum", (weights, value), EinsumAttrs(f"{lead}{t}{s},{lead}{s}{d}->{lead}{t}{d}"))
    if query_mask is not None:
        zero = call.constant("zero", np.asarray(0, y.dtype))
        y = call.add("where", (expanded(call, bool_mask(call, query_mask), -1), y, zero), WhereAttrs())
    y = y.masked(query_mask)
    return [y, weights] if argument(call, "return_attention_scores", 3, False) else y


def argument(call: LayerCall, name: str, position: int, default: Any) -> Any:
    """What the call was given for a parameter, by keyword or by position."""
    if call.kwargs.get(name) is not None:
        return call.kwargs[name]
    given = call.args[position] if len(call.args) > position else None
    return given if given is not None else default


def bool_mask(call: LayerCall, mask: Tensor) -> Tensor:
    """The mask as booleans."""
    return mask if mask.dtype == "bool" else call.add("cast", (mask,), CastAttrs("bool"))


def expanded(call: LayerCall, x: Tensor, axis: int) -> Tensor:
    """`x` with a new axis of size 1 at `axis` (negative) of the result."""
    target: list[Any] = [("x", at) for at in range(x.rank)]
    target.insert(x.rank + 1 + axis, 1)
    return call.add("reshape", (x,), ReshapeAttrs(tuple(target)))


def _masks(call: LayerCall) -> tuple[Tensor | None, Tensor | None]:
    """Masks of query and value: the call's list of masks, else those that travel with the inputs."""
    given = argument(call, "mask", 1, None)
    if given is None:
        given = [x.mask for x in call.inputs]
    if not isinstance(given, (list, tuple)) or not 2 <= len(given) <= 3:
        raise call.fail("mask must be a list with the masks of query and value")
    for mask in given[:2]:
        if mask is not None and (not isinstance(mask, Tensor) or mask.rank != 2):
            raise call.fail(f"masks must have the shape (batch, time); received {mask!r:.80}")
    return given[0], given[1]


def _scores(call: LayerCall, query: Tensor, key: Tensor) -> Tensor:
    additive = call.class_name == "AdditiveAttention"
    mode = "additive" if additive else call.option("score_mode", ("dot", "concat"), "dot")
    scaled = bool(call.config.get("use_scale", additive))
    lead, t, s, d = LETTERS[: query.rank - 2], "x", "y", "z"
    if mode == "dot":
        scores = call.add("einsum", (query, key), EinsumAttrs(f"{lead}{t}{d},{lead}{s}{d}->{lead}{t}{s}"))
        return _times(call, scores, "scale") if scaled else scores
    pairs = call.add("binary", (expanded(call, query, -2), expanded(call, key, -3)), BinaryAttrs("add"))
    if mode == "concat" and scaled:
        pairs = _times(call, pairs, "scale")
    bent = call.add("activation", (pairs,), ActivationAttrs("tanh"))
    if additive and scaled:
        scale = call.weight("scale", (query.shape[-1] if query.shape[-1] is not None else -1,))
        return call.add("einsum", (bent, scale), EinsumAttrs(f"{lead}{t}{s}{d},{d}->{lead}{t}{s}"))
    scores = call.add("reduce", (bent,), ReduceAttrs("sum", (-1,)))
    return scores if additive else _times(call, scores, "concat_score_weight")


def _times(call: LayerCall, x: Tensor, weight: str) -> Tensor:
    return call.add("binary", (x, call.weight(weight, ())), BinaryAttrs("multiply"))

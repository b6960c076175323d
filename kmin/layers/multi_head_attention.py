"""MultiHeadAttention and GroupQueryAttention."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from kmin.formats.spec import Array
from kmin.layers.activation import lower_softmax_of
from kmin.layers.activation_layers import masked_softmax_of
from kmin.layers.attention import LETTERS, argument, bool_mask, expanded
from kmin.layers.call import LayerCall, Lowered, Tensor
from kmin.layers.core import cast_to_compute
from kmin.layers.projection import Projection, project
from kmin.ops.activation import ActivationAttrs
from kmin.ops.attention_band import AttentionBandAttrs
from kmin.ops.binary import BinaryAttrs
from kmin.ops.cast import CastAttrs
from kmin.ops.einsum import EinsumAttrs
from kmin.ops.repeat import RepeatAttrs
from kmin.ops.where import WhereAttrs

_ORDER: dict[int, tuple[str, ...]] = {
    2: ("query", "value", "key", "attention_mask", "return_attention_scores", "training", "use_causal_mask"),
    3: (
        "query",
        "value",
        "key",
        "query_mask",
        "value_mask",
        "key_mask",
        "attention_mask",
        "return_attention_scores",
        "training",
        "use_causal_mask",
    ),
}


@dataclass(frozen=True)
class Heads:
    """The part of the config that shapes the computation.

    Attributes:
        query, key, value: heads and size of each, once projected.
        axes: positive axes of the projected tensors that attention runs over.
        repeats: how often each head of key and value serves.
        fused: computed by Keras 3's dot_product_attention, which scales and masks in its own way.
        scores: whether they are returned.
    """

    query: tuple[int, int]
    key: tuple[int, int]
    value: tuple[int, int]
    axes: tuple[int, ...]
    repeats: int
    fused: bool
    scores: bool


def lower_multi_head_attention(call: LayerCall) -> Lowered:
    """MultiHeadAttention, GroupQueryAttention. Sources: their `call` in Keras 2.15 and 3.15."""
    query, value, key = _operands(call)
    heads = _heads(call, query)
    seen = _mask(call, query, value, key)
    travelling = call.inputs[0].mask
    if call.dialect >= 3 and call.class_name == "MultiHeadAttention":
        # Its `call` removes the masks from the very tensors it is given; whoever reads them later sees none.
        call.builder.attended.update(x.name for x in _originals(call))
    q = _projected(call, query, "query", heads.query)
    k = _projected(call, key, "key", heads.key)
    gate = _projected(call, query, "gate", heads.query[:1] + heads.value[1:]) if call.config.get("use_gate") else None
    v = _projected(call, value, "value", heads.value)
    if heads.repeats > 1:
        k, v = (call.add("repeat", (x,), RepeatAttrs(heads.repeats, 2)) for x in (k, v))
    weights, y = _attend(call, heads, q, k, v, seen)
    if gate is not None:
        y = call.add(
            "binary", (y, call.add("activation", (gate,), ActivationAttrs("sigmoid"))), BinaryAttrs("multiply")
        )
    y = _output(call, y, query).masked(travelling)
    return [y, weights] if heads.scores else y


def _originals(call: LayerCall) -> list[Tensor]:
    """Query, value and key (the value where there is none) as they come."""
    found: list[Tensor] = []
    for name in ("query", "value", "key"):
        x = _given(call, name)
        if x is None and name == "key":
            x = found[1]
        if not isinstance(x, Tensor):
            raise call.fail(f"needs a tensor as {name}; received {x!r:.80}")
        found.append(x)
    return found


def _operands(call: LayerCall) -> tuple[Tensor, Tensor, Tensor]:
    """The same in the compute dtype, with their masks."""
    query, value, key = (cast_to_compute(call, x).masked(x.mask) for x in _originals(call))
    if min(query.rank, value.rank) < 3 or not query.rank == value.rank == key.rank:
        raise call.fail(f"needs inputs of one rank, at least 3; received {query.spec}, {value.spec} and {key.spec}")
    return query, value, key


def _given(call: LayerCall, name: str, default: Any = None) -> Any:
    return argument(call, name, _ORDER[3 if call.dialect >= 3 else 2].index(name), default)


def _integer(call: LayerCall, name: str, default: int | None = None) -> int:
    value = call.config.get(name)
    value = value if value is not None else default
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise call.fail(f"{name} must be a positive integer; received {value!r}")
    return value


def _heads(call: LayerCall, query: Tensor) -> Heads:
    scores = bool(_given(call, "return_attention_scores", False))
    dropout = call.config.get("dropout", 0.0)
    fused = call.dialect >= 3 and not dropout and not scores and query.rank == 3
    if call.class_name == "GroupQueryAttention":
        size, many, few = (_integer(call, k) for k in ("head_dim", "num_query_heads", "num_key_value_heads"))
        if query.rank != 3 or many % few:
            raise call.fail(f"needs inputs of rank 3 and heads that divide; received {query.spec}, {many} and {few}")
        return Heads((many, size), (few, size), (few, size), (1,), many // few, fused, scores)
    number, size = _integer(call, "num_heads"), _integer(call, "key_dim")
    rank = query.rank + 1  # of the projected tensors
    axes = call.config.get("attention_axes")
    if axes is None:
        axes = tuple(range(1, rank - 2))
    axes = (axes,) if isinstance(axes, int) else tuple(axes)
    if call.dialect >= 3:
        axes = tuple(axis if axis >= 0 else rank - 1 + axis for axis in axes)
    if not axes or len(set(axes)) != len(axes) or any(not 0 < axis < rank - 1 for axis in axes):
        raise call.fail(f"attention_axes must name axes between batch and features; received {axes}")
    if fused:
        if len(axes) > 1:
            raise call.fail(f"attention_axes must be one axis for inputs of rank 3; received {axes}")
        axes = (1,)  # whatever it says
    last = _integer(call, "value_dim", size)
    return Heads((number, size), (number, size), (number, last), axes, 1, fused, scores)


def _mask(call: LayerCall, query: Tensor, value: Tensor, key: Tensor) -> Tensor | None:
    """Which query sees which key: the masks of the inputs, the band and attention_mask, all joined by `and`."""
    found: list[Tensor] = []
    masks = {"query": query.mask, "value": value.mask, "key": key.mask}
    for name, travelling in masks.items():
        explicit = None
        if call.dialect >= 3 and (name != "query" or call.class_name == "GroupQueryAttention"):
            explicit = _given(call, f"{name}_mask")
        mask = explicit if explicit is not None else travelling
        if mask is None or (name == "key" and explicit is None and _given(call, "key") is None):
            continue
        if not isinstance(mask, Tensor) or mask.rank != 2:
            raise call.fail(f"{name}_mask must have the shape (batch, time); received {mask!r:.80}")
        found.append(expanded(call, bool_mask(call, mask), -1 if name == "query" else -2))
    window = call.config.get("sliding_window")
    causal = bool(_given(call, "use_causal_mask", False))
    if causal or window is not None:
        found.append(call.add("attention_band", (query, value), AttentionBandAttrs(causal, window)))
    given = _given(call, "attention_mask")
    if given is not None:
        if not isinstance(given, Tensor):
            raise call.fail(f"attention_mask must be a tensor; received {given!r:.80}")
        if not found and call.dialect < 3:
            return given  # as it is: Keras 2 computes with its numbers
        found.append(bool_mask(call, given))
    joined = found[0] if found else None
    for mask in found[1:]:
        joined = call.add("binary", (joined, mask), BinaryAttrs("logical_and"))
    return joined


def _projected(call: LayerCall, x: Tensor, part: str, sizes: tuple[int, ...]) -> Tensor:
    """[..., C] -> [..., heads, size]."""
    free, channels = LETTERS[: x.rank - 1], x.shape[-1]
    if channels is None:
        raise call.fail(f"needs a known last axis; received {x.spec}")
    return _dense(call, x, part, (f"{free}x", "xyz", f"{free}yz"), ((channels, *sizes), sizes))


def _output(call: LayerCall, y: Tensor, query: Tensor) -> Tensor:
    """[..., heads, size] -> [..., *output_shape]."""
    made = call.config.get("output_shape") if call.class_name == "MultiHeadAttention" else None
    made = made if made else [query.shape[-1]]
    made = (made,) if isinstance(made, int) else tuple(made)
    free, letters = LETTERS[: y.rank - 2], LETTERS[::-1][2 : 2 + len(made)]
    return _dense(
        call, y, "attention_output", (f"{free}yz", f"yz{letters}", f"{free}{letters}"), ((*y.shape[-2:], *made), made)
    )


def _dense(call: LayerCall, x: Tensor, part: str, terms: tuple[str, str, str], shapes: tuple[Any, Any]) -> Tensor:
    arrays: list[Array | None] = []
    for name, shape in zip((f"{part}/kernel", f"{part}/bias"), shapes, strict=True):
        if name.endswith("bias") and not call.config.get("use_bias", True):
            arrays.append(None)
            continue
        array = call.layer.weights.get(name)
        if array is None or tuple(array.shape) != tuple(shape):
            raise call.fail(f"needs the weight '{name}' of shape {shape}; received {getattr(array, 'shape', None)}")
        arrays.append(array)
    kernel, bias = arrays
    assert kernel is not None
    return project(call, x, Projection(terms, kernel, bias, f"{part}/"))


def _attend(
    call: LayerCall, heads: Heads, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Scores after the softmax, and the weighted values."""
    product, combine = _equations(q.rank, heads.axes)
    axes = tuple(range(q.rank - 1, q.rank - 1 + len(heads.axes)))
    scale = 1.0 / math.sqrt(heads.query[1])
    if mask is not None:
        for _ in range(q.rank - 1 + len(heads.axes) - mask.rank):
            mask = expanded(call, mask, -2 * len(heads.axes) - 1)
    if heads.fused:
        scores = call.add("einsum", (k, q), EinsumAttrs(product))
        wide = scores if scores.dtype == "float64" else _as(call, scores, "float32")
        wide = _scaled(call, wide, scale)
        if mask is not None:
            low = call.constant("masked", np.asarray(-0.7 * 3.38953e38, wide.dtype))
            wide = call.add("where", (mask, wide, low), WhereAttrs())
        weights = _as(call, lower_softmax_of(call, wide, -1), k.dtype)
    else:
        scores = call.add("einsum", (k, _scaled(call, q, scale)), EinsumAttrs(product))
        weights = masked_softmax_of(call, scores, mask, axes)
    return weights, call.add("einsum", (weights, v), EinsumAttrs(combine))


def _equations(rank: int, axes: tuple[int, ...]) -> tuple[str, str]:
    """Key with query, and scores with value: scores have batch, heads, query places, key places."""
    target = LETTERS[:rank]
    fresh = iter(LETTERS[rank:])
    source = "".join(next(fresh) if axis in axes else letter for axis, letter in enumerate(target))
    batch = "".join(target[axis] for axis in range(rank - 1) if axis not in axes)
    scores = batch + "".join(target[axis] for axis in axes) + "".join(source[axis] for axis in axes)
    return f"{source},{target}->{scores}", f"{scores},{source}->{target}"


def _scaled(call: LayerCall, x: Tensor, scale: float) -> Tensor:
    return call.add("binary", (x, call.constant("scale", np.asarray(scale, x.dtype))), BinaryAttrs("multiply"))


def _as(call: LayerCall, x: Tensor, dtype: str) -> Tensor:
    return x if x.dtype == dtype else call.add("cast", (x,), CastAttrs(dtype))

"""fuse_attention: scores, scale, mask, softmax and the values that they weigh run as one kernel.

Such nodes exist in plans only: their op reads query, key, value and, perhaps, a mask, and has no NumPy form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kmin.graph.ir import Graph, Node
from kmin.graph.passes.drop_dead import drop_dead
from kmin.graph.rewrite import Draft
from kmin.ops.einsum import einsum_terms
from kmin.ops.kernels.bound import NANOSECONDS_PER_FUNCTION, NANOSECONDS_PER_MAC, Bound, sample_size, served_size
from kmin.ops.tensor import Array
from kmin.plan.attention_mask import AttentionMask, read_mask
from kmin.plan.merge_projections import merged_projections

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier


class Scores(NamedTuple):
    """What stands between two products: the first of them, the factor, the mask, and the nodes that disappear."""

    product: Node
    scale: float
    mask: str | None = None
    low: float = 0.0
    additive: bool = False
    zeroed: bool = False


def fuse_attention(graph: Graph, tier: Tier) -> tuple[Graph, dict[str, Bound]]:
    """The graph with such nodes, and what they are bound to, by name."""
    draft = Draft(graph)
    bounds: dict[str, Bound] = {}
    for node in draft:
        scores = _scores(node, draft) if node.op == "einsum" else None
        fused = None if scores is None else _bind(node, scores, draft, tier)
        if fused is None:
            continue
        inputs, bounds[node.name] = fused
        draft.update(node, op="attention", inputs=inputs)
    return (drop_dead(draft.finish()) if bounds else graph), bounds


def _number(tensor: str | None, draft: Draft) -> float | None:
    """The one number that a constant holds."""
    array = None if tensor is None else draft.constants.get(tensor)
    return float(array.reshape(-1)[0]) if array is not None and array.size == 1 else None


def _alone(tensor: str | None, draft: Draft, readers: int = 1) -> Node | None:
    """The node that makes a tensor which so many inputs, and no output of the graph, read."""
    if tensor is None or draft.is_output(tensor) or len(draft.readers(tensor)) != readers:
        return None
    return draft.maker(tensor)


def _scores(node: Node, draft: Draft) -> Scores | None:
    """The way back from the product with the values to that of keys and queries."""
    last = _alone(node.inputs[0], draft)
    zeroed = None
    if last is not None and last.op == "where" and _number(last.inputs[2], draft) == 0:
        zeroed, last = last.inputs[0], _alone(last.inputs[1], draft)
    rank = draft.specs[node.inputs[0]].rank if node.inputs[0] is not None else 0
    if last is None or not (
        (last.op == "activation" and last.attrs.kind == "softmax")
        or (last.op == "softmax" and [axis % rank for axis in last.attrs.axes] == [rank - 1])
    ):
        return None
    found = _masked(last.inputs[0], draft)
    if found is None or (zeroed is not None and zeroed != found.mask):
        return None
    return found._replace(zeroed=zeroed is not None)


def _masked(tensor: str | None, draft: Draft) -> Scores | None:
    node = _alone(tensor, draft)
    if node is None:
        return None
    if node.op == "where":
        mask, scores, away = node.inputs
        low = _number(away, draft)
        if low is not None:
            return _scaled(scores, draft, 1, mask, low)
        further = _alone(away, draft)
        if further is None or further.op != "binary" or further.attrs.kind != "subtract" or further.inputs[0] != scores:
            return None
        low = _number(further.inputs[1], draft)
        return None if low is None else _scaled(scores, draft, 2, mask, -low, additive=True)
    if node.op == "binary" and node.attrs.kind == "add":
        for scores, away in (node.inputs, node.inputs[::-1]):
            hidden = _hidden(away, draft)
            if hidden is not None:
                return _scaled(scores, draft, 1, hidden[0], hidden[1], additive=True)
    return _scaled(tensor, draft, 1)


def _hidden(tensor: str | None, draft: Draft) -> tuple[str, float] | None:
    """mask and low of (1 - mask) * low."""
    node = draft.maker(tensor)
    if node is None or node.op != "binary" or node.attrs.kind != "multiply":
        return None
    low, inverse = _number(node.inputs[1], draft), draft.maker(node.inputs[0])
    if low is None or inverse is None or inverse.op != "binary" or inverse.attrs.kind != "subtract":
        return None
    if _number(inverse.inputs[0], draft) != 1:
        return None
    mask, cast = inverse.inputs[1], draft.maker(inverse.inputs[1])
    if cast is not None and cast.op == "cast" and cast.inputs[0] is not None:
        mask = cast.inputs[0] if draft.specs[cast.inputs[0]].dtype == "bool" else mask
    return None if mask is None else (mask, low)


def _scaled(
    tensor: str | None, draft: Draft, readers: int, mask: str | None = None, low: float = 0.0, additive: bool = False
) -> Scores | None:
    node, scale = _alone(tensor, draft, readers), 1.0
    if node is not None and node.op == "binary" and node.attrs.kind == "multiply":
        for inner, factor in (node.inputs, node.inputs[::-1]):
            number = _number(factor, draft)
            if number is not None:
                node, scale = _alone(inner, draft), number
                break
    if node is None or node.op != "einsum":
        return None
    return Scores(node, scale, mask, low, additive)


class _Part(NamedTuple):
    """A tensor, the values of a sample, and its strides by letter.

    `repeats`: how often each of its heads serves; `start`: where it begins in a sample.
    """

    tensor: str
    sample: int
    strides: Mapping[str, int]
    repeats: int = 1
    start: int = 0


def _part(tensor: str | None, term: str, draft: Draft, head: str) -> _Part | None:
    """An operand, repeated heads traced back to where they are stored once."""
    if tensor is None or tensor in draft.constants:
        return None
    repeats = 1
    node = draft.maker(tensor)
    if node is not None and node.op == "repeat" and node.inputs[0] is not None:
        axis = node.attrs.axis % len(term)
        if term[axis] == head and node.attrs.count > 0:
            tensor, repeats = node.inputs[0], node.attrs.count
    spec = draft.specs[tensor]
    sample = served_size(spec)
    if sample is None:
        return None
    strides, step = {}, 1
    for letter, size in zip(term[:0:-1], spec.shape[:0:-1], strict=True):
        strides[letter] = step
        step *= size if size is not None else 0
    return _Part(tensor, sample, strides, repeats)


def _side_by_side(parts: Sequence[_Part], rows: Sequence[str], draft: Draft) -> Sequence[_Part]:
    """The parts in one tensor, row by row, where they can be; `rows`: the letter of each part's rows."""
    sizes = [part.strides[row] for part, row in zip(parts, rows, strict=True)]
    if len({part.sample // size for part, size in zip(parts, sizes, strict=True)}) > 1:
        return parts
    if any(max(part.strides.values()) > size for part, size in zip(parts, sizes, strict=True)):
        return parts
    merged = merged_projections([part.tensor for part in parts], sizes, draft)
    if merged is None:
        return parts
    return [
        part._replace(
            tensor=merged.tensor,
            sample=part.sample // size * merged.size,
            strides={**part.strides, row: merged.size},
            start=start,
        )
        for part, row, size, start in zip(parts, rows, sizes, merged.starts, strict=True)
    ]


def _bind(node: Node, scores: Scores, draft: Draft, tier: Tier) -> tuple[tuple[str, ...], Bound] | None:
    from kmin.ops.kernels import _products

    left, right, term = einsum_terms(scores.product.attrs.equation)
    weights, values, result = _renamed(einsum_terms(node.attrs.equation), term)
    if weights != term or len({left[:1], right[:1], term[:1], values[:1], result[:1]}) != 1 or len(term) < 3:
        return None
    key = term[-1]
    queries, keys = (left, right) if key not in left else (right, left)
    at = 0 if key not in left else 1
    own = [c for c in term[1:-1] if c not in keys and c not in values]
    heads = [c for c in term[1:-1] if c not in own]
    size = [c for c in queries if c in keys and c not in term]
    value_size = [c for c in values if c not in term]
    if [len(own), len(size), len(value_size)] != [1, 1, 1] or len(heads) > 1:
        return None
    query, head = own[0], heads[0] if heads else ""
    wanted = (
        (queries, {query, head, size[0]}),
        (keys, {key, head, size[0]}),
        (values, {key, head, value_size[0]}),
        (result, {query, head, value_size[0]}),
    )
    if any(set(names[1:]) != letters - {""} for names, letters in wanted):
        return None
    if queries[-1] != size[0] or keys[-1] != size[0] or values[-1] != value_size[0] or result[-1] != value_size[0]:
        return None
    parts = [
        _part(tensor, names, draft, head)
        for tensor, names in (
            (scores.product.inputs[at], queries),
            (scores.product.inputs[1 - at], keys),
            (node.inputs[1], values),
        )
    ]
    q, k, v = parts
    if q is None or k is None or v is None or q.repeats != 1 or k.repeats != v.repeats:
        return None
    sizes = dict(zip(term, draft.specs[scores.product.outputs[0]].shape, strict=True))
    sizes[size[0]] = draft.specs[q.tensor].shape[-1]
    sizes[value_size[0]] = draft.specs[v.tensor].shape[-1]
    output = draft.specs[node.outputs[0]]
    if any(n is None for letter, n in sizes.items() if letter != term[0]) or served_size(output) is None:
        return None
    number = {letter: n for letter, n in sizes.items() if n is not None}
    count = number[head] if head else 1
    mask = None
    if scores.mask is not None:
        mask = read_mask(scores.mask, draft, (count if head else None, number[query], number[key]))
        if mask is None or (head and term.index(head) != 1):
            return None
    y = _strides(result, output.shape)
    dtype = None if mask is None or mask.tensor is None else draft.specs[mask.tensor].dtype
    q, k, v = _side_by_side((q, k, v), (query, key, key), draft)
    layout = {
        "heads": count,
        "group": k.repeats,
        "queries": number[query],
        "keys": number[key],
        "size": number[size[0]],
        "value_size": number[value_size[0]],
        **_lengths("q", q.sample, q.strides, head, query),
        "q_start": q.start,
        **_lengths("k", k.sample, k.strides, head, key),
        "k_start": k.start,
        **_lengths("v", v.sample, v.strides, head, key),
        "v_start": v.start,
        **_lengths("y", sample_size(output), y, head, query),
        **(mask or AttentionMask()).layout(),
    }
    causal, band = _seen(mask, scores.low)
    kernel = _products.attention(
        tier, layout, scores.scale, scores.low, band, dtype, causal, scores.additive, scores.zeroed
    )
    pairs = count * number[query] * number[key]
    cost = pairs * (number[size[0]] + number[value_size[0]]) * NANOSECONDS_PER_MAC + pairs * NANOSECONDS_PER_FUNCTION
    inputs = (q.tensor, k.tensor, v.tensor)
    if mask is not None and mask.tensor is not None:
        inputs += (mask.tensor,)  # type: ignore[assignment]
    return inputs, Bound((kernel,), False, cost, tuple(range(len(inputs))), image=True)


def _seen(mask: AttentionMask | None, low: float) -> tuple[bool, Array | None]:
    """Whether queries see just the keys up to their own place, else which of them they see."""
    band = None if mask is None else mask.band
    if mask is None or band is None:
        return False, None
    if mask.tensor is None and low <= -1e9 and np.array_equal(band, np.tri(*band.shape)):
        return True, None
    return False, band


def _renamed(terms: tuple[str, str, str], scores: str) -> tuple[str, str, str]:
    """The terms with the letters of `scores` for the axes that the first one has, and other letters for the rest."""
    new = dict(zip(terms[0], scores, strict=False))
    spare = iter("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    for letter in terms[1]:
        if letter not in new:
            new[letter] = next(spare)
    first, second, third = ("".join(new[letter] for letter in term) for term in terms)
    return first, second, third


def _strides(term: str, shape: tuple[int | None, ...]) -> dict[str, int]:
    strides, step = {}, 1
    for letter, size in zip(term[:0:-1], shape[:0:-1], strict=True):
        strides[letter] = step
        step *= size if size is not None else 0
    return strides


def _lengths(name: str, sample: int | None, strides: Mapping[str, int], head: str, row: str) -> dict[str, int]:
    return {f"{name}_sample": sample or 0, f"{name}_head": strides.get(head, 0), f"{name}_row": strides[row]}

"""How Keras' masks travel: who reads them, who passes them on, how merging layers join them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kmin.layers.call import LayerCall, Tensor, tensors
from kmin.ops.any_true import AnyTrueAttrs
from kmin.ops.binary import BinaryAttrs
from kmin.ops.concat import ConcatAttrs
from kmin.ops.fill_like import FillLikeAttrs
from kmin.ops.reshape import ReshapeAttrs

_BOTH = frozenset(
    {
        "AdditiveAttention",
        "Attention",
        "Bidirectional",
        "ConvLSTM1D",
        "ConvLSTM2D",
        "ConvLSTM3D",
        "GRU",
        "GlobalAveragePooling1D",
        "GroupQueryAttention",
        "LSTM",
        "Lambda",
        "MultiHeadAttention",
        "Pipeline",
        "RNN",
        "SimpleRNN",
        "Softmax",
        "TimeDistributed",
    }
)
# Classes whose `call` computes something else when a mask arrives. Sources: the `mask` arguments in Keras 2.15, 3.15.
READS_MASK: dict[int, frozenset[str]] = {
    2: _BOTH | {"CuDNNGRU", "CuDNNLSTM", "GroupNormalization"},
    3: _BOTH | {"GroupedQueryAttention"},
}

# Those of them whose lowering reads the mask; the others are refused when one arrives.
HANDLES_MASK: frozenset[str] = frozenset(
    {
        "AdditiveAttention",
        "Attention",
        "Bidirectional",
        "ConvLSTM1D",
        "ConvLSTM2D",
        "ConvLSTM3D",
        "CuDNNGRU",
        "CuDNNLSTM",
        "GRU",
        "GlobalAveragePooling1D",
        "GroupNormalization",
        "GroupQueryAttention",
        "LSTM",
        "MultiHeadAttention",
        "Pipeline",
        "RNN",
        "SimpleRNN",
        "Softmax",
        "TimeDistributed",
    }
)

# Classes that pass masks in one generation only.
PASSES_MASK_IN: dict[int, frozenset[str]] = {
    2: frozenset(),
    3: frozenset({"Identity", "Normalization", "Rescaling"}),
}


def mask_of(call: LayerCall) -> Tensor | None:
    """The mask a call is given: its `mask` argument, else the one that travels with its first input."""
    given = tensors(call.kwargs.get("mask"))
    if given:
        return given[0]
    return call.inputs[0].mask if call.inputs else None


def masks_of(call: LayerCall) -> list[Tensor | None]:
    """The masks of all inputs."""
    return [tensor.mask for tensor in call.inputs]


def refuse_unread_mask(call: LayerCall) -> None:
    """Raises UnsupportedError when a mask arrives that Keras would read and the lowering does not."""
    generation = 3 if call.dialect >= 3 else 2
    if call.class_name not in READS_MASK[generation] or call.class_name in HANDLES_MASK:
        return
    named = [key for key in call.kwargs if key.endswith("mask") and tensors(call.kwargs[key])]
    if named or any(mask is not None for mask in masks_of(call)):
        raise call.fail(f"a mask arrives{f' ({named[0]})' if named else ''}, and masks are not supported here")


def carried_mask(call: LayerCall, passes: frozenset[str]) -> Tensor | None:
    """The mask of the layer's output when the lowering set none: Keras' compute_mask."""
    generation = 3 if call.dialect >= 3 else 2
    masks = masks_of(call)
    if not any(mask is not None for mask in masks):
        return None
    join = JOINS_MASKS.get(call.class_name)
    if join is not None:
        return join(call, masks)
    if call.class_name in passes or call.class_name in PASSES_MASK_IN[generation]:
        return masks[0]
    return None


def _merge_mask(call: LayerCall, masks: Sequence[Tensor | None]) -> Tensor | None:
    """Keras 2: true where all masks are (absent ones do not count); Keras 3: where any is, none when one is absent."""
    present = [mask for mask in masks if mask is not None]
    if call.dialect >= 3 and len(present) < len(masks):
        return None
    kind = "logical_or" if call.dialect >= 3 else "logical_and"
    result = present[0]
    for mask in present[1:]:
        result = call.add("binary", (result, mask), BinaryAttrs(kind))
    return result


def _concatenate_mask(call: LayerCall, masks: Sequence[Tensor | None]) -> Tensor | None:
    """Masks spread over the last axis, joined, and reduced over the last axis: by all in Keras 2, by any in Keras 3."""
    axis = call.config.get("axis", -1)
    wide = []
    for x, mask in zip(call.inputs, masks, strict=True):
        if mask is None:
            wide.append(call.add("fill_like", (x,), FillLikeAttrs(1.0, "bool")))
        elif mask.rank == x.rank:
            wide.append(mask)
        else:
            if mask.rank != x.rank - 1:
                raise call.fail(f"cannot join a mask {mask.spec} with {x.spec}")
            target: tuple[Any, ...] = (*(("x", at) for at in range(mask.rank)), 1)
            spread = call.add("reshape", (mask,), ReshapeAttrs(target))
            if call.dialect >= 3:
                zeros = call.add("fill_like", (x,), FillLikeAttrs(0.0, "bool"))
                spread = call.add("binary", (spread, zeros), BinaryAttrs("logical_or"))
            wide.append(spread)
    joined = call.add("concat", wide, ConcatAttrs(axis))
    if call.dialect >= 3:
        return call.add("any_true", (joined,), AnyTrueAttrs(-1))
    # all(x) is not any(not x)
    false = call.add("fill_like", (joined,), FillLikeAttrs(0.0, "bool"))
    open_ = call.add("binary", (joined, false), BinaryAttrs("equal"))
    some = call.add("any_true", (open_,), AnyTrueAttrs(-1))
    none = call.add("fill_like", (some,), FillLikeAttrs(0.0, "bool"))
    return call.add("binary", (some, none), BinaryAttrs("equal"))


JOINS_MASKS: dict[str, Callable[[LayerCall, Sequence[Tensor | None]], Tensor | None]] = {
    "Add": _merge_mask,
    "Average": _merge_mask,
    "Concatenate": _concatenate_mask,
    "Maximum": _merge_mask,
    "Minimum": _merge_mask,
    "Multiply": _merge_mask,
    "Subtract": _merge_mask,
}

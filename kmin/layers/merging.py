"""Add, Subtract, Multiply, Average, Maximum, Minimum, Concatenate and Dot."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor, tensors
from kmin.layers.unit_length import of_unit_length
from kmin.ops.batch_dot import BatchDotAttrs
from kmin.ops.binary import BinaryAttrs
from kmin.ops.concat import ConcatAttrs
from kmin.ops.reshape import ReshapeAttrs
from kmin.ops.where import WhereAttrs

_KINDS = {"Add": "add", "Maximum": "maximum", "Minimum": "minimum", "Multiply": "multiply", "Subtract": "subtract"}


def lower_merge(call: LayerCall) -> Tensor:
    """Add, Subtract, Multiply, Maximum, Minimum: one after the other, broadcasting."""
    inputs = _operands(call)
    if call.class_name == "Subtract" and len(inputs) != 2:
        raise call.fail(f"takes two inputs; received {len(inputs)}")
    masked = call.dialect >= 3 and any(x.mask is not None for x in inputs)
    if masked and call.class_name in ("Maximum", "Minimum"):
        return _masked_extreme(call, inputs)
    if masked and call.class_name == "Multiply":
        return _masked_product(call, inputs)
    return _chain(call, inputs, _KINDS[call.class_name])


def lower_average(call: LayerCall) -> Tensor:
    """Average: the sum divided by the number of inputs."""
    inputs = _operands(call)
    total = _chain(call, inputs, "add")
    dtype = total.dtype if total.dtype.startswith("float") else "float32"
    count = call.constant("count", np.asarray(len(inputs), dtype))
    return call.add("binary", (total, count), BinaryAttrs("divide"))


def lower_concatenate(call: LayerCall) -> Tensor:
    """Concatenate along `axis`."""
    axis = call.config.get("axis", -1)
    if isinstance(axis, bool) or not isinstance(axis, int):
        raise call.fail(f"axis must be an integer; received {axis!r}")
    inputs = call.inputs
    if not inputs:
        raise call.fail("needs inputs")
    for x in inputs:
        call.mix_samples(x, (axis % x.rank,) if x.rank else ())
    return call.add("concat", inputs, ConcatAttrs(axis))


def lower_dot(call: LayerCall) -> Tensor:
    """Dot: sample by sample, summed over one axis of each input; normalize makes it the cosine."""
    inputs = call.inputs
    if len(inputs) != 2:
        raise call.fail(f"takes two inputs; received {len(inputs)}")
    axes = call.config.get("axes")
    pair = axes if isinstance(axes, (list, tuple)) else (axes, axes)
    if len(pair) != 2 or any(isinstance(axis, bool) or not isinstance(axis, int) for axis in pair):
        raise call.fail(f"axes must be one or two integers; received {axes!r}")
    for x, axis in zip(inputs, pair, strict=True):
        if not -x.rank <= axis < x.rank or axis % x.rank == 0:
            raise call.fail(f"axes must name axes after the batch; received {axes!r} for {x.spec}")
    a, b = (axis % x.rank for x, axis in zip(inputs, pair, strict=True))
    if call.config.get("normalize", False):
        smallest = 1e-7 if call.dialect >= 3 else 1e-6
        inputs = [of_unit_length(call, x, axis, smallest) for x, axis in zip(inputs, (a, b), strict=True)]
    return call.add("batch_dot", inputs, BatchDotAttrs((a, b)))


def with_constants(call: LayerCall) -> LayerCall:
    """The call with arrays among the inputs of a merging layer as tensors; Keras 2 itself cannot read its own then."""
    listed = call.args[0] if call.args else None
    if not isinstance(listed, (list, tuple)) or len(listed) == len(tensors(listed)):
        return call
    made: list[Any] = []
    for item in listed:
        if isinstance(item, np.ndarray) and item.ndim:
            cast = item.dtype.kind == "f" and call.compute_dtype.startswith("float")
            made.append(call.constant("given", item.astype(call.compute_dtype) if cast else item))
            if len(item) > 1:  # a row for each sample
                call.builder.mixes_samples = True
        elif tensors(item):
            made.append(item)
        else:
            raise call.fail(f"takes tensors and arrays; received {item!r:.60}")
    return replace(call, args=(made, *call.args[1:]))


def _operands(call: LayerCall) -> list[Tensor]:
    """The inputs brought to one rank: missing axes are put right after the batch, as in Keras' merge layers."""
    inputs = call.inputs
    if not inputs:
        raise call.fail("needs inputs")
    rank = max(x.rank for x in inputs)
    result = []
    for x in inputs:
        if x.rank < rank:
            target: tuple[Any, ...] = (("x", 0), *(1,) * (rank - x.rank), *(("x", axis) for axis in range(1, x.rank)))
            x = call.add("reshape", (x,), ReshapeAttrs(target))
        result.append(x)
    return result


def _chain(call: LayerCall, inputs: list[Tensor], kind: str) -> Tensor:
    result = inputs[0]
    for x in inputs[1:]:
        result = call.add("binary", (result, x), BinaryAttrs(kind))
    return result.masked(None)


def _spread(call: LayerCall, x: Tensor) -> Tensor | None:
    """The mask of `x` with an axis more, so that it broadcasts over the features."""
    mask = x.mask
    if mask is None:
        return None
    if mask.rank != x.rank - 1:
        raise call.fail(f"cannot apply a mask {mask.spec} to {x.spec}")
    target: tuple[Any, ...] = (*(("x", axis) for axis in range(mask.rank)), 1)
    return call.add("reshape", (mask,), ReshapeAttrs(target))


def _masked_extreme(call: LayerCall, inputs: list[Tensor]) -> Tensor:
    """Keras 3's Maximum and Minimum: where only one side is unmasked, it alone counts (Merge, 3.15)."""
    result, seen = inputs[0], _spread(call, inputs[0])
    for x in inputs[1:]:
        mask = _spread(call, x)
        if mask is not None:
            x = call.add("where", (mask, x, result), WhereAttrs())
        if seen is not None:
            result = call.add("where", (seen, result, x), WhereAttrs())
        both = mask is not None and seen is not None
        seen = call.add("binary", (seen, mask), BinaryAttrs("logical_or")) if both else None
        result = call.add("binary", (result, x), BinaryAttrs(_KINDS[call.class_name]))
    return result.masked(None)


def _masked_product(call: LayerCall, inputs: list[Tensor]) -> Tensor:
    """Keras 3's Multiply: masked factors count as 1; where all are masked the product is 0 (Multiply, 3.15)."""
    masks = [_spread(call, x) for x in inputs]
    factors = []
    for x, mask in zip(inputs, masks, strict=True):
        one = call.constant("one", np.asarray(1, x.dtype))
        factors.append(x if mask is None else call.add("where", (mask, x, one), WhereAttrs()))
    result = _chain(call, factors, "multiply")
    seen = masks[0]
    for mask in masks[1:]:
        both = mask is not None and seen is not None
        seen = call.add("binary", (seen, mask), BinaryAttrs("logical_or")) if both else None
    if seen is None:
        return result
    zero = call.constant("zero", np.asarray(0, result.dtype))
    return call.add("where", (seen, result, zero), WhereAttrs())

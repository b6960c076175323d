"""TensorFlow's blocks of images as images of their own, and the dilated convolutions that are made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import integers, tensor_of
from kmin.layers.operations.shaping import reshaped
from kmin.ops.crop import CropAttrs
from kmin.ops.pad import PadAttrs
from kmin.ops.transpose import TransposeAttrs

NOWHERE = (0, 0)


def _settings(call: LayerCall, x: Tensor, block: Any, edges: Any) -> tuple[tuple[int, ...], list[tuple[int, int]]]:
    """Sizes of a block and a pair of cells for each axis that blocks cut."""
    sizes = integers(call, block, "block_shape")
    pairs = [integers(call, pair, "a pair of cells") for pair in np.asarray(edges).reshape(-1, 2).tolist()]
    sizes = sizes * len(pairs) if len(sizes) == 1 else sizes
    if len(sizes) != len(pairs) or x.rank < len(sizes) + 1 or min(sizes, default=0) < 1:
        raise call.fail(f"needs a block and a pair of cells for each of its axes; received {block!r:.40} for {x.spec}")
    return sizes, [(a, b) for a, b in pairs]


def space_to_batch(call: LayerCall, x: Any, block: Any, paddings: Any) -> Tensor:
    """The cells at the same place of every block become an image of their own; those images stand before the batch."""
    value = tensor_of(call, x)
    sizes, pairs = _settings(call, value, block, paddings)
    rest = value.rank - 1 - len(sizes)
    if any(pair != NOWHERE for pair in pairs):
        value = call.add("pad", (value,), PadAttrs((NOWHERE, *pairs, *[NOWHERE] * rest)))
    cells = _known(call, value, len(sizes))
    if any(size % part for size, part in zip(cells, sizes, strict=True)):
        raise call.fail(f"blocks of {sizes} must fill {value.spec}")
    target: list[Any] = [("x", 0)]
    for size, part in zip(cells, sizes, strict=True):
        target += [size // part, part]
    cut = reshaped(call, value, (*target, *(("x", at) for at in range(value.rank - rest, value.rank))))
    count = len(sizes)
    order = (*range(2, 2 * count + 1, 2), 0, *range(1, 2 * count, 2), *range(2 * count + 1, cut.rank))
    turned = call.add("transpose", (cut,), TransposeAttrs(order))
    kept = tuple(size // part for size, part in zip(cells, sizes, strict=True))
    result = reshaped(call, turned, (-1, *kept, *(("x", at) for at in range(2 * count + 1, turned.rank))))
    call.builder.blocks[result.name] = (value.name, sizes)
    return result


def batch_to_space(call: LayerCall, x: Any, block: Any, crops: Any) -> Tensor:
    """The images of `space_to_batch` put together again."""
    value = tensor_of(call, x)
    sizes, pairs = _settings(call, value, block, crops)
    rest = value.rank - 1 - len(sizes)
    result = _dilated(call, value, sizes)
    if result is None:
        cells = _known(call, value, len(sizes))
        parts = reshaped(call, value, (*sizes, -1, *(("x", at) for at in range(1, value.rank))))
        count = len(sizes)
        order = [count]
        for axis in range(count):
            order += [count + 1 + axis, axis]
        turned = call.add("transpose", (parts,), TransposeAttrs((*order, *range(2 * count + 1, parts.rank))))
        whole = [size * part for size, part in zip(cells, sizes, strict=True)]
        target = (("x", 0), *whole, *(("x", at) for at in range(turned.rank - rest, turned.rank)))
        call.mix_samples(value, (0,))
        result = reshaped(call, turned, target)
    if any(pair != NOWHERE for pair in pairs):
        result = call.add("crop", (result,), CropAttrs((NOWHERE, *pairs, *[NOWHERE] * rest), empty=True))
    return result


def _dilated(call: LayerCall, x: Tensor, sizes: Sequence[int]) -> Tensor | None:
    """A convolution of the blocks of a tensor as a dilated one of the tensor itself; None when `x` is not such.

    Source: with_space_to_batch in nn_ops.py, TensorFlow 2.15.
    """
    node = next((node for node in reversed(call.builder.nodes) if x.name in node.outputs), None)
    if node is None or node.op not in ("conv", "depthwise_conv") or node.inputs[0] not in call.builder.blocks:
        return None
    name, block = call.builder.blocks[node.inputs[0]]
    attrs = node.attrs
    plain = {*attrs.strides, *attrs.dilation} == {1} and (attrs.padding == "valid" or not np.any(attrs.padding))
    if not plain or tuple(sizes) != block or len(attrs.strides) != len(block):
        return None
    specs = call.builder.specs
    weights = [None if tensor is None else Tensor(tensor, specs[tensor]) for tensor in node.inputs[1:]]
    return call.add(node.op, (Tensor(name, specs[name]), *weights), replace(attrs, dilation=block))


def _known(call: LayerCall, x: Tensor, count: int) -> tuple[int, ...]:
    sizes = tuple(size for size in x.shape[1 : count + 1] if size is not None)
    if len(sizes) != count:
        raise call.fail(f"needs {count} axes of known size after the batch; received {x.spec}")
    return sizes

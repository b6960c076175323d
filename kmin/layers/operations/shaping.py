"""Shapes: reshape, transpose, join, split, repeat, pad."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import (
    Lowering,
    axes_of,
    axis_of,
    flattened,
    integer,
    integers,
    is_number,
    tensor_list,
    tensor_of,
)
from kmin.layers.operations.sizes import (
    axis_size,
    entries_of,
    only_runs_tell,
    remember,
    shaped_by,
    sizes_of,
    target_of,
)
from kmin.ops.broadcast import BroadcastAttrs
from kmin.ops.concat import ConcatAttrs
from kmin.ops.pad import PadAttrs
from kmin.ops.reshape import ReshapeAttrs
from kmin.ops.roll import RollAttrs
from kmin.ops.slice import SliceAttrs
from kmin.ops.split_by import SplitByAttrs
from kmin.ops.tile import TileAttrs
from kmin.ops.transpose import TransposeAttrs
from kmin.ops.triangle import TriangleAttrs

ALL = (None, None, None)


def reshaped(call: LayerCall, x: Tensor, target: tuple[Any, ...]) -> Tensor:
    """x under entries of ReshapeAttrs."""
    return call.add("reshape", (x,), ReshapeAttrs(target))


def reshape(call: LayerCall, x: Any, shape: Any) -> Tensor:
    """Another shape, batch included; one size may be -1."""
    value = tensor_of(call, x)
    sizes = sizes_of(call, shape)
    if sizes is None:
        raise call.fail("the rank of the new shape is not in the file")
    others = {size[0] for size in sizes if isinstance(size, tuple) and size[0] != value.name}
    if sizes.count(-1) < 2 and sizes.count(None) + sizes.count(-1) + max(len(others) - 1, 0) > 1:
        return shaped_by(call, value, "reshape", entries_of(call, shape))
    target, other = target_of(call, value, sizes)
    whole = value.shape[0] if value.rank else 1
    if target and target[0] == -1 and whole is None and not other:
        rest = [size for size in target[1:] if isinstance(size, int)]
        own = [size for size in value.shape[1:] if size is not None]
        if len(rest) == len(target) - 1 and len(own) == value.rank - 1 and np.prod(rest) == np.prod(own):
            target = (("x", 0), *rest)
    return call.add("reshape", (value,) if other is None else (value, other), ReshapeAttrs(target))


def ravel(call: LayerCall, x: Any) -> Tensor:
    """All values in one axis."""
    return flattened(call, tensor_of(call, x))


def transpose(call: LayerCall, x: Any, axes: Any) -> Tensor:
    """The axes in another order, by default backwards."""
    value = tensor_of(call, x)
    order = range(value.rank)[::-1] if axes is None else integers(call, axes, "axes")
    return call.add("transpose", (value,), TransposeAttrs(tuple(axis_of(call, axis, value.rank) for axis in order)))


def swap_axes(call: LayerCall, x: Any, first: Any, second: Any) -> Tensor:
    """Two axes exchanged."""
    value = tensor_of(call, x)
    order = list(range(value.rank))
    a, b = axis_of(call, first, value.rank), axis_of(call, second, value.rank)
    order[a], order[b] = b, a
    return call.add("transpose", (value,), TransposeAttrs(tuple(order)))


def move_axis(call: LayerCall, x: Any, source: Any, destination: Any) -> Tensor:
    """Axes moved to other places, the others staying in order."""
    value = tensor_of(call, x)
    sources = [axis_of(call, axis, value.rank) for axis in integers(call, source, "source")]
    targets = [axis_of(call, axis, value.rank) for axis in integers(call, destination, "destination")]
    order = [axis for axis in range(value.rank) if axis not in sources]
    for target, axis in sorted(zip(targets, sources, strict=True)):
        order.insert(target, axis)
    return call.add("transpose", (value,), TransposeAttrs(tuple(order)))


def expand_dims(call: LayerCall, x: Any, axis: Any) -> Tensor:
    """New axes of size 1."""
    value = tensor_of(call, x)
    wanted = integers(call, axis, "axis")
    rank = value.rank + len(wanted)
    places = {axis_of(call, item, rank) for item in wanted}
    own = iter(range(value.rank))
    return reshaped(call, value, tuple(1 if at in places else ("x", next(own)) for at in range(rank)))


def squeeze(call: LayerCall, x: Any, axis: Any) -> Tensor:
    """Without the given axes of size 1 (by default: all that are known to be)."""
    value = tensor_of(call, x)
    if axis is None or axis == []:
        axes = tuple(at for at, size in enumerate(value.shape) if size == 1)
    else:
        axes = axes_of(call, axis, value.rank)
    if any(value.shape[at] not in (1, None) for at in axes) or (0 in axes and value.shape[0] is None):
        raise call.fail(f"the axes taken away must be 1 long; received axes {axes} of {value.spec}")
    entries: list[Any] = [("x", at) for at in range(value.rank) if at not in axes]
    return reshaped(call, value, tuple(entries))


def concatenate(call: LayerCall, values: Any, axis: Any) -> Tensor:
    """Tensors and constants joined along an axis."""
    found = tensor_list(call, values)
    at = axis_of(call, axis, found[0].rank)
    for x in found:
        call.mix_samples(x, (at,))
    constants = [x for x in found if x.rank and x.name in call.builder.constants and x.shape[0] == 1]
    if at != 0 and constants and any(x.shape[0] is None for x in found):
        raise call.fail("joins a constant to a batch, which only a batch of its size can run")
    result = call.add("concat", found, ConcatAttrs(at)) if len(found) > 1 else found[0]
    if all(x.rank == 1 for x in found) and any(x.name in call.builder.sizes for x in found):
        parts = [part for part in (sizes_of(call, x) for x in found) if part is not None]
        if len(parts) == len(found):
            remember(call, result, [size for part in parts for size in part])
    return result


def stack(call: LayerCall, values: Any, axis: Any) -> Tensor:
    """Tensors of one shape along a new axis."""
    if isinstance(values, Tensor):
        raise call.fail("stacking along the batch of one tensor is not supported")
    found = tensor_list(call, values)
    rank = found[0].rank + 1
    at = axis_of(call, axis, rank)
    if any(x.rank != rank - 1 for x in found):
        raise call.fail(f"needs tensors of one shape; received {', '.join(str(x.spec) for x in found)}")
    sizes = sizes_of(call, values) if rank == 1 else None
    wide = [expand_dims(call, x, at) for x in found]
    result = call.add("concat", wide, ConcatAttrs(at)) if len(wide) > 1 else wide[0]
    return result if sizes is None else remember(call, result, sizes)


def joined(axis: int, least: int) -> Lowering:
    """hstack, vstack, dstack: joined along `axis` of tensors with at least `least` axes."""

    def lower(call: LayerCall, values: Any) -> Tensor:
        found = tensor_list(call, values)
        if any(x.rank < least for x in found):
            raise call.fail(f"needs tensors of rank {least} or more; received {', '.join(str(x.spec) for x in found)}")
        return concatenate(call, found, axis)

    return lower


def cut(call: LayerCall, x: Tensor, axis: int, start: int | None, stop: int | None) -> Tensor:
    """x[start:stop] along one axis."""
    return call.add("slice", (x,), SliceAttrs((*(ALL,) * axis, (start, stop, None))))


def split(call: LayerCall, x: Any, parts: Any, axis: Any, by: str) -> list[Tensor]:
    """Pieces along an axis: a number of equal ones, their places (`by` places) or their sizes (`by` sizes)."""
    value = tensor_of(call, x)
    at = axis_of(call, axis, value.rank)
    call.mix_samples(value, (at,))
    size = value.shape[at]
    listed = isinstance(parts, (list, tuple, np.ndarray))
    if by == "sizes" and (isinstance(parts, Tensor) or (listed and any(isinstance(part, Tensor) for part in parts))):
        return _split_by(call, value, parts, at)
    if listed:
        edges = [0]
        if by == "places":
            edges += integers(call, parts, "indices")
        else:
            lengths = list(integers(call, parts, "sizes"))
            if -1 in lengths:
                if size is None:
                    return _split_by(call, value, lengths, at)
                lengths[lengths.index(-1)] = size - sum(lengths) - 1
            for length in lengths[:-1]:
                edges.append(edges[-1] + length)
        return [cut(call, value, at, a, b) for a, b in zip(edges, [*edges[1:], None], strict=True)]
    count = integer(call, parts, "the number of parts")
    if size is None and count > 0 and by != "nearly":
        return list(call.add_all("split_by", (value,), SplitByAttrs(at, count)))
    if size is None or count < 1 or (size % count and by != "nearly"):
        wanted = "a known size" if by == "nearly" else f"a known size that divides by {count}"
        raise call.fail(f"axis {at} must have {wanted}, for {count} parts; received {value.spec}")
    step, more = divmod(size, count)
    edges = [i * step + min(i, more) for i in range(count + 1)]
    return [cut(call, value, at, a, b) for a, b in pairwise(edges)]


def _split_by(call: LayerCall, x: Tensor, sizes: Any, axis: int) -> list[Tensor]:
    """Pieces of sizes that a run tells."""
    call.builder.mixes_samples = True
    if not isinstance(sizes, Tensor):
        known = not any(isinstance(size, Tensor) for size in sizes)
        sizes = tensor_of(call, list(sizes)) if known else stack(call, list(sizes), 0)
    if sizes.rank != 1 or sizes.shape[0] is None:
        raise call.fail(f"needs a known number of sizes; received {sizes.spec}")
    return list(call.add_all("split_by", (x, sizes), SplitByAttrs(axis, sizes.shape[0])))


def splitting(by: str, axis: int | None = None) -> Lowering:
    """split with the meaning `by` of its list; `axis` when the function has none of its own."""

    def lower(call: LayerCall, x: Any, parts: Any, given: Any = None) -> list[Tensor]:
        return split(call, x, parts, given if axis is None else axis, by)

    return lower


def unstack(call: LayerCall, x: Any, num: Any, axis: Any) -> list[Tensor]:
    """Every slice along an axis, without that axis."""
    value = tensor_of(call, x)
    at = axis_of(call, axis, value.rank)
    call.mix_samples(value, (at,))
    size = value.shape[at] if value.shape[at] is not None else num
    if size is None or (num is not None and size != num):
        raise call.fail(f"axis {at} must have a known size; received {value.spec} and {num!r}")
    rest = tuple(("x", axis) for axis in range(value.rank) if axis != at)
    pieces = [reshaped(call, cut(call, value, at, i, i + 1), rest) for i in range(size)]
    sizes = call.builder.sizes.get(value.name)
    if sizes is not None:
        for piece, known in zip(pieces, sizes, strict=True):
            remember(call, piece, [known])
    return pieces


def tile(call: LayerCall, x: Any, repeats: Any) -> Tensor:
    """Several times in a row along each axis."""
    value = tensor_of(call, x)
    sizes = sizes_of(call, repeats)
    if sizes is None:
        raise call.fail("the number of repeats is not in the file")
    sizes = [*[1] * (value.rank - len(sizes)), *sizes]
    if len(sizes) > value.rank:
        value = reshaped(call, value, (*(1,) * (len(sizes) - value.rank), *(("x", at) for at in range(value.rank))))
    if sizes[0] != 1:
        call.mix_samples(value, (0,))
    counts = [size for size in sizes if isinstance(size, int)]
    if len(counts) == len(sizes):
        return call.add("tile", (value,), TileAttrs(tuple(counts)))
    # An axis of 1 repeated as often as another axis is long is a broadcast.
    if only_runs_tell(value, sizes) or any(value.shape[at] != 1 for at, size in enumerate(sizes) if size != 1):
        given = entries_of(call, repeats)
        return shaped_by(call, value, "tile", [*[1] * (value.rank - len(given)), *given])
    return broadcast(call, value, [axis_size(value, at) if size == 1 else size for at, size in enumerate(sizes)])


def broadcast(call: LayerCall, x: Tensor, sizes: list[Any], shape: Any = None) -> Tensor:
    """x repeated along its axes of size 1; `shape` is where the sizes come from."""
    if only_runs_tell(x, sizes):
        if shape is None:
            raise call.fail("a shape that only a run can tell is not supported here")
        return shaped_by(call, x, "broadcast", entries_of(call, shape))
    if x.rank == len(sizes) and x.shape[0] is None and isinstance(sizes[0], int) and sizes[0] != -1:
        call.mix_samples(x, (0,))
    target, other = target_of(call, x, sizes)
    return call.add("broadcast", (x,) if other is None else (x, other), BroadcastAttrs(target))


def broadcast_to(call: LayerCall, x: Any, shape: Any) -> Tensor:
    """x repeated until it has the shape."""
    value = tensor_of(call, x)
    sizes = sizes_of(call, shape)
    if sizes is None:
        raise call.fail("the rank of the new shape is not in the file")
    return broadcast(call, value, sizes, shape)


def flip(call: LayerCall, x: Any, axis: Any) -> Tensor:
    """Axes read from their end."""
    value = tensor_of(call, x)
    axes = axes_of(call, axis, value.rank)
    call.mix_samples(value, axes)
    cuts = tuple((None, None, -1) if at in axes else ALL for at in range(value.rank))
    return call.add("slice", (value,), SliceAttrs(cuts))


def flip_one(axis: int) -> Lowering:
    """fliplr, flipud."""
    return lambda call, x: flip(call, x, axis)


def roll(call: LayerCall, x: Any, shift: Any, axis: Any) -> Tensor:
    """Axes rolled by so many places."""
    value = tensor_of(call, x)
    if axis is None:
        rolled = roll(call, flattened(call, value), shift, 0)
        back = ReshapeAttrs(tuple(("like", at) for at in range(value.rank)))
        return call.add("reshape", (rolled, value), back)
    for places, item in zip(integers(call, shift, "shift"), integers(call, axis, "axis"), strict=True):
        at = axis_of(call, item, value.rank)
        call.mix_samples(value, (at,))
        value = call.add("roll", (value,), RollAttrs(places, at))
    return value


def pad(call: LayerCall, x: Any, widths: Any, mode: Any, fill: Any) -> Tensor:
    """Cells around a tensor: constant, reflect or symmetric."""
    value = tensor_of(call, x)
    name = str(mode).lower()
    if isinstance(widths, np.ndarray):
        widths = widths.tolist()
    if isinstance(widths, int):
        widths = [[widths, widths]]
    elif isinstance(widths, (list, tuple)) and widths and all(isinstance(item, int) for item in widths):
        widths = [list(widths) * (2 if len(widths) == 1 else 1)]
    if any(isinstance(item, Tensor) for pair in widths if isinstance(pair, (list, tuple)) for item in pair):
        return _padded_by(call, value, widths, name, fill)
    pads = [integers(call, pair, "padding") for pair in widths] if isinstance(widths, (list, tuple)) else []
    pads = [pair * 2 if len(pair) == 1 else pair for pair in pads]
    pads = pads * value.rank if len(pads) == 1 else pads
    if name not in ("constant", "reflect", "symmetric") or not (fill is None or is_number(fill)):
        raise call.fail(f"mode must be constant, reflect or symmetric; received {mode!r} with the value {fill!r}")
    if len(pads) != value.rank or any(len(pair) != 2 for pair in pads):
        raise call.fail(f"needs a pair per axis of {value.spec}; received {widths!r:.80}")
    if pads and pads[0] != (0, 0):
        call.mix_samples(value, (0,))
    number = 0.0 if fill is None else float(fill)
    return call.add("pad", (value,), PadAttrs(tuple((a, b) for a, b in pads), number, name))


def _padded_by(call: LayerCall, x: Tensor, widths: Any, mode: str, fill: Any) -> Tensor:
    """Cells around a tensor, as many as a run tells."""
    if mode != "constant" or len(widths) != x.rank or not (fill is None or is_number(fill)):
        raise call.fail(f"numbers of cells that only a run can tell need a pair per axis and mode constant; {mode!r}")
    return shaped_by(call, x, "pad", entries_of(call, [item for pair in widths for item in pair]), fill or 0)


def triangle(upper: bool) -> Lowering:
    """tril and triu over the last two axes."""

    def lower(call: LayerCall, x: Any, k: Any) -> Tensor:
        value = tensor_of(call, x)
        call.mix_samples(value, range(max(0, value.rank - 2), value.rank))
        return call.add("triangle", (value,), TriangleAttrs(upper, integer(call, k, "k")))

    return lower

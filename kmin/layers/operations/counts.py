"""Counts of values and of pairs, sums over segments, and the best of an axis, as TensorFlow's functions make them."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor, Withheld
from kmin.layers.operations import arithmetic, joint, reductions, shaping
from kmin.layers.operations.arguments import (
    axis_of,
    binary,
    cast,
    dtype_named,
    flattened,
    integer,
    is_float,
    is_number,
    tensor_of,
    unary,
)
from kmin.layers.operations.sizes import sizes_of
from kmin.ops.binary import BinaryAttrs
from kmin.ops.concat import ConcatAttrs
from kmin.ops.cumulate import CumulateAttrs
from kmin.ops.monotonous import MonotonousAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.scatter import ScatterAttrs
from kmin.ops.sort import SortAttrs


def _binned(call: LayerCall, x: Any, limits: Any, count: Any) -> tuple[Tensor, Any, Any, int]:
    """The values, both limits in their dtype, and the number of bins."""
    value, number = tensor_of(call, x), integer(call, count, "nbins")
    if isinstance(limits, Tensor) or np.shape(limits) != (2,) or number < 1 or not is_float(value.dtype):
        raise call.fail(f"needs floats, two limits from the file and bins; received {value.spec}, {limits!r:.40}")
    low, high = np.asarray(limits, value.dtype)
    if not low < high:
        raise call.fail(f"value_range must be two numbers, the smaller first; received {limits!r:.40}")
    return value, low, high, number


def bins_of(call: LayerCall, x: Any, limits: Any, count: Any, dtype: Any) -> Tensor:
    """histogram_fixed_width_bins: which of equally wide bins each value is in, those outside in the outer ones."""
    value, low, high, number = _binned(call, x, limits, count)
    if dtype_named(call, dtype, "int32") != "int32":
        raise call.fail(f"dtype must be int32; received {dtype!r:.40}")
    share = binary(call, binary(call, value, low, "subtract"), high - low, "divide")
    place = unary(call, binary(call, share, float(number), "multiply"), "floor")
    inside = binary(call, binary(call, place, 0.0, "maximum"), float(number - 1), "minimum")
    return cast(call, inside, "int32")


def histogram(call: LayerCall, x: Any, limits: Any, count: Any, dtype: Any) -> Tensor:
    """histogram_fixed_width: how many values are in each bin, all samples together.

    TensorFlow 2.15 measures in float64 here, other than in `bins_of`.
    """
    value, low, high, number = _binned(call, x, limits, count)
    call.mix_samples(value, range(value.rank))
    kind = dtype_named(call, dtype, "int32")
    above = binary(call, cast(call, binary(call, flattened(call, value), low, "maximum"), "float64"), low, "subtract")
    places = binary(call, above, (float(high) - float(low)) / number, "divide")
    places = cast(call, binary(call, places, float(number - 1), "minimum"), "int32")
    numbers = call.constant("bins", np.arange(number, dtype="int32")[:, None])
    same = call.add("binary", (numbers, places), BinaryAttrs("equal"))
    return reductions.reduction("sum")(call, cast(call, same, kind), 1, False)  # type: ignore[no-any-return]


def confusion(call: LayerCall, labels: Any, predictions: Any, classes: Any, weights: Any, dtype: Any) -> Tensor:
    """math.confusion_matrix: how often each label met each prediction."""
    if classes is None:
        raise call.fail("needs num_classes: else the size of the result depends on values")
    number = integer(call, classes, "num_classes")
    pair = [cast(call, tensor_of(call, x), "int32") for x in (labels, predictions)]
    if any(x.rank != 1 for x in pair) or number < 1:
        raise call.fail(f"needs a label and a prediction for each sample; received {pair[0].spec} and {pair[1].spec}")
    kind = dtype_named(call, dtype, "int32")
    call.mix_samples(pair[0], (0,))
    columns = [shaping.reshaped(call, x, (-1, 1)) for x in pair]
    places = call.add("concat", columns, ConcatAttrs(1))
    ones = arithmetic.filled(1.0)(call, pair[0], kind)
    given = ones if weights is None else cast(call, tensor_of(call, weights), kind)
    blank = call.constant("counts", np.zeros((number, number), kind))
    return call.add("scatter", (blank, places, given), ScatterAttrs("add"))


def inverted(call: LayerCall, x: Any) -> Tensor:
    """math.invert_permutation: where each number stands."""
    value = tensor_of(call, x)
    if value.rank != 1 or is_float(value.dtype):
        raise call.fail(f"needs a row of whole numbers; received {value.spec}")
    call.mix_samples(value, (0,))
    return cast(call, call.add("sort", (value,), SortAttrs(0, False, True)), value.dtype)


def best(
    call: LayerCall, x: Any, k: Any, axis: Any, recall: Any, largest: Any, override: Any, aggregate: Any
) -> list[Tensor]:
    """approx_max_k and approx_min_k, exactly."""
    del recall, override
    value = tensor_of(call, x)
    if not aggregate or not is_float(value.dtype):
        raise call.fail("needs floats and aggregate_to_topk: else the size of the result is the machine's")
    if axis_of(call, axis, value.rank) != value.rank - 1:
        raise call.fail(f"reduction_dimension must be the last axis; received {axis!r:.40}")
    values, places = reductions.top_k(call, value if largest else unary(call, value, "negative"), k, None)
    return [values if largest else unary(call, values, "negative"), places]


def clip_by_average_norm(call: LayerCall, x: Any, limit: Any) -> Tensor:
    """compat.v1.clip_by_average_norm: shortened where the length per value is above the limit, all samples together."""
    value = tensor_of(call, x)
    if not is_number(limit):
        raise call.fail(f"clip_norm must be a number; received {limit!r:.40}")
    axes = tuple(range(value.rank))
    call.mix_samples(value, axes)
    squares = call.add("reduce", (unary(call, value, "square"),), ReduceAttrs("sum", axes))
    count = cast(call, joint.size(call, value), "float32")
    share = binary(call, unary(call, squares, "rsqrt"), count, "multiply")
    least = binary(call, share, 1.0 / float(limit), "minimum")
    return binary(call, binary(call, value, float(limit), "multiply"), least, "multiply")


def sufficient_statistics(call: LayerCall, x: Any, axes: Any, shift: Any, old: Any, _: Any, new: Any) -> list[Any]:
    """nn.sufficient_statistics: the count, the sum and the sum of squares, of values less the shift."""
    value = tensor_of(call, x)
    found = sorted({axis_of(call, axis, value.rank) for axis in axes})
    sizes = [size for at in found if (size := value.shape[at]) is not None]
    if len(sizes) != len(found) or isinstance(shift, Tensor):
        raise call.fail(f"needs axes of known size and a shift from the file; received {value.spec}")
    call.mix_samples(value, found)
    moved = value if shift is None else binary(call, value, shift, "subtract")
    add = reductions.reduction("sum")
    keep = old or new
    count = call.constant("count", np.asarray(np.prod(sizes), value.dtype))
    sums = [add(call, part, found, keep) for part in (moved, unary(call, moved, "square"))]
    return [count, *sums, *([] if shift is None else [tensor_of(call, shift, value.dtype)])]


def monotonous(call: LayerCall, x: Any, decreasing: Any, axis: Any) -> list[Tensor]:
    """nn.isotonic_regression: the nearest rows that never rise, and their level parts, which nobody may read."""
    value = tensor_of(call, x)
    at = axis_of(call, axis, value.rank)
    if not is_float(value.dtype):
        raise call.fail(f"needs floats; received {value.spec}")
    call.mix_samples(value, (at,))
    moved = shaping.move_axis(call, value, [at], [value.rank - 1])
    found = shaping.move_axis(
        call, call.add("monotonous", (moved,), MonotonousAttrs(bool(decreasing))), [value.rank - 1], [at]
    )
    reason = "whether parts of equal level are one segment turns on TensorFlow's own steps, so segments are not given"
    return [found, Withheld(found.name, found.spec, reason=str(call.fail(reason)))]


def unit(call: LayerCall, rows: Any, columns: Any, batch: Any, dtype: Any) -> Tensor:
    """eye of sizes that the model's shapes tell."""
    ends = [sizes_of(call, size) for size in (rows, rows if columns is None else columns)]
    kind = dtype_named(call, dtype, "float32")
    sizes = [end[0] for end in ends if end is not None and len(end) == 1]
    if batch is not None or len(sizes) != 2:
        raise call.fail("needs sizes that the model's shapes tell, and no batch_shape")
    if all(isinstance(size, int) for size in sizes):
        return call.constant("unit", np.eye(*sizes, dtype=kind))  # type: ignore[call-overload]
    one = call.constant("one", np.ones(1, "int32"))
    lines = []
    for size in sizes:
        if isinstance(size, tuple) and size[1] == 0:
            call.builder.mixes_samples = True
        lines.append(call.add("cumulate", (shaping.broadcast(call, one, [size]),), CumulateAttrs(0)))
    column = shaping.reshaped(call, lines[0], (-1, 1))
    return cast(call, call.add("binary", (column, lines[1]), BinaryAttrs("equal")), kind)

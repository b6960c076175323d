"""Rows of one segment brought together: sums, means, products, extremes."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations import arithmetic
from kmin.layers.operations.arguments import Lowering, binary, cast, flattened, integer, tensor_of, unary
from kmin.layers.operations.shaping import reshaped
from kmin.layers.operations.sizes import number_of
from kmin.layers.operations.tensorflow_numbers import quotient
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.segment import SegmentAttrs
from kmin.ops.shape_of import ShapeOfAttrs
from kmin.ops.unique import UniqueAttrs
from kmin.ops.where import WhereAttrs


def unsorted_segment(kind: str) -> Lowering:
    """math.unsorted_segment_*: each row goes where its id says, rows of negative ids nowhere."""

    def lower(call: LayerCall, x: Any, ids: Any, count: Any) -> Tensor:
        value, places = tensor_of(call, x), tensor_of(call, ids)
        call.mix_samples(value, (0,))
        call.mix_samples(places, (0,))
        if places.rank > 1:
            if places.rank > value.rank:
                raise call.fail(f"needs an id for each row; received {places.spec} for {value.spec}")
            value = reshaped(call, value, (-1, *(("x", axis) for axis in range(places.rank, value.rank))))
            places = flattened(call, places)
        return _brought(call, kind, value, places, count, False)

    return lower


def unsorted_mean(call: LayerCall, x: Any, ids: Any, count: Any) -> Tensor:
    """math.unsorted_segment_mean."""
    total, many = _with_counts(call, x, ids, count)
    return arithmetic.divide(call, total, many)


def over_root(call: LayerCall, x: Any, ids: Any, count: Any) -> Tensor:
    """math.unsorted_segment_sqrt_n: sums over the roots of how many values there are."""
    total, many = _with_counts(call, x, ids, count)
    return binary(call, total, unary(call, many, "sqrt"), "divide")


def sorted_segment(kind: str) -> Lowering:
    """math.segment_*: the last id tells the size of the result; 0 where no id is (a product: 1)."""

    def lower(call: LayerCall, x: Any, ids: Any) -> Tensor:
        value, places = tensor_of(call, x), tensor_of(call, ids)
        if places.rank != 1 or not places.dtype.startswith(("int", "uint")):
            raise call.fail(f"needs segment_ids as a row of whole numbers; received {places.spec}")
        count: Any = _many(call, ids, places)
        call.mix_samples(value, (0,))
        call.mix_samples(places, (0,))
        total = _brought(call, "sum" if kind == "mean" else kind, value, places, count, True)
        if kind in ("prod", "sum"):
            return total
        ones = binary(call, binary(call, places, 0, "multiply"), 1, "add")
        many = _brought(call, "sum", cast(call, ones, "int32"), places, count, True)
        many = reshaped(call, many, (-1, *(1,) * (value.rank - 1)))
        if kind == "mean":
            return quotient(call, total, cast(call, binary(call, many, 1, "maximum"), value.dtype))
        blank = call.constant("blank", np.zeros((), total.dtype))
        return call.add("where", (binary(call, many, 0, "greater"), total, blank), WhereAttrs())

    return lower


def keras_segment(kind: str) -> Lowering:
    """segment_max, segment_min, segment_prod, segment_sum of keras.ops as it calls TensorFlow.

    Without a number of segments Keras 3.15 takes the largest id's for maxima, and the number of different ids for all
    the others.
    """

    def lower(call: LayerCall, x: Any, ids: Any, count: Any, ordered: Any) -> Tensor:
        if ordered:
            if count is not None:
                raise call.fail("num_segments must be None where sorted is True, as in Keras with TensorFlow")
            return sorted_segment(kind)(call, x, ids)  # type: ignore[no-any-return]
        if count is None:
            places = flattened(call, tensor_of(call, ids))
            if kind == "max":
                count = binary(call, _largest(call, places), 1, "add")
            else:
                call.builder.mixes_samples = True
                different = call.add_all("unique", (places,), UniqueAttrs(0, False, "int32"))[0]
                count = call.add("shape_of", (different,), ShapeOfAttrs("int32"))
        return unsorted_segment(kind)(call, x, ids, count)  # type: ignore[no-any-return]

    return lower


def _with_counts(call: LayerCall, x: Any, ids: Any, count: Any) -> tuple[Tensor, Tensor]:
    value = tensor_of(call, x)
    together = unsorted_segment("sum")
    total = together(call, value, ids, count)
    ones = together(call, arithmetic.filled(1.0)(call, value, None), ids, count)
    return total, binary(call, ones, 1, "maximum")


def _many(call: LayerCall, ids: Any, places: Tensor) -> Any:
    """How many segments sorted ids make: a number when they are in the file."""
    if isinstance(ids, Tensor):
        return binary(call, _largest(call, places), 1, "add")
    known = np.asarray(ids)
    if not known.size or (np.diff(known) < 0).any() or known[0] < 0 or known[-1] >= 1 << 20:
        raise call.fail("segment_ids must be sorted and not negative")
    return int(known[-1]) + 1


def _largest(call: LayerCall, ids: Tensor) -> Tensor:
    call.builder.mixes_samples = True
    return call.add("reduce", (ids,), ReduceAttrs("max", (0,), False, True))


def _brought(call: LayerCall, kind: str, x: Tensor, ids: Tensor, count: Any, ordered: bool) -> Tensor:
    if not isinstance(count, Tensor):
        return call.add("segment", (x, ids), SegmentAttrs(kind, integer(call, count, "num_segments"), ordered))
    call.builder.mixes_samples = True
    number = number_of(call, count, "num_segments")
    return call.add("segment", (x, ids, number), SegmentAttrs(kind, None, ordered))

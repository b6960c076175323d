"""count_up: numbers from one to another in equal steps, as many as values tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec

# More numbers than any model counts, fewer than fill the memory.
MOST_COUNTED = 1 << 28


@dataclass(frozen=True)
class CountUpAttrs:
    """Nothing to choose."""


def infer_count_up(specs: Specs, attrs: CountUpAttrs) -> tuple[TensorSpec, ...]:
    start, stop, step = specs
    if start.rank or stop.rank or step.rank or not start.dtype == stop.dtype == step.dtype:
        raise InputError(f"count_up needs three numbers of one dtype; received {start}, {stop} and {step}")
    return (TensorSpec((None,), start.dtype),)


def run_count_up(arrays: Arrays, attrs: CountUpAttrs) -> tuple[Array, ...]:
    """start (), stop (), step () -> [how many]; each is the one before plus the step (Range of TensorFlow 2.15).

    Raises:
        InputError: the step leads away from the stop, or there are too many numbers.
    """
    start, stop, step = (np.asarray(array) for array in arrays)
    first, last, stride = start.item(), stop.item(), step.item()
    if stride == 0 or (last > first and stride < 0) or (last < first and stride > 0) or last - first != last - first:
        raise InputError(f"a range must have a step towards its end; received {first}, {last}, {stride}")
    with np.errstate(over="ignore"):
        number = np.ceil(np.abs((stop - start) / step)) if start.dtype.kind == "f" else -((first - last) // stride)
    if not number <= MOST_COUNTED:
        raise InputError(f"a range may have {MOST_COUNTED} numbers; received {number}")
    count = int(number)
    steps = np.full(count, step, start.dtype)
    if count:
        steps[0] = start
    return (np.cumsum(steps, dtype=start.dtype),)


OP = Op(CountUpAttrs, infer_count_up, run_count_up)

"""How embeddings, and the ids and masks before them, are bound to compiled kernels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from kmin.ops.binary import BinaryAttrs
from kmin.ops.cast import CastAttrs
from kmin.ops.gather import GatherAttrs
from kmin.ops.kernels.bound import Bound, Constants, Specs, sample_size, served_size
from kmin.ops.tensor import TensorSpec

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier

NANOSECONDS_PER_ID = 2.0
NANOSECONDS_PER_COPIED = 0.1
IDS = ("int32", "int64")


def bind_gather(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: GatherAttrs
) -> Bound | None:
    """Ids that are computed, of a constant table."""
    from kmin.ops.kernels import _lookup

    table, ids, size = constants[0], inputs[1], served_size(output)
    count = None if ids is None else sample_size(ids)
    if table is None or ids is None or size is None or not count or constants[1] is not None or ids.dtype not in IDS:
        return None
    flat = np.ascontiguousarray(table).reshape(len(table), math.prod(table.shape[1:]))
    kernel = _lookup.gather(tier, flat, count, ids.dtype, attrs.wrap)
    return Bound((kernel,), False, count * NANOSECONDS_PER_ID + size * NANOSECONDS_PER_COPIED, (1,))


def bind_cast(tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: CastAttrs) -> Bound | None:
    """float32 to int32."""
    from kmin.ops.kernels import _lookup

    size = served_size(inputs[0])
    if size is None or constants[0] is not None or attrs.dtype != "int32":
        return None
    return Bound((_lookup.to_int32(tier, size),), False, size * 0.5)


def bind_not_equal(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: BinaryAttrs
) -> Bound | None:
    """Values compared with one number."""
    from kmin.ops.kernels import _lookup

    x, number = inputs[0], constants[1]
    size = None if x is None else sample_size(x)
    if x is None or not size or number is None or number.ndim or constants[0] is not None:
        return None
    if x.dtype not in _lookup.TYPES or number.dtype != x.dtype:
        return None
    return Bound((_lookup.differ(tier, size, x.dtype, number.item()),), False, size * 0.5)

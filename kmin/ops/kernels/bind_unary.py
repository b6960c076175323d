"""How elementwise mathematics is bound to compiled kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmin.ops.kernels.bound import NANOSECONDS_PER_FUNCTION, Bound, Constants, Specs, served_size
from kmin.ops.tensor import TensorSpec
from kmin.ops.unary import UnaryAttrs

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier

UNARY_KERNELS = ("abs", "erf", "exp", "log", "reciprocal", "rsqrt", "sqrt", "square")


def bind_unary(tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: UnaryAttrs) -> Bound | None:
    size = served_size(inputs[0])
    if size is None or constants[0] is not None or attrs.kind not in UNARY_KERNELS:
        return None
    return Bound((tier.elementwise(attrs.kind, (), size),), True, size * NANOSECONDS_PER_FUNCTION)

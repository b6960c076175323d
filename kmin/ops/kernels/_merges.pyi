from typing import Any

from numpy.typing import NDArray

from kmin.ops.kernels._tiers import Kernel, Tier

def binary(
    tier: Tier,
    kind: str,
    outer: int,
    middle: int,
    inner: int,
    constant: NDArray[Any] | None = None,
    broadcast: bool = False,
    swapped: bool = False,
) -> Kernel: ...
def reduce(tier: Tier, kind: str, outer: int, count: int, inner: int) -> Kernel: ...

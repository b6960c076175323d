from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from kmin.ops.kernels._tiers import Kernel, Tier

def indirect(
    tier: Tier,
    name: str,
    images: int,
    channels: int,
    axes: Sequence[tuple[int, int, int, Sequence[Sequence[int]]]],
    weights: Sequence[NDArray[Any]],
    bias: NDArray[Any] | None,
    groups: int,
    low: float,
    high: float,
    function: str | None,
    args: Sequence[float],
    residual: bool = False,
) -> Kernel: ...

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from kmin.ops.kernels._tiers import Kernel, Tier

MOST_STAGES: int

def gated(
    tier: Tier,
    weights: NDArray[Any],
    bias: NDArray[Any] | None,
    rows_per_sample: int,
    low: float,
    high: float,
    function: str | None,
    args: Sequence[float],
    residual: bool = False,
) -> Kernel: ...
def chain(
    tier: Tier,
    stages: Sequence[tuple[Mapping[str, int], NDArray[Any], NDArray[Any] | None, Sequence[Any]]],
    residual: bool = False,
) -> Kernel: ...

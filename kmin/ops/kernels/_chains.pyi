from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from kmin.ops.kernels._tiers import Kernel, Tier

MOST_STAGES: int

Stage = tuple[Mapping[str, int], NDArray[Any], NDArray[Any] | None, Sequence[Any]]

def expand(tier: Tier, point: Stage, depthwise: Stage) -> Kernel: ...
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
    stages: Sequence[Stage],
    residual: bool = False,
) -> Kernel: ...

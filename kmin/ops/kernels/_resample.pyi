from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from kmin.ops.kernels._tiers import Kernel, Tier

def resample(
    tier: Tier,
    name: str,
    images: int,
    channels: int,
    axes: Sequence[tuple[int, NDArray[Any], NDArray[Any]]],
    maximum: bool = False,
    fill: float = 0.0,
) -> Kernel: ...

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from kmin.ops.kernels._tiers import Kernel, Tier

MOST_STAGES: int

def chain(
    tier: Tier,
    stages: Sequence[tuple[Mapping[str, int], NDArray[Any], NDArray[Any] | None, Sequence[Any]]],
    residual: bool = False,
) -> Kernel: ...

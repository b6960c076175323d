from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from kmin.ops.kernels._tiers import Kernel, Tier

MOST_LAYERS: int
MOST_WIDTH: int

def narrow(
    tier: Tier,
    layers: Sequence[tuple[NDArray[Any], NDArray[Any] | None, Sequence[Any]]],
    rows_per_sample: int = 1,
) -> Kernel: ...

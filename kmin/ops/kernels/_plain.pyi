from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kmin.ops.kernels._tiers import Kernel, Tier

def plain(
    tier: Tier,
    weights: NDArray[np.float32],
    bias: NDArray[np.float32] | None,
    low: float = ...,
    high: float = ...,
    function: str | None = None,
    args: Sequence[float] = (),
    residual: bool = False,
) -> Kernel: ...

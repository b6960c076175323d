from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from kmin.ops.kernels._tiers import Kernel, Tier

SET: int

def strassen(
    tier: Tier,
    weights: NDArray[Any],
    bias: NDArray[Any] | None,
    rows: int,
    width: int,
    line: int,
    cell: int,
    x_sample: int,
    blocks: int,
    groups: int,
    parts: int,
    low: float = ...,
    high: float = ...,
    function: str | None = None,
    args: Sequence[float] = (),
    residual: bool = False,
) -> Kernel: ...

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from kmin.ops.kernels._tiers import Kernel, Tier

def winograd(
    tier: Tier,
    geometry: Mapping[str, int],
    weights: NDArray[Any],
    bias: NDArray[Any] | None,
    size: int,
    shared: bool,
    low: float = ...,
    high: float = ...,
    function: str | None = None,
    args: Sequence[float] = (),
    residual: bool = False,
    depth: tuple[int, int, int, int, int] | None = None,
    across: int = 0,
    wide: int = 0,
    pooled: tuple[int, int] | None = None,
) -> Kernel: ...

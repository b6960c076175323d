from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from kmin.ops.kernels._tiers import Kernel, Tier

def volume(
    tier: Tier,
    geometry: Mapping[str, int],
    depth: tuple[int, int, int, int, int],
    weights: NDArray[Any],
    bias: NDArray[Any] | None,
    low: float = ...,
    high: float = ...,
    function: str | None = None,
    args: Sequence[float] = (),
    residual: bool = False,
) -> Kernel: ...

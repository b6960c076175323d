from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from kmin.ops.kernels._tiers import Kernel, Tier

MOST_FEW: int
SHORT_LANES: int

def conv(
    tier: Tier,
    geometry: Mapping[str, int],
    weights: NDArray[Any],
    bias: NDArray[Any] | None,
    whole_rows: bool = False,
    by_lines: bool = False,
    low: float = ...,
    high: float = ...,
    function: str | None = None,
    args: Sequence[float] = (),
    residual: bool = False,
    pooled: tuple[int, int] | None = None,
) -> Kernel: ...
def conv_few(
    tier: Tier,
    geometry: Mapping[str, int],
    weights: NDArray[Any],
    bias: NDArray[Any] | None,
    low: float = ...,
    high: float = ...,
    function: str | None = None,
    args: Sequence[float] = (),
) -> Kernel: ...
def depthwise(
    tier: Tier,
    geometry: Mapping[str, int],
    weights: NDArray[Any],
    bias: NDArray[Any] | None,
    low: float = ...,
    high: float = ...,
    function: str | None = None,
    args: Sequence[float] = (),
    residual: bool = False,
) -> Kernel: ...
def grouped(
    tier: Tier,
    geometry: Mapping[str, int],
    weights: NDArray[Any],
    bias: NDArray[Any] | None,
    groups: int,
    low: float = ...,
    high: float = ...,
    function: str | None = None,
    args: Sequence[float] = (),
) -> Kernel: ...
def pool(tier: Tier, kind: str, geometry: Mapping[str, int]) -> Kernel: ...
def pad(tier: Tier, geometry: Mapping[str, int], fill: float = 0.0) -> Kernel: ...

from typing import Any

from numpy.typing import NDArray

from kmin.ops.kernels._tiers import Kernel, Tier

def norm(
    tier: Tier,
    outer: int,
    n: int,
    gamma: NDArray[Any] | None,
    beta: NDArray[Any] | None,
    epsilon: float,
    run: int = 1,
    period: int = 1,
    centred: bool = True,
    keeps_mean: bool = False,
    length: bool = False,
) -> Kernel: ...
def norm_columns(
    tier: Tier,
    outer: int,
    count: int,
    columns: int,
    gamma: NDArray[Any] | None,
    beta: NDArray[Any] | None,
    epsilon: float,
    group: int = 1,
    by_row: bool = False,
    centred: bool = True,
    keeps_mean: bool = False,
    length: bool = False,
) -> Kernel: ...
def scale_shift(
    tier: Tier,
    mean: NDArray[Any],
    scale: NDArray[Any],
    shift: NDArray[Any],
    rows_per_sample: int = 1,
    low: float = ...,
    high: float = ...,
) -> Kernel: ...

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from kmin.ops.kernels._tiers import Kernel, Tier

MOST_LOOPS: int

def product(
    tier: Tier,
    loops: Sequence[tuple[int, int, int, int]],
    shape: tuple[int, int, int],
    a: tuple[int, int],
    b: tuple[int, int],
    y_row: int,
    sizes: tuple[int, int, int],
    constants: tuple[NDArray[Any] | None, NDArray[Any] | None] = (None, None),
) -> Kernel: ...
def attention(
    tier: Tier,
    layout: Mapping[str, int],
    scale: float,
    low: float = 0.0,
    band: NDArray[Any] | None = None,
    mask: str | None = None,
    causal: bool = False,
    additive: bool = False,
    zeroed: bool = False,
) -> Kernel: ...

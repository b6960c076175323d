from typing import Any

from numpy.typing import NDArray

from kmin.ops.kernels._tiers import Kernel, Tier

TYPES: dict[str, int]

def gather(tier: Tier, table: NDArray[Any], per_sample: int, dtype: str, wrap: bool = False) -> Kernel: ...
def differ(tier: Tier, per_sample: int, dtype: str, number: float) -> Kernel: ...
def to_int32(tier: Tier, per_sample: int) -> Kernel: ...

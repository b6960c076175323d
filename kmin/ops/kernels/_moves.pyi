from collections.abc import Sequence

from kmin.ops.kernels._tiers import Kernel, Tier

MOST_AXES: int

def move(
    tier: Tier, name: str, axes: Sequence[tuple[int, int]], offset: int, x_sample: int, dtype: str = "float32"
) -> Kernel: ...

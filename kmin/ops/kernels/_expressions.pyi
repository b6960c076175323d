from collections.abc import Sequence

from kmin.ops.kernels._tiers import Kernel, Tier
from kmin.ops.tensor import Array

MOST_INPUTS: int
MOST_STEPS: int
AXES: int
KINDS: tuple[str, ...]

def expression(
    tier: Tier,
    sizes: Sequence[int],
    inputs: Sequence[tuple[Array | None, Sequence[int], int, bool]],
    steps: Sequence[tuple[str, Sequence[float], Sequence[int]]],
    slots: Sequence[int],
    truth: bool,
) -> Kernel: ...
def contiguous(sizes: Sequence[int]) -> tuple[int, ...]: ...
def repeats(sizes: Sequence[int], strides: Sequence[int]) -> bool: ...

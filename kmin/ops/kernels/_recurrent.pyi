from collections.abc import Mapping, Sequence
from typing import Any

from kmin.ops.kernels._tiers import Kernel, Tier
from kmin.ops.tensor import Array

CELLS: dict[str, int]
GATES: dict[str, int]
MERGES: dict[str, int]

def recurrent(
    tier: Tier,
    cell: str,
    steps: int,
    units: int,
    directions: Sequence[Mapping[str, Any]],
    activation: tuple[str, Sequence[float]],
    recurrent_activation: tuple[str, Sequence[float]],
    sequences: bool = False,
    masked: bool = False,
    zero_output: bool = False,
    merge: str = "concat",
) -> Kernel: ...
def of_words(tier: Tier, kernel: Kernel, table: Array, dtype: str, wrap: bool = False) -> Kernel: ...

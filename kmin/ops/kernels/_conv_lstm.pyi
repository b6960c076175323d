from collections.abc import Sequence

from kmin.ops.kernels._tiers import Kernel, Tier

def conv_lstm(
    tier: Tier,
    project: Kernel,
    recur: Kernel,
    steps: int,
    filters: int,
    activation: tuple[str, Sequence[float]],
    recurrent_activation: tuple[str, Sequence[float]],
    masked: bool = False,
    states: Sequence[bool] = (False, False),
    backwards: bool = False,
    sequences: bool = False,
) -> Kernel: ...

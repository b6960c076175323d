from kmin.ops.kernels._tiers import Kernel, Tier

def pooled(
    tier: Tier, product: Kernel, kind: str, rows: int, outer: int = 1, blocks: int = 1, groups: int = 1
) -> Kernel: ...

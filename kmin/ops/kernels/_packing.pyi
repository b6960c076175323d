from typing import Any

import numpy as np
from numpy.typing import NDArray

from kmin.ops.kernels._tiers import Kernel

class Differences:
    size: int

def differences(kernel: Kernel, weights: NDArray[Any]) -> Differences | None: ...
def unpacked(kernel: Kernel, differences: Differences | None = None) -> NDArray[np.float32]: ...

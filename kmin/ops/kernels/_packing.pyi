import numpy as np
from numpy.typing import NDArray

from kmin.ops.kernels._tiers import Kernel

def unpacked(kernel: Kernel) -> NDArray[np.float32]: ...

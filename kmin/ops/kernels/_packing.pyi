import numpy as np
from numpy.typing import NDArray

from kmin.ops.kernels._tiers import Kernel

def quarters(kernel: Kernel) -> tuple[NDArray[np.float32], NDArray[np.float32]]: ...
def unpacked(kernel: Kernel) -> NDArray[np.float32]: ...

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

FUNCTIONS: dict[str, int]

def find_tier(name: str) -> Tier | None: ...
def cpu_features() -> tuple[str, ...]: ...

class Kernel:
    name: str
    operands: int
    reads: int
    writes: int
    constant_bytes: int
    def __call__(self, x: NDArray[Any], y: NDArray[Any]) -> None: ...

class Tier:
    name: str
    @property
    def lanes(self) -> int: ...
    @property
    def tile_rows(self) -> int: ...
    def dense(
        self,
        weights: NDArray[Any],
        bias: NDArray[Any] | None,
        rows_per_sample: int = 1,
        low: float = ...,
        high: float = ...,
        function: str | None = None,
        args: Sequence[float] = (),
    ) -> Kernel: ...
    def elementwise(self, function: str, args: Sequence[float] = (), per_sample: int = 1) -> Kernel: ...
    def softmax(self, n: int, rows_per_sample: int = 1, logarithm: bool = False) -> Kernel: ...

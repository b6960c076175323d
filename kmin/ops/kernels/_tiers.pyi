from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

FUNCTIONS: dict[str, int]
PAIRS: dict[str, int]
REDUCTIONS: dict[str, int]
MOST_JOINED: int

def find_tier(name: str) -> Tier | None: ...
def cpu_features() -> tuple[str, ...]: ...

class Kernel:
    name: str
    most_parts: int
    operands: int
    reads: tuple[int, ...]
    writes: int
    further: tuple[int, ...]
    types: tuple[str, ...]
    refuses: bool
    constant_bytes: int
    scratch_bytes: int
    thread_bytes: int
    columns: int
    parts: tuple[int, ...] | None
    packed: tuple[int, ...] | None
    @property
    def reads_apart(self) -> bool: ...
    @property
    def writes_apart(self) -> bool: ...
    def lay_apart(self, read: int | None = None, write: int | None = None) -> None: ...
    def __call__(self, *arrays: NDArray[Any], threads: int = 1) -> None: ...

class Tier:
    name: str
    funnel: bool
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
        residual: bool = False,
    ) -> Kernel: ...
    def elementwise(
        self, function: str, args: Sequence[float] = (), per_sample: int = 1, columns: int | None = None
    ) -> Kernel: ...
    def softmax(self, n: int, rows_per_sample: int = 1, logarithm: bool = False) -> Kernel: ...
    def concat(
        self,
        outer: int,
        sizes: Sequence[int],
        columns: Sequence[int] | None = None,
        strides: Sequence[int] | None = None,
        total: int | None = None,
        y_stride: int | None = None,
    ) -> Kernel: ...

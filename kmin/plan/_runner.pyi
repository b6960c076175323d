from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from kmin.ops.kernels._tiers import Kernel

class Program:
    row_bytes: int
    block_rows: int
    scratch_bytes: int
    threads: int
    @property
    def relays(self) -> list[tuple[int, int]]: ...
    def __init__(
        self,
        steps: Sequence[tuple[Kernel, Sequence[tuple[int, int, int, int]]]],
        inputs: Sequence[tuple[Sequence[int], str]],
        outputs: Sequence[tuple[Sequence[int], str]],
        row_bytes: int,
        block_rows: int,
        row_nanoseconds: float,
        threads: int = 1,
    ) -> None: ...
    def call(self, x: Any) -> NDArray[Any] | None: ...
    def step_nanoseconds(self, arrays: Sequence[NDArray[Any]], repeats: int) -> list[int]: ...
    def run(self, arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]] | None: ...

class Caller:
    def __call__(self, x: Any) -> Any: ...
    def call_straight(self, program: Program | None) -> None: ...
    def call_checked(self, x: Any) -> Any: ...

"""Operation: one kernel call of a native segment over named tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Kernel


class Operation(NamedTuple):
    """One kernel call: the tensors it reads and writes, and how the plan prints it."""

    kernel: Kernel
    sources: tuple[str, ...]
    target: str
    in_place: bool  # the target may take the first source's place
    layer: str
    further: tuple[str, ...] = ()  # written after the target

    @property
    def targets(self) -> tuple[str, ...]:
        """Every tensor that is written."""
        return self.target, *self.further

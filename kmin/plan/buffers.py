"""Buffers: which stretch of one workspace each intermediate tensor of a native segment takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

ALIGNMENT = 64


class Lifetime(NamedTuple):
    """A tensor's first and last step (both included) and its size in bytes per row."""

    first: int
    last: int
    size: int


def aligned(size: int) -> int:
    """`size` rounded up so that a buffer after it is aligned for any number of rows."""
    return -(-size // ALIGNMENT) * ALIGNMENT


def assign_buffers(lifetimes: Sequence[Lifetime]) -> tuple[list[int], int]:
    """Offset of each tensor and the size of the workspace, in bytes per row.

    Tensors that live at the same step never overlap. The largest are placed first, each at the lowest offset that is
    free for its whole life (greedy by size: Pisarchyk and Lee, 2020, arXiv:2001.03288).
    """
    offsets = [0] * len(lifetimes)
    alive: list[list[int]] = [[] for _ in range(max((life.last for life in lifetimes), default=-1) + 1)]
    total = 0
    for number in sorted(range(len(lifetimes)), key=lambda number: -lifetimes[number].size):
        life = lifetimes[number]
        offset = 0
        steps = alive[life.first : life.last + 1]
        for other in sorted({other for step in steps for other in step}, key=lambda number: offsets[number]):
            if offsets[other] >= offset + aligned(life.size):
                break
            offset = max(offset, offsets[other] + aligned(lifetimes[other].size))
        offsets[number] = offset
        for step in steps:
            step.append(number)
        total = max(total, offset + aligned(life.size))
    return offsets, total

"""Which matrix products of a sample's rows take one step of Strassen's method, and how they are cut for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kmin.ops.kernels.bound import SHORT_LANES, After
from kmin.ops.tensor import Array

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Kernel, Tier

# With fewer rows, reading the weights, of which there are seven quarters, takes as long as the arithmetic; but down to
# FEW_ROWS the sums pay for themselves where rows lie so far apart that they drive each other out of the nearest cache.
LEAST_ROWS, FEW_ROWS = 96, 40
FAR = 1024
# On short vectors seven quarters of more weights than these bytes have to serve so many rows, which then go through
# them together as far as their sums take no more than MANY_BYTES; else a group is as many blocks as share a panel.
HEAVY, LEAST_HEAVY_ROWS, MANY_BYTES = 4 << 20, 128, 2 << 20
# What is done around the seven products, in multiply-adds that take as long: for each value of a pair's halves, each
# result of a pair by a half of the columns (or one that is reduced at once), and each time that a chain of
# products joins those before.
PER_VALUE, PER_RESULT, PER_NEAR, PER_CHAIN = 20, 45, 25, 3
CHAIN = 64
# The least that is worth seven quarters of the weights' memory.
GAIN = 0.97
# A block of pairs of rows is cut lower than a tile, so that there are as many for each thread, but not below this.
LEAST_HEIGHT = 8
# Up to so many blocks are made a multiple of that number.
FEW_BLOCKS = 32
EVEN = 8
# Sums of a group of pairs, which stay near one core while it goes through all columns.
GROUP_BYTES = 512 << 10
TASKS = 8
# Columns for each pair of rows from which on threads share the columns.
SHARED = 20
# Time of a product by halves, of that of a plain one.
PER_PRODUCT = 0.9


class Rows(NamedTuple):
    """Where rows of a sample lie: number r begins at r / width * line + r % width * cell of its floats."""

    rows: int
    width: int
    line: int
    cell: int
    sample: int


def pays(rows: int, weights: Array, lanes: int, near: bool = False) -> bool:
    """Whether a product of so many rows with these weights is faster by halves; `near`: results need not be kept."""
    depth, columns = weights.shape
    if rows < (FEW_ROWS if depth % FAR == 0 else LEAST_ROWS) or depth % 2 or columns % 2:
        return False
    if lanes <= SHORT_LANES and rows < LEAST_HEAVY_ROWS and 7 * weights.size > HEAVY:
        return False
    pairs, half_depth, half = (rows + 1) // 2, whole(depth // 2, lanes), whole(columns // 2, lanes)
    cost = 7 * half_depth * half + PER_VALUE * half_depth + (PER_NEAR if near else PER_RESULT) * half
    cost += 7 * PER_CHAIN * half * (-(-half_depth // CHAIN) - 1)
    return pairs * cost < GAIN * rows * depth * whole(columns, lanes)


def whole(size: int, lanes: int) -> int:
    return -(-size // lanes) * lanes


def cut(rows: int, depth: int, columns: int, tier: Tier) -> tuple[int, int, int]:
    """Blocks of pairs of rows, groups of blocks, and parts of the columns."""
    from kmin.ops.kernels._strassen import SET

    pairs, panels = (rows + 1) // 2, -(-columns // (4 * tier.lanes))
    blocks = -(-pairs // tier.tile_rows)
    for multiple in (EVEN, 2):
        rounded = -(-blocks // multiple) * multiple
        if blocks <= FEW_BLOCKS and pairs // rounded >= min(LEAST_HEIGHT, tier.tile_rows - 1):
            blocks = rounded
            break
    heavy, short = 7 * depth * columns > HEAVY, tier.lanes <= SHORT_LANES
    groups = -(-14 * pairs * depth // (MANY_BYTES if heavy and short else GROUP_BYTES))
    if short and not heavy:
        groups = max(groups, -(-blocks // SET))
    # A thread that has its own rows sums up no others', and finds them near in the next product; but where there are
    # many more weights than rows, threads had better share those, if columns can be split evenly.
    if groups > 1 or columns < SHARED * pairs or (panels < TASKS and panels % 2):
        groups = min(whole(groups, 2), blocks)
    return blocks, groups, min(panels, -(-TASKS // groups))


def strassen(tier: Tier, weights: Array, bias: Array | None, rows: Rows, after: After, residual: bool) -> Kernel:
    """The kernel of a product that `pays`."""
    from kmin.ops.kernels import _strassen

    depth, columns = weights.shape
    shape = cut(rows.rows, depth, columns, tier)
    low, high, function, args = after
    return _strassen.strassen(tier, weights, bias, *rows, *shape, low, high, function, args, residual)

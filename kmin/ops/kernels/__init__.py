"""Kernels: compiled twins of ops, one build per tier of CPUs; which tier is used is settled here, once, at import.

`KMIN_KERNELS=numpy|generic|avx2|avx512|neon` forces a choice; otherwise the best tier that was built and that this
machine can run is taken, and `numpy` (no compiled kernel at all) when there is none.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from kmin.errors import KminError

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier

try:
    from kmin.ops.kernels import _tiers
except ImportError:  # pure-Python install
    _COMPILED = False
else:
    _COMPILED = True

# From the slowest to the fastest.
NAMES = ("numpy", "generic", "neon", "avx2", "avx512")


class Choice(NamedTuple):
    """What runs an op: the tier chosen for it, and all tiers that could."""

    op: str
    tier: str
    available: tuple[str, ...]


class Report(NamedTuple):
    """The state of the kernels on this machine.

    Attributes:
        active: the tier in use.
        forced: whether KMIN_KERNELS chose it.
        available: tiers that were built and that this machine can run, slowest first.
        compiled: whether the package holds compiled kernels.
        cpu: features of the processor that tiers ask about.
        choices: one row per op.
    """

    active: str
    forced: bool
    available: tuple[str, ...]
    compiled: bool
    cpu: tuple[str, ...]
    choices: tuple[Choice, ...]


def tier(name: str) -> Tier | None:
    """The compiled tier of that name; None for `numpy`.

    Raises:
        KminError: it does not exist, was not built, or cannot run on this machine.
    """
    if name not in AVAILABLE:
        raise KminError(f"kernels must be one of {', '.join(AVAILABLE)} on this machine; received '{name}'")
    return _TIERS.get(name)


def active() -> Tier | None:
    """The tier in use; None for `numpy`."""
    return _TIERS.get(ACTIVE)


def report() -> Report:
    """Which tier runs which op, and why."""
    from kmin.ops import OPS
    from kmin.ops.kernels.bind import BINDERS

    choices = tuple(
        Choice(op, ACTIVE if op in BINDERS else "numpy", AVAILABLE if op in BINDERS else ("numpy",)) for op in OPS
    )
    cpu = _tiers.cpu_features() if _COMPILED else ()
    return Report(ACTIVE, _FORCED is not None, AVAILABLE, _COMPILED, cpu, choices)


def _chosen(forced: str | None) -> str:
    if forced is None:
        return AVAILABLE[-1]
    if forced not in AVAILABLE:
        raise KminError(f"KMIN_KERNELS must be one of {', '.join(AVAILABLE)} on this machine; received '{forced}'")
    return forced


_found = {name: _tiers.find_tier(name) for name in NAMES} if _COMPILED else {}
_TIERS: dict[str, Tier] = {name: found for name, found in _found.items() if found is not None}
AVAILABLE: tuple[str, ...] = tuple(name for name in NAMES if name == "numpy" or name in _TIERS)
_FORCED = os.environ.get("KMIN_KERNELS") or None
ACTIVE: str = _chosen(_FORCED)

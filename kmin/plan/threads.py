"""How many threads a native call may run on."""

from __future__ import annotations

import os

from kmin.errors import KminError

MOST_THREADS = 64


def usable_cores() -> int:
    """Cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def chosen_threads(threads: int | None = None) -> int:
    """`threads`, or for None what KMIN_NUM_THREADS or else OMP_NUM_THREADS says, or else the cores of this process.

    Raises:
        KminError: it is not a positive whole number.
    """
    if threads is not None:
        if isinstance(threads, bool) or not hasattr(threads, "__index__") or threads < 1:
            raise KminError(f"threads must be a positive whole number; received {threads!r}")
        return min(int(threads), MOST_THREADS)
    for name in ("KMIN_NUM_THREADS", "OMP_NUM_THREADS"):
        text = os.environ.get(name, "").split(",")[0].strip()  # OpenMP's form may list one number per nested level
        if not text:
            continue
        if text.isdecimal() and int(text) > 0:
            return min(int(text), MOST_THREADS)
        raise KminError(f"{name} must be a positive whole number; received '{os.environ[name]}'")
    return min(usable_cores(), MOST_THREADS)

"""The vectorised functions of every tier at every float32 that matters, by hand.

`python tests/ops/kernels/sweep_functions.py` compares with float64 all values of the stretch where a function does
anything, elsewhere one in `--stride`; with `--stride 1` all of them. It prints the largest error in units in the last
place and where that is, per function and tier, and exits with 1 when one is above `--most`. It takes half a minute per
function, with `--stride 1` several.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

sys.path += [str(Path(__file__).parents[2]), str(Path(__file__).parents[3])]  # an installed kmin comes first

from ops.kernels.test_functions import exact, ulps

from kmin.ops import kernels

# Function -> smallest and largest magnitude between which every value is tried.
STRETCHES = {
    "erf": (2.0**-12, 8.0),
    "exp": (2.0**-12, 128.0),
    "log": (0.25, 4.0),
    "sigmoid": (2.0**-12, 128.0),
    "tanh": (2.0**-12, 32.0),
}
CHUNK = 1 << 20
COUNT = 1 << 32


def chunks(low: float, high: float, stride: int) -> Iterator[Any]:
    """Float32 values of both signs, infinities and NaN among them, a chunk at a time."""
    first, last = (int(np.float32(value).view(np.uint32)) for value in (low, high))
    half = COUNT // 2
    for sign in (0, half):
        for begin, end, step in ((0, first, stride), (first, last, 1), (last, half, stride)):
            for at in range(begin, end, CHUNK * step):
                bits = np.arange(at, min(at + CHUNK * step, end), step, dtype=np.uint64) + sign
                yield bits.astype(np.uint32).view(np.float32)
    yield np.array([np.inf, -np.inf, np.nan], np.float32)


def reference(function: str, x: Any) -> Any:
    """The function in float64; SciPy's erf, where there is one, is much faster than the standard library's."""
    if function == "erf":
        try:
            from scipy.special import erf
        except ImportError:
            pass
        else:
            return erf(x)
    return exact(function, x)


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("functions", nargs="*", metavar="FUNCTION", help=f"of {', '.join(STRETCHES)}; all unless given")
    parser.add_argument("--stride", type=int, default=499)
    parser.add_argument("--most", type=float, default=2.0, help="largest error that is allowed, in ulp")
    options = parser.parse_args()
    failed = False
    for function in options.functions or STRETCHES:
        tiers = {name: kernels.tier(name) for name in kernels.AVAILABLE[1:]}
        worst, where, tried = dict.fromkeys(tiers, 0.0), dict.fromkeys(tiers, math.nan), 0
        for x in chunks(*STRETCHES[function], options.stride):
            with np.errstate(all="ignore"):
                wanted = reference(function, x.astype(np.float64))
            tried += x.size
            for name, tier in tiers.items():
                y = np.empty_like(x)
                assert tier is not None
                tier.elementwise(function)(x, y)
                errors = ulps(y, wanted)
                at = int(errors.argmax())
                if errors[at] > worst[name]:
                    worst[name], where[name] = float(errors[at]), float(x[at])
        found = ", ".join(f"{name} {worst[name]:.2f} at {where[name]:.9g}" for name in tiers)
        print(f"{function}: {tried:,} values, largest error in ulp: {found}", flush=True)
        failed = failed or max(worst.values()) > options.most
    sys.exit(failed)


if __name__ == "__main__":
    main()

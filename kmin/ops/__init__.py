"""OPS: op name -> (attrs, infer, run, macs). One op, one file, plain NumPy: the truth for every kernel.

An op module imports NumPy, `kmin.errors` and other op modules only, and every top-level name is unique across the
room: the standalone export concatenates the sources of the ops a model uses.
"""

from __future__ import annotations

from kmin.ops import activation, cast, dense
from kmin.ops.tensor import Op

OPS: dict[str, Op] = {
    "activation": activation.OP,
    "cast": cast.OP,
    "dense": dense.OP,
}

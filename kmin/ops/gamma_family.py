"""gamma_family: incomplete gamma and beta functions, Hurwitz' zeta function and polygamma."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.incomplete import gamma_parts, incomplete_beta
from kmin.ops.promote import broadcast_shapes
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec
from kmin.ops.zeta import hurwitz_zeta, polygamma

GAMMA_FAMILY: dict[str, tuple[int, Callable[..., Array]]] = {
    "betainc": (3, incomplete_beta),
    "igamma": (2, lambda a, x: gamma_parts(a, x)[0]),
    "igammac": (2, lambda a, x: gamma_parts(a, x)[1]),
    "polygamma": (2, polygamma),
    "zeta": (2, hurwitz_zeta),
}


@dataclass(frozen=True)
class GammaFamilyAttrs:
    """kind: key of GAMMA_FAMILY."""

    kind: str


def infer_gamma_family(specs: Specs, attrs: GammaFamilyAttrs) -> tuple[TensorSpec, ...]:
    count, _ = GAMMA_FAMILY.get(attrs.kind, (0, None))
    if len(specs) != count or len({spec.dtype for spec in specs}) != 1 or np.dtype(specs[0].dtype).kind != "f":
        raise InputError(f"gamma_family '{attrs.kind}' needs {count} floats of one dtype; received {list(specs)}")
    return (TensorSpec(broadcast_shapes([spec.shape for spec in specs]), specs[0].dtype),)


def run_gamma_family(arrays: Arrays, attrs: GammaFamilyAttrs) -> tuple[Array, ...]:
    """Two or three floats that broadcast -> one."""
    wide = [np.asarray(array, np.float64) for array in np.broadcast_arrays(*arrays)]
    with np.errstate(all="ignore"):
        result = GAMMA_FAMILY[attrs.kind][1](*wide) if wide[0].size else wide[0]
    return (np.asarray(result).astype(arrays[0].dtype),)


OP = Op(GammaFamilyAttrs, infer_gamma_family, run_gamma_family)

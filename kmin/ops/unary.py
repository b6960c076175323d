"""unary: elementwise mathematics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.bessel import bessel_i0e, bessel_i1, bessel_i1e
from kmin.ops.bessel_falls import bessel_k0, bessel_k0e, bessel_k1, bessel_k1e
from kmin.ops.bessel_waves import bessel_j0, bessel_j1, bessel_y0, bessel_y1
from kmin.ops.erf import erf, erfc_positive, erfinv
from kmin.ops.gamma import digamma, log_gamma
from kmin.ops.known_integrals import dawson, exponential_integral, fresnel_cosine, fresnel_sine, spence
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class UnaryAttrs:
    """kind: key of UNARIES."""

    kind: str


def erfc_elementwise(x: Array) -> Array:
    """1 - erf(x), with all its digits where it is tiny."""
    return np.where(x > 0, erfc_positive(np.abs(x)), 1 - erf(np.minimum(x, x.dtype.type(0))))


def rsqrt_elementwise(x: Array) -> Array:
    """1 / sqrt(x)"""
    return 1 / np.sqrt(x)


def bessel_i0(x: Array) -> Array:
    """The modified Bessel function of order 0."""
    return np.i0(x)


# Kinds that work on integers as well, and keep their dtype.
UNARIES_OF_NUMBERS: dict[str, Callable[[Array], Array]] = {
    "abs": np.abs,
    "negative": np.negative,
    "sign": np.sign,
    "square": np.square,
}
UNARIES: dict[str, Callable[[Array], Array]] = {
    "abs": np.abs,
    "arccos": np.arccos,
    "arccosh": np.arccosh,
    "arcsin": np.arcsin,
    "arcsinh": np.arcsinh,
    "arctan": np.arctan,
    "arctanh": np.arctanh,
    "bessel_j0": bessel_j0,
    "bessel_j1": bessel_j1,
    "bessel_k0": bessel_k0,
    "bessel_k0e": bessel_k0e,
    "bessel_k1": bessel_k1,
    "bessel_k1e": bessel_k1e,
    "bessel_y0": bessel_y0,
    "bessel_y1": bessel_y1,
    "bitwise_not": np.invert,
    "cbrt": np.cbrt,
    "ceil": np.ceil,
    "cos": np.cos,
    "cosh": np.cosh,
    "dawsn": dawson,
    "deg2rad": np.deg2rad,
    "digamma": digamma,
    "erf": erf,
    "erfc": erfc_elementwise,
    "erfinv": erfinv,
    "exp": np.exp,
    "exp2": np.exp2,
    "expint": exponential_integral,
    "expm1": np.expm1,
    "floor": np.floor,
    "fresnel_cos": fresnel_cosine,
    "fresnel_sin": fresnel_sine,
    "i0": bessel_i0,
    "i0e": bessel_i0e,
    "i1": bessel_i1,
    "i1e": bessel_i1e,
    "isfinite": np.isfinite,
    "isinf": np.isinf,
    "isnan": np.isnan,
    "log": np.log,
    "log10": np.log10,
    "log1p": np.log1p,
    "log2": np.log2,
    "log_gamma": log_gamma,
    "logical_not": np.logical_not,
    "negative": np.negative,
    "rad2deg": np.rad2deg,
    "reciprocal": np.reciprocal,
    "round": np.rint,
    "rsqrt": rsqrt_elementwise,
    "sign": np.sign,
    "signbit": np.signbit,
    "sin": np.sin,
    "sinc": np.sinc,
    "sinh": np.sinh,
    "spence": spence,
    "sqrt": np.sqrt,
    "square": np.square,
    "tan": np.tan,
    "trunc": np.trunc,
}
UNARY_PREDICATES = ("isfinite", "isinf", "isnan", "logical_not", "signbit")


def infer_unary(specs: Specs, attrs: UnaryAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if attrs.kind not in UNARIES:
        raise InputError(f"unary '{attrs.kind}' does not exist")
    kind = np.dtype(x.dtype).kind
    if attrs.kind in UNARY_PREDICATES:
        return (TensorSpec(x.shape, "bool"),)
    if attrs.kind == "bitwise_not":
        fits = kind in "iub"
    else:
        fits = kind == "f" or (attrs.kind in UNARIES_OF_NUMBERS and kind in "iu")
    if not fits:
        raise InputError(f"unary '{attrs.kind}' does not take {x}")
    return (x,)


def run_unary(arrays: Arrays, attrs: UnaryAttrs) -> tuple[Array, ...]:
    """x -> f(x); outside its domain nan or inf, as in every engine."""
    (x,) = arrays
    wide = x.astype(np.float32) if x.dtype == np.float16 else x
    with np.errstate(all="ignore"):
        y = np.asarray(UNARIES[attrs.kind](wide))
    return (y.astype(bool if attrs.kind in UNARY_PREDICATES else x.dtype, copy=False),)


OP = Op(UnaryAttrs, infer_unary, run_unary)

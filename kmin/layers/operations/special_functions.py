"""SPECIAL_FUNCTIONS: the rows of TENSORFLOW_FUNCTIONS for Bessel functions, integrals with names and gamma's family."""

from __future__ import annotations

from typing import Any

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations import numbers, reductions, tensorflow_numbers
from kmin.layers.operations.arguments import Lowering, Row, binary, operands, tensor_of
from kmin.ops.gamma_family import GammaFamilyAttrs

_BESSEL = ("j0", "j1", "k0", "k0e", "k1", "k1e", "y0", "y1")
_INTEGRALS = ("dawsn", "expint", "fresnel_cos", "fresnel_sin", "spence")


def _family(kind: str) -> Lowering:
    return lambda call, *values: call.add("gamma_family", operands(call, values), GammaFamilyAttrs(kind))


def _log_beta(call: LayerCall, x: Any) -> Tensor:
    """The logarithm of the beta function of the values along the last axis."""
    value = tensor_of(call, x)
    add, log = reductions.reduction("sum"), numbers.special("log_gamma")
    return binary(call, add(call, log(call, value), -1, False), log(call, add(call, value, -1, False)), "subtract")


SPECIAL_FUNCTIONS: dict[str, Row] = {
    "math.bessel_i0e": ("x", numbers.special("i0e")),
    "math.bessel_i1": ("x", numbers.special("i1")),
    "math.bessel_i1e": ("x", numbers.special("i1e")),
    "math.betainc": ("a b x", _family("betainc")),
    "math.digamma": ("x", numbers.special("digamma")),
    "math.erfcinv": ("x", tensorflow_numbers.inverse_error(-1.0, 1.0, 1.0)),
    "math.igamma": ("a x", _family("igamma")),
    "math.igammac": ("a x", _family("igammac")),
    "math.lbeta": ("x", _log_beta),
    "math.lgamma": ("x", numbers.special("log_gamma")),
    "math.ndtri": ("x", tensorflow_numbers.inverse_error(2.0, -1.0, 2**0.5)),
    "math.polygamma": ("a x", _family("polygamma")),
    "math.zeta": ("x q", _family("zeta")),
    **{f"math.special.bessel_{n}": ("x", numbers.special(f"bessel_{n}")) for n in _BESSEL},
    **{f"math.special.{n}": ("x", numbers.special(n)) for n in _INTEGRALS},
}

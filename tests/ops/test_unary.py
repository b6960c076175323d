"""unary: against Python's math module."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.tensor import TensorSpec
from kmin.ops.unary import OP, UNARIES, UNARY_PREDICATES, UnaryAttrs

PYTHON = {
    "abs": abs,
    "arccos": math.acos,
    "arccosh": lambda v: math.acosh(v) if v >= 1 else math.nan,
    "arcsin": math.asin,
    "arcsinh": math.asinh,
    "arctan": math.atan,
    "arctanh": lambda v: math.atanh(v) if abs(v) < 1 else math.copysign(math.inf, v),
    "cbrt": lambda v: math.copysign(abs(v) ** (1 / 3), v),
    "ceil": math.ceil,
    "cos": math.cos,
    "cosh": math.cosh,
    "deg2rad": math.radians,
    "digamma": lambda v: (math.lgamma(v + 1e-5) - math.lgamma(v - 1e-5)) / 2e-5 if v not in (-1, 0) else math.nan,
    "erf": math.erf,
    "erfc": math.erfc,
    "erfinv": lambda v: math.copysign(math.inf, v) if abs(v) == 1 else NormalDist().inv_cdf((v + 1) / 2) / math.sqrt(2),
    "exp": math.exp,
    "exp2": lambda v: 2.0**v,
    "expm1": math.expm1,
    "floor": math.floor,
    "i0": lambda v: sum((v / 2) ** (2 * k) / math.factorial(k) ** 2 for k in range(30)),
    "i0e": lambda v: PYTHON["i0"](v) * math.exp(-abs(v)),
    "i1": lambda v: sum((v / 2) ** (2 * k + 1) / math.factorial(k) / math.factorial(k + 1) for k in range(30)),
    "i1e": lambda v: PYTHON["i1"](v) * math.exp(-abs(v)),
    "isfinite": math.isfinite,
    "isinf": math.isinf,
    "isnan": math.isnan,
    "log": lambda v: math.log(v) if v > 0 else math.nan,
    "log10": lambda v: math.log10(v) if v > 0 else math.nan,
    "log1p": lambda v: math.log1p(v) if v > -1 else -math.inf,
    "log2": lambda v: math.log2(v) if v > 0 else math.nan,
    "log_gamma": lambda v: math.lgamma(v) if v != -1 else math.inf,
    "logical_not": lambda v: not v,
    "negative": lambda v: -v,
    "rad2deg": math.degrees,
    "reciprocal": lambda v: 1 / v,
    "round": round,
    "rsqrt": lambda v: 1 / math.sqrt(v) if v > 0 else math.nan,
    "sign": lambda v: math.copysign(1, v),
    "signbit": lambda v: v < 0,
    "sin": math.sin,
    "sinc": lambda v: math.sin(math.pi * v) / (math.pi * v),
    "sinh": math.sinh,
    "sqrt": lambda v: math.sqrt(v) if v >= 0 else math.nan,
    "square": lambda v: v * v,
    "tan": math.tan,
    "trunc": math.trunc,
}
X = np.array([-1.0, -0.75, -0.25, 0.125, 0.5, 1.0])


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("kind", PYTHON)
def test_values(kind: str, dtype: str) -> None:
    x = X.astype(dtype)
    (got,) = OP.run([x], UnaryAttrs(kind))
    wanted = [PYTHON[kind](float(v)) for v in x]
    assert got.dtype == (bool if kind in UNARY_PREDICATES else dtype)
    assert OP.infer([TensorSpec((None,), dtype)], UnaryAttrs(kind)) == (TensorSpec((None,), got.dtype.name),)
    tolerance = {"float16": 2e-3, "float32": 2e-6, "float64": 1e-7}[dtype]
    np.testing.assert_allclose(got.astype("f8"), wanted, rtol=tolerance, atol=tolerance)


def test_the_test_knows_every_kind() -> None:
    elsewhere = {"dawsn", "expint", "fresnel_cos", "fresnel_sin", "spence"}  # test_known_integrals.py
    elsewhere |= {
        f"bessel_{name}" for name in ("j0", "j1", "k0", "k0e", "k1", "k1e", "y0", "y1")
    }  # test_bessel_waves.py
    assert set(PYTHON) | {"bitwise_not"} | elsewhere == set(UNARIES)


def test_integers() -> None:
    x = np.array([-3, 0, 2], "i4")
    np.testing.assert_array_equal(OP.run([x], UnaryAttrs("bitwise_not"))[0], [2, -1, -3])
    np.testing.assert_array_equal(OP.run([x], UnaryAttrs("square"))[0], [9, 0, 4])
    with pytest.raises(InputError, match="does not take"):
        OP.infer([TensorSpec((None,), "int32")], UnaryAttrs("exp"))
    with pytest.raises(InputError, match="does not exist"):
        OP.infer([TensorSpec((None,))], UnaryAttrs("nonsense"))

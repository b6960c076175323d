"""round_to: bfloat16 and float8, beside what their definitions say."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.round_to import OP, RoundToAttrs
from kmin.ops.tensor import TensorSpec


def rounded(x: object, dtype: str) -> np.ndarray:
    (got,) = OP.run([np.asarray(x, "float32")], RoundToAttrs(dtype))
    assert got.dtype == np.float32
    return np.asarray(got)


def test_bfloat16() -> None:
    step = 2.0**-7
    x = [1 + step / 2, 1 + 3 * step / 2, 1 + step * 0.51, -1 - step * 0.49, 0, np.inf, 3.4e38]
    wanted = [1, 1 + 2 * step, 1 + step, -1, 0, np.inf, np.inf]
    np.testing.assert_allclose(rounded(x, "bfloat16"), np.float32(wanted), rtol=5e-3)
    assert np.isnan(rounded([np.nan], "bfloat16")).all()
    assert rounded(1.5, "bfloat16").shape == ()
    every = rounded(np.random.default_rng(0).normal(size=1000), "bfloat16")
    assert not (every.view(np.uint32) & 0xFFFF).any()
    np.testing.assert_array_equal(rounded(every, "bfloat16"), every)


def test_float8_has_every_value_of_its_bits() -> None:
    codes = np.arange(127)
    exponent, mantissa = codes >> 3, codes & 7
    values = np.where(exponent > 0, (1 + mantissa / 8) * 2.0 ** (exponent - 7), mantissa / 8 * 2.0**-6)
    np.testing.assert_array_equal(rounded(values, "e4m3fn"), values)
    middle = (values[1:] + values[:-1]) / 2
    even = np.where(codes[1:] % 2 == 0, values[1:], values[:-1])
    np.testing.assert_array_equal(rounded(middle, "e4m3fn"), even)
    np.testing.assert_array_equal(rounded([1000.0, -449.0], "e4m3fn"), [448, -448])


def test_precision_runs_without_rounding() -> None:
    (got,) = OP.run([np.array([1 / 3])], RoundToAttrs("float64"))
    assert got[0] == 1 / 3
    with pytest.raises(InputError, match="needs floats"):
        OP.infer([TensorSpec((None,), "int32")], RoundToAttrs("bfloat16"))

"""lookup against a dict."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.lookup import OP, LookupAttrs
from kmin.ops.tensor import TensorSpec

RNG = np.random.default_rng(6)


@pytest.mark.parametrize("kind", ["int64", "S2", "S9"])
@pytest.mark.parametrize("count", [0, 1, 20])
def test_values(kind: str, count: int) -> None:
    keys = np.unique(RNG.integers(10, 99, size=count)).astype(kind)
    values, default = RNG.permutation(len(keys)), np.asarray(-1)
    x = RNG.integers(0, 120, size=(4, 5)).astype("S5" if kind[0] == "S" else kind)
    table = dict(zip(keys.tolist(), values.tolist(), strict=True))
    (got,) = OP.run([x, keys, values, default], LookupAttrs())
    np.testing.assert_array_equal(got, [[table.get(key, -1) for key in row] for row in x.tolist()])


def test_keys_that_begin_alike() -> None:
    x, keys = np.array([b"ab", b"abc", b"a"]), np.array([b"ab"])
    assert OP.run([x, keys, np.array([7]), np.asarray(0)], LookupAttrs())[0].tolist() == [7, 0, 0]


def test_a_longer_default() -> None:
    result = OP.run([np.array([1, 2]), np.array([1]), np.array([b"a"]), np.asarray(b"[UNK]")], LookupAttrs())[0]
    assert result.tolist() == [b"a", b"[UNK]"]


def test_refusals() -> None:
    with pytest.raises(InputError, match="received 3"):
        OP.run([np.array([1, 3]), np.array([1]), np.array([0]), np.asarray(0)], LookupAttrs(strict=True))
    ids = TensorSpec((3,), "int64")
    for specs in ([TensorSpec((None,), "string"), ids, ids], [TensorSpec((None,)), ids, ids]):
        with pytest.raises(InputError, match="a table of the same"):
            OP.infer([*specs, TensorSpec((), "int64")], LookupAttrs())
    with pytest.raises(InputError, match="one default value"):
        OP.infer([TensorSpec((None,), "int64"), ids, ids, TensorSpec((1,), "int64")], LookupAttrs())

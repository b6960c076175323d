"""monotonous beside pooling of neighbours that are out of order."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.monotonous import OP, MonotonousAttrs
from kmin.ops.tensor import TensorSpec


def pooled(row: np.ndarray) -> list[float]:
    """The nearest row that never falls."""
    pools: list[list[float]] = []
    for value in row.tolist():
        pools.append([value])
        while len(pools) > 1 and np.mean(pools[-2]) > np.mean(pools[-1]):
            last = pools.pop()
            pools[-1] += last
    return [float(np.mean(pool)) for pool in pools for _ in pool]


def test_rows() -> None:
    x = np.random.default_rng(3).normal(size=(2, 5, 13))
    wanted = np.array([[pooled(row) for row in rows] for rows in x])
    np.testing.assert_allclose(OP.run([x], MonotonousAttrs(False))[0], wanted, atol=1e-12)
    np.testing.assert_allclose(OP.run([-x], MonotonousAttrs(True))[0], -wanted, atol=1e-12)
    for shape in ((0, 3), (2, 0), (2, 1)):
        assert OP.run([np.zeros(shape, "float32")], MonotonousAttrs())[0].shape == shape
    with pytest.raises(InputError, match="rows of floats"):
        OP.infer([TensorSpec((3,), "int32")], MonotonousAttrs())

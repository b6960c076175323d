"""round_on_grid: known grids."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.round_on_grid import OP, RoundOnGridAttrs
from kmin.ops.tensor import TensorSpec

X = np.array([[-1.2, -0.5, 0.1], [0.26, 0.9, 2.0]])


def run(*limits: object, **options: object) -> list[list[float]]:
    attrs = RoundOnGridAttrs(**options)  # type: ignore[arg-type]
    found: list[list[float]] = OP.run([X, *map(np.asarray, limits)], attrs)[0].tolist()
    return found


def test_range_given() -> None:
    assert run(-1.0, 0.75, bits=3) == [[-1.0, -0.5, 0.0], [0.25, 0.75, 0.75]]
    assert run(-0.75, 0.75, bits=3, narrow=True) == [[-0.75, -0.5, 0.0], [0.25, 0.75, 0.75]]
    assert run(0.0, 1.5, bits=2, signed=False) == [[0.0, 0.0, 0.0], [0.5, 1.0, 1.5]]
    each = run([-1.0, -4.0, -1.0], [0.75, 3.0, 0.75], bits=3, axis=1)
    assert each == [[-1.0, 0.0, 0.0], [0.25, 1.0, 0.75]]


def test_range_of_the_values() -> None:
    x = np.array([[-1.0, 0.3], [0.5, 0.75]])
    assert OP.run([x], RoundOnGridAttrs(3))[0].tolist() == [[-1.0, 0.25], [0.5, 0.75]]
    each = OP.run([x], RoundOnGridAttrs(3, axis=0))[0]
    np.testing.assert_allclose(each, [[-1.0, 0.25], [0.5, 0.75]])


def test_refused() -> None:
    spec = TensorSpec((None, 3), "float32")
    for specs, attrs in (
        ([TensorSpec((3,), "int32")], RoundOnGridAttrs()),
        ([spec], RoundOnGridAttrs(63)),
        ([spec], RoundOnGridAttrs(axis=2)),
        ([spec, TensorSpec((3,), "float32"), TensorSpec((3,), "float32")], RoundOnGridAttrs()),
    ):
        with pytest.raises(InputError, match="round_on_grid needs"):
            OP.infer(specs, attrs)

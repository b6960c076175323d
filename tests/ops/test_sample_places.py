"""sample_places: values between values."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.sample_places import OP, SamplePlacesAttrs
from kmin.ops.tensor import TensorSpec

X = np.arange(12, dtype=np.float32).reshape(3, 4) ** 2


def at(rows: list[float], columns: list[float], **attrs: object) -> list[float]:
    places = np.array([rows, columns], np.float32)
    (got,) = OP.run([X, places], SamplePlacesAttrs(**attrs))  # type: ignore[arg-type]
    assert OP.infer([TensorSpec((3, 4)), TensorSpec(places.shape)], SamplePlacesAttrs(**attrs)) == (  # type: ignore[arg-type]
        TensorSpec(got.shape),
    )
    return [float(value) for value in got]


def test_between_and_nearest() -> None:
    assert at([1.0, 0.5], [2.0, 1.0], linear=True) == [X[1, 2], (X[0, 1] + X[1, 1]) / 2]
    assert at([1.4, 1.5], [1.6, 0.0], linear=False) == [X[1, 2], X[2, 0]]


def test_outside() -> None:
    assert at([-1.0, 2.5], [0.0, 3.0], linear=True, value=7.0) == [7.0, (X[2, 3] + 7.0) / 2]
    assert at([-1.0, 5.0], [0.0, 3.0], linear=True, mode="nearest") == [X[0, 0], X[2, 3]]
    assert at([-1.0, 3.0], [0.0, 5.0], linear=True, mode="wrap") == [X[2, 0], X[0, 1]]
    assert at([-1.0, 3.0], [0.0, 4.0], linear=True, mode="reflect") == [X[1, 0], X[2, 3]]


def test_refusals() -> None:
    with pytest.raises(InputError, match="meets index 3 of 3 values"):
        at([3.0], [0.0], linear=True, mode="mirror")
    for places, mode in [(TensorSpec((3, 5)), "wrap"), (TensorSpec((2,)), "wrap"), (TensorSpec((2, 5)), "twist")]:
        with pytest.raises(InputError, match="sample_places needs"):
            OP.infer([TensorSpec((3, 4)), places], SamplePlacesAttrs(True, mode))

"""Models whose results are as large as values say: all rows at once, in batches, and where none are left."""

from __future__ import annotations

import numpy as np
import pytest

from kmin import Model
from kmin.errors import InputError
from layers.test_goldens import flat, graph_of, numbered, stored


def model_of(family: str, name: str, dialect: int) -> tuple[Model, np.ndarray]:
    parts = stored(family, dialect)[name]
    return Model(graph_of(parts, dialect)), numbered(parts, "x")[0]


@pytest.mark.parametrize("case", [("value_sizes", "nonzero_rows", 3), ("value_sizes_tf", "mask_then_layers", 2)])
def test_batches_are_joined_as_keras_predict_does(case: tuple[str, str, int]) -> None:
    model, x = model_of(*case)
    assert model.mixes_samples
    rows = flat(model.predict(x, batch_size=1))[0]
    single = [flat(model(x[at : at + 1]))[0] for at in range(len(x))]
    np.testing.assert_allclose(rows, np.concatenate(single), rtol=1e-6)
    np.testing.assert_allclose(flat(model.predict(x))[0], rows, rtol=1e-4, atol=1e-5)


def test_no_rows_left() -> None:
    model, x = model_of("value_sizes_tf", "mask_then_layers", 2)
    rows, mean, blocks, line = flat(model(-np.abs(x)))
    assert [part.shape for part in (rows, blocks, line)] == [(0, 6), (0, 2, 3), (0,)]
    assert np.isnan(mean).all()


def test_what_cannot_be_joined_is_an_error() -> None:
    model, _ = model_of("value_sizes_tf", "mask_columns", 2)
    with pytest.raises(InputError, match="differ in size"):
        model.predict(np.stack([np.ones(4), -np.ones(4)]), batch_size=1)

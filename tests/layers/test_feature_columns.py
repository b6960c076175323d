"""DenseFeatures: what is refused, and ids that no column has."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kmin.errors import InputError, UnsupportedError
from kmin.formats.spec import TensorRef
from layers.one_layer import graph_of, run

INPUTS = {"a": TensorRef("in0"), "b": TensorRef("in1")}


def column(kind: str, **config: Any) -> dict[str, Any]:
    return {"class_name": kind, "config": config}


def features(*columns: dict[str, Any], dtype: str = "int64") -> Any:
    config = {"feature_columns": list(columns)}
    return graph_of("DenseFeatures", config, (None, 2), (None,), args=(INPUTS,), dtype=dtype, dialect=2)


def identity(count: int = 3, key: str = "a") -> dict[str, Any]:
    return column("IdentityCategoricalColumn", key=key, number_buckets=count, default_value=None)


NUMBER = {"shape": [2], "default_value": None, "dtype": "float32"}


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (column("NumericColumn", key="a", normalizer_fn="log", **NUMBER), "which is code"),
        (column("NumericColumn", key="c", normalizer_fn=None, **NUMBER), "an input named 'c'"),
        (column("SharedEmbeddingColumn"), "'SharedEmbeddingColumn' is not supported"),
        (
            column("IndicatorColumn", categorical_column=column("VocabularyFileCategoricalColumn", key="a")),
            "in a file beside the model",
        ),
        (
            column("IndicatorColumn", categorical_column=column("CrossedColumn", keys=["a"], hash_bucket_size=3)),
            "two keys",
        ),
        (column("IndicatorColumn", categorical_column=column("SequenceColumn", keys=["a"])), "supported are"),
        (column("IndicatorColumn", categorical_column=identity(1 << 30)), "must be at most"),
        (column("EmbeddingColumn", categorical_column=identity(), dimension=2, combiner="mean"), "embedding_weights"),
    ],
)
def test_columns_that_are_refused(wrong: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnsupportedError, match=reason):
        features(wrong)


def test_inputs_need_names() -> None:
    with pytest.raises(UnsupportedError, match="inputs with names"):
        graph_of("DenseFeatures", {"feature_columns": [identity()]}, (None, 2), dialect=2)


def test_ids_outside_are_refused_and_missing_ones_are_not() -> None:
    graph = features(column("IndicatorColumn", categorical_column=identity()))
    got = run(graph, [[0, -1], [2, 2]], [0, 0])
    np.testing.assert_array_equal(got, [[1, 0, 0], [0, 0, 2]])
    with pytest.raises(InputError, match="must be in the vocabulary"):
        run(graph, [[0, 3]], [0])

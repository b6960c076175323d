"""Random inputs: seeded, independent of how they are cut, and inside the vocabulary."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engines.models import LOOKUP, MLP, TWO

import kmin
from kmin.engines.subject import read_subject
from kmin.errors import InputError
from kmin.formats import build
from kmin.graph.ir import Graph
from kmin.layers.lower import lower
from kmin.random_inputs import Recipe, draw_chunks, lookup_limits, recipes_of


def sequential(*layers: tuple[str, dict[str, Any]], weights: dict[str, Any] | None = None) -> Graph:
    config = {"name": "m", "layers": [{"class_name": name, "config": config} for name, config in layers]}
    return lower(build({"class_name": "Sequential", "config": config}, 3, weights if weights is not None else {}))


def loaded(path: Path) -> tuple[kmin.Model, Graph]:
    subject = read_subject(path)
    return subject.model, subject.graph


@pytest.mark.parametrize("limit", [None, 7])
@pytest.mark.parametrize("dtype", ["float32", "float16", "float64", "int32"])
def test_the_stream_does_not_depend_on_the_pieces(limit: int | None, dtype: str) -> None:
    recipes = [Recipe("a", (3,), dtype, limit), Recipe("b", (2, 2), "float32", None)]
    (whole,) = draw_chunks(recipes, 20, 20, seed=5)
    pieces = list(draw_chunks(recipes, 20, 6, seed=5))
    assert [len(piece[0]) for piece in pieces] == [6, 6, 6, 2]
    for position, array in enumerate(whole):
        np.testing.assert_array_equal(np.concatenate([piece[position] for piece in pieces]), array)
        assert array.dtype == recipes[position].dtype
    if limit is not None:
        assert set(np.unique(whole[0]).astype(int)) <= set(range(limit))


def test_inputs_differ_from_each_other_and_from_seed_to_seed() -> None:
    recipes = [Recipe("a", (3,), "float32", None), Recipe("b", (3,), "float32", None)]
    (one,), (other,) = draw_chunks(recipes, 4, 4, seed=1), draw_chunks(recipes, 4, 4, seed=2)
    assert not np.array_equal(one[0], one[1]) and not np.array_equal(one[0], other[0])


def test_numbers_for_numbers_and_indices_for_lookups() -> None:
    assert [recipe.limit for recipe in recipes_of(*loaded(TWO))] == [None, None]
    assert [recipe.limit for recipe in recipes_of(*loaded(MLP))] == [None]
    model = kmin.load(LOOKUP)
    (recipe,) = recipes_of(*loaded(LOOKUP))
    table = next(array for array in model.graph.constants.values() if array.shape[0] == recipe.limit)
    assert table.ndim == 2
    (chunk,) = next(draw_chunks([recipe], 2000, 2000, seed=0))
    assert chunk.min() == 0 and chunk.max() == recipe.limit - 1


def test_floating_inputs_of_an_embedding_are_whole_numbers() -> None:
    table = np.ones((11, 2), np.float32)
    graph = sequential(
        ("InputLayer", {"name": "x", "batch_shape": [None, 4], "dtype": "float32"}),
        ("Embedding", {"name": "e", "input_dim": 11, "output_dim": 2}),
        weights={"e": [("embeddings", table)]},
    )
    assert lookup_limits(graph) == [11]


def test_categories_are_within_their_number() -> None:
    graph = sequential(
        ("InputLayer", {"name": "x", "batch_shape": [None, 4], "dtype": "int32"}),
        ("CategoryEncoding", {"name": "c", "num_tokens": 6, "output_mode": "count"}),
    )
    assert lookup_limits(graph) == [6]


def test_integers_and_truth_values() -> None:
    for dtype, limit in {"int32": 10, "bool": 2, "float32": None}.items():
        graph = sequential(
            ("InputLayer", {"name": "x", "batch_shape": [None, 4], "dtype": dtype}), ("Flatten", {"name": "f"})
        )
        assert lookup_limits(graph) == [limit]


def test_axes_of_any_size_get_a_size_that_the_model_takes() -> None:
    shape = [None, None, None, 1]
    kernel = np.ones((40, 40, 1, 1), np.float32)
    graph = sequential(
        ("InputLayer", {"name": "x", "batch_shape": shape, "dtype": "float32"}),
        ("Conv2D", {"name": "c", "filters": 1, "kernel_size": [40, 40], "padding": "valid", "use_bias": False}),
        weights={"c": [("kernel", kernel)]},
    )
    (recipe,) = recipes_of(kmin.Model(graph), graph)
    assert recipe.shape == (64, 64, 1)


def test_no_size_fits_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = sequential(
        ("InputLayer", {"name": "x", "batch_shape": [None, None], "dtype": "float32"}), ("Flatten", {"name": "f"})
    )
    model = kmin.Model(graph)

    def refuse(self: Any, x: Any) -> None:
        raise InputError("too small")

    monkeypatch.setattr(kmin.Model, "__call__", refuse)
    with pytest.raises(InputError, match=r"found no input size that suits the model.*too small"):
        recipes_of(model, graph)


def test_a_scaling_of_the_model_s_own_is_undone() -> None:
    mean, variance = np.array([5.0, -3.0, 0.5]), np.array([4.0, 1e-4, 9.0])
    graph = sequential(
        ("InputLayer", {"name": "x", "batch_shape": [None, 3], "dtype": "float32"}),
        ("Normalization", {"name": "n", "axis": -1, "mean": mean.tolist(), "variance": variance.tolist()}),
    )
    model = kmin.Model(graph)
    recipes = recipes_of(model, graph)
    ((x,),) = draw_chunks(recipes, 4000, 4000, seed=0)
    np.testing.assert_allclose(x.mean(axis=0), mean, atol=0.2)
    y = model(x)
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=0.1)
    np.testing.assert_allclose(y.std(axis=0), 1, atol=0.1)


def test_rescaled_images() -> None:
    graph = sequential(
        ("InputLayer", {"name": "x", "batch_shape": [None, 8, 8, 1], "dtype": "float32"}),
        ("Rescaling", {"name": "r", "scale": 1 / 127.5, "offset": -1.0}),
    )
    (recipe,) = recipes_of(kmin.Model(graph), graph)
    assert recipe.width == pytest.approx(127.5) and recipe.centre == pytest.approx(127.5)

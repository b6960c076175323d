"""Queries, keys and values of one tensor come from one product, and nothing else changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from plan.beside_numpy import TIERS, kernel_names, planned

from graph.toy import Toy
from kmin.graph.ir import Graph

ROWS, FEATURES = 21, 18


def attended(
    toy: Toy, x: str, others: tuple[str, str], widths: tuple[int, int] = (5, 7), rows: Any = ("x", 1), **attrs: Any
) -> tuple[str, str]:
    """Two heads of self-attention over x, keys and values of `others`, so many `rows` at a time; also the keys."""
    size, value_size = widths
    parts = []
    for source, width in ((x, size), (others[0], size), (others[1], value_size)):
        part = toy.dense(source, 2 * width, width != value_size, **attrs)
        parts.append(toy.add("reshape", part, target=(("x", 0) if rows == ("x", 1) else -1, rows, 2, width)))
    q, k, v = parts
    scores = toy.add("einsum", k, q, equation="aecd,abcd->acbe")
    scores = toy.add("binary", scores, toy.constant(np.float32(0.02)), kind="multiply")
    weights = toy.add("activation", scores, kind="softmax")
    y = toy.add("einsum", weights, v, equation="acbe,aecd->abcd")
    return toy.add("reshape", y, target=(("x", 0), ("x", 1), 2 * value_size)), k


def own(toy: Toy) -> Graph:
    x = toy.input(ROWS, FEATURES)
    return toy.graph(attended(toy, x, (x, x))[0])


def parts_of_samples(toy: Toy) -> Graph:
    x = toy.input(ROWS, FEATURES)
    return toy.graph(attended(toy, x, (x, x), rows=ROWS // 3)[0])


def twice(toy: Toy) -> Graph:
    x = toy.input(ROWS, FEATURES)
    y, _ = attended(toy, x, (x, x), (5, 9))
    return toy.graph(attended(toy, y, (y, y))[0])


def of_another(toy: Toy) -> Graph:
    x, other = toy.input(ROWS, FEATURES), toy.input(ROWS, FEATURES, name="other")
    return toy.graph(attended(toy, x, (other, other))[0])


def activated(toy: Toy) -> Graph:
    x = toy.input(ROWS, FEATURES)
    return toy.graph(attended(toy, x, (x, x), activation="relu")[0])


def read_elsewhere(toy: Toy) -> Graph:
    x = toy.input(ROWS, FEATURES)
    return toy.graph(*attended(toy, x, (x, x)))


CASES: dict[str, tuple[Callable[[Toy], Graph], int]] = {
    "activated": (activated, 3),
    "of_another": (of_another, 3),
    "own": (own, 1),
    "parts_of_samples": (parts_of_samples, 3),
    "read_elsewhere": (read_elsewhere, 3),
    "twice": (twice, 2),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("tier", TIERS)
def test_products_of_one_tensor_are_one(case: str, tier: str) -> None:
    make, count = CASES[case]
    toy = Toy()
    graph = make(toy)
    before = {name: array.copy() for name, array in graph.constants.items()}
    names = kernel_names(planned(graph, tier, (0, 1, 3)))
    assert sum(":attention" in name for name in names) == (2 if case == "twice" else 1)
    assert sum(":dense" in name or ":strassen" in name for name in names) == count
    assert graph.constants.keys() == before.keys()
    for name, array in before.items():
        np.testing.assert_array_equal(graph.constants[name], array)

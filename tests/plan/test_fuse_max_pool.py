"""Pooling runs inside the convolution that it alone reads, and gives the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from plan.beside_numpy import TIERS, kernel_names, planned

from graph.toy import Toy


def convolved(toy: Toy, x: str, filters: int, **attrs: Any) -> str:
    further = {"strides": (1, 1), "dilation": (1, 1), "padding": "same", "activation": "relu"} | attrs
    channels = toy.builder.specs[x].shape[-1] or 0
    return toy.add("conv", x, toy.weight(3, 3, channels, filters), toy.weight(filters), **further)


def pooled(toy: Toy, x: str, padding: str = "valid") -> str:
    return toy.add("max_pool", x, window=(2, 2), strides=(2, 2), padding=padding)


def twice(toy: Toy) -> str:
    """Two in a row, the second over an image of an odd size."""
    x = pooled(toy, convolved(toy, toy.input(42, 38, 1), 3))
    return pooled(toy, convolved(toy, x, 20), "same")


def two_paths(toy: Toy) -> str:
    x = toy.input(20, 22, 2)
    return toy.add("concat", *(pooled(toy, convolved(toy, x, filters)) for filters in (5, 24)), axis=3)


def added(toy: Toy) -> str:
    x = toy.input(20, 20, 3)
    return pooled(toy, toy.add("binary", convolved(toy, x, 3, activation="linear"), x, kind="add"))


def read_twice(toy: Toy) -> str:
    x = convolved(toy, toy.input(20, 20, 1), 4)
    y = toy.add("reduce", x, kind="mean", axes=(1, 2), keepdims=True)
    return toy.add("binary", pooled(toy, x), y, kind="subtract")


CASES: dict[str, tuple[Callable[[Toy], str], int]] = {
    "added": (added, 0),
    "out of order": (lambda toy: pooled(toy, convolved(toy, toy.input(20, 20, 1), 4, activation="gelu")), 0),
    "read twice": (read_twice, 0),
    "twice": (twice, 2),
    "two paths": (two_paths, 2),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", TIERS)
def test_max_pools(name: str, case: str) -> None:
    build, count = CASES[case]
    toy = Toy()
    names = kernel_names(planned(toy.graph(build(toy)), name, (0, 1, 2), 2e-6))
    assert sum("+max" in each for each in names) == count


@pytest.mark.parametrize("name", TIERS)
def test_a_convolution_that_is_an_output_runs_apart(name: str) -> None:
    toy = Toy()
    x = convolved(toy, toy.input(20, 20, 1), 4)
    names = kernel_names(planned(toy.graph(pooled(toy, x), x), name, (1, 2), 2e-6))
    assert not any("+max" in each for each in names)


@pytest.mark.parametrize("name", TIERS)
def test_weights_are_given_back(name: str) -> None:
    toy = Toy()
    graph = toy.graph(pooled(toy, convolved(toy, toy.input(12, 12, 3), 200)))
    before = {tensor: np.array(array) for tensor, array in graph.constants.items()}
    planned(graph, name, (1,), 2e-6)
    for tensor, array in before.items():
        np.testing.assert_array_equal(graph.constants[tensor], array)

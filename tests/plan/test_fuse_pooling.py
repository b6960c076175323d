"""Reductions of all rows of a product run inside it, and give the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from plan.beside_numpy import TIERS, kernel_names, planned

from graph.toy import Toy


def points(toy: Toy, kind: str, keepdims: bool = False) -> str:
    return toy.add(
        "reduce", toy.dense(toy.input(60, 8), 20, activation="relu"), kind=kind, axes=(1,), keepdims=keepdims
    )


def image(toy: Toy) -> str:
    x = toy.pointwise(toy.input(9, 8, 6), 40, "silu")
    return toy.dense(toy.add("reduce", x, kind="mean", axes=(1, 2)), 3)


def summed(toy: Toy) -> str:
    x = toy.input(60, 8)
    y = toy.add("binary", toy.dense(x, 8), x, kind="add")
    return toy.add("reduce", y, kind="max", axes=(1,))


def groups(toy: Toy) -> str:
    return toy.add("reduce", toy.dense(toy.input(5, 40, 8), 12), kind="max", axes=(2,))


def read_twice(toy: Toy) -> str:
    x = toy.dense(toy.input(60, 8), 12)
    return toy.add("binary", toy.add("reduce", x, kind="max", axes=(1,), keepdims=True), x, kind="subtract")


CASES: dict[str, tuple[Callable[[Toy], str], int]] = {
    "groups": (groups, 1),
    "image": (image, 1),
    "kept": (lambda toy: points(toy, "max", True), 1),
    "mean": (lambda toy: points(toy, "mean"), 1),
    "product": (lambda toy: points(toy, "prod"), 0),
    "read twice": (read_twice, 0),
    "summed": (summed, 1),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", TIERS)
def test_poolings(name: str, case: str) -> None:
    build, count = CASES[case]
    toy = Toy()
    names = kernel_names(planned(toy.graph(build(toy)), name, (0, 1, 2), 2e-6))
    assert sum(each.endswith(("+max", "+mean")) for each in names) == count

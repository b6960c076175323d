"""Gates of squeeze and excitation run inside the convolution after them, and give the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from plan.beside_numpy import TIERS, kernel_names, planned

from graph.toy import Toy


def excited(toy: Toy, swapped: bool = False) -> tuple[str, str, str]:
    """An image, its gate and their product."""
    x = toy.pointwise(toy.input(14, 13, 8), 24, "silu")
    squeezed = toy.add("reduce", x, kind="mean", axes=(1, 2), keepdims=True)
    gate = toy.pointwise(toy.pointwise(squeezed, 4, "relu"), 24, "sigmoid")
    inputs = (gate, x) if swapped else (x, gate)
    return x, gate, toy.add("binary", *inputs, kind="multiply")


def plain(toy: Toy, swapped: bool = False) -> str:
    return toy.pointwise(excited(toy, swapped)[2], 12)


def squared(toy: Toy) -> str:
    x = toy.input(14, 13, 24)
    return toy.pointwise(toy.add("binary", x, x, kind="multiply"), 12)


def summed(toy: Toy) -> str:
    x, _, y = excited(toy)
    return toy.add("binary", toy.pointwise(y, 24), x, kind="add")


def read_twice(toy: Toy) -> str:
    _, _, y = excited(toy)
    return toy.add("binary", toy.pointwise(y, 24), y, kind="subtract")


def one_gate(toy: Toy) -> str:
    x = toy.input(14, 13, 24)
    gate = toy.add("reduce", x, kind="mean", axes=(1, 2, 3), keepdims=True)
    return toy.pointwise(toy.add("binary", x, gate, kind="multiply"), 12)


CASES: dict[str, tuple[Callable[[Toy], str], int]] = {
    "one gate": (one_gate, 0),
    "plain": (plain, 1),
    "read twice": (read_twice, 0),
    "squared": (squared, 0),
    "summed": (summed, 1),
    "swapped": (lambda toy: plain(toy, True), 1),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", TIERS)
def test_gates(name: str, case: str) -> None:
    build, count = CASES[case]
    toy = Toy()
    names = kernel_names(planned(toy.graph(build(toy)), name, (0, 1, 2), 2e-6))
    assert sum("gated" in each for each in names) == count

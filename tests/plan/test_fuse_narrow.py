"""Narrow dense layers that alone read each other run as one kernel, and give the same."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from plan.beside_numpy import TIERS, kernel_names, numbers, planned

from graph.toy import Toy
from kmin.ops import kernels


def nines(toy: Toy, x: str) -> str:
    """Three layers of 9, which waste lanes on every tier of 8 or more."""
    for _ in range(3):
        x = toy.dense(x, 9, activation="relu")
    return x


def three(toy: Toy) -> str:
    x = toy.dense(toy.input(10), 10, activation="relu")
    return toy.dense(toy.dense(x, 20, activation="tanh"), 1)


def rows_of_a_sample(toy: Toy) -> str:
    return toy.dense(nines(toy, toy.input(5, 10)), 1)


def branched(toy: Toy) -> str:
    """What two nodes read ends a chain."""
    x = toy.dense(nines(toy, toy.input(9)), 5)
    return toy.add("concat", toy.dense(nines(toy, x), 1), x, axis=-1)


def with_softmax(toy: Toy) -> str:
    """A softmax stays out."""
    return toy.dense(nines(toy, toy.input(9)), 3, activation="softmax")


def wide(toy: Toy) -> str:
    return toy.dense(toy.dense(toy.input(9), 80), 9)


CASES: dict[str, tuple[Callable[[Toy], str], int]] = {
    "branched": (branched, 2),
    "rows_of_a_sample": (rows_of_a_sample, 1),
    "three": (three, 1),
    "wide": (wide, 0),
    "with_softmax": (with_softmax, 1),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("tier", TIERS)
def test_narrow_layers_are_one_kernel(case: str, tier: str) -> None:
    make, count = CASES[case]
    toy = Toy()
    graph = toy.graph(make(toy))
    plan = planned(graph, tier, (0, 600))
    assert [step.kernel for step in plan.steps] == ["native"]
    if getattr(kernels.tier(tier), "lanes", 0) >= 8:
        assert sum(":narrow(" in name for name in kernel_names(plan)) == count
    (x,) = numbers(graph, 600)
    (whole,) = plan.run([x])
    for rows in (1, 5, 40):
        np.testing.assert_array_equal(plan.run([x[:rows]])[0], whole[:rows])

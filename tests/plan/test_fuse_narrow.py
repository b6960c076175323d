"""Narrow dense layers that alone read each other run as one kernel, and give the same."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from graph.toy import Toy
from kmin.ops import kernels
from kmin.plan.compile import compile_plan

TIERS = kernels.AVAILABLE[1:]


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
    plan = compile_plan(graph, tier, threads=2)
    (step,) = plan.steps
    assert step.native is not None
    names = [operation.kernel.name for operation in step.native.operations]
    if getattr(kernels.tier(tier), "lanes", 0) >= 8:
        assert sum(":narrow(" in name for name in names) == count, names
    x = toy.rng.normal(size=(600, *(graph.specs[graph.inputs[0]].shape[1:]))).astype(np.float32)  # type: ignore[misc]
    (got,), (wanted,) = plan.run([x]), compile_plan(graph, "numpy").run([x])
    np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-5 * np.max(np.abs(wanted)))
    for rows in (1, 5, 40):
        np.testing.assert_array_equal(plan.run([x[:rows]])[0], got[:rows])

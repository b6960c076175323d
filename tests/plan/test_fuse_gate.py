"""Gates of squeeze and excitation run inside the convolution after them, and give the same."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from graph.toy import Toy
from kmin.ops import kernels
from kmin.plan.compile import compile_plan

TIERS = kernels.AVAILABLE[1:]


def conv(toy: Toy, x: str, channels: int, filters: int, kind: str = "linear") -> str:
    kernel = toy.constant((toy.rng.normal(size=(1, 1, channels, filters)) / channels).astype(np.float32))
    return toy.add(
        "conv", x, kernel, toy.weight(filters), strides=(1, 1), dilation=(1, 1), padding="same", activation=kind
    )


def excited(toy: Toy, swapped: bool = False) -> tuple[str, str, str]:
    """An image, its gate and their product."""
    x = conv(toy, toy.input(14, 13, 8), 8, 24, "silu")
    squeezed = toy.add("reduce", x, kind="mean", axes=(1, 2), keepdims=True)
    gate = conv(toy, conv(toy, squeezed, 24, 4, "relu"), 4, 24, "sigmoid")
    inputs = (gate, x) if swapped else (x, gate)
    return x, gate, toy.add("binary", *inputs, kind="multiply")


def plain(toy: Toy, swapped: bool = False) -> str:
    return conv(toy, excited(toy, swapped)[2], 24, 12)


def squared(toy: Toy) -> str:
    x = toy.input(14, 13, 24)
    return conv(toy, toy.add("binary", x, x, kind="multiply"), 24, 12)


def summed(toy: Toy) -> str:
    x, _, y = excited(toy)
    return toy.add("binary", conv(toy, y, 24, 24), x, kind="add")


def read_twice(toy: Toy) -> str:
    _, _, y = excited(toy)
    return toy.add("binary", conv(toy, y, 24, 24), y, kind="subtract")


def one_gate(toy: Toy) -> str:
    x = toy.input(14, 13, 24)
    gate = toy.add("reduce", x, kind="mean", axes=(1, 2, 3), keepdims=True)
    return conv(toy, toy.add("binary", x, gate, kind="multiply"), 24, 12)


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
    graph = toy.graph(build(toy))
    for batch in (1, 2):
        toy.batch = batch
        feed = toy.feed(graph)
        (wanted,) = compile_plan(graph, "numpy").run(feed)
        plan = compile_plan(graph, name, threads=2)
        natives = [step.native for step in plan.steps if step.native is not None]
        assert sum("gated" in each.kernel.name for native in natives for each in native.operations) == count
        (got,) = plan.run(feed)
        np.testing.assert_allclose(got, wanted, rtol=2e-6, atol=2e-6)

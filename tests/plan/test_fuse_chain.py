"""Pointwise and depthwise convolutions that alone read each other run as one kernel, and give the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from plan.beside_numpy import TIERS, kernel_names, planned

from graph.toy import Toy


def depthwise(toy: Toy, x: str, channels: int, stride: int = 1, kind: str = "silu") -> str:
    kernel = toy.weight(3, 3, channels, 1)
    return toy.add(
        "depthwise_conv", x, kernel, None, strides=(stride, stride), dilation=(1, 1), padding="same", activation=kind
    )


def inverted_residual(toy: Toy, kind: str = "relu6") -> str:
    x = toy.input(16, 15, 8)
    y = depthwise(toy, toy.pointwise(x, 32, kind), 32)
    return toy.add("binary", x, toy.pointwise(y, 8), kind="add")


def expanded(toy: Toy) -> str:
    """The sum after an activation runs apart."""
    x = toy.input(16, 16, 8)
    return toy.add(
        "binary", toy.pointwise(depthwise(toy, toy.pointwise(x, 24, "relu6"), 24), 8, "relu6"), x, kind="add"
    )


def twice(toy: Toy) -> str:
    x = toy.pointwise(depthwise(toy, toy.input(30, 28, 8), 8), 16, "relu6")
    return toy.pointwise(depthwise(toy, x, 16, 2), 20, "relu6")


def branched(toy: Toy) -> str:
    """What two nodes read ends a chain."""
    x = toy.pointwise(depthwise(toy, toy.input(14, 14, 8), 8), 8, "relu6")
    return toy.add("binary", depthwise(toy, x, 8), x, kind="multiply")


FUSED: dict[str, tuple[Callable[[Toy], str], int]] = {
    "branched": (branched, 3),
    "expanded": (expanded, 2),
    "inverted_residual": (inverted_residual, 1),
    "sliced": (lambda toy: inverted_residual(toy, "silu"), 2),
    "twice": (twice, 1),
}


@pytest.mark.parametrize("case", FUSED)
@pytest.mark.parametrize("tier", TIERS)
def test_a_chain_is_one_kernel(case: str, tier: str) -> None:
    make, count = FUSED[case]
    toy = Toy()
    plan = planned(toy.graph(make(toy)), tier, (0, 3))
    assert [step.kernel for step in plan.steps] == ["native"]
    names = kernel_names(plan)
    assert any(":chain(" in name for name in names)
    assert len(names) <= count, names

"""Pointwise and depthwise convolutions that alone read each other run as one kernel, and give the same."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from graph.toy import Toy
from kmin.graph.ir import Graph
from kmin.ops import kernels
from kmin.plan.compile import compile_plan

TIERS = kernels.AVAILABLE[1:]


def conv(toy: Toy, x: str, channels: int, filters: int, kind: str = "relu6") -> str:
    kernel = toy.constant((toy.rng.normal(size=(1, 1, channels, filters)) / channels).astype(np.float32))
    further = {"strides": (1, 1), "dilation": (1, 1), "padding": "same", "activation": kind}
    return toy.add("conv", x, kernel, toy.weight(filters), **further)


def depthwise(toy: Toy, x: str, channels: int, stride: int = 1) -> str:
    kernel = toy.weight(3, 3, channels, 1)
    return toy.add(
        "depthwise_conv", x, kernel, None, strides=(stride, stride), dilation=(1, 1), padding="same", activation="relu"
    )


def inverted_residual(toy: Toy, kind: str = "relu6") -> str:
    x = toy.input(16, 15, 8)
    y = depthwise(toy, conv(toy, x, 8, 32, kind), 32)
    return toy.add("binary", x, conv(toy, y, 32, 8, "linear"), kind="add")


def expanded(toy: Toy) -> str:
    """The sum after an activation runs apart."""
    x = toy.input(16, 16, 8)
    return toy.add("binary", conv(toy, depthwise(toy, conv(toy, x, 8, 24), 24), 24, 8), x, kind="add")


def twice(toy: Toy) -> str:
    x = conv(toy, depthwise(toy, toy.input(30, 28, 8), 8), 8, 16)
    return conv(toy, depthwise(toy, x, 16, 2), 16, 20)


def branched(toy: Toy) -> str:
    """What two nodes read ends a chain."""
    x = conv(toy, depthwise(toy, toy.input(14, 14, 8), 8), 8, 8)
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
    graph: Graph = toy.graph(make(toy))
    plan = compile_plan(graph, tier, threads=2)
    (step,) = plan.steps
    assert step.native is not None
    names = [operation.kernel.name for operation in step.native.operations]
    assert any(":chain(" in name for name in names)
    assert len(names) <= count, names
    x = toy.rng.normal(size=(3, *(graph.specs[graph.inputs[0]].shape[1:]))).astype(np.float32)  # type: ignore[misc]
    (got,), (wanted,) = plan.run([x]), compile_plan(graph, "numpy").run([x])
    np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-5 * np.max(np.abs(wanted)))

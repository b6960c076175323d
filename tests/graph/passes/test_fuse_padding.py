"""fuse_padding: fires, does not fire, same output, twice changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from graph.toy import Toy
from kmin.graph.ir import Graph
from kmin.graph.passes.fuse_padding import fuse_padding

PADS = ((0, 0), (1, 2), (3, 0), (0, 0))


def padded(toy: Toy, op: str = "conv", pads: Any = PADS, padding: Any = "valid", **pad: Any) -> Graph:
    x = toy.add("pad", toy.input(6, 5, 4), pads=pads, **pad)
    channels = 4 + sum(pads[-1])
    kernel = toy.weight(3, 2, channels, 3)
    return toy.graph(toy.add(op, x, kernel, None, strides=(2, 1), dilation=(1, 2), padding=padding))


@pytest.mark.parametrize("op", ["conv", "depthwise_conv"])
@pytest.mark.parametrize("padding", ["valid", ((1, 0), (0, 2))])
def test_fires(op: str, padding: Any) -> None:
    toy = Toy()
    graph = padded(toy, op, padding=padding)
    fused = fuse_padding(graph)
    assert [node.op for node in fused.nodes] == [op]
    assert fused.nodes[0].attrs.padding == (((1, 2), (3, 0)) if padding == "valid" else ((2, 2), (3, 2)))
    toy.assert_same(graph, fused, 1e-6)
    assert fuse_padding(fused) is fused


def test_chains_of_pads_are_summed() -> None:
    toy = Toy()
    x = toy.add("pad", toy.add("pad", toy.input(6, 5, 4), pads=PADS), pads=PADS)
    graph = toy.graph(toy.add("conv", x, toy.weight(3, 2, 4, 3), None, strides=(1, 1), dilation=(1, 1)))
    fused = fuse_padding(fuse_padding(graph))
    assert [node.op for node in fused.nodes] == ["conv"]
    toy.assert_same(graph, fused, 1e-6)


@pytest.mark.parametrize(
    "options",
    [
        {"value": 1.0},
        {"mode": "reflect"},
        {"padding": "same"},
        {"pads": ((0, 0), (1, 2), (3, 0), (0, 1))},
    ],
)
def test_other_padding_stays(options: Any) -> None:
    graph = padded(Toy(), **options)
    assert fuse_padding(graph) is graph


def test_not_when_the_padded_tensor_is_needed_elsewhere() -> None:
    toy = Toy()
    x = toy.add("pad", toy.input(6, 5, 4), pads=PADS)
    y = toy.add("conv", x, toy.weight(3, 2, 4, 3), None, strides=(1, 1), dilation=(1, 1))
    graph = toy.graph(y, x)
    assert fuse_padding(graph) is graph

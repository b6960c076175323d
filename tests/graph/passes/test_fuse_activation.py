"""fuse_activation: fires, does not fire, same output, twice changes nothing."""

from __future__ import annotations

import numpy as np

from graph.toy import Toy
from kmin.graph.passes.fuse_activation import fuse_activation


def test_fires() -> None:
    toy = Toy()
    y = toy.add("activation", toy.dense(toy.input(5), 4), kind="relu")
    graph = toy.graph(y)
    fused = fuse_activation(graph)
    assert [node.op for node in fused.nodes] == ["dense"]
    assert fused.nodes[0].attrs.activation == "relu"
    assert fused.outputs == graph.outputs
    toy.assert_same(graph, fused)
    assert fuse_activation(fused) is fused


def test_only_the_first_of_two_is_fused() -> None:
    toy = Toy()
    y = toy.add("activation", toy.dense(toy.input(5), 4), kind="relu")
    y = toy.add("activation", y, kind="relu")
    graph = toy.graph(y)
    fused = fuse_activation(graph)
    assert [node.op for node in fused.nodes] == ["dense", "activation"]
    toy.assert_same(graph, fused)


def test_not_when_the_value_is_an_output() -> None:
    toy = Toy()
    x = toy.dense(toy.input(5), 4)
    graph = toy.graph(x, toy.add("activation", x, kind="relu"))
    assert fuse_activation(graph) is graph


def test_not_when_another_node_reads_it() -> None:
    toy = Toy()
    x = toy.dense(toy.input(5), 4)
    graph = toy.graph(toy.add("activation", x, kind="relu"), toy.dense(x, 2))
    assert fuse_activation(graph) is graph


def test_not_after_an_input() -> None:
    toy = Toy()
    graph = toy.graph(toy.add("activation", toy.input(5), kind="relu"))
    assert fuse_activation(graph) is graph
    assert np.all(toy.run(graph)[0] >= 0)


def test_softmax_over_the_last_axis_is_an_activation() -> None:
    toy = Toy()
    graph = toy.graph(toy.add("softmax", toy.dense(toy.input(3, 5), 4), axes=(2,)))
    fused = fuse_activation(graph)
    assert [(node.op, node.attrs.activation) for node in fused.nodes] == [("dense", "softmax")]
    toy.assert_same(graph, fused, 1e-6)
    toy = Toy()
    graph = toy.graph(toy.add("softmax", toy.dense(toy.input(3, 5), 4), axes=(1,)))
    assert fuse_activation(graph) is graph

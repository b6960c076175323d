"""simplify: every pass together reaches a fixed point and changes no promise."""

from __future__ import annotations

import numpy as np

from graph.toy import Toy
from kmin.graph.passes import simplify


def test_simplify_is_idempotent() -> None:
    toy = Toy()
    x = toy.add("cast", toy.input(5), dtype="float32")
    kernel = toy.add("cast", toy.constant(np.ones((5, 4))), dtype="float32")
    y = toy.add("activation", toy.add("dense", x, kernel, None), kind="linear")
    toy.dense(y, 9)
    graph = toy.graph(toy.add("activation", y, kind="relu"))
    simple = simplify(graph)
    assert [(node.op, node.attrs.activation) for node in simple.nodes] == [("dense", "relu")]
    toy.assert_same(graph, simple)
    assert simplify(simple) is simple


def test_an_unsupported_graph_passes_through() -> None:
    toy = Toy()
    (x,) = toy.builder.add_unsupported([toy.input(5)], "no such layer", "odd", 1)
    (y,) = toy.builder.add_unsupported([x], "follows an unsupported layer", "next", 1)
    graph = toy.graph(y)
    assert [node.op for node in simplify(graph).nodes] == ["unsupported", "unsupported"]

"""drop_dead: fires, does not fire, same output, twice changes nothing."""

from __future__ import annotations

from graph.toy import Toy
from kmin.graph.passes.drop_dead import drop_dead


def test_dead_chains_and_their_constants_go() -> None:
    toy = Toy()
    x = toy.input(5)
    y = toy.dense(x, 4)
    toy.dense(toy.dense(x, 3), 2)
    toy.constant([1.0], "unused")
    toy.builder.layers["gone"] = (toy.dense(x, 2),)
    toy.builder.layers["kept"] = (y,)
    graph = toy.graph(y)
    kept = drop_dead(graph)
    assert [node.outputs for node in kept.nodes] == [(y,)]
    assert len(kept.constants) == 2
    assert dict(kept.layers) == {"kept": (y,)}
    toy.assert_same(graph, kept)
    assert drop_dead(kept) is kept


def test_an_input_that_nothing_reads_stays() -> None:
    toy = Toy()
    toy.input(2, name="ignored")
    graph = toy.graph(toy.dense(toy.input(5), 4))
    assert drop_dead(graph) is graph
    assert graph.inputs == ("ignored", "x")


def test_nothing_dead_nothing_done() -> None:
    toy = Toy()
    x = toy.dense(toy.input(5), 4)
    graph = toy.graph(x, toy.dense(x, 2), x)
    assert drop_dead(graph) is graph

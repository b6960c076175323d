"""drop_identities: fires, does not fire, same output, twice changes nothing."""

from __future__ import annotations

from graph.toy import Toy

from kmin.graph.passes.drop_identities import drop_identities


def test_linear_and_same_dtype_go() -> None:
    toy = Toy()
    x = toy.add("cast", toy.input(5), dtype="float32")
    x = toy.add("activation", x, kind="linear")
    graph = toy.graph(toy.dense(toy.add("cast", toy.dense(x, 4), dtype="float32"), 2))
    dropped = drop_identities(graph)
    assert [node.op for node in dropped.nodes] == ["dense", "dense"]
    toy.assert_same(graph, dropped)
    assert drop_identities(dropped) is dropped


def test_real_work_stays() -> None:
    toy = Toy()
    x = toy.add("cast", toy.input(5, dtype="int32"), dtype="float32")
    graph = toy.graph(toy.add("activation", x, kind="relu"))
    assert drop_identities(graph) is graph


def test_an_output_keeps_its_name() -> None:
    toy = Toy()
    x = toy.dense(toy.input(5), 4)
    y = toy.add("activation", x, kind="linear")
    graph = toy.graph(y, toy.dense(x, 2))
    dropped = drop_identities(graph)
    assert [node.op for node in dropped.nodes] == ["dense", "dense"]
    assert dropped.nodes[0].outputs == (y,)
    toy.assert_same(graph, dropped)


def test_between_an_input_and_an_output_it_stays() -> None:
    toy = Toy()
    graph = toy.graph(toy.add("activation", toy.input(5), kind="linear"))
    assert drop_identities(graph) is graph


def test_between_two_outputs_it_stays() -> None:
    toy = Toy()
    x = toy.dense(toy.input(5), 4)
    graph = toy.graph(x, toy.add("activation", x, kind="linear"))
    assert drop_identities(graph) is graph

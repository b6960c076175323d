"""drop_identities: fires, does not fire, same output, twice changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

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


IDLE: list[tuple[str, dict[str, Any]]] = [
    ("concat", {"axis": -1}),
    ("crop", {"cuts": ((0, 0),) * 4}),
    ("pad", {"pads": ((0, 0),) * 4}),
    ("repeat", {"count": 1, "axis": 1}),
    ("reshape", {"target": (("x", 0), 3, 4, 5)}),
    ("resize", {"scale": (1, 1), "method": "bicubic"}),
    ("transpose", {"perm": (0, 1, 2, 3)}),
    ("upsample", {"scale": (1, 1)}),
]


@pytest.mark.parametrize(("op", "attrs"), IDLE, ids=[op for op, _ in IDLE])
def test_ops_that_do_nothing_with_these_attributes(op: str, attrs: dict[str, Any]) -> None:
    toy = Toy()
    graph = toy.graph(toy.dense(toy.add(op, toy.input(3, 4, 5), **attrs), 2))
    dropped = drop_identities(graph)
    assert [node.op for node in dropped.nodes] == ["dense"]
    toy.assert_same(graph, dropped)


def test_a_reshape_of_open_sizes_goes_only_when_they_are_copied() -> None:
    for target, left in (((("x", 0), ("x", 1), 5), 0), ((("x", 0), -1, 5), 0), ((-1, ("like", 1), 5), 1)):
        toy = Toy()
        x = toy.input(None, 5)
        other = [toy.input(None, 5, name="like")] if left else []
        graph = toy.graph(toy.dense(toy.add("reshape", x, *other, target=target), 2))
        assert [node.op for node in drop_identities(graph).nodes] == ["reshape"] * left + ["dense"]


def test_a_transpose_of_equal_sizes_stays() -> None:
    toy = Toy()
    graph = toy.graph(toy.dense(toy.add("transpose", toy.input(4, 4), perm=(0, 2, 1)), 2))
    assert drop_identities(graph) is graph

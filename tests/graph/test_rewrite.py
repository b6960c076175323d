"""Draft: what passes lean on."""

from __future__ import annotations

import numpy as np

from graph.toy import Toy, assert_sound
from kmin.graph.rewrite import Draft, same_array


def test_nothing_done_gives_the_same_object_back() -> None:
    toy = Toy()
    graph = toy.graph(toy.dense(toy.input(5), 4))
    assert Draft(graph).finish() is graph


def test_makers_and_readers() -> None:
    toy = Toy()
    x = toy.dense(toy.input(5), 4)
    y = toy.add("binary", x, x, kind="add")
    draft = Draft(toy.graph(y))
    maker = draft.maker(x)
    assert maker is not None
    assert maker.outputs == (x,)
    assert draft.maker("x") is draft.maker(None) is None
    assert [node.outputs for node in draft.readers(x)] == [(y,), (y,)]
    assert draft.only_reader(x) is None  # twice by one node
    assert draft.only_reader(y) is None  # an output
    reader = draft.only_reader("x")
    assert reader is maker


def test_bypass_renames_the_source_of_an_output() -> None:
    toy = Toy()
    x = toy.dense(toy.input(5), 4)
    y = toy.add("activation", x, kind="linear")
    graph = toy.graph(y, toy.dense(x, 2))
    draft = Draft(graph)
    node = draft.maker(y)
    assert node is not None
    assert draft.bypass(node, x)
    result = draft.finish()
    assert result.outputs == graph.outputs
    assert x not in result.specs
    assert_sound(result)
    toy.assert_same(graph, result)


def test_bypass_refuses_to_lose_an_output() -> None:
    toy = Toy()
    x = toy.input(5)
    y = toy.add("activation", x, kind="linear")
    graph = toy.graph(y)
    draft = Draft(graph)
    node = draft.maker(y)
    assert node is not None
    assert not draft.bypass(node, x)
    assert draft.finish() is graph


def test_constants_are_named_once() -> None:
    draft = Draft(Toy().graph())
    one = draft.constant("w", np.ones(3))
    assert draft.constant("w", np.ones(3)) == one == "w"
    assert draft.constant("w", np.zeros(3)) == "w:1"
    assert draft.constant("w", np.ones(3, np.float32)) == "w:2"


def test_same_array_compares_bits() -> None:
    assert same_array(np.ones(2), np.ones(2))
    assert not same_array(np.ones(2), np.ones((2, 1)))
    assert not same_array(np.ones(2), np.ones(2, np.float32))
    assert not same_array(np.array([0.0]), np.array([-0.0]))
    assert same_array(np.array([np.nan]), np.array([np.nan]))

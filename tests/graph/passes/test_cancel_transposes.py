"""cancel_transposes: fires, does not fire, same output, twice changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from graph.toy import Toy
from kmin.graph.ir import Graph
from kmin.graph.passes import simplify
from kmin.graph.passes.cancel_transposes import cancel_transposes

TO_LAST, TO_FIRST = (0, 2, 3, 1), (0, 3, 1, 2)


def conv(toy: Toy, x: str, filters: int) -> str:
    """A channels-first convolution, as layers write it."""
    x = toy.add("transpose", x, perm=TO_LAST)
    channels = toy.builder.specs[x].shape[-1] or 0
    options: dict[str, Any] = {"strides": (1, 1), "dilation": (1, 1), "padding": "same"}
    x = toy.add("conv", x, toy.weight(3, 3, channels, filters), toy.weight(filters), **options)
    return toy.add("transpose", x, perm=TO_FIRST)


def norm(toy: Toy, x: str) -> str:
    size = toy.builder.specs[x].shape[1] or 0
    stats = [toy.weight(size, low=0.5) for _ in range(4)]
    return toy.add("batch_norm", x, *stats, axis=1, epsilon=1e-3)


def ops(graph: Graph) -> list[str]:
    return [node.op for node in graph.nodes]


def test_adjacent_transposes_become_one_or_none() -> None:
    toy = Toy()
    x = toy.add("transpose", toy.input(4, 5, 6), perm=(0, 2, 1, 3))
    y = toy.add("transpose", x, perm=(0, 1, 3, 2))
    z = toy.dense(toy.add("transpose", toy.add("transpose", x, perm=TO_LAST), perm=TO_FIRST), 2)
    graph = toy.graph(y, z)
    result = cancel_transposes(graph)
    assert sorted(ops(result)) == ["dense", "transpose", "transpose"]
    toy.assert_same(graph, result)
    assert cancel_transposes(result) is result


def test_a_channels_first_net_is_channels_last_inside() -> None:
    toy = Toy()
    x = toy.input(3, 6, 5)
    x = toy.add("activation", norm(toy, conv(toy, x, 4)), kind="relu")
    y = norm(toy, conv(toy, x, 4))
    x = toy.add("activation", toy.add("binary", x, y, kind="add"), kind="relu")
    x = toy.add("concat", x, conv(toy, x, 2), axis=1)
    x = toy.add("pad", x, pads=((0, 0), (0, 0), (1, 2), (0, 1)))
    x = toy.add("activation", conv(toy, x, 5), kind="softmax")
    graph = toy.graph(toy.add("reduce", x, kind="mean", axes=(2, 3)))
    assert ops(graph).count("transpose") == 8
    result = simplify(graph)
    assert ops(result).count("transpose") == 1
    assert result.nodes[0].op == "transpose"
    assert "batch_norm" not in ops(result)
    toy.assert_same(graph, result, 1e-5)
    assert simplify(result) is result


def test_before_flatten_the_order_is_restored() -> None:
    toy = Toy()
    x = toy.add("activation", conv(toy, toy.input(3, 6, 5), 4), kind="relu")
    graph = toy.graph(toy.dense(toy.add("reshape", x, target=(("x", 0), -1)), 2))
    result = simplify(graph)
    assert ops(result) == ["transpose", "conv", "transpose", "reshape", "dense"]
    assert result.nodes[1].attrs.activation == "relu"
    toy.assert_same(graph, result, 1e-5)
    assert simplify(result) is result


MOVING: list[Callable[[Toy, str], str]] = [
    lambda toy, x: toy.add("activation", x, kind="tanh"),
    lambda toy, x: toy.add("activation", x, kind="softmax"),
    lambda toy, x: toy.add("softmax", x, axes=(1, 2)),
    lambda toy, x: toy.add("softmax", x, axes=(-1,)),
    lambda toy, x: norm(toy, x),
    lambda toy, x: toy.add("cast", x, dtype="float64"),
    lambda toy, x: toy.add("fill_like", x, value=2.0, dtype="int32"),
    lambda toy, x: toy.add("crop", x, cuts=((0, 0), (1, 0), (0, 2), (1, 1))),
    lambda toy, x: toy.add("pad", x, pads=((0, 0), (1, 0), (0, 2), (1, 1)), value=3.0),
    lambda toy, x: toy.add("reverse", x, axis=1),
    lambda toy, x: toy.add("repeat", x, count=2, axis=-1),
    lambda toy, x: toy.add("l2_normalize", x, axis=1, smallest=1e-7),
    lambda toy, x: toy.add("l2_normalize", x, axis=(1, 3), smallest=1e-7),
    lambda toy, x: toy.add("layer_norm", x, toy.weight(4), toy.weight(4), axes=(1,), epsilon=1e-3),
    lambda toy, x: toy.add("reduce", x, kind="max", axes=(-1,), keepdims=True),
    lambda toy, x: toy.add("binary", x, x, kind="multiply"),
    lambda toy, x: toy.add("binary", x, toy.weight(4, 1, 1), kind="subtract"),
    lambda toy, x: toy.add("binary", toy.weight(5), x, kind="subtract"),
    lambda toy, x: toy.add("binary", x, toy.constant(np.float32(2)), kind="power"),
    lambda toy, x: toy.add("where", toy.add("binary", x, toy.weight(6, 1), kind="less"), x, toy.weight(1)),
    lambda toy, x: toy.add("concat", x, toy.add("activation", x, kind="tanh"), axis=2),
]


@pytest.mark.parametrize("step", MOVING)
def test_what_transposes_move_past(step: Callable[[Toy, str], str]) -> None:
    toy = Toy()
    x = toy.add("transpose", toy.input(6, 5, 4), perm=TO_FIRST)
    graph = toy.graph(toy.add("transpose", step(toy, x), perm=TO_LAST))
    result = simplify(graph)
    assert "transpose" not in ops(result)
    toy.assert_same(graph, result, 1e-6)
    assert simplify(result) is result


@pytest.mark.parametrize("axes", [(1,), (2,), (3,), (1, 3), (2, 3), (1, 2, 3)])
def test_reductions_take_axes_away(axes: tuple[int, ...]) -> None:
    toy = Toy()
    x = toy.add("transpose", toy.input(6, 5, 4), perm=(0, 3, 2, 1))
    graph = toy.graph(toy.add("reduce", x, kind="sum", axes=axes))
    result = simplify(graph)
    assert ops(result).count("transpose") == (0 if len(axes) > 1 else 1)
    toy.assert_same(graph, result, 1e-5)
    assert simplify(result) is result


def test_a_join_with_something_else_stays() -> None:
    toy = Toy()
    x = toy.add("transpose", toy.input(4, 5, 6), perm=(0, 1, 3, 2))
    graph = toy.graph(toy.add("binary", x, toy.input(4, 6, 5, name="z"), kind="add"))
    assert cancel_transposes(graph) is graph


def test_never_more_transposes_than_before() -> None:
    toy = Toy()
    x = toy.add("transpose", toy.input(4, 5), perm=(0, 2, 1))
    y = toy.add("activation", x, kind="relu")
    z = toy.add("activation", x, kind="tanh")
    graph = toy.graph(toy.dense(y, 3), toy.dense(z, 3))
    result = cancel_transposes(graph)
    assert ops(result).count("transpose") == 1
    toy.assert_same(graph, result)


def test_equal_transposes_are_made_once() -> None:
    toy = Toy()
    x = toy.input(4, 5)
    y = [toy.dense(toy.add("transpose", x, perm=(0, 2, 1)), 3) for _ in range(2)]
    graph = toy.graph(*y)
    result = cancel_transposes(graph)
    assert ops(result) == ["transpose", "dense", "dense"]
    toy.assert_same(graph, result)


def test_outputs_that_cancel_keep_their_names() -> None:
    toy = Toy()
    x = toy.input(4, 5)
    y = toy.dense(x, 5)
    back = toy.add("transpose", toy.add("transpose", y, perm=(0, 2, 1)), perm=(0, 2, 1))
    round_trip = toy.add("transpose", toy.add("transpose", x, perm=(0, 2, 1)), perm=(0, 2, 1))
    graph = toy.graph(back, round_trip)
    result = simplify(graph)
    assert ops(result) == ["dense", "transpose"]  # an output cannot be the input itself
    toy.assert_same(graph, result)
    assert simplify(result) is result


def test_a_graph_without_transposes_is_left_alone() -> None:
    toy = Toy()
    graph = toy.graph(toy.dense(toy.input(5), 2))
    assert cancel_transposes(graph) is graph

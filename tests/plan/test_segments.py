"""Which nodes run together natively, and in which order the rest runs."""

from __future__ import annotations

import numpy as np
import pytest

from graph.toy import Toy
from kmin.graph.ir import Graph, Node
from kmin.ops import kernels
from kmin.plan.compile import compile_plan
from kmin.plan.segments import Segment, split_segments

pytestmark = pytest.mark.skipif(len(kernels.AVAILABLE) == 1, reason="no compiled kernels in this install")


def spelled(graph: Graph, tier: str = kernels.AVAILABLE[-1]) -> list[str]:
    """A NumPy node as its op, a segment as its ops in brackets."""
    items = split_segments(graph, kernels.tier(tier))
    return [i.op if isinstance(i, Node) else f"[{' '.join(node.op for node, _ in i.nodes)}]" for i in items]


def test_a_chain_is_one_segment() -> None:
    toy = Toy()
    x = toy.add("activation", toy.dense(toy.input(4), 6), kind="tanh")
    graph = toy.graph(toy.dense(toy.add("reshape", x, target=(("x", 0), 2, -1)), 5))
    assert spelled(graph) == ["[dense activation reshape dense]"]
    assert spelled(graph, "numpy") == ["dense", "activation", "reshape", "dense"]


@pytest.mark.parametrize("tier", kernels.AVAILABLE[1:])
@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_views_of_ids_are_results_whole(tier: str, dtype: str) -> None:
    toy = Toy()
    ids = toy.input(4, dtype=dtype)
    square = toy.add("reshape", ids, target=(("x", 0), 2, 2))
    again = toy.add("reshape", square, target=(("x", 0), 4, 1))
    rows = toy.add("reshape", toy.add("gather", toy.weight(2, 6), again), target=(("x", 0), -1))
    graph = toy.graph(toy.dense(rows, 3), square, again)
    (x,) = toy.feed(graph)
    wanted = compile_plan(graph, "numpy").run([x])
    for got, right in zip(compile_plan(graph, tier).run([x]), wanted, strict=True):
        assert got.dtype == right.dtype
        np.testing.assert_allclose(got, right, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("tier", kernels.AVAILABLE[1:])
@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_ids_are_cut_and_reshaped_in_the_segment_that_reads_them(tier: str, dtype: str) -> None:
    toy = Toy()
    ids = toy.input(4, dtype=dtype)
    both = [toy.add("reshape", ids, target=(("x", 0), 2, 2))]
    if dtype == "int32":
        both.append(toy.add("slice", ids, cuts=((None, None, None), (3, 0, -2))))
    rows = [toy.add("reshape", toy.add("gather", toy.weight(2, 6), x), target=(("x", 0), -1)) for x in both]
    graph = toy.graph(*(toy.dense(x, 3) for x in rows))
    assert not any(isinstance(item, Node) for item in split_segments(graph, kernels.tier(tier)))
    (x,) = toy.feed(graph)
    for rows_given in (x, x[:1]):
        wanted = compile_plan(graph, "numpy").run([rows_given])
        for got, right in zip(compile_plan(graph, tier).run([rows_given]), wanted, strict=True):
            np.testing.assert_allclose(got, right, rtol=1e-6, atol=1e-6)


def test_other_ops_part_segments() -> None:
    toy = Toy()
    x = toy.dense(toy.input(4), 6)
    y = toy.add("sort", x, axis=-1)
    assert spelled(toy.graph(toy.dense(y, 2))) == ["[dense]", "sort", "[dense]"]


def test_ops_of_many_inputs_join_segments() -> None:
    toy = Toy()
    x = toy.dense(toy.input(4), 6)
    left, right = toy.dense(x, 6), toy.dense(toy.input(4, name="z"), 6)
    y = toy.add("concat", toy.add("binary", left, x, kind="add"), right, axis=-1)
    assert spelled(toy.graph(toy.dense(y, 2))) == ["[dense dense binary dense concat dense]"]


def test_branches_of_one_trunk_share_a_segment() -> None:
    toy = Toy()
    x = toy.dense(toy.input(4), 6)
    left, right = toy.dense(x, 2), toy.add("softmax", toy.dense(x, 3), axes=(-1,))
    assert spelled(toy.graph(left, right)) == ["[dense dense dense softmax]"]


def test_towers_of_two_inputs_stay_apart() -> None:
    toy = Toy()
    graph = toy.graph(toy.dense(toy.input(4), 2), toy.dense(toy.input(4, name="z"), 2))
    assert spelled(graph) == ["[dense]", "[dense]"]


def test_a_segment_waits_until_it_is_read() -> None:
    toy = Toy()
    x = toy.input(4)
    y = toy.dense(x, 6)
    z = toy.add("sort", x, axis=-1)  # does not read y
    assert spelled(toy.graph(toy.dense(y, 2), z)) == ["sort", "[dense dense]"]


def test_views_alone_are_not_worth_a_call() -> None:
    toy = Toy()
    graph = toy.graph(toy.add("reshape", toy.input(4), target=(("x", 0), 2, 2)))
    assert spelled(graph) == ["reshape"]


@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_other_dtypes_run_on_numpy(dtype: str) -> None:
    toy = Toy(dtype)
    assert spelled(toy.graph(toy.dense(toy.input(4), 6))) == ["dense"]


def test_sizes_known_only_at_run_time_run_on_numpy() -> None:
    toy = Toy()
    assert spelled(toy.graph(toy.dense(toy.input(None, 4), 6))) == ["dense"]


def test_segments_hold_every_node_once() -> None:
    toy = Toy()
    x = toy.dense(toy.input(4), 6)
    graph = toy.graph(toy.add("binary", toy.dense(x, 6), x, kind="add"), x)
    items = split_segments(graph, kernels.active() or kernels.tier(kernels.AVAILABLE[-1]))
    nodes = [n for i in items for n in ([m for m, _ in i.nodes] if isinstance(i, Segment) else [i])]
    assert sorted(node.name for node in nodes) == sorted(node.name for node in graph.nodes)

"""fold_batch_norm: fires, does not fire, same output, twice changes nothing, and no digits lost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graph.toy import Toy
from kmin.graph.ir import Graph
from kmin.graph.passes.fold_batch_norm import fold_batch_norm


def norm(toy: Toy, x: str, size: int, axis: int = -1, gamma: bool = True, beta: bool = True, **names: str) -> str:
    weights = (
        toy.weight(size, name="gamma") if gamma else None,
        toy.weight(size, name="beta") if beta else None,
        toy.weight(size, name="mean"),
        toy.weight(size, name="variance", low=0.5),
    )
    return toy.add("batch_norm", x, *weights, axis=axis, epsilon=1e-3, **names)


def host(toy: Toy, op: str, bias: bool) -> tuple[str, int]:
    """A node of each kind that takes a batch_norm, and its number of result channels."""
    options: dict[str, Any] = {"strides": (2, 1), "dilation": (1, 1), "padding": "same"}
    if op == "dense":
        return toy.dense(toy.input(5), 4, bias=bias), 4
    if op == "dense_rank3":
        return toy.dense(toy.input(2, 5), 4, bias=bias), 4
    x = toy.input(6, 7, 4)
    if op == "conv_groups":
        kernel, size, options["groups"], op = (3, 2, 2, 6), 6, 2, "conv"
    else:
        shapes = {"conv": (3, 2, 4, 6), "conv_transpose": (3, 2, 6, 4), "depthwise_conv": (3, 2, 4, 3)}
        kernel, size = shapes[op], {"conv": 6, "conv_transpose": 6, "depthwise_conv": 12}[op]
    return toy.add(op, x, toy.weight(*kernel), toy.weight(size) if bias else None, **options), size


OPS = ["dense", "dense_rank3", "conv", "conv_groups", "conv_transpose", "depthwise_conv"]


@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize(("bias", "gamma", "beta"), [(True, True, True), (False, False, False), (False, True, False)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_fires(op: str, bias: bool, gamma: bool, beta: bool, dtype: str) -> None:
    toy = Toy(dtype)
    y, size = host(toy, op, bias)
    graph = toy.graph(norm(toy, y, size, gamma=gamma, beta=beta))
    folded = fold_batch_norm(graph)
    assert len(folded.nodes) == 1
    assert len(folded.constants) == 2
    assert all(array.dtype == dtype for array in folded.constants.values())
    toy.assert_same(graph, folded, 3e-6 if dtype == "float32" else 1e-13)
    assert fold_batch_norm(folded) is folded


def test_two_in_a_row_both_fold() -> None:
    toy = Toy()
    graph = toy.graph(norm(toy, norm(toy, toy.dense(toy.input(5), 4), 4), 4))
    folded = fold_batch_norm(graph)
    assert [node.op for node in folded.nodes] == ["dense"]
    toy.assert_same(graph, folded, 1e-5)


def test_names_tell_where_weights_came_from() -> None:
    toy = Toy()
    kernel, bias = toy.weight(5, 4, name="fc.kernel"), toy.weight(4, name="fc.bias")
    folded = fold_batch_norm(toy.graph(norm(toy, toy.add("dense", toy.input(5), kernel, bias), 4)))
    assert set(folded.constants) == {"fc.kernel_folded", "fc.bias_folded"}


def test_not_after_a_fused_activation() -> None:
    toy = Toy()
    graph = toy.graph(norm(toy, toy.dense(toy.input(5), 4, activation="relu"), 4))
    assert fold_batch_norm(graph) is graph


def test_not_when_the_value_is_needed_elsewhere() -> None:
    toy = Toy()
    x = toy.dense(toy.input(5), 4)
    graph = toy.graph(norm(toy, x, 4), x)
    assert fold_batch_norm(graph) is graph
    toy = Toy()
    x = toy.dense(toy.input(5), 4)
    graph = toy.graph(norm(toy, x, 4), toy.dense(x, 2))
    assert fold_batch_norm(graph) is graph


def test_not_along_another_axis() -> None:
    toy = Toy()
    graph = toy.graph(norm(toy, toy.dense(toy.input(2, 5), 2), 2, axis=1))
    assert fold_batch_norm(graph) is graph


def test_not_after_an_input_or_a_pool() -> None:
    toy = Toy()
    graph = toy.graph(norm(toy, toy.input(5), 5))
    assert fold_batch_norm(graph) is graph


def test_not_in_half_precision() -> None:
    toy = Toy("float16")
    graph = toy.graph(norm(toy, toy.dense(toy.input(5), 4), 4))
    assert fold_batch_norm(graph) is graph


def test_not_when_the_weights_would_overflow() -> None:
    toy = Toy()
    kernel = toy.constant(np.full((5, 4), 1e38, np.float32))
    gamma = toy.constant(np.full(4, 100, np.float32))
    zero, one = toy.constant(np.zeros(4, np.float32)), toy.constant(np.ones(4, np.float32))
    y = toy.add("dense", toy.input(5), kernel, None)
    graph = toy.graph(toy.add("batch_norm", y, gamma, None, zero, one, axis=-1, epsilon=0.0))
    assert fold_batch_norm(graph) is graph


def shared(other_norm: bool, extra_reader: bool) -> tuple[Toy, Graph]:
    """One kernel applied to two inputs, each followed by a batch_norm."""
    toy = Toy()
    kernel, bias = toy.weight(5, 4, name="fc.kernel"), toy.weight(4, name="fc.bias")
    stats = [toy.weight(4, low=0.5, name=name) for name in ("gamma", "beta", "mean", "variance")]
    outputs = []
    for name in ("left", "right"):
        y = toy.add("dense", toy.input(5, name=name), kernel, bias)
        if other_norm and name == "right":
            stats = [*stats[:3], toy.weight(4, low=2.0)]
        outputs.append(toy.add("batch_norm", y, *stats, axis=1, epsilon=1e-3))
    if extra_reader:
        outputs.append(toy.add("dense", "left", kernel, None))
    return toy, toy.graph(*outputs)


def test_a_shared_kernel_is_folded_once_for_all() -> None:
    toy, graph = shared(other_norm=False, extra_reader=False)
    folded = fold_batch_norm(graph)
    assert [node.op for node in folded.nodes] == ["dense", "dense"]
    assert len(folded.constants) == 2
    toy.assert_same(graph, folded, 3e-6)
    assert fold_batch_norm(folded) is folded


@pytest.mark.parametrize(("other_norm", "extra_reader"), [(True, False), (False, True)])
def test_a_shared_kernel_that_is_needed_as_it_is_stays(other_norm: bool, extra_reader: bool) -> None:
    _, graph = shared(other_norm, extra_reader)
    assert fold_batch_norm(graph) is graph


def test_no_further_from_the_truth_than_without_folding() -> None:
    toy = Toy(batch=200)
    y, size = host(toy, "conv", True)
    graph = toy.graph(norm(toy, y, size))
    exact = Toy("float64", batch=200)
    y, size = host(exact, "conv", True)
    truth_graph = exact.graph(norm(exact, y, size))
    feed = toy.feed(graph)
    from kmin.plan.compile import compile_plan

    constants = {name: array.astype(np.float64) for name, array in graph.constants.items()}
    truth_graph = truth_graph.__class__(**{**vars(truth_graph), "constants": constants})
    (truth,) = compile_plan(truth_graph).run([feed[0].astype(np.float64)])
    plain, folded = (np.abs(compile_plan(g).run(feed)[0] - truth) for g in (graph, fold_batch_norm(graph)))
    assert folded.max() <= 2 * plain.max()
    assert folded.mean() <= 1.5 * plain.mean()

"""States: whole batches, turns, and nothing lost or kept that should not be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.graph.builder import GraphBuilder
from kmin.graph.ir import Graph
from kmin.graph.passes import simplify
from kmin.graph.states import States, zero_states
from kmin.ops.binary import BinaryAttrs
from kmin.ops.tensor import Array, TensorSpec
from kmin.plan.compile import compile_plan


def running_sum() -> Graph:
    """y = x + everything that came before; one number per row, two rows at a time. The state is not an output."""
    builder = GraphBuilder()
    builder.batch_sizes.add(2)
    x = builder.input("x", (None, 1), "float32")
    one = builder.constant("one", np.ones((1, 1), np.float32))
    before = builder.state("total", (None, 1), "float32")
    (total,) = builder.add("binary", (x, before), BinaryAttrs("add"), "sum")
    builder.keep(before, total)
    (y,) = builder.add("binary", (total, one), BinaryAttrs("multiply"), "times")
    return builder.graph([y], ["x"], ["y"], 0)


def states_of(graph: Graph) -> States:
    assert graph.batch_size is not None
    return States([graph.specs[state.input] for state in graph.states], graph.batch_size)


@pytest.mark.parametrize("graph", [running_sum(), simplify(running_sum())], ids=["raw", "simplified"])
def test_batches_follow_one_another(graph: Graph) -> None:
    states, plan = states_of(graph), compile_plan(graph)
    x = np.arange(6, dtype=np.float32)[:, None]
    (y,) = states.run(plan.run, [x])
    np.testing.assert_array_equal(y[:, 0], [0, 1, 2, 4, 6, 9])
    (y,) = states.run(plan.run, [x[:2]])
    np.testing.assert_array_equal(y[:, 0], [6, 10])
    states.reset()
    (y,) = states.run(plan.run, [x[:2]])
    np.testing.assert_array_equal(y[:, 0], [0, 1])


def test_a_state_that_no_output_needs_is_still_kept() -> None:
    builder = GraphBuilder()
    builder.batch_sizes.add(1)
    x = builder.input("x", (None, 1), "float32")
    before = builder.state("last", (None, 1), "float32")
    (following,) = builder.add("binary", (x, x), BinaryAttrs("add"), "double")
    builder.keep(before, following)
    (y,) = builder.add("binary", (before, before), BinaryAttrs("add"), "output")
    graph = simplify(builder.graph([y], ["x"], ["y"], 0))
    assert [node.layer for node in graph.nodes] == ["double", "output"]
    states, plan = states_of(graph), compile_plan(graph)
    (result,) = states.run(plan.run, [np.array([[1], [5]], np.float32)])
    np.testing.assert_array_equal(result[:, 0], [0, 4])


def test_rows_must_fill_batches() -> None:
    states = states_of(running_sum())
    with pytest.raises(InputError, match="multiple of 2"):
        states.run(compile_plan(running_sum()).run, [np.zeros((3, 1), np.float32)])
    assert states.checked_batch_size(None) == states.checked_batch_size(2) == 2
    with pytest.raises(InputError, match="must be 2 or None"):
        states.checked_batch_size(4)


def test_a_failed_call_leaves_the_states_as_they_were() -> None:
    graph = running_sum()
    states, plan = states_of(graph), compile_plan(graph)
    x = np.ones((2, 1), np.float32)
    states.run(plan.run, [x])
    calls = []

    def failing(arrays: Sequence[Array]) -> list[Array]:
        calls.append(arrays)
        if len(calls) == 2:
            raise InputError("no")
        return plan.run(arrays)

    with pytest.raises(InputError):
        states.run(failing, [np.ones((4, 1), np.float32)])
    (y,) = states.run(plan.run, [x])
    np.testing.assert_array_equal(y, [[2], [2]])


def test_no_rows_change_nothing() -> None:
    graph = running_sum()
    states, plan = states_of(graph), compile_plan(graph)
    x = np.ones((2, 1), np.float32)
    states.run(plan.run, [x])
    assert states.run(plan.run, [x[:0]])[0].shape == (0, 1)
    np.testing.assert_array_equal(states.run(plan.run, [x])[0], [[2], [2]])


def test_zero_states_take_the_batch_size_and_the_dtype() -> None:
    (one, two) = zero_states([TensorSpec((None, 3), "float16"), TensorSpec((None, 0))], 2)
    assert (one.shape, one.dtype, two.shape) == ((2, 3), np.float16, (2, 0))
    assert not one.any()

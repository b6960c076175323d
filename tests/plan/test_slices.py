"""What is concatenated is written into the result at once where its maker and readers allow, and copied where not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from graph.toy import Toy
from kmin.ops import kernels
from kmin.plan.compile import compile_plan

TIERS = kernels.AVAILABLE[1:]


def conv(toy: Toy, x: str, filters: int, size: int = 1) -> str:
    channels = toy.builder.specs[x].shape[-1] or 0
    kernel = toy.constant((toy.rng.normal(size=(size, size, channels, filters)) / size / 4).astype(np.float32))
    return toy.add("conv", x, kernel, toy.weight(filters), strides=(1, 1), dilation=(1, 1), padding="same")


def norm(toy: Toy, x: str) -> str:
    n = toy.builder.specs[x].shape[-1] or 0
    y = toy.add("batch_norm", x, *(toy.weight(n, low=0.5) for _ in range(4)), axis=-1, epsilon=1e-3)
    return toy.add("activation", y, kind="relu")


def branches(toy: Toy) -> str:
    x = toy.input(5, 4, 6)
    return conv(toy, toy.add("concat", conv(toy, x, 3), conv(toy, x, 20, 3), conv(toy, x, 8), axis=-1), 4)


def grown(toy: Toy) -> str:
    """A dense block: every layer reads all that came before it, normalised."""
    x = conv(toy, toy.input(5, 4, 3), 7, 3)
    for _ in range(3):
        x = toy.add("concat", x, conv(toy, conv(toy, norm(toy, x), 9), 5, 3), axis=-1)
    return conv(toy, norm(toy, x), 2)


def partly(toy: Toy) -> str:
    """An input and a product that is also read by another one lie elsewhere and are copied."""
    x = toy.input(6)
    y = toy.dense(x, 5)
    return toy.dense(toy.add("concat", x, toy.dense(y, 4), y, axis=-1), 3)


def nested_with_a_copy(toy: Toy) -> str:
    x = toy.input(6)
    inner = toy.add("concat", x, toy.dense(x, 3), axis=-1)
    return toy.dense(toy.add("concat", toy.dense(x, 9), inner, axis=-1), 3)


def few_filters(toy: Toy) -> str:
    x = toy.input(9, 13, 32)
    return conv(toy, toy.add("concat", conv(toy, x, 3, 5), conv(toy, x, 5), axis=-1), 4)


def as_output(toy: Toy) -> str:
    x = toy.input(6)
    return toy.add("concat", toy.dense(x, 3), toy.dense(x, 17, activation="tanh"), axis=-1)


def two_of_one(toy: Toy) -> str:
    """Two concatenations of the same tensors: one of them copies."""
    x = toy.input(6)
    a, b = toy.dense(x, 4), toy.dense(x, 4)
    one, two = toy.add("concat", a, b, axis=-1), toy.add("concat", b, a, axis=-1)
    return toy.add("binary", toy.dense(one, 5), toy.dense(two, 5), kind="multiply")


def along_another_axis(toy: Toy) -> str:
    x = toy.input(3, 6)
    return toy.dense(toy.add("concat", toy.dense(x, 4), toy.dense(x, 4), axis=1), 3)


def along_two_axes(toy: Toy) -> str:
    """Two concatenations of the same tensors whose rows are not alike: both copy."""
    x = toy.input(3, 6)
    a, b = toy.dense(x, 4), toy.dense(x, 4)
    one, two = toy.add("concat", a, b, axis=2), toy.add("concat", a, b, axis=1)
    rows = toy.add("reduce", toy.dense(two, 5), kind="max", axes=(1,), keepdims=False)
    return toy.add(
        "binary", toy.add("reduce", toy.dense(one, 5), kind="max", axes=(1,), keepdims=False), rows, kind="add"
    )


# Graph -> copies and slices in its plan.
CASES: dict[str, tuple[Callable[[Toy], str], int, int]] = {
    "along another axis": (along_another_axis, 1, 0),
    "along two axes": (along_two_axes, 2, 0),
    "as output": (as_output, 0, 2),
    "branches": (branches, 0, 3),
    "few filters": (few_filters, 0, 2),
    "grown": (grown, 0, 4),
    "nested with a copy": (nested_with_a_copy, 1, 3),
    "partly": (partly, 1, 1),
    "two of one": (two_of_one, 1, 2),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", TIERS)
def test_slices(name: str, case: str) -> None:
    make, copies, slices = CASES[case]
    toy = Toy()
    graph = toy.graph(make(toy))
    plan = compile_plan(graph, name, threads=2)
    rng = np.random.default_rng(3)
    for rows in (0, 1, 2, 9, 300):
        x = [rng.normal(size=(rows, *graph.specs[t].shape[1:])).astype(np.float32) for t in graph.inputs]
        np.testing.assert_allclose(plan.run(x)[0], compile_plan(graph, "numpy").run(x)[0], rtol=1e-5, atol=1e-5)
    lines = str(plan).splitlines()
    assert sum(":concat(" in line for line in lines) == copies, "\n".join(lines)
    assert sum("[column" in line.split(" = ")[0] for line in lines) == slices, "\n".join(lines)


@pytest.mark.parametrize("count", [13, 14, 15])
@pytest.mark.parametrize("tier", TIERS)
def test_many_tensors_are_joined(tier: str, count: int) -> None:
    toy = Toy()
    graph = toy.graph(toy.add("concat", *(toy.input(3, name=f"x{at}") for at in range(count)), axis=-1))
    arrays = [np.full((2, 3), at, np.float32) for at in range(count)]
    (got,) = compile_plan(graph, tier).run(arrays)
    np.testing.assert_array_equal(got, np.concatenate(arrays, axis=-1))

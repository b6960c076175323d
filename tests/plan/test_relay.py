"""Dense layers that follow each other hand single rows from thread to thread, and give the same bits."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from plan.beside_numpy import TIERS, numbers, planned

from graph.toy import Toy
from kmin.plan.compile import compile_plan
from kmin.plan.run import Plan

pytestmark = pytest.mark.skipif(not TIERS, reason="no compiled kernels in this install")


def layers(toy: Toy) -> str:
    """Of several parts, of one, with columns behind the last whole panel, and narrow at the end."""
    x = toy.input(300)
    for units in (512, 257, 40, 130, 300):
        x = toy.dense(x, units, activation="relu")
    return toy.dense(x, 3)


def with_functions(toy: Toy) -> str:
    x = toy.dense(toy.input(200), 400, activation="tanh")
    return toy.dense(toy.dense(x, 400, activation="gelu"), 90, bias=False)


def residual(toy: Toy) -> str:
    x = toy.dense(toy.input(64), 320, activation="relu")
    y = toy.dense(toy.dense(x, 320, activation="relu"), 320)
    return toy.dense(toy.add("binary", x, y, kind="add"), 320, activation="sigmoid")


def interrupted(toy: Toy) -> str:
    """A softmax ends a relay; one layer is none."""
    x = toy.dense(toy.dense(toy.input(256), 256), 256)
    return toy.dense(toy.add("softmax", x, axes=(-1,)), 400)


CASES: dict[str, tuple[Callable[[Toy], str], list[tuple[int, int]]]] = {
    "interrupted": (interrupted, [(0, 2)]),
    "layers": (layers, [(0, 6)]),
    "residual": (residual, [(0, 4)]),
    "with_functions": (with_functions, [(0, 3)]),
}


def relays(plan: Plan) -> list[tuple[int, int]]:
    (native,) = (step.native for step in plan.steps if step.native is not None)
    return native.program.relays


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("tier", TIERS)
def test_same_bits_on_any_number_of_threads(case: str, tier: str) -> None:
    make, wanted = CASES[case]
    toy = Toy()
    graph = toy.graph(make(toy))
    assert relays(planned(graph, tier, (1, 2, 5))) == wanted
    alone, feed = compile_plan(graph, tier, threads=1), numbers(graph, 1)
    truth = alone.run(feed)[0]
    for threads in (2, 3, 8, 64):
        plan = compile_plan(graph, tier, threads=threads)
        for _ in range(100):
            np.testing.assert_array_equal(plan.run(feed)[0], truth)


def test_each_row_of_many_calls_at_once() -> None:
    toy = Toy()
    graph = toy.graph(layers(toy))
    plan, (x,) = compile_plan(graph, TIERS[-1], threads=2), numbers(graph, 40)
    truth = np.concatenate([compile_plan(graph, TIERS[-1], threads=1).run([x[at : at + 1]])[0] for at in range(40)])

    def work(shift: int) -> bool:
        order = np.roll(np.arange(40), shift)
        return all(np.array_equal(plan.run([x[at : at + 1]])[0][0], truth[at]) for at in [*order] * 5)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(4)))

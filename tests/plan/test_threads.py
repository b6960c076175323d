"""How many threads a call may use: the argument, the environment, the cores; never a matter of results."""

from __future__ import annotations

import os

import numpy as np
import pytest

import kmin
from graph.toy import Toy
from kmin.ops import kernels
from kmin.plan.compile import compile_plan
from kmin.plan.threads import chosen_threads, usable_cores


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KMIN_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)


def test_the_argument_comes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen_threads() == usable_cores() <= (os.cpu_count() or 1)
    monkeypatch.setenv("OMP_NUM_THREADS", "3,2")
    assert chosen_threads() == 3
    monkeypatch.setenv("KMIN_NUM_THREADS", "5")
    assert chosen_threads() == 5
    assert chosen_threads(2) == 2
    assert chosen_threads(1000) == 64


@pytest.mark.parametrize("threads", [0, -1, 1.5, "2", True])
def test_a_number_that_makes_no_sense(threads: object) -> None:
    with pytest.raises(kmin.KminError, match="threads must be a positive whole number; received"):
        chosen_threads(threads)  # type: ignore[arg-type]


def test_an_environment_that_makes_no_sense(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "many")
    with pytest.raises(kmin.KminError, match="OMP_NUM_THREADS must be a positive whole number; received 'many'"):
        chosen_threads()


@pytest.mark.parametrize("name", kernels.AVAILABLE)
def test_results_do_not_depend_on_threads(name: str) -> None:
    toy = Toy()
    x = toy.input(20, 20, 3)
    kernel = toy.constant((toy.rng.normal(size=(3, 3, 3, 40)) / 9).astype(np.float32))
    x = toy.add("conv", x, kernel, None, strides=(1, 1), dilation=(1, 1), padding="same", activation="relu")
    x = toy.add("max_pool", x, window=(2, 2), strides=(2, 2), padding="valid")
    x = toy.dense(toy.add("reshape", x, target=(("x", 0), -1)), 300, activation="tanh")
    graph = toy.graph(toy.add("softmax", toy.dense(x, 500), axes=(-1,)))
    data = np.random.default_rng(4).normal(size=(37, 20, 20, 3)).astype(np.float32)
    alone = compile_plan(graph, name, threads=1)
    for threads in (2, 3, 8):
        plan = compile_plan(graph, name, threads=threads)
        for rows in (1, 2, 3, 8, 37):
            np.testing.assert_array_equal(plan.run([data[:rows]])[0], alone.run([data[:rows]])[0])

"""Large dense layers behind images and a ReLU read their weights where they are; all others pack them."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from plan.beside_numpy import TIERS, kernel_names, planned

from graph.toy import Toy
from kmin.graph.ir import Graph
from kmin.graph.mapped import mapped_file
from kmin.graph.weights import Weights
from kmin.plan.compile import compile_plan

UNITS = 1100


def behind_an_image(toy: Toy, side: int, units: int = UNITS, function: str = "relu", **attrs: Any) -> str:
    x = toy.add(
        "conv",
        toy.input(side, side, 1),
        toy.weight(3, 3, 1, 33),
        toy.weight(33),
        strides=(1, 1),
        dilation=(1, 1),
        padding="same",
        activation="relu",
    )
    x = toy.add("max_pool", x, window=(side // 5, side // 5), strides=(side // 5, side // 5), padding="valid")
    x = toy.dense(toy.add("reshape", x, target=(("x", 0), -1)), 40)
    return toy.dense(toy.dense(toy.dense(x, 1000, activation=function), units, activation="relu"), 600, **attrs)


def plain(graph: Graph, name: str, *batches: int) -> int:
    return sum("plain_dense" in each for each in kernel_names(planned(graph, name, batches, 1e-5)))


@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize("activation", ["linear", "softmax", "gelu"])
def test_behind_an_image(name: str, activation: str) -> None:
    toy = Toy()
    assert plain(toy.graph(behind_an_image(toy, 50, activation=activation)), name, 0, 1, 2, 5) == 1


@pytest.mark.parametrize("name", TIERS)
def test_layers_that_pack_their_weights(name: str) -> None:
    small, few, alone, full = Toy(), Toy(), Toy(), Toy()
    assert plain(full.graph(behind_an_image(full, 50, function="tanh")), name) == 0
    assert plain(small.graph(behind_an_image(small, 20)), name, 1) == 0
    assert plain(few.graph(behind_an_image(few, 50, units=1000)), name, 1) == 0
    assert plain(alone.graph(alone.dense(alone.dense(alone.input(1000), UNITS), 40)), name, 1, 6) == 0


@pytest.mark.parametrize("name", TIERS)
def test_behind_a_pooling_that_runs_in_its_convolution(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    toy = Toy()
    further: dict[str, Any] = {"strides": (1, 1), "dilation": (1, 1), "padding": "same", "activation": "relu"}
    x = toy.add("conv", toy.input(16, 16, 1), toy.weight(3, 3, 1, 33), toy.weight(33), **further)
    x = toy.add("max_pool", x, window=(2, 2), strides=(2, 2), padding="valid")
    x = toy.add("reshape", x, target=(("x", 0), -1))
    graph = toy.graph(toy.dense(toy.dense(x, 512, activation="relu"), 5))
    assert plain(graph, name, 1) == 0
    monkeypatch.setattr("kmin.plan.large_dense.MANY_WEIGHTS", 1 << 20)
    monkeypatch.setattr("kmin.plan.large_dense.LARGE_BYTES", 1 << 10)
    assert plain(graph, name, 1, 2) == 1


@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize("stays", [True, False])
def test_weights_of_a_file(tmp_path: Path, name: str, stays: bool) -> None:
    toy = Toy()
    graph = toy.graph(behind_an_image(toy, 50))
    weights, before = Weights(), {}
    for tensor, array in graph.constants.items():
        array.tofile(tmp_path / tensor)
        with (tmp_path / tensor).open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        weights[tensor] = np.frombuffer(mapped, array.dtype).reshape(array.shape)
        before[tensor] = array
    mine = Graph(**{**vars(graph), "constants": weights})
    (x,) = toy.feed(graph)
    plan = compile_plan(mine, name, mapped=stays)
    np.testing.assert_array_equal(plan.run([x])[0], compile_plan(graph, name).run([x])[0])
    assert sum("plain_dense" in each for each in kernel_names(plan)) == 1
    (large,) = (tensor for tensor, array in before.items() if array.shape == (1000, UNITS))
    assert (mapped_file(weights[large]) is not None) == stays
    for tensor, array in before.items():
        np.testing.assert_array_equal(weights[tensor], array)

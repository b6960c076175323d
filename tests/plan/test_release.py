"""Weights that plans let go of: whoever asks for them gets them as they were."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest

from graph.toy import Toy
from kmin.graph.ir import Graph
from kmin.model import Model
from kmin.ops import kernels
from kmin.ops.tensor import Array
from kmin.plan import release
from kmin.plan.compile import compile_plan

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Kernel

pytest.importorskip("kmin.ops.kernels._packing")


def convolutions(toy: Toy, kernel: Array) -> Graph:
    """A convolution that is filtered minimally, and one by halves."""
    further = {"strides": (1, 1), "dilation": (1, 1), "padding": "same"}
    y = toy.add("conv", toy.input(24, 24, 64), toy.constant(kernel, "kernel"), toy.weight(128), **further)
    return toy.graph(toy.pointwise(y, 512))


def drawn(height: int, width: int) -> Array:
    return np.random.default_rng(8).normal(size=(height, width, 64, 128)).astype(np.float32)


@pytest.mark.parametrize("taps", [(3, 3), (1, 3), (7, 1)])
def test_weights_that_lost_bits_are_given_back(taps: tuple[int, int]) -> None:
    toy = Toy()
    graph = convolutions(toy, drawn(*taps))
    x = toy.feed(graph)
    (before,) = compile_plan(graph, "numpy").run(x)
    model = Model(graph)
    (native,) = model.plan.run(x)
    again, large = model.graph.constants, [n for n, a in graph.constants.items() if a.size > 1 << 14]
    assert len(large) == 2
    for name, array in graph.constants.items():
        np.testing.assert_array_equal(again[name].view(np.uint32), array.view(np.uint32))
        assert (again[name] is array) == (name not in large or kernels.active() is None)
    (after,) = compile_plan(model.graph, "numpy").run(x)
    np.testing.assert_array_equal(after, before)
    (twice,) = compile_plan(model.graph).run(x)
    np.testing.assert_array_equal(twice, native)
    for name in large:
        np.testing.assert_array_equal(again[name], graph.constants[name])


def test_what_is_lost_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    toy = Toy()
    graph = convolutions(toy, drawn(3, 3))
    model = Model(graph)
    found: list[Kernel] = []

    def giving_back(kernel: Kernel, array: Array) -> Callable[[], Array]:
        found.append(kernel)
        return lambda: array

    monkeypatch.setattr(release, "_giving_back", giving_back)
    (twice,) = compile_plan(model.graph).run(toy.feed(graph))
    np.testing.assert_array_equal(twice, model.plan.run(toy.feed(graph))[0])
    assert all(kernel.packed is not None and len(kernel.packed) == 3 for kernel in found)


def test_threads_ask_at_once() -> None:
    graph = convolutions(Toy(), drawn(3, 3))
    model = Model(graph)

    def ask(_: int) -> list[Array]:
        return list(model.graph.constants.values())

    with ThreadPoolExecutor(2) as pool:
        for found in pool.map(ask, range(8)):
            for got, wanted in zip(found, graph.constants.values(), strict=True):
                np.testing.assert_array_equal(got, wanted)


def test_weights_that_would_take_much_beside_stay() -> None:
    bits = np.random.default_rng(9).integers(0, 1 << 32, (3, 3, 64, 128), np.uint64).astype(np.uint32)
    graph = convolutions(Toy(), bits.view(np.float32))
    (name,) = (name for name, array in graph.constants.items() if array.shape == bits.shape)
    assert Model(graph).graph.constants[name] is graph.constants[name]

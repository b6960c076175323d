"""Models with axes of any size run natively on plans for the sizes of their calls."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from graph.toy import Toy
from kmin.errors import InputError
from kmin.graph.ir import Graph
from kmin.model import Model
from kmin.ops import kernels
from kmin.ops.tensor import TensorSpec
from kmin.plan import shaped
from kmin.plan.compile import compile_plan
from kmin.plan.shaped import ShapedPlans, has_free_axes, with_inputs

pytestmark = pytest.mark.skipif(kernels.active() is None, reason="no compiled kernels in use")


def images() -> Graph:
    toy = Toy()
    x = toy.input(None, None, 3)
    kernel = toy.constant((toy.rng.normal(size=(3, 3, 3, 8)) / 5).astype(np.float32))
    further: dict[str, Any] = {"strides": (2, 2), "dilation": (1, 1), "padding": "same", "activation": "relu"}
    y = toy.add("conv", x, kernel, toy.weight(8), **further)
    pooled = toy.add("reduce", y, kind="mean", axes=(1, 2), keepdims=False)
    return toy.graph(toy.dense(pooled, 4, activation="tanh"), y)


def sequences() -> Graph:
    toy = Toy()
    x = toy.input(None, 6)
    y, *_ = toy.recurrent("lstm", x, 5, return_sequences=True)
    return toy.graph(toy.dense(y, 3))


@pytest.mark.parametrize("build", [images, sequences])
def test_every_size_gives_what_numpy_gives(build: Any) -> None:
    graph = build()
    assert has_free_axes(graph)
    plans = ShapedPlans(graph, compile_plan(graph))
    (spec,) = [graph.specs[tensor] for tensor in graph.inputs]
    for free in (1, 4, 9, 4):
        for rows in (1, 3):
            shape = (rows, *(free if size is None else size for size in spec.shape[1:]))
            x = np.random.default_rng(free).normal(size=shape).astype(np.float32)
            for got, wanted in zip(plans.run([x]), compile_plan(graph, "numpy").run([x]), strict=True):
                np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-6)
    made = plans._plans
    assert len(made) == 3
    assert all(len(plan.steps) == 1 and plan.steps[0].native is not None for plan in made.values())


def test_a_model_keeps_a_limited_number_of_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shaped, "MOST_PLANS", 2)
    graph = sequences()
    plans = ShapedPlans(graph, compile_plan(graph))
    for steps in (2, 3, 4, 5):
        assert plans.run([np.ones((2, steps, 6), np.float32)])[0].shape == (2, steps, 3)
    assert len(plans._plans) == 2


def test_empty_batches_and_sizes_go_to_the_general_plan() -> None:
    graph = sequences()
    plans = ShapedPlans(graph, compile_plan(graph))
    assert plans.run([np.ones((0, 4, 6), np.float32)])[0].shape == (0, 4, 3)
    assert plans.run([np.ones((2, 0, 6), np.float32)])[0].shape == (2, 0, 3)
    assert not plans._plans


def test_sizes_that_do_not_fit_are_refused_by_name() -> None:
    toy = Toy()
    x, other = toy.input(None, 3), toy.input(None, 3, name="other")
    graph = toy.graph(toy.add("binary", x, other, kind="add"))
    model = Model(graph)
    with pytest.raises(InputError, match=r"4, 3.*5, 3"):
        model([np.ones((2, 4, 3), np.float32), np.ones((2, 5, 3), np.float32)])


def test_many_threads_at_once() -> None:
    model = Model(images())
    sizes = [3 + at % 5 for at in range(40)]

    def predict(size: int) -> Any:
        return model.predict(np.full((2, size, size, 3), 0.5, np.float32))[0]

    wanted = {size: predict(size) for size in set(sizes)}
    with ThreadPoolExecutor(8) as pool:
        for size, got in zip(sizes, pool.map(predict, sizes), strict=True):
            np.testing.assert_array_equal(got, wanted[size])


def test_specs_follow_the_inputs() -> None:
    graph = images()
    fixed = with_inputs(graph, [TensorSpec((None, 8, 6, 3), "float32")])
    assert fixed.specs[graph.outputs[1]].shape == (None, 4, 3, 8)
    assert graph.specs[graph.outputs[1]].shape == (None, None, None, 8)
    assert not has_free_axes(fixed)

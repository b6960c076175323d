"""A model of one layer, written by hand: for configs that no Keras writes, or that old ones wrote."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.formats.spec import Call, LayerSpec, ModelSpec, TensorRef
from kmin.graph.ir import Graph
from kmin.layers.lower import lower
from kmin.plan.compile import compile_plan


def graph_of(
    class_name: str,
    config: dict[str, Any],
    *shapes: tuple[int | None, ...],
    weights: dict[str, np.ndarray] | None = None,
    dialect: int = 3,
    dtype: str = "float32",
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
) -> Graph:
    """The graph of one layer applied to inputs of the given shapes (batch first)."""
    inputs = [
        LayerSpec(f"in{i}", "InputLayer", {"batch_shape": list(shape), "dtype": dtype})
        for i, shape in enumerate(shapes)
    ]
    refs = [TensorRef(layer.name) for layer in inputs]
    given = args if args is not None else (refs[0] if len(refs) == 1 else refs,)
    layer = LayerSpec(
        "it",
        class_name,
        config,
        weights if weights is not None else {},
        (Call(given, kwargs if kwargs is not None else {}),),
    )
    return lower(ModelSpec("model", "Functional", (*inputs, layer), refs, TensorRef("it"), dialect))


def run(graph: Graph, *arrays: Any) -> np.ndarray:
    """The graph's only output."""
    bound = [np.asarray(a, graph.specs[name].dtype) for a, name in zip(arrays, graph.inputs, strict=True)]
    (result,) = compile_plan(graph).run(bound)
    return result

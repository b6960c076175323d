"""with_precision: the same graph in another floating-point dtype."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

from kmin.errors import InputError
from kmin.graph.ir import UNSUPPORTED, Graph, Node
from kmin.ops import OPS
from kmin.ops.tensor import Array, TensorSpec, dtype_name

PRECISIONS = ("float16", "float32", "float64")


def with_precision(graph: Graph, dtype: str) -> Graph:
    """The graph with every floating input, constant and result in `dtype`; integers and booleans stay.

    Casts to a float become casts to `dtype`, so a mixed-precision model runs in one precision throughout. With
    float64 the result is the reference that rounding errors are measured against.

    Raises:
        InputError: `dtype` is none of float16, float32, float64.
    """
    if dtype not in PRECISIONS:
        raise InputError(f"dtype must be one of {', '.join(PRECISIONS)}; received {dtype!r}")
    constants = {name: _array(array, dtype) for name, array in graph.constants.items()}
    specs = {name: TensorSpec(tuple(array.shape), dtype_name(array)) for name, array in constants.items()}
    specs.update({name: _spec(graph.specs[name], dtype) for name in graph.sources})
    nodes = []
    for node in graph.nodes:
        changed = _node(node, dtype)
        nodes.append(changed)
        if node.op == UNSUPPORTED:
            specs.update({name: graph.specs[name] for name in node.outputs})
            continue
        sources = [None if name is None else specs[name] for name in node.inputs]
        specs.update(zip(node.outputs, OPS[node.op].infer(sources, changed.attrs), strict=True))
    return replace(graph, nodes=tuple(nodes), constants=constants, specs=specs)


def _array(array: Array, dtype: str) -> Array:
    return array.astype(dtype) if array.dtype.kind == "f" else array


def _spec(spec: TensorSpec, dtype: str) -> TensorSpec:
    if spec.dtype.startswith("complex"):
        return replace(spec, dtype="complex128" if dtype == "float64" else "complex64")
    return replace(spec, dtype=dtype) if _floating(spec.dtype) else spec


def _node(node: Node, dtype: str) -> Node:
    """The node with the dtypes that its attributes name (`cast`, `fill_like`) changed."""
    if not is_dataclass(node.attrs):
        return node
    changes: dict[str, Any] = {
        field.name: dtype
        for field in fields(node.attrs)
        if field.name.endswith("dtype") and _floating(getattr(node.attrs, field.name))
    }
    return replace(node, attrs=replace(node.attrs, **changes)) if changes else node  # type: ignore[type-var]


def _floating(name: Any) -> bool:
    return isinstance(name, str) and name.startswith(("float", "bfloat"))

"""A Graph to and from the JSON document of a bundle; everything is checked on the way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kmin.errors import FormatError
from kmin.export.attributes import attrs_from_json, attrs_to_json
from kmin.graph.builder import check_sizes
from kmin.graph.ir import UNSUPPORTED, Graph, Node, State
from kmin.ops import OPS
from kmin.ops.tensor import Array, TensorSpec

DTYPES = frozenset(
    {
        "bool",
        "complex128",
        "complex64",
        "float16",
        "float32",
        "float64",
        "int8",
        "int16",
        "int32",
        "int64",
        "string",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
    }
)


def graph_to_json(graph: Graph, members: Mapping[str, str]) -> dict[str, Any]:
    """The document; `members` says in which array of the archive each constant is."""
    return {
        "name": graph.name,
        "dialect": graph.dialect,
        "inputs": _named(graph.input_names, graph.inputs),
        "outputs": _named(graph.output_names, graph.outputs),
        "output_structure": graph.output_structure,
        "nodes": [
            {
                "name": node.name,
                "op": node.op,
                "layer": node.layer,
                "inputs": list(node.inputs),
                "outputs": list(node.outputs),
                "attrs": attrs_to_json(node.attrs),
            }
            for node in graph.nodes
        ],
        "constants": {name: members[name] for name in graph.constants},
        "specs": {name: [spec.dtype, list(spec.shape)] for name, spec in graph.specs.items()},
        "layers": {path: list(tensors) for path, tensors in graph.layers.items()},
        "states": [[state.input, state.output] for state in graph.states],
        "batch_size": graph.batch_size,
        "mixed": graph.mixed,
    }


def graph_from_json(document: Any, array_of: Any) -> Graph:
    """The graph of a document.

    Args:
        document: what `graph_to_json` made, from a file that may be damaged or forged.
        array_of: (member name, spec) -> the array of a constant.

    Raises:
        FormatError: anything is missing, of the wrong type, unknown, or does not fit together.
    """
    try:
        return _graph(document, array_of)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        raise FormatError(f"the bundle's description is damaged ({type(error).__name__}: {error})") from error


def _named(names: tuple[str, ...], tensors: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"name": name, "tensor": tensor} for name, tensor in zip(names, tensors, strict=True)]


def _graph(document: Any, array_of: Any) -> Graph:
    specs = {_text(name): _spec(name, spec) for name, spec in document["specs"].items()}
    constants: dict[str, Array] = {
        name: array_of(_text(member), specs[name]) for name, member in document["constants"].items()
    }
    nodes = tuple(_node(item) for item in document["nodes"])
    inputs = tuple(_text(item["tensor"]) for item in document["inputs"])
    outputs = tuple(_text(item["tensor"]) for item in document["outputs"])
    graph = Graph(
        nodes=nodes,
        inputs=inputs,
        outputs=outputs,
        constants=constants,
        specs=specs,
        input_names=tuple(_text(item["name"]) for item in document["inputs"]),
        output_names=tuple(_text(item["name"]) for item in document["outputs"]),
        output_structure=_structure(document["output_structure"], len(outputs)),
        layers={_text(path): tuple(_text(t) for t in tensors) for path, tensors in document["layers"].items()},
        dialect=_whole(document["dialect"]),
        name=_text(document["name"]),
        states=tuple(State(_text(before), _text(after)) for before, after in document.get("states", ())),
        batch_size=None if document.get("batch_size") is None else _whole(document["batch_size"]),
        mixed=_truth(document.get("mixed", False)),
    )
    _check(graph)
    return graph


def _node(item: Any) -> Node:
    op = _text(item["op"])
    attrs = attrs_from_json(op, item["attrs"])
    inputs = tuple(None if tensor is None else _text(tensor) for tensor in item["inputs"])
    return Node(_text(item["name"]), op, attrs, inputs, tuple(_text(t) for t in item["outputs"]), _text(item["layer"]))


def _check(graph: Graph) -> None:
    """Refuses a graph in which a tensor is read before it is made, or a node's results are not what its op gives."""
    if not graph.inputs or not graph.outputs:
        raise FormatError("the bundle's graph has no inputs or no outputs")
    made = {*graph.sources, *graph.constants}
    if len(made) != len(graph.sources) + len(graph.constants) or len({n.name for n in graph.nodes}) != len(graph.nodes):
        raise FormatError("the bundle's graph uses a name twice")
    for tensor in graph.inputs:
        if graph.specs[tensor].rank < 1:
            raise FormatError(f"input '{tensor}' must have a batch axis; received {graph.specs[tensor]}")
    for node in graph.nodes:
        unmade = [source for source in node.inputs if source is not None and source not in made]
        if unmade:
            raise FormatError(f"node '{node.name}' reads '{unmade[0]}', which no earlier node makes")
        if not made.isdisjoint(node.outputs) or node.op == UNSUPPORTED:
            raise FormatError(f"node '{node.name}' makes a tensor that is there already")
        received = [None if tensor is None else graph.specs[tensor] for tensor in node.inputs]
        promised = tuple(graph.specs[tensor] for tensor in node.outputs)
        try:
            inferred = OPS[node.op].infer(received, node.attrs)
            check_sizes(inferred)
        except Exception as error:  # whatever forged attributes provoke
            raise FormatError(f"node '{node.name}' ({node.op}): {error}") from error
        if inferred != promised:
            raise FormatError(f"node '{node.name}' ({node.op}) gives {_spell(inferred)}, not {_spell(promised)}")
        made.update(node.outputs)
    for tensor in graph.results:
        if tensor not in made:
            raise FormatError(f"output '{tensor}' is made by no node")
    if bool(graph.states) != bool(graph.batch_size):
        raise FormatError(f"the bundle's graph has {len(graph.states)} states and the batch size {graph.batch_size}")
    for state in graph.states:
        spec = graph.specs[state.input]
        if spec.rank < 1 or None in spec.shape[1:] or graph.specs[state.output] != spec:
            raise FormatError(f"state '{state.input}' is {spec} and becomes {graph.specs[state.output]}")


def _spell(specs: tuple[TensorSpec, ...]) -> str:
    return ", ".join(str(spec) for spec in specs)


def _spec(name: str, value: Any) -> TensorSpec:
    dtype, shape = value
    if dtype not in DTYPES:
        raise FormatError(f"tensor '{name}' has the unknown dtype {dtype!r}")
    return TensorSpec(tuple(None if size is None else _whole(size) for size in shape), dtype)


def _structure(value: Any, count: int) -> Any:
    if isinstance(value, list):
        return [_structure(item, count) for item in value]
    if isinstance(value, dict):
        return {key: _structure(item, count) for key, item in value.items()}
    if _whole(value) >= count:
        raise FormatError(f"the output structure names output {value} of {count}")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise FormatError(f"the bundle's description must have text where it has {value!r}")
    return value


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise FormatError(f"the bundle's description must have true or false where it has {value!r}")
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise FormatError(f"the bundle's description must have a number >= 0 where it has {value!r}")
    return value

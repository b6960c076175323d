"""summarise: what is in a model file, layer by layer, whether kmin can run it or not."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from kmin.errors import FormatError
from kmin.export.bundle import read_bundle, read_facts
from kmin.export.bundle_mark import is_bundle
from kmin.formats.source import refuse_weights
from kmin.formats.spec import FileFacts, LayerSpec, ModelSpec, TensorRef, leaves
from kmin.graph.ir import UNSUPPORTED, Graph, Node
from kmin.layers.call import dtype_of
from kmin.layers.fitting import read_spec
from kmin.layers.lower import lower_all
from kmin.ops import OPS
from kmin.ops.tensor import Shape


@dataclass(frozen=True)
class LayerSummary:
    """One row of the table.

    Attributes:
        path: unique path, such as `encoder/dense_1`.
        depth: 0 at the top, one more inside each nested model.
        class_name: with the classes it wraps, such as `TimeDistributed(Dense)`; for a bundle, the ops.
        shapes: of its outputs in its last call, None where they are not known.
        parameters: scalars in its weights and in those of everything inside it.
        macs: multiply-accumulates per sample over all its calls, None where they are not known.
        connected_to: the layers it reads, over all its calls.
        dtype: the dtype or dtype policy in its config, None when it says nothing.
        runs: whether kmin can run it.
    """

    path: str
    depth: int
    class_name: str
    shapes: tuple[Shape | None, ...]
    parameters: int
    macs: int | None
    connected_to: tuple[str, ...]
    dtype: str | None
    runs: bool


@dataclass(frozen=True)
class Summary:
    """A model file at a glance.

    Attributes:
        name, class_name: of the model.
        file: what the container says about itself.
        inputs, outputs: (name, shape, dtype).
        layers: rows in file order, those of a nested model below it.
        parameters: scalars in all weights.
        macs: multiply-accumulates per sample, None where they are not known.
        dtypes: every dtype or dtype policy in the file.
        problems: one sentence per reason why kmin cannot run the model; empty when it can.
        mixes_samples: whether results of a row depend on the rows beside it, so that nothing is cut into batches.
    """

    name: str
    class_name: str
    file: FileFacts
    inputs: tuple[tuple[str, Shape | None, str], ...]
    outputs: tuple[tuple[str, Shape | None, str], ...]
    layers: tuple[LayerSummary, ...]
    parameters: int
    macs: int | None
    dtypes: tuple[str, ...]
    problems: tuple[str, ...]
    mixes_samples: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Plain values under stable keys."""
        found = asdict(self)
        for side in ("inputs", "outputs"):
            found[side] = [dict(zip(("name", "shape", "dtype"), item, strict=True)) for item in found[side]]
        return {**found, "runs": not self.problems}


def summarise(path: str | os.PathLike[str]) -> Summary:
    """The summary of a Keras file or a bundle.

    Raises:
        FormatError: it cannot be read.
    """
    if is_bundle(path):
        refuse_weights(path)
        return _of_bundle(Path(path))
    spec = read_spec(path)
    lowering = lower_all(spec)
    graph = lowering.graph
    paths = {row_path: layer for row_path, _, layer in _rows(spec)}
    nodes = _by_row(graph, paths)
    stuck = {place for problem in lowering.problems for place in _and_above(_place_of(problem))}
    layers = tuple(_layer(row_path, depth, layer, graph, nodes, stuck) for row_path, depth, layer in _rows(spec))
    return Summary(
        name=spec.name,
        class_name=spec.class_name,
        file=spec.file if spec.file is not None else FileFacts("h5", spec.dialect),
        inputs=_ends(graph, graph.input_names, graph.inputs),
        outputs=_ends(graph, graph.output_names, graph.outputs),
        layers=layers,
        parameters=spec.parameters(),
        macs=_macs(graph, graph.nodes),
        dtypes=tuple(sorted({layer.dtype for layer in layers if layer.dtype is not None})),
        problems=lowering.problems,
        mixes_samples=graph.mixed,
    )


def stage_text(path: str | os.PathLike[str], stage: str) -> str:
    """One stage of the flow, printed: `spec`, `graph`, `simplified` or `plan`.

    Raises:
        KminError: the file cannot be read, or (for `simplified` and `plan`) not run.
    """
    from kmin.model import Model
    from kmin.plan.shaped import has_free_axes

    if stage == "plan":
        model = Model.load(path)
        note = "for any sizes; calls run on plans of compiled kernels that are made for theirs\n"
        return (note if has_free_axes(model.graph) else "") + str(model.plan)
    if stage == "simplified":
        return str(Model.load(path).graph)
    if is_bundle(path):
        refuse_weights(path)
        if stage == "spec":
            raise FormatError(f"{os.fspath(path)}: a bundle holds no spec; its first stage is the simplified graph")
        return str(read_bundle(path))
    spec = read_spec(path)
    return "\n".join(spec_lines(spec)) if stage == "spec" else str(lower_all(spec).graph)


def spec_lines(spec: ModelSpec, indent: str = "") -> Iterator[str]:
    """A ModelSpec as text: layers with config, weights and calls."""
    yield f"{indent}{spec.class_name} {spec.name} (Keras {spec.dialect})"
    yield f"{indent}  inputs {_spell_refs(spec.inputs)} -> outputs {_spell_refs(spec.outputs)}"
    for layer in spec.layers:
        yield from _layer_lines(layer, f"{indent}  ")


def _layer_lines(layer: LayerSpec, indent: str) -> Iterator[str]:
    yield f"{indent}{layer.class_name} {layer.name}"
    if layer.model is not None:
        yield from spec_lines(layer.model, f"{indent}  ")
    else:
        yield f"{indent}  config {_spell_refs(dict(layer.config))}"
    for name, array in layer.weights.items():
        yield f"{indent}  weight {name}: {array.dtype}{list(array.shape)}"
    for key, child in layer.children.items():
        yield f"{indent}  {key}:"
        yield from _layer_lines(child, f"{indent}    ")
    for number, call in enumerate(layer.calls):
        keywords = f" {_spell_refs(dict(call.kwargs))}" if call.kwargs else ""
        yield f"{indent}  call {number}: ({', '.join(map(_spell_refs, call.args))}){keywords}"


def _spell_refs(value: Any) -> str:
    """Nested plain values, with tensors as `layer:node:tensor`."""
    if isinstance(value, TensorRef):
        return f"{value.layer}:{value.node}:{value.tensor}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_spell_refs, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {_spell_refs(item)}' for key, item in value.items())}}}"
    return repr(value)


def _rows(spec: ModelSpec, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, int, LayerSpec]]:
    for layer in spec.layers:
        yield f"{prefix}{layer.name}", depth, layer
        if layer.model is not None:
            yield from _rows(layer.model, f"{prefix}{layer.name}/", depth + 1)


def _by_row(graph: Graph, rows: Mapping[str, Any]) -> dict[str, list[Node]]:
    """Every node under the rows of its layer and of the models that this is in."""
    found: dict[str, list[Node]] = {}
    for node in graph.nodes:
        for path in _and_above(node.layer):
            if path in rows:
                found.setdefault(path, []).append(node)
    return found


def _and_above(path: str) -> Iterator[str]:
    """`a/b/c`, `a/b`, `a`"""
    while path:
        yield path
        path = path.rpartition("/")[0]


def _place_of(problem: str) -> str:
    """The path of the layer that a problem is about; empty when it is about none."""
    if not problem.startswith("layer '"):
        return ""
    inside = problem.removeprefix("layer '")
    return inside.partition("' (" if "' (" in inside else "'")[0]


def _layer(
    path: str, depth: int, layer: LayerSpec, graph: Graph, nodes: Mapping[str, list[Node]], stuck: Collection[str]
) -> LayerSummary:
    specs = [graph.specs[tensor] for tensor in graph.layers.get(path, ())]
    shapes = tuple(None if spec.dtype == "unknown" else spec.shape for spec in specs)
    return LayerSummary(
        path=path,
        depth=depth,
        class_name=_class_of(layer),
        shapes=shapes if shapes else _declared_shapes(layer),
        parameters=layer.parameters(),
        macs=_macs(graph, nodes.get(path, [])),
        connected_to=tuple(dict.fromkeys(ref.layer for call in layer.calls for ref in _refs(call.args, call.kwargs))),
        dtype=_dtype(layer),
        runs=path not in stuck,
    )


def _declared_shapes(layer: LayerSpec) -> tuple[Shape, ...]:
    """The shape that an input layer of a nested model declares; it is not a tensor of its own."""
    shape = layer.config.get("batch_shape", layer.config.get("batch_input_shape"))
    return (tuple(shape),) if isinstance(shape, (list, tuple)) else ()


def _refs(*structures: Any) -> list[TensorRef]:
    return [leaf for leaf in leaves(list(structures)) if isinstance(leaf, TensorRef)]


def _class_of(layer: LayerSpec) -> str:
    inner = [_class_of(child) for child in layer.children.values()]
    if len(set(inner)) == 1:
        inner = inner[:1]
    return f"{layer.class_name}({', '.join(inner)})" if inner else layer.class_name


def _dtype(layer: LayerSpec) -> str | None:
    value = layer.config.get("dtype")
    if value is None or layer.model is not None:
        return None
    if isinstance(value, Mapping):
        config = value.get("config")
        value = config.get("name") if isinstance(config, Mapping) else None
    return value if isinstance(value, str) else dtype_of(value)


def _macs(graph: Graph, nodes: list[Node] | tuple[Node, ...]) -> int | None:
    total = 0
    for node in nodes:
        if node.op == UNSUPPORTED:
            return None
        inputs = [None if tensor is None else graph.specs[tensor] for tensor in node.inputs]
        count = OPS[node.op].macs(inputs, [graph.specs[tensor] for tensor in node.outputs], node.attrs)
        if count is None:
            return None
        total += count
    return total


def _ends(graph: Graph, names: tuple[str, ...], tensors: tuple[str, ...]) -> tuple[tuple[str, Shape | None, str], ...]:
    specs = [graph.specs[tensor] for tensor in tensors]
    return tuple(
        (name, None if spec.dtype == "unknown" else spec.shape, spec.dtype)
        for name, spec in zip(names, specs, strict=True)
    )


def _of_bundle(path: Path) -> Summary:
    """A bundle's layers are those its nodes came from, in order of computation."""
    graph = read_bundle(path)
    groups: dict[str, list[Node]] = {}
    for node in graph.nodes:
        groups.setdefault(node.layer, []).append(node)
    made_by = {tensor: node.layer for node in graph.nodes for tensor in node.outputs}
    made_by |= dict(zip(graph.inputs, graph.input_names, strict=True))
    layers = []
    for layer, nodes in groups.items():
        read = [tensor for node in nodes for tensor in node.inputs if tensor is not None]
        weights = dict.fromkeys(tensor for tensor in read if tensor in graph.constants)
        sources = dict.fromkeys(made_by[tensor] for tensor in read if tensor in made_by and made_by[tensor] != layer)
        layers.append(
            LayerSummary(
                path=layer,
                depth=0,
                class_name=" + ".join(dict.fromkeys(node.op for node in nodes)),
                shapes=tuple(graph.specs[tensor].shape for tensor in nodes[-1].outputs),
                parameters=sum(graph.constants[tensor].size for tensor in weights),
                macs=_macs(graph, nodes),
                connected_to=tuple(sources),
                dtype=None,
                runs=True,
            )
        )
    return Summary(
        name=graph.name,
        class_name="bundle",
        file=replace(read_facts(path), container="bundle"),
        inputs=_ends(graph, graph.input_names, graph.inputs),
        outputs=_ends(graph, graph.output_names, graph.outputs),
        layers=tuple(layers),
        parameters=sum(array.size for array in graph.constants.values()),
        macs=_macs(graph, graph.nodes),
        dtypes=tuple(sorted({array.dtype.name for array in graph.constants.values()})),
        problems=(),
        mixes_samples=graph.mixes_samples,
    )

"""The standalone: one readable Python file and its weights, which need NumPy alone and no kmin."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping
from math import prod
from pathlib import Path

from kmin import __version__
from kmin.export.files import Staged
from kmin.export.naming import printable, variable_names
from kmin.export.npz import distinct_members, write_npz
from kmin.export.refusals import refuse_unsupported
from kmin.export.sources import Closure, Definition
from kmin.export.spelling import call_text, literal
from kmin.formats.spec import FileFacts
from kmin.graph.aliases import aliased_outputs
from kmin.graph.feeds import TensorInfo
from kmin.graph.ir import Graph, Node
from kmin.ops import OPS
from kmin.ops.tensor import TensorSpec, item_bytes

# A chunk of rows is sized so that all its tensors together take about this many bytes; open axes count as OPEN_SIZE.
CHUNK_BYTES = 256 << 20
OPEN_SIZE = 64
FEEDS = "kmin.graph.feeds"
USED_OF_FEEDS = ("TensorInfo", "bind_inputs", "structured")
STATELESS = (Definition(FEEDS, "checked_batch_size"), Definition(FEEDS, "run_rows"))
MIXED = (*STATELESS, Definition(FEEDS, "run_mixed"))
STATEFUL = (Definition("kmin.graph.states", "States"), Definition("kmin.ops.tensor", "TensorSpec"))
OWN_IMPORTS = ("from pathlib import Path", "from typing import Any", "import numpy as np", "import sys")

HEAD = '''"""{title}: a trained Keras model in one file that needs NumPy alone.

Written by kmin {version}{origin}. The weights lie beside it in {sidecar}.

{table}

    from {module} import predict
    y = predict(x)  # x: an array, a list of arrays in order, or a dict by input name; axis 0 is the batch

or, on the command line: python {file} x.npy y.npy (.npz for several inputs or outputs)
"""

from __future__ import annotations

{imports}'''

TAIL = '''
def predict(x: Any, batch_size: int | None = None) -> Any:
    """Predictions for every row of `x`: one array for one output, else a list or dict of arrays.

    batch_size: rows computed at a time. Raises InputError when `x` does not fit the model.{note}
    """
    {compute}
    return structured(OUTPUT_STRUCTURE, results)

{reset}
def main(arguments: list[str]) -> None:
    """python {file} x.npy y.npy"""
    if len(arguments) != 2:
        sys.exit("usage: python {file} INPUT.npy|.npz OUTPUT.npy|.npz")
    loaded = np.load(arguments[0], allow_pickle=False)
    x = loaded if isinstance(loaded, np.ndarray) else {{name: loaded[name] for name in loaded.files}}
    try:
        {compute_all}
    except InputError as error:
        sys.exit(str(error))
    if len(results) == 1 and not arguments[1].endswith(".npz"):
        np.save(arguments[1], results[0])
    else:
        np.savez(arguments[1], **dict(zip(OUTPUTS, results, strict=True)))


if __name__ == "__main__":
    main(sys.argv[1:])
'''


# Names that the file itself uses.
RESERVED = frozenset({"np", "math", "Path", "Any", "W", "INPUTS", "OUTPUTS", "ROWS", "STATES", "reset_states"})
# What TAIL is filled with: for a model without states, and for one with them.
RUN_ROWS = {
    "note": "",
    "compute": "results = run_rows(run_model, bind_inputs(x, INPUTS), checked_batch_size(batch_size, ROWS))",
    "compute_all": "results = run_rows(run_model, bind_inputs(x, INPUTS), ROWS)",
    "reset": "",
}
RUN_MIXED = {
    "note": """

    The model mixes the samples of a batch: unless batch_size says otherwise, all rows are computed at once.""",
    "compute": "results = run_mixed(run_model, bind_inputs(x, INPUTS, False), batch_size)",
    "compute_all": "results = run_mixed(run_model, bind_inputs(x, INPUTS, False), None)",
    "reset": "",
}
RUN_STATES = {
    "note": """

    The model is stateful: it takes STATES.batch_size rows at a time, and what a batch leaves behind is where the next
    one begins, in this call or another; see `reset_states`.""",
    "compute": """STATES.checked_batch_size(batch_size)
    results = STATES.run(run_model, bind_inputs(x, INPUTS))""",
    "compute_all": "results = STATES.run(run_model, bind_inputs(x, INPUTS))",
    "reset": '''
def reset_states() -> None:
    """Sets all states to zeros."""
    STATES.reset()

''',
}


def sidecar_of(path: str | os.PathLike[str]) -> Path:
    """Where the weights of a standalone file lie: `model.weights.npz` beside `model.py`."""
    return Path(path).with_suffix(".weights.npz")


def stage_standalone(
    graph: Graph, path: Path, staged: Staged, source: FileFacts | None = None, *, compress: bool = False
) -> None:
    """Writes the file and its weights.

    Args:
        graph: the simplified graph.
        path: the `.py` to write; the weights go to `sidecar_of(path)`.
        staged: what the two files are opened through.
        source: facts about the file that the graph was read from, for the header.
        compress: deflate the weights.

    Raises:
        UnsupportedError: the graph holds layers that could not be lowered, or functions of the user.
    """
    refuse_unsupported(graph)
    stored, members = distinct_members(graph.constants)
    text = module_text(graph, path.name, members, source)
    staged.open(path).write(text.encode())
    write_npz(staged.open(sidecar_of(path)), stored.items(), compress=compress)


def module_text(graph: Graph, file: str, members: Mapping[str, str], source: FileFacts | None = None) -> str:
    """The Python source of the standalone file.

    Args:
        graph: what it computes.
        file: its name.
        members: constant -> name in the weights file.
        source: as in `stage_standalone`.
    """
    words = {word for node in graph.nodes for word in _words(vars(node.attrs))}
    roots = [Definition(OPS[op].run.__module__, OPS[op].run.__name__) for op in {node.op for node in graph.nodes}]
    roots += [Definition(OPS[node.op].attrs.__module__, OPS[node.op].attrs.__name__) for node in graph.nodes]
    roots += [Definition(FEEDS, name) for name in USED_OF_FEEDS]
    roots += STATEFUL if graph.states else MIXED if graph.mixes_samples else STATELESS
    closure = Closure(roots, words)
    version = f" {source.keras_version}" if source is not None and source.keras_version is not None else ""
    head = HEAD.format(
        title=printable(graph.name),
        version=__version__,
        origin=f" from a Keras{printable(version)} file" if source is not None else "",
        sidecar=printable(sidecar_of(file).name),
        table=_table(graph),
        module=printable(Path(file).stem),
        file=printable(file),
        imports=_imports(closure.imports()),
    )
    parts = [head]
    for title, texts in closure.sections():
        gap = "\n\n" if texts[0].startswith(("def ", "class ", "@")) else "\n"
        parts.append(f"\n# {'-' * 100}\n# {title}\n{gap}{_spaced(texts)}\n")
    parts.append(f"\n# {'-' * 100}\n# The model\n\n{_model(graph, file, members, closure)}")
    parts.append(TAIL.format(file=printable(file), **_run_text(graph)))
    return "\n".join(parts)


def _words(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else ()
    return [word for item in items for word in _words(item)]


def _imports(statements: list[str]) -> str:
    """Import statements grouped as isort does: plain before from, names of one module together, NumPy last."""
    gathered: dict[str, set[str]] = {}
    for statement in {*statements, *OWN_IMPORTS}:
        if statement.startswith("from "):
            module, _, name = statement.removeprefix("from ").partition(" import ")
            gathered.setdefault(module, set()).add(name)
    plain = sorted(s for s in {*statements, *OWN_IMPORTS} if s.startswith("import "))
    lines = [*plain, *(f"from {module} import {', '.join(sorted(gathered[module]))}" for module in sorted(gathered))]
    groups = [
        [line for line in lines if (line.split()[1].split(".")[0] == "numpy") is is_numpy] for is_numpy in (False, True)
    ]
    return "\n\n".join("\n".join(group) for group in groups)


def _spaced(texts: list[str]) -> str:
    """Definitions with two empty lines around functions and classes, none between constants."""
    result = texts[0]
    for before, after in itertools.pairwise(texts):
        tall = any(line.startswith(("def ", "class ")) for text in (before, after) for line in text.split("\n"))
        result += ("\n\n\n" if tall else "\n") + after
    return result


def _table(graph: Graph) -> str:
    rows = []
    for kind, infos in (("input", _infos(graph, True)), ("output", _infos(graph, False))):
        rows += [(kind, printable(info.name), str(TensorSpec(info.shape, info.dtype))) for info in infos]
    width = max(len(name) for _, name, _ in rows)
    return "\n".join(f"    {kind:6}  {name:{width}}  {spec}" for kind, name, spec in rows)


def _infos(graph: Graph, inputs: bool) -> list[TensorInfo]:
    names, tensors = (graph.input_names, graph.inputs) if inputs else (graph.output_names, graph.outputs)
    specs = [graph.specs[tensor] for tensor in tensors]
    return [TensorInfo(name, spec.shape, spec.dtype) for name, spec in zip(names, specs, strict=True)]


def _model(graph: Graph, file: str, members: Mapping[str, str], closure: Closure) -> str:
    """INPUTS, OUTPUTS, the weights and `run_model`."""
    infos = [call_text("TensorInfo", info) for info in _infos(graph, True)]
    reserved = {item.name for item in closure.found} | RESERVED
    names = variable_names(graph, reserved)
    sidecar = literal(sidecar_of(file).name)
    promise = "for checked inputs; every result in the order of OUTPUTS."
    if graph.states:
        promise = "for checked inputs and states; results in the order of OUTPUTS, then the next states."
    lines = [
        _wrapped("INPUTS = (", infos, ")"),
        f"OUTPUTS = {literal(tuple(graph.output_names))}",
        f"OUTPUT_STRUCTURE: Any = {literal(graph.output_structure)}",
        _rows_text(graph),
        f"with np.load(Path(__file__).with_name({sidecar}), allow_pickle=False) as _archive:",
        "    W = {name: _archive[name] for name in _archive.files}",
        "",
        "",
        "def run_model(arrays: Sequence[Array]) -> list[Array]:",
        f'    """The layers one after another, {promise}"""',
    ]
    inputs = [names[tensor] for tensor in graph.sources]
    lines.append(_wrapped("    (", inputs, ") = arrays"))
    lines += [_node_text(node, names, members) for node in graph.nodes]
    copied = aliased_outputs(graph)
    outputs = [_value(tensor, names, members) for tensor in graph.results]
    returned = [f"{text}.copy()" if place in copied else text for place, text in enumerate(outputs)]
    lines.append(_wrapped("    return [", returned, "]") + "\n")
    return "\n".join(lines)


def _node_text(node: Node, names: Mapping[str, str], members: Mapping[str, str]) -> str:
    inputs = [_value(tensor, names, members) for tensor in node.inputs]
    results = [names.get(tensor, "_") for tensor in node.outputs]
    target = f"({results[0]},)" if len(results) == 1 else ", ".join(results)
    arguments = _wrapped("(", inputs, ")", indent=8)
    attrs = call_text(OPS[node.op].attrs.__name__, node.attrs)
    run = OPS[node.op].run.__name__
    line = f"    {target} = {run}({arguments}, {attrs})"
    if len(line) <= 120 and "\n" not in line:
        return line
    return f"    {target} = {run}(\n        {arguments},\n        {attrs},\n    )"


def _wrapped(head: str, items: list[str], tail: str, indent: int | None = None) -> str:
    """head + items + tail on one line if it fits, else one item per line; a lone item of a tuple gets its comma."""
    lone = "," if len(items) == 1 and tail.startswith(")") else ""
    line = f"{head}{', '.join(items)}{lone}{tail}"
    margin = len(head) - len(head.lstrip()) if indent is None else indent
    if len(line) + (indent if indent is not None else 0) <= 120:
        return line
    rows = "".join(f"{' ' * (margin + 4)}{item},\n" for item in items)
    return f"{head}\n{rows}{' ' * margin}{tail}"


def _value(tensor: str | None, names: Mapping[str, str], members: Mapping[str, str]) -> str:
    if tensor is None:
        return "None"
    return f"W[{literal(members[tensor])}]" if tensor in members else names[tensor]


def _run_text(graph: Graph) -> dict[str, str]:
    """How the file runs its model."""
    if graph.states:
        return RUN_STATES
    return RUN_MIXED if graph.mixes_samples else RUN_ROWS


def _rows_text(graph: Graph) -> str:
    """How many rows are computed at a time, and the states that make it so."""
    if graph.batch_size is None:
        return f"ROWS = {_rows(graph)}  # computed at a time unless `predict` is told otherwise"
    specs = [call_text("TensorSpec", graph.specs[state.input]) for state in graph.states]
    return _wrapped("STATES = States([", specs, f"], {graph.batch_size})")


def _rows(graph: Graph) -> int:
    size = 1
    for tensor, spec in graph.specs.items():
        if tensor not in graph.constants:
            shape = [OPEN_SIZE if axis is None else axis for axis in spec.shape[1:]]
            size += prod(shape) * item_bytes(spec.dtype)
    return max(1, min(1 << 16, CHUNK_BYTES // size))

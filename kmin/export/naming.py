"""Names of tensors as Python variables, archive members and printable text."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Collection, Iterable

from kmin.graph.ir import Graph


def variable_names(graph: Graph, reserved: Collection[str]) -> dict[str, str]:
    """A distinct variable for every input, state and result that is read: its layer's name, with the op's if needed."""
    read = {*graph.results, *(tensor for node in graph.nodes for tensor in node.inputs)}
    taken = {*reserved, *keyword.kwlist, *keyword.softkwlist, *dir(builtins), "arrays"}
    ops_of_layer: dict[str, int] = {}
    for node in graph.nodes:
        ops_of_layer[node.layer] = ops_of_layer.get(node.layer, 0) + 1
    names: dict[str, str] = {}

    def choose(tensor: str, wanted: str) -> None:
        plain = re.sub(r"\W", "_", unicodedata.normalize("NFKC", wanted))
        base = plain if plain.isidentifier() and not plain.startswith("_") else f"v_{plain.lstrip('_')}"
        name, count = base, 1
        while name in taken:
            name = f"{base}_" if count == 1 else f"{base}_{count}"
            count += 1
        taken.add(name)
        names[tensor] = name

    for tensor, name in zip(graph.inputs, graph.input_names, strict=True):
        choose(tensor, name)
    for state in graph.states:
        choose(state.input, state.input.replace(".", "_"))
    for node in graph.nodes:
        for position, tensor in enumerate(node.outputs):
            wanted = node.layer if ops_of_layer[node.layer] == 1 and node.layer else f"{node.layer}_{node.op}"
            if tensor in read:
                choose(tensor, wanted if position == 0 else f"{wanted}_{position}")
    return names


def member_names(names: Iterable[str]) -> dict[str, str]:
    """A distinct, harmless member name for each tensor name: no absolute or parent paths, plain characters only."""
    taken: set[str] = set()
    result = {}
    for name in names:
        parts = [re.sub(r"[^A-Za-z0-9_.\-]", "_", part).lstrip(".") for part in name.split("/")]
        base = "/".join(part for part in parts if part)[:200] or "array"
        member, count = base, 0
        while member.lower() in taken:
            count += 1
            member = f"{base}_{count}"
        taken.add(member.lower())
        result[name] = member
    return result


def printable(text: str) -> str:
    """`text` fit for a comment or a docstring: one line, nothing that could end it."""
    return "".join(c if c.isprintable() and c not in "\\\"'" else "_" for c in text)

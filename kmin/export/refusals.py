"""What cannot be extracted, said before anything is written."""

from __future__ import annotations

from kmin.errors import UnsupportedError
from kmin.graph.ir import UNSUPPORTED, Graph


def refuse_unsupported(graph: Graph) -> None:
    """For whoever is about to write a graph.

    Raises:
        UnsupportedError: it holds layers that could not be lowered, or functions that the user supplied.
    """
    problems = [str(node.attrs) for node in graph.nodes if node.op == UNSUPPORTED]
    for node in graph.nodes:
        if node.op == "extension":
            what = "calls a function given to kmin.register_layer, and what is extracted holds no code of yours"
            problems.append(f"{node.attrs.label}: {what}")
    if problems:
        raise UnsupportedError(problems)

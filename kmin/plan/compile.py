"""compile_plan: Graph to Plan for this machine."""

from __future__ import annotations

from kmin.errors import UnsupportedError
from kmin.graph.ir import UNSUPPORTED, Graph
from kmin.ops import OPS
from kmin.ops.tensor import Array
from kmin.plan.run import Plan, Step


def compile_plan(graph: Graph) -> Plan:
    """The graph with every node bound to a kernel and every tensor to a value slot.

    Raises:
        UnsupportedError: the graph holds layers that could not be lowered.
    """
    problems = [str(node.attrs) for node in graph.nodes if node.op == UNSUPPORTED]
    if problems:
        raise UnsupportedError(problems)
    slots: dict[str, int] = {}
    values: list[Array | None] = []

    def slot_of(tensor: str) -> int:
        if tensor not in slots:
            slots[tensor] = len(values)
            values.append(graph.constants.get(tensor))
        return slots[tensor]

    inputs = [slot_of(tensor) for tensor in graph.inputs]
    last: dict[str, int] = {}
    for position, node in enumerate(graph.nodes):
        for tensor in (*node.inputs, *node.outputs):
            if tensor is not None and tensor not in graph.constants:
                last[tensor] = position
    for tensor in graph.outputs:
        last.pop(tensor, None)
    steps = []
    for position, node in enumerate(graph.nodes):
        sources = tuple(None if tensor is None else slot_of(tensor) for tensor in node.inputs)
        results = tuple(slot_of(tensor) for tensor in node.outputs)
        names = {tensor for tensor in (*node.inputs, *node.outputs) if tensor is not None}
        frees = tuple(slot_of(tensor) for tensor in sorted(names) if last.get(tensor) == position)
        steps.append(Step(OPS[node.op].run, node.attrs, sources, results, frees, f"numpy:{node.op}", node.name))
    return Plan(steps, values, inputs, [slot_of(tensor) for tensor in graph.outputs])

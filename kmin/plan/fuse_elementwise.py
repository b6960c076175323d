"""fuse_elementwise: elementwise nodes that alone read each other run as one kernel, in one pass over their values.

Single nodes are taken too where nothing else serves them: comparisons, choices, operands that are spread over each
other. Such nodes exist in plans only and have no NumPy form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kmin.graph.ir import Graph, Node
from kmin.graph.rewrite import Draft
from kmin.ops.kernels.bind_expression import Term, bind_expression, constant_served, layout_of, term_kind
from kmin.ops.kernels.bound import Bound
from kmin.ops.tensor import Array
from kmin.plan.segments import MOST_AXES, bind_node

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier

ELEMENTWISE = ("activation", "binary", "cast", "unary", "where")


class Group(NamedTuple):
    """Nodes in order, of which only the last is read by others, and what they are as steps."""

    nodes: tuple[Node, ...]
    terms: tuple[Term, ...]

    @property
    def inputs(self) -> tuple[str, ...]:
        made = {term.makes for term in self.terms}
        return tuple(dict.fromkeys(t for term in self.terms for t in term.reads if t not in made))


def fuse_elementwise(graph: Graph, tier: Tier, taken: dict[str, Bound]) -> tuple[Graph, dict[str, Bound]]:
    """The graph with such nodes, and what they are bound to, by name; nodes named in `taken` are left alone."""
    draft = Draft(graph)
    groups: dict[str, Group] = {}  # tensor -> the group that makes it
    bounds: dict[str, Bound] = {}
    for node in draft:
        term = None if node.name in taken else _term(node, draft)
        if term is None:
            continue
        group = Group((node,), (term,))
        if not _fits(group, draft):
            continue
        for tensor in dict.fromkeys(term.reads):
            before = groups.get(tensor)
            if before is None or draft.is_output(tensor) or any(r is not node for r in draft.readers(tensor)):
                continue
            if draft.specs[tensor].shape != draft.specs[term.makes].shape:
                continue
            joined = Group((*before.nodes, *group.nodes), (*before.terms, *group.terms))
            if _fits(joined, draft):
                group = joined
                del groups[tensor]
        groups[term.makes] = group
    for group in groups.values():
        *others, last = group.nodes
        if not others and bind_node(last, graph, tier) is not None:
            continue
        bound = bind_expression(tier, group.terms, group.inputs, draft.specs, _constants(group, draft))
        assert bound is not None
        for node in others:
            draft.remove(node)
        layer = "+".join(dict.fromkeys(node.layer for node in group.nodes))
        bounds[last.name] = bound
        draft.update(last, op="expression", attrs=None, inputs=group.inputs, layer=layer)
    return draft.finish(), bounds


def _term(node: Node, draft: Draft) -> Term | None:
    if node.op not in ELEMENTWISE or len(node.outputs) != 1:
        return None
    reads = tuple(tensor for tensor in node.inputs if tensor is not None)
    if len(reads) != len(node.inputs):
        return None
    if any(tensor in draft.constants and not constant_served(draft.constants[tensor]) for tensor in reads):
        return None
    (output,) = node.outputs
    if any(draft.specs[tensor].rank > MOST_AXES for tensor in (*reads, output)):
        return None
    kind = term_kind(node.op, node.attrs, [draft.specs[tensor] for tensor in reads], draft.specs[output])
    return None if kind is None else Term(*kind, reads, output)


def _constants(group: Group, draft: Draft) -> dict[str, Array]:
    return {tensor: draft.constants[tensor] for tensor in group.inputs if tensor in draft.constants}


def _fits(group: Group, draft: Draft) -> bool:
    return layout_of(group.terms, group.inputs, draft.specs, _constants(group, draft)) is not None

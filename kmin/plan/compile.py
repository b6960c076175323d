"""compile_plan: Graph to Plan for this machine."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kmin.errors import UnsupportedError
from kmin.graph.ir import UNSUPPORTED, Graph, Node
from kmin.graph.weights import Weights
from kmin.ops import OPS, kernels
from kmin.ops.kernels.bound import Bound
from kmin.ops.tensor import Array
from kmin.plan.fuse_attention import fuse_attention
from kmin.plan.fuse_chain import fuse_chains
from kmin.plan.fuse_clipping import fuse_clippings
from kmin.plan.fuse_elementwise import fuse_elementwise
from kmin.plan.fuse_gate import fuse_gates
from kmin.plan.fuse_max_pool import fuse_max_pools
from kmin.plan.fuse_narrow import fuse_narrow
from kmin.plan.fuse_pooling import fuse_poolings
from kmin.plan.fuse_residual import fuse_residuals
from kmin.plan.fuse_words import fuse_words
from kmin.plan.pair_directions import pair_directions
from kmin.plan.release import copy_unpacked
from kmin.plan.run import Plan, Step
from kmin.plan.segments import Segment, split_segments
from kmin.plan.threads import chosen_threads

if TYPE_CHECKING:
    from kmin.plan.native import NativeSegment


def compile_plan(graph: Graph, kernel_tier: str | None = None, threads: int | None = None, mapped: bool = True) -> Plan:
    """The graph with every node bound to a kernel and every tensor to a value slot.

    States are inputs after the inputs and their next values outputs after the outputs: the plan itself keeps nothing.

    Args:
        kernel_tier: tier of compiled kernels, or `numpy` for none; None takes the one in use.
        threads: most threads that a native call runs on; None takes KMIN_NUM_THREADS, OMP_NUM_THREADS or all cores.
        mapped: whether weights that lie in a mapped file may stay there; else the graph's Weights copy them.

    Raises:
        KminError: `threads`, or the variable that is read in its place, is not a positive whole number.
        UnsupportedError: the graph holds layers that could not be lowered.
    """
    problems = [str(node.attrs) for node in graph.nodes if node.op == UNSUPPORTED]
    if problems:
        raise UnsupportedError(problems)
    tier = kernels.active() if kernel_tier is None else kernels.tier(kernel_tier)
    threads = chosen_threads(threads)
    whole = graph.constants
    if not mapped and isinstance(whole, Weights):
        whole.mapped = False
        copy_unpacked(graph, whole)
    bounds: dict[str, Bound]
    graph, bounds = (graph, {}) if tier is None else fuse_attention(graph, tier)
    if tier is not None:
        for fuse in (
            pair_directions,
            fuse_residuals,
            fuse_clippings,
            fuse_gates,
            fuse_chains,
            fuse_narrow,
            fuse_poolings,
            fuse_max_pools,
        ):
            graph, bound = fuse(graph, tier)
            bounds.update(bound)
        for fuse_last in (fuse_words, fuse_elementwise):
            graph, bound = fuse_last(graph, tier, bounds)
            bounds.update(bound)
    items = split_segments(graph, tier, bounds)
    reads = [_reads(item) for item in items]
    readers = Counter(tensor for read in reads for tensor in read)
    readers.update(graph.results)
    parts: list[Node | NativeSegment] = []
    for item, own in zip(items, reads, strict=True):
        if isinstance(item, Segment):
            from kmin.plan.native import NativeSegment  # needs the compiled runner

            assert tier is not None
            made = {tensor for node, _ in item.nodes for tensor in node.outputs}
            wanted = {tensor for tensor in made if readers[tensor] > (tensor in own)}
            views = _leave_views(item, graph, wanted)
            parts += [NativeSegment(item, graph, wanted, tier, threads), *views]
        else:
            parts.append(item)
    if not mapped and isinstance(whole, Weights):
        for tensor in whole:
            whole.own(tensor)
    return _number(graph, parts)


def _leave_views(segment: Segment, graph: Graph, wanted: set[str]) -> list[Node]:
    """Views that a segment would have to copy for others to read, what it copies being float32: they are made after it.

    `wanted` then holds what they view in their place.
    """
    made = {tensor for node, _ in segment.nodes for tensor in node.outputs}
    views: list[Node] = []
    for node, bound in reversed(segment.nodes):
        (output, *_), source = node.outputs, node.inputs[0]
        if not bound.kernels and output in wanted and graph.specs[output].dtype != "float32":
            views.insert(0, node)
            wanted.discard(output)
            wanted |= {source} & made if source is not None else set()
    return views


def _reads(item: Node | Segment) -> set[str]:
    nodes = [node for node, _ in item.nodes] if isinstance(item, Segment) else [item]
    return {tensor for node in nodes for tensor in node.inputs if tensor is not None}


def _number(graph: Graph, parts: list[Node | NativeSegment]) -> Plan:
    """The plan over value slots, each freed after its last reader."""
    slots: dict[str, int] = {}
    values: list[Array | None] = []

    def slot_of(tensor: str) -> int:
        if tensor not in slots:
            slots[tensor] = len(values)
            values.append(graph.constants.get(tensor))
        return slots[tensor]

    inputs = [slot_of(tensor) for tensor in graph.sources]
    last: dict[str, int] = {}
    for position, part in enumerate(parts):
        for tensor in (*part.inputs, *part.outputs):
            if tensor is not None and tensor not in graph.constants:
                last[tensor] = position
    for tensor in graph.results:
        last.pop(tensor, None)
    steps = []
    for position, part in enumerate(parts):
        sources = tuple(None if tensor is None else slot_of(tensor) for tensor in part.inputs)
        results = tuple(slot_of(tensor) for tensor in part.outputs)
        names = {tensor for tensor in (*part.inputs, *part.outputs) if tensor is not None}
        frees = tuple(slot_of(tensor) for tensor in sorted(names) if last.get(tensor) == position)
        if isinstance(part, Node):
            run, attrs, kernel, name, native = OPS[part.op].run, part.attrs, f"numpy:{part.op}", part.name, None
        else:
            kernel, name = "native", f"{len(part.operations)} kernels"
            run, attrs, native = part.run, None, part
        steps.append(Step(run, attrs, sources, results, frees, kernel, name, native))
    return Plan(
        steps,
        values,
        inputs,
        [slot_of(tensor) for tensor in graph.results],
        [graph.specs.get(tensor) for tensor in slots],
    )

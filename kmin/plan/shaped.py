"""ShapedPlans: a model with axes of any size runs on a plan made for the sizes that it is called with."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

from kmin.errors import InputError, KminError
from kmin.graph.ir import Graph
from kmin.graph.weights import Weights
from kmin.ops import OPS, kernels
from kmin.ops.tensor import Array, Shape, TensorSpec, dtype_name
from kmin.plan.compile import compile_plan
from kmin.plan.run import Plan

# Every plan packs the weights anew: there are at most so many, which hold at most so many bytes.
MOST_PLANS = 16
MOST_BYTES = 512 << 20


class ShapedPlans:
    """Plans by the sizes of their inputs, made at the first call; once there are enough, others go to the general
    plan. Safe to run from many threads at once.

    Attributes:
        general: the plan for any sizes.
    """

    def __init__(self, graph: Graph, general: Plan, threads: int | None = None) -> None:
        self.general = general
        self._graph, self._threads = graph, threads
        self._sized, self._mixed = has_free_axes(graph), graph.mixes_samples
        self._plans: dict[tuple[Shape, ...], Plan] = {}
        self._plain: Plan | None = None
        self._lock = threading.Lock()
        size = sum(array.nbytes for array in graph.constants.values())
        self._most = min(MOST_PLANS, max(1, MOST_BYTES // max(1, size)))

    def run(self, arrays: Sequence[Array]) -> list[Array]:
        """Outputs for checked inputs, in the graph's order.

        Raises:
            KminError: an op refuses its inputs.
        """
        if not self._mixed:
            return self._run_sized(arrays)
        try:
            return self._run_sized(arrays)
        except ValueError:  # tensors of one native call have different numbers of rows
            return self._run_plain(arrays)

    def _run_sized(self, arrays: Sequence[Array]) -> list[Array]:
        if not self._sized:
            return self.general.run(arrays)
        first = 0 if self._mixed else 1
        shapes = tuple(array.shape[first:] for array in arrays)
        plan = self._plans.get(shapes)
        if plan is None:
            try:
                plan = self._made(shapes, arrays)
            except KminError as refusal:
                return self._run_refused(arrays, refusal)
        return plan.run(arrays)

    def _run_refused(self, arrays: Sequence[Array], refusal: KminError) -> list[Array]:
        """What the general plan makes of inputs that an op's sizes do not allow: its own refusal, or else this one."""
        try:
            return self.general.run(arrays)
        except (IndexError, TypeError, ValueError):
            raise refusal from None

    def _run_plain(self, arrays: Sequence[Array]) -> list[Array]:
        """What NumPy makes of them, op by op."""
        if self._plain is None:
            self._plain = compile_plan(self._graph, "numpy")
        try:
            return self._plain.run(arrays)
        except ValueError as error:
            raise InputError(f"sizes that follow from {len(arrays[0])} rows do not fit together: {error}") from None

    def _made(self, shapes: tuple[Shape, ...], arrays: Sequence[Array]) -> Plan:
        with self._lock:
            if shapes in self._plans:
                return self._plans[shapes]
            if len(self._plans) >= self._most or not len(arrays[0]) or any(0 in shape for shape in shapes):
                return self.general
            plan = compile_plan(sized(self._graph, arrays), threads=self._threads)
            if all(step.native is None for step in plan.steps):
                plan = self.general
            self._plans[shapes] = plan
            return plan


def has_free_axes(graph: Graph) -> bool:
    """Whether kernels would serve the graph better if no tensor had an axis of any size besides the batch."""
    if graph.states or kernels.active() is None:
        return False
    made = [tensor for node in graph.nodes for tensor in node.outputs] if graph.mixes_samples else []
    return any(None in graph.specs[tensor].shape[1:] for tensor in (*graph.inputs, *made))


def sized(graph: Graph, arrays: Sequence[Array]) -> Graph:
    """The graph for inputs of the sizes of `arrays` and, unless it mixes samples, any number of rows.

    In a graph that mixes samples axis 0 counts as the rows of whatever tensor it is: kernels take each for itself.

    Raises:
        KminError: an op refuses its inputs.
    """
    if not graph.mixes_samples:
        return with_inputs(graph, [TensorSpec((None, *array.shape[1:]), dtype_name(array)) for array in arrays])
    known = with_inputs(graph, [TensorSpec(array.shape, dtype_name(array)) for array in arrays])
    rows = {tensor: known.specs[tensor].shape[0] for tensor in _computed(graph) if known.specs[tensor].shape}
    spread: set[str] = set()  # one row that meets many is one for all of them, which kernels do not know
    for node in graph.nodes:
        met = {tensor: rows[tensor] for tensor in node.inputs if tensor is not None and tensor in rows}
        if len(set(met.values())) > 1:
            spread.update(tensor for tensor, count in met.items() if count == 1)
    specs = dict(known.specs)
    for tensor in rows.keys() - spread:
        specs[tensor] = TensorSpec((None, *specs[tensor].shape[1:]), specs[tensor].dtype)
    return replace(known, specs=specs)


def _computed(graph: Graph) -> set[str]:
    return {tensor for node in graph.nodes for tensor in node.outputs}.union(graph.inputs)


def with_inputs(graph: Graph, inputs: Sequence[TensorSpec]) -> Graph:
    """The graph with other specs of its inputs, and of everything that follows from them.

    Raises:
        KminError: an op refuses its inputs.
    """
    specs = dict(graph.specs)
    specs.update(zip(graph.inputs, inputs, strict=True))
    for node in graph.nodes:
        read = [None if tensor is None else specs[tensor] for tensor in node.inputs]
        specs.update(zip(node.outputs, OPS[node.op].infer(read, node.attrs), strict=True))
    return replace(graph, specs=specs, constants=Weights(graph.constants))

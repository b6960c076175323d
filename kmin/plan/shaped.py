"""ShapedPlans: a model with axes of any size runs on a plan made for the sizes that it is called with."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

from kmin.errors import KminError
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
        self._plans: dict[tuple[Shape, ...], Plan] = {}
        self._lock = threading.Lock()
        size = sum(array.nbytes for array in graph.constants.values())
        self._most = min(MOST_PLANS, max(1, MOST_BYTES // max(1, size)))

    def run(self, arrays: Sequence[Array]) -> list[Array]:
        """Outputs for checked inputs, in the graph's order.

        Raises:
            KminError: an op refuses its inputs.
        """
        shapes = tuple(array.shape[1:] for array in arrays)
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

    def _made(self, shapes: tuple[Shape, ...], arrays: Sequence[Array]) -> Plan:
        with self._lock:
            if shapes in self._plans:
                return self._plans[shapes]
            if len(self._plans) >= self._most or not len(arrays[0]) or any(0 in shape for shape in shapes):
                return self.general
            specs = [TensorSpec((None, *array.shape[1:]), dtype_name(array)) for array in arrays]
            plan = compile_plan(with_inputs(self._graph, specs), threads=self._threads)
            if all(step.native is None for step in plan.steps):
                plan = self.general
            self._plans[shapes] = plan
            return plan


def has_free_axes(graph: Graph) -> bool:
    """Whether kernels would serve the graph better if an input had no axis of any size besides the batch."""
    free = any(None in graph.specs[tensor].shape[1:] for tensor in graph.inputs)
    return free and not graph.states and kernels.active() is not None


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

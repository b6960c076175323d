"""Plans beside NumPy: what the tests of fused nodes share."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from kmin.graph.ir import Graph
from kmin.ops import kernels
from kmin.plan.compile import compile_plan
from kmin.plan.run import Plan

TIERS = kernels.AVAILABLE[1:]


def numbers(graph: Graph, rows: int, seed: int = 3) -> list[np.ndarray]:
    """So many rows of normal numbers for each input, whose sizes are known."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(rows, *graph.specs[t].shape[1:])).astype(np.float32) for t in graph.inputs]


def planned(graph: Graph, tier: str, batches: Iterable[int], tolerance: float = 1e-5) -> Plan:
    """The tier's plan, once it gave what NumPy gives for so many rows.

    Args:
        tolerance: of results of about 1; of larger ones so many times more.
    """
    plan, truth = compile_plan(graph, tier, threads=2), compile_plan(graph, "numpy")
    for rows in batches:
        feed = numbers(graph, rows)
        for got, wanted in zip(plan.run(feed), truth.run(feed), strict=True):
            assert got.shape == wanted.shape
            scale = max(1.0, float(np.max(np.abs(wanted), initial=0)))
            np.testing.assert_allclose(got, wanted, rtol=0, atol=tolerance * scale)
    return plan


def kernel_names(plan: Plan) -> list[str]:
    """Those of its native calls, in order."""
    natives = (step.native for step in plan.steps if step.native is not None)
    return [operation.kernel.name for native in natives for operation in native.operations]

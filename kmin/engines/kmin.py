"""kmin itself as an engine, so that it is timed in a process of its own like every other."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from kmin.engines.session import Opening, by_place
from kmin.errors import EngineError

if TYPE_CHECKING:
    from kmin.model import Model


def start(opening: Opening) -> str:
    """Imports kmin and NumPy."""
    kmin = importlib.import_module("kmin")
    importlib.import_module("kmin.model")
    return f"kmin {kmin.__version__}"


def open_session(opening: Opening) -> KminSession:
    """Loads the model with the kernels that the environment chose."""
    from kmin.model import Model
    from kmin.ops import kernels

    model = Model.load(
        opening.path,
        weights=opening.weights,
        by_name=opening.by_name,
        skip_mismatch=opening.skip_mismatch,
        threads=opening.threads,
    )
    compiled = has_compiled_kernels(model)
    if opening.way == "native" and not compiled:
        raise EngineError("kmin has no compiled kernels for this model in this installation; choose kmin-numpy")
    return KminSession(model, kernels.ACTIVE if compiled else "numpy", opening.batch_size)


def has_compiled_kernels(model: Model) -> bool:
    """Whether any step of the model's plan, or of one for known sizes, is not NumPy."""
    from kmin.ops.kernels.bind import BINDERS
    from kmin.plan.shaped import has_free_axes

    if any(not step.kernel.startswith("numpy:") for step in model.plan.steps):
        return True
    return has_free_axes(model.graph) and any(node.op in BINDERS for node in model.graph.nodes)


class KminSession:
    """See `Session`; `layers` is not offered, verify asks the graph itself."""

    def __init__(self, model: Any, kernels: str, batch_size: int | None = None) -> None:
        self.kernels = kernels
        self.reset = model.reset_states
        self.batch = model.predict if batch_size is None else partial(model.predict, batch_size=batch_size)
        self.single = model.__call__

    def prepare(self, arrays: Sequence[Any]) -> Any:
        return arrays[0] if len(arrays) == 1 else list(arrays)

    def flatten(self, result: Any) -> dict[str, Any]:
        return by_place(result)

    def layers(self, _x: Any) -> dict[str, list[Any]]:
        raise EngineError("kmin's layers are read from its graph")

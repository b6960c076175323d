"""FixedSession: a converted model with one input and a fixed number of rows; fewer rows are filled up with zeros."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kmin.engines.session import by_place
from kmin.errors import EngineError


class FixedSession:
    """See `kmin.engines.session.Session`."""

    def __init__(self, run: Callable[[Any], Any], shape: Sequence[int], kernels: str) -> None:
        self.kernels = kernels
        self.shape = tuple(shape)
        self.batch = run
        self.single = run

    def prepare(self, arrays: Sequence[Any]) -> Any:
        (array,) = arrays
        rows = self.shape[0]
        if len(array) > rows:
            raise EngineError(f"the converted model takes {rows} rows; received {len(array)}")
        filled = np.zeros(self.shape, array.dtype)
        filled[: len(array)] = array
        return filled

    def flatten(self, result: Any) -> dict[str, Any]:
        return by_place(result)

    def reset(self) -> None:
        raise EngineError("stateful models are not converted")

    def layers(self, _x: Any) -> dict[str, list[Any]]:
        raise EngineError("a converted model has no layers")

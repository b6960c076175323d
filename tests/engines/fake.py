"""An adapter that misbehaves in the way it is told to; the tests run it in a real worker."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from kmin.engines.session import Opening, by_place
from kmin.errors import DependencyError


def start(opening: Opening) -> str:
    if opening.way == "missing":
        raise DependencyError("fake is not installed")
    print("talk on stdout must not reach the protocol")  # noqa: T201
    return "fake 1.0"


def open_session(opening: Opening) -> FakeSession:
    return FakeSession(opening)


class FakeSession:
    """Doubles its input."""

    kernels = "fake"

    def __init__(self, opening: Opening) -> None:
        self.way = opening.way

    def prepare(self, arrays: Sequence[Any]) -> Any:
        return arrays[0]

    def batch(self, x: Any) -> Any:
        if self.way == "dies":
            sys.stderr.write("last words\n")
            sys.stderr.flush()
            os._exit(3)
        if self.way == "raises":
            raise RuntimeError("first line\nsecond line")
        if self.way == "objects":
            return np.array([object()])
        return {"b": x * 2, "a": [x, x + 1]}

    single = batch

    def flatten(self, result: Any) -> dict[str, Any]:
        return by_place(result)

    def layers(self, x: Any) -> dict[str, list[Any]]:
        return {"first": [x], "second": [x, x]}

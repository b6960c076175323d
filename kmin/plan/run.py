"""Plan and Step: a graph bound to this machine, and the loop that runs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kmin.ops.tensor import Array

Run = Callable[[Sequence["Array | None"], Any], "tuple[Array, ...]"]


@dataclass(frozen=True)
class Step:
    """One kernel call over value slots.

    Attributes:
        run: (arrays, attrs) -> arrays.
        attrs: the op's attributes.
        inputs: slot of each input, None where it is absent.
        outputs: slot of each output.
        frees: slots whose last reader this step is.
        kernel: what runs it, such as `numpy:conv` or `avx512:dense`, for printing.
        node: name of the graph node, for messages.
    """

    run: Run
    attrs: Any
    inputs: tuple[int | None, ...]
    outputs: tuple[int, ...]
    frees: tuple[int, ...]
    kernel: str
    node: str


class Plan:
    """Steps over numbered value slots; safe to run from many threads at once."""

    def __init__(
        self, steps: Sequence[Step], values: Sequence[Array | None], inputs: Sequence[int], outputs: Sequence[int]
    ) -> None:
        self.steps = tuple(steps)
        self.inputs = tuple(inputs)
        self.outputs = tuple(outputs)
        self._initial = tuple(values)

    def run(self, arrays: Sequence[Array]) -> list[Array]:
        """Outputs for checked inputs, in the graph's order."""
        values: list[Any] = list(self._initial)
        for slot, array in zip(self.inputs, arrays, strict=True):
            values[slot] = array
        for step in self.steps:
            results = step.run([None if slot is None else values[slot] for slot in step.inputs], step.attrs)
            for slot, result in zip(step.outputs, results, strict=True):
                values[slot] = result
            for free in step.frees:
                values[free] = None
        return [values[slot] for slot in self.outputs]

    def __str__(self) -> str:
        lines = ["plan"]
        for step in self.steps:
            sources = ", ".join("-" if slot is None else f"v{slot}" for slot in step.inputs)
            results = ", ".join(f"v{slot}" for slot in step.outputs)
            lines.append(f"  {results} = {step.kernel}({sources})  # {step.node}")
        return "\n".join(lines)

"""Plan and Step: a graph bound to this machine, and the loop that runs it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kmin.ops.tensor import Array, TensorSpec, item_bytes

if TYPE_CHECKING:
    from kmin.plan._runner import Program
    from kmin.plan.native import NativeSegment

Run = Callable[[Sequence["Array | None"], Any], "tuple[Array, ...]"]


@dataclass(frozen=True)
class Step:
    """One kernel call over value slots, or one native call of many kernels.

    Attributes:
        run: (arrays, attrs) -> arrays.
        attrs: the op's attributes.
        inputs: slot of each input, None where it is absent.
        outputs: slot of each output.
        frees: slots whose last reader this step is.
        kernel: what runs it, such as `numpy:conv` or `native`, for printing.
        node: name of the graph node, for messages.
        native: the compiled segment behind `run`, when it is one.
    """

    run: Run
    attrs: Any
    inputs: tuple[int | None, ...]
    outputs: tuple[int, ...]
    frees: tuple[int, ...]
    kernel: str
    node: str
    native: NativeSegment | None = None


class Plan:
    """Steps over numbered value slots; safe to run from many threads at once.

    Attributes:
        call: the shortest way through: (array) -> output array, or None when the array is not exactly what the model
            reads (C-contiguous float32 of the right shape, at least one row) or the plan is not one native call with
            one input and one output.
        program: the program behind `call`, or None.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        values: Sequence[Array | None],
        inputs: Sequence[int],
        outputs: Sequence[int],
        specs: Sequence[TensorSpec | None] = (),
    ) -> None:
        self.steps = tuple(steps)
        self.inputs = tuple(inputs)
        self.outputs = tuple(outputs)
        self._initial = tuple(values)
        self._specs = tuple(specs)
        self.call: Callable[[Any], Array | None] = _not_one_call
        self.program: Program | None = None
        if len(self.steps) == 1 and len(self.outputs) == 1:
            (step,) = self.steps
            if step.native is not None and (step.inputs, step.outputs) == (self.inputs, self.outputs):
                self.program = step.native.program
                self.call = self.program.call

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

    def step_times(self, arrays: Sequence[Array], repeats: int) -> list[tuple[str, str, float]]:
        """(layer, kernel, the least seconds of `repeats` runs) of every kernel call, for checked inputs."""
        values: list[Any] = list(self._initial)
        for slot, array in zip(self.inputs, arrays, strict=True):
            values[slot] = array
        found: list[tuple[str, str, float]] = []
        for step in self.steps:
            given = [None if slot is None else values[slot] for slot in step.inputs]
            best = math.inf
            for _ in range(1 if step.native is not None else repeats):
                begin = time.perf_counter()
                results = step.run(given, step.attrs)
                best = min(best, time.perf_counter() - begin)
            if step.native is None:
                found.append((step.node, step.kernel, best))
            else:
                least = step.native.program.step_nanoseconds([a for a in given if a is not None], repeats)
                operations = step.native.operations
                found += [(op.layer, op.kernel.name, one / 1e9) for op, one in zip(operations, least, strict=True)]
            for slot, result in zip(step.outputs, results, strict=True):
                values[slot] = result
        return found

    def peak_bytes(self, rows: int) -> int | None:
        """Most memory that values and workspaces take at once for so many rows, weights and NumPy's temporaries left
        out; None where a size is known only when the model runs."""
        live = {slot: self._bytes(slot, rows) for slot in self.inputs}
        peak = 0
        for step in self.steps:
            live.update({slot: self._bytes(slot, rows) for slot in step.outputs})
            sizes = list(live.values())
            if any(size is None for size in sizes):
                return None
            space = step.native.workspace_bytes(rows) if step.native is not None else 0
            peak = max(peak, space + sum(size for size in sizes if size is not None))
            for slot in step.frees:
                live.pop(slot, None)
        return peak

    def _bytes(self, slot: int, rows: int) -> int | None:
        spec = self._specs[slot]
        if spec is None or spec.dtype == "unknown" or None in spec.shape[1:]:
            return None
        sizes = [rows if size is None else size for size in spec.shape]
        return math.prod(sizes) * item_bytes(spec.dtype)

    def __str__(self) -> str:
        peak = self.peak_bytes(1)
        lines = ["plan" if peak is None else f"plan, {peak} bytes for one row"]
        for step in self.steps:
            sources = ", ".join("-" if slot is None else f"v{slot}" for slot in step.inputs)
            results = ", ".join(f"v{slot}" for slot in step.outputs)
            what = str(step.native or step.node).replace("\n", "\n    ")
            lines.append(f"  {results} = {step.kernel}({sources})  # {what}")
        return "\n".join(lines)


def _not_one_call(x: Any) -> Array | None:
    return None

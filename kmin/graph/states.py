"""States: what stateful layers remember, carried from one batch to the next and from one call to the next."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, TensorSpec


class States:
    """The values of a model's states; zeros at first. Calls from several threads wait for one another.

    Attributes:
        batch_size: rows of every state, and so the only number of rows that a batch may have.
    """

    def __init__(self, specs: Sequence[TensorSpec], batch_size: int) -> None:
        """`specs`: shape (batch first) and dtype of each state."""
        self.batch_size = batch_size
        self._specs = tuple(specs)
        self._values: list[Array] | None = None
        self._lock = threading.Lock()

    def reset(self) -> None:
        """Sets all states to zeros."""
        with self._lock:
            self._values = None

    def checked_batch_size(self, value: int | None) -> int:
        """The batch size, refused when the caller asks for another."""
        if value is not None and value != self.batch_size:
            raise InputError(
                f"batch_size must be {self.batch_size} or None, because the model is stateful and its input layers "
                f"fix it; received {value!r}"
            )
        return self.batch_size

    def check_rows(self, rows: int) -> None:
        """Refuses rows that do not fill whole batches."""
        if rows % self.batch_size:
            raise InputError(
                f"the number of rows must be a multiple of {self.batch_size}, because the model is stateful and its "
                f"input layers fix that batch size; received {rows}"
            )

    def run(self, run: Callable[[Sequence[Array]], list[Array]], arrays: Sequence[Array]) -> list[Array]:
        """Outputs for all rows, batch after batch; a call that fails leaves the states as they were.

        Args:
            run: (inputs and states) -> outputs and next states, for one batch.
            arrays: checked inputs; without rows they give empty results and change nothing.

        Raises:
            InputError: the rows do not fill whole batches.
        """
        rows, count, size = len(arrays[0]), len(self._specs), self.batch_size
        self.check_rows(rows)
        if rows == 0:
            blank = [np.zeros((1, *array.shape[1:]), array.dtype) for array in arrays]
            return [result[:0] for result in run([*blank, *zero_states(self._specs, 1)])[:-count]]
        parts = []
        with self._lock:
            values = self._values if self._values is not None else zero_states(self._specs, size)
            for at in range(0, rows, size):
                results = run([*(array[at : at + size] for array in arrays), *values])
                values = [result.copy() for result in results[-count:]]  # the caller may write into the outputs
                parts.append(results[:-count])
            self._values = values
        return parts[0] if len(parts) == 1 else [np.concatenate(pieces) for pieces in zip(*parts, strict=True)]


def zero_states(specs: Sequence[TensorSpec], rows: int) -> list[Array]:
    """What every state is at first."""
    return [np.zeros([rows if size is None else size for size in spec.shape], spec.dtype) for spec in specs]

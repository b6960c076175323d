"""lstm: shapes, cost and refusals; its numbers are in test_recurrence.py."""

from __future__ import annotations

import pytest

from kmin.errors import InputError
from kmin.ops import OPS
from kmin.ops.recurrence import RecurrenceAttrs
from kmin.ops.tensor import TensorSpec


def test_unknown_sizes_are_inferred() -> None:
    x, kernel, recurrent = TensorSpec((None, None, None)), TensorSpec((3, 8)), TensorSpec((2, 8))
    specs = [x, kernel, recurrent, None, None, None, None]
    y, h, c = OPS["lstm"].infer(specs, RecurrenceAttrs(return_sequences=True))
    assert y.shape == (None, None, 2)
    assert h.shape == c.shape == (None, 2)
    assert OPS["lstm"].macs(specs, [y, h, c], RecurrenceAttrs()) is None


def test_macs() -> None:
    specs = [TensorSpec((None, 7, 3)), TensorSpec((3, 8)), TensorSpec((2, 8)), None, None, None, None]
    assert OPS["lstm"].macs(specs, [], RecurrenceAttrs()) == 7 * (3 * 8 + 2 * 8)


@pytest.mark.parametrize(
    ("at", "spec"),
    [
        (0, TensorSpec((None, 5))),
        (0, TensorSpec((None, 5, 4))),
        (1, TensorSpec((3, 9))),
        (4, TensorSpec((None, 5, 1), "bool")),
        (4, TensorSpec((None, 6), "bool")),
        (5, TensorSpec((None, 3))),
    ],
)
def test_misfits_are_refused(at: int, spec: TensorSpec) -> None:
    specs = [TensorSpec((None, 5, 3)), TensorSpec((3, 8)), TensorSpec((2, 8)), None, None, None, None]
    specs[at] = spec
    with pytest.raises(InputError):
        OPS["lstm"].infer(specs, RecurrenceAttrs())

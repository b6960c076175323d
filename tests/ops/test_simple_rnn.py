"""simple_rnn: a case done by hand; more numbers are in test_recurrence.py."""

from __future__ import annotations

import numpy as np

from kmin.ops import OPS
from kmin.ops.recurrence import RecurrenceAttrs


def test_running_sum() -> None:
    one = np.ones((1, 1), "f4")
    x = np.array([[[1.0], [2.0], [4.0]]], "f4")
    attrs = RecurrenceAttrs("linear", return_sequences=True)
    y, h = OPS["simple_rnn"].run([x, one, one, None, None, None], attrs)
    assert y[0, :, 0].tolist() == [1.0, 3.0, 7.0]
    assert h.tolist() == [[7.0]]
    y, _ = OPS["simple_rnn"].run([x, one, one, None, np.array([[True, False, True]]), one * 10], attrs)
    assert y[0, :, 0].tolist() == [11.0, 11.0, 15.0]

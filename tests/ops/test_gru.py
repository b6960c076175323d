"""gru: refusals; its numbers are in test_recurrence.py."""

from __future__ import annotations

import pytest

from kmin.errors import InputError
from kmin.ops import OPS
from kmin.ops.gru import GruAttrs
from kmin.ops.tensor import TensorSpec


def test_gru_bias_says_where_the_reset_gate_acts() -> None:
    specs = [TensorSpec((None, 5, 3)), TensorSpec((3, 6)), TensorSpec((2, 6)), TensorSpec((6,)), None, None]
    OPS["gru"].infer(specs, GruAttrs(reset_after=False))
    with pytest.raises(InputError, match="reset_after=True"):
        OPS["gru"].infer(specs, GruAttrs(reset_after=True))

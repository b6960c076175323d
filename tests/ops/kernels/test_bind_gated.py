"""Products of gated rows of every tier against NumPy and float64."""

from __future__ import annotations

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, close, numbers, tier_named

from kmin.ops.conv import ConvAttrs
from kmin.ops.kernels.bind_gated import bind_gated
from kmin.ops.kernels.bound import Bound
from kmin.ops.tensor import Array, TensorSpec


def bound_to(
    name: str,
    x: Array,
    kernel: Array,
    bias: Array | None,
    kind: str,
    residual: bool,
    gate: tuple[int, ...] | None = None,
) -> Bound | None:
    channels, filters = kernel.shape[-2:]
    output = TensorSpec((None, *x.shape[1:-1], filters), "float32")
    bias_spec = None if bias is None else TensorSpec(bias.shape, "float32")
    specs = [TensorSpec((None, *x.shape[1:]), "float32"), TensorSpec(kernel.shape, "float32"), bias_spec]
    specs.append(TensorSpec((None, *(gate or (1, 1, channels))), "float32"))
    specs += [output] if residual else []
    constants = [None, kernel, bias, *(None for _ in specs[3:])]
    return bind_gated(tier_named(name), specs, constants, output, ConvAttrs((1, 1), (1, 1), "valid", 1, kind))


@pytest.mark.parametrize(
    "shape", [(6, 5, 7, 9), (14, 14, 40, 24), (13, 15, 96, 112), (16, 16, 300, 40), (28, 29, 17, 80)]
)
@pytest.mark.parametrize("name", TIERS)
def test_gated_products(name: str, shape: tuple[int, int, int, int]) -> None:
    height, width, channels, filters = shape
    kernel, bias = numbers(2, 1, 1, channels, filters) / np.float32(channels**0.5), numbers(3, filters)
    for rows in (0, 1, 3):
        x, gate = numbers(1, rows, height, width, channels), numbers(4, rows, 1, 1, channels)
        added = numbers(5, rows, height, width, filters)
        sums = (x.astype(np.float64) * gate) @ kernel[0, 0].astype(np.float64)
        for given, kind, residual in (
            (bias, "linear", False),
            (None, "relu", True),
            (bias, "silu", False),
            (bias, "linear", True),
        ):
            wanted = sums + (0 if given is None else given) + (added if residual else 0)
            wanted = (
                np.maximum(wanted, 0)
                if kind == "relu"
                else wanted / (1 + np.exp(-wanted))
                if kind == "silu"
                else wanted
            )
            bound = bound_to(name, x, kernel, given, kind, residual)
            assert bound is not None
            assert bound.reads == ((0, 3, 4) if residual else (0, 3))
            results = []
            for threads in (1, 2, 3):
                y = np.full((rows + 2, height, width, filters), 7, np.float32)
                y[1:-1] = np.nan
                bound.kernels[0](x, gate, *([added] if residual else []), y[1:-1], threads=threads)
                np.testing.assert_array_equal(y[[0, -1]], 7)
                results.append(y[1:-1])
                np.testing.assert_array_equal(results[0], results[-1])
            close(results[0], wanted.astype(np.float32), 2e-6)


@pytest.mark.parametrize("name", TIERS)
def test_what_runs_apart(name: str) -> None:
    x = numbers(1, 1, 14, 14, 16)
    assert bound_to(name, x, numbers(2, 1, 1, 16, 200), None, "linear", False) is None  # more weights than values
    assert bound_to(name, x[:, :2, :2], numbers(2, 1, 1, 16, 2), None, "linear", False) is None
    assert bound_to(name, x, numbers(2, 3, 3, 16, 8), None, "linear", False) is None
    assert bound_to(name, x, numbers(2, 1, 1, 16, 8), None, "softmax", False) is None
    assert bound_to(name, x, numbers(2, 1, 1, 16, 8), None, "linear", False, (14, 14, 16)) is None
    assert bound_to(name, x, numbers(2, 1, 1, 16, 8), None, "linear", False, (1, 1, 1)) is None
    assert bound_to(name, x, numbers(2, 1, 1, 16, 8), None, "linear", False) is not None

"""Products whose rows are reduced at once, of every tier, against NumPy and float64."""

from __future__ import annotations

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, close, numbers, tier_named

from kmin.ops.conv import ConvAttrs
from kmin.ops.dense import DenseAttrs
from kmin.ops.kernels.bind_pooled import bind_pooled
from kmin.ops.kernels.bound import Bound
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.tensor import Array, TensorSpec

REDUCE = {"max": np.max, "mean": np.mean, "min": np.min, "sum": np.sum}
# (sizes of a sample of x, units, axes)
SHAPES = [
    ((28, 5), 9, (1,)),
    ((61, 24), 40, (1,)),
    ((9, 29, 17), 33, (2,)),
    ((3, 40, 300), 17, (2,)),
    ((16, 9, 96), 70, (1, 2)),
    ((7, 7, 320), 1280, (1, 2)),
    ((512, 128), 512, (1,)),
    ((2, 300, 64), 66, (2,)),
    ((3000, 8), 30, (1,)),
]


def bound_to(
    name: str,
    sizes: tuple[int, ...],
    kernel: Array,
    reduction: ReduceAttrs,
    kind: str = "linear",
    bias: Array | None = None,
    residual: bool = False,
) -> Bound | None:
    output = TensorSpec((None, *sizes[:-1], kernel.shape[-1]), "float32")
    bias_spec = None if bias is None else TensorSpec(bias.shape, "float32")
    specs = [TensorSpec((None, *sizes), "float32"), TensorSpec(kernel.shape, "float32"), bias_spec]
    specs += [output] if residual else []
    attrs = DenseAttrs(kind) if kernel.ndim == 2 else ConvAttrs((1, 1), (1, 1), "valid", 1, kind)
    constants = [None, kernel, bias, *(None for _ in specs[3:])]
    return bind_pooled(tier_named(name), specs, constants, output, attrs, reduction)


@pytest.mark.parametrize(("sizes", "units", "axes"), SHAPES)
@pytest.mark.parametrize("name", TIERS)
def test_pooled_products(name: str, sizes: tuple[int, ...], units: int, axes: tuple[int, ...]) -> None:
    kernel, bias = numbers(2, sizes[-1], units) / np.float32(sizes[-1] ** 0.5), numbers(3, units)
    for kind, activation, residual, given in (
        ("max", "relu", False, bias),
        ("mean", "silu", False, None),
        ("sum", "linear", True, bias),
        ("min", "relu6", True, None),
        ("max", "tanh", False, bias),
    ):
        bound = bound_to(name, sizes, kernel, ReduceAttrs(kind, axes), activation, given, residual)
        assert bound is not None
        (made,) = bound.kernels
        for rows in (0, 1, 3):
            x, added = numbers(1, rows, *sizes), numbers(5, rows, *sizes[:-1], units)
            sums = x.astype(np.float64) @ kernel.astype(np.float64) + (0 if given is None else given)
            sums = sums + added if residual else sums
            exact = {
                "linear": lambda v: v,
                "relu": lambda v: np.maximum(v, 0),
                "relu6": lambda v: np.clip(v, 0, 6),
                "silu": lambda v: v / (1 + np.exp(-v)),
                "tanh": np.tanh,
            }[activation](sums)
            wanted = REDUCE[kind](exact, axis=axes)
            results = []
            for threads in (1, 2, 3):
                y = np.full((rows + 2, *wanted.shape[1:]), 7, np.float32)
                y[1:-1] = np.nan
                made(x, *([added] if residual else []), y[1:-1], threads=threads)
                np.testing.assert_array_equal(y[[0, -1]], 7)
                results.append(y[1:-1])
                np.testing.assert_array_equal(results[0], results[-1])
            close(results[0], wanted.astype(np.float32), 4e-6)


@pytest.mark.parametrize("kind", ["max", "mean"])
@pytest.mark.parametrize("name", TIERS)
def test_nan_is_handed_on(name: str, kind: str) -> None:
    kernel = numbers(2, 24, 20)
    for row in (0, 1, 17, 60):
        x, y = numbers(1, 1, 61, 24), np.zeros((1, 20), np.float32)
        x[0, row, 3] = np.nan
        bound = bound_to(name, (61, 24), kernel, ReduceAttrs(kind, (1,)), "linear")
        assert bound is not None
        bound.kernels[0](x, y)
        assert np.isnan(y).all()


@pytest.mark.parametrize("name", TIERS)
def test_what_is_taken_by_halves(name: str) -> None:
    made = [bound_to(name, (512, 128), numbers(2, 128, units), ReduceAttrs("max", (1,))) for units in (512, 24)]
    assert [bound is not None and "strassen" in bound.kernels[0].name for bound in made] == [True, False]


@pytest.mark.parametrize("name", TIERS)
def test_what_runs_apart(name: str) -> None:
    kernel, rows, all_but = numbers(2, 8, 12), ReduceAttrs("max", (1,)), ReduceAttrs("max", (1, 2))
    assert bound_to(name, (60, 8), kernel, rows) is not None
    assert bound_to(name, (60, 8), kernel, rows, "softmax") is None
    assert bound_to(name, (3, 8), kernel, rows) is None
    assert bound_to(name, (60, 8), kernel, ReduceAttrs("prod", (1,))) is None
    assert bound_to(name, (60, 8), kernel, ReduceAttrs("max", (2,))) is None
    assert bound_to(name, (60, 8), kernel, ReduceAttrs("max", (0, 1))) is None
    assert bound_to(name, (60, 8), kernel, all_but) is None
    assert bound_to(name, (60, 4, 8), kernel, rows) is None
    assert bound_to(name, (60, 4, 8), kernel.reshape(1, 1, 8, 12), all_but) is not None
    assert bound_to(name, (60, 4, 8), numbers(2, 3, 3, 8, 12), all_but) is None

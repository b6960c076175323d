"""Convolutions whose results are pooled at once, of every tier, against NumPy, float64 and the two kernels apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, bound_kernel, close, numbers, tier_named

from kmin.ops import OPS
from kmin.ops.conv import ConvAttrs
from kmin.ops.kernels.bind_conv_pool import bind_conv_pool
from kmin.ops.kernels.bind_window import window_geometry
from kmin.ops.kernels.bound import Bound
from kmin.ops.max_pool import MaxPoolAttrs
from kmin.ops.tensor import Array, TensorSpec

ONES, TWOS = (1, 1), (2, 2)
# (height, width, channels), (window, filters), strides, dilation, padding of the convolution, of the pooling
SHAPES: list[tuple[tuple[int, int, int], tuple[int, int, int], Any, Any, Any, Any]] = [
    ((28, 28, 1), (3, 3, 32), ONES, ONES, "valid", "valid"),
    ((21, 20, 1), (4, 4, 33), ONES, ONES, "valid", "same"),
    ((15, 31, 3), (3, 3, 16), ONES, ONES, "same", "same"),
    ((17, 19, 3), (5, 3, 7), ONES, ONES, "same", "valid"),
    ((33, 29, 3), (3, 5, 40), TWOS, ONES, "same", "same"),
    ((30, 18, 2), (2, 3, 65), ONES, (3, 1), "valid", "same"),
    ((12, 90, 6), (5, 5, 20), ONES, ONES, ((0, 3), (2, 1)), ((0, 0), (0, 0))),
    ((9, 17, 1), (2, 2, 1), ONES, ONES, "valid", "valid"),
    ((60, 12, 1), (3, 3, 5), (2, 1), ONES, "same", ((0, 1), (0, 1))),
    ((13, 13, 32), (3, 3, 64), ONES, ONES, "valid", "valid"),
    ((13, 14, 20), (3, 3, 33), ONES, ONES, "same", "same"),
    ((30, 33, 64), (3, 3, 48), ONES, ONES, "same", "valid"),
    ((27, 29, 50), (3, 3, 40), ONES, ONES, "same", "same"),
    ((12, 35, 8), (3, 3, 16), ONES, ONES, ((1, 0), (0, 2)), "same"),
]
# Those that are filtered minimally with these fields, whatever the tier.
FILTERED = {32: "2by4x3", 64: "4x3"}


def bound_to(
    name: str,
    x: tuple[int, ...],
    kernel: Array,
    bias: Array | None,
    conv: ConvAttrs,
    pool: MaxPoolAttrs,
    residual: bool = False,
) -> tuple[Bound | None, tuple[int, ...]]:
    bias_spec = None if bias is None else TensorSpec(bias.shape, "float32")
    specs: list[TensorSpec | None] = [TensorSpec((None, *x), "float32"), TensorSpec(kernel.shape, "float32"), bias_spec]
    (output,) = OPS["conv"].infer(specs, conv)
    (result,) = OPS["max_pool"].infer([output], pool)
    specs += [output] if residual else []
    constants = [None, kernel, bias, *(None for _ in specs[3:])]
    return bind_conv_pool(tier_named(name), specs, constants, output, conv, result, pool), result.shape[1:]  # type: ignore[return-value]


def exact(x: Array, kernel: Array, bias: Array | None, conv: ConvAttrs, pool: MaxPoolAttrs) -> Array:
    wide = [a if a is None else a.astype(np.float64) for a in (x, kernel, bias)]
    return OPS["max_pool"].run(OPS["conv"].run(wide, conv), pool)[0]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", TIERS)
def test_pooled_convolutions(name: str, shape: Any) -> None:
    sizes, (height, width, filters), strides, dilation, padding, pooling = shape
    pool = MaxPoolAttrs(TWOS, TWOS, pooling)
    kernel = numbers(2, height, width, sizes[-1], filters) / np.float32((height * width * sizes[-1]) ** 0.5)
    for kind, args, bias in (
        ("relu", (), numbers(3, filters)),
        ("linear", (), None),
        ("relu6", (), numbers(3, filters) + 3),
        ("tanh", (), numbers(3, filters)),
        ("leaky_relu", (0.1,), None),
    ):
        conv = ConvAttrs(strides, dilation, padding, 1, kind, args)
        bound, result = bound_to(name, sizes, kernel, bias, conv, pool)
        assert bound is not None
        (made,) = bound.kernels
        assert "+max" in made.name
        assert FILTERED.get(sizes[-1], "") in made.name
        for rows in (0, 1, 3):
            x, results = numbers(1, rows, *sizes), []
            for threads in (1, 2, 3):
                y = np.full((rows + 2, *result), 7, np.float32)
                y[1:-1] = np.nan
                made(x, y[1:-1], threads=threads)
                np.testing.assert_array_equal(y[[0, -1]], 7)
                results.append(y[1:-1])
                np.testing.assert_array_equal(results[0], results[-1])
            close(results[0], exact(x, kernel, bias, conv, pool).astype(np.float32), 6e-6 if sizes[-1] > 6 else 2e-6)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", TIERS)
def test_the_same_as_both_kernels(name: str, shape: Any) -> None:
    """To the last bit, whatever cells of the image are not numbers."""
    sizes, (height, width, filters), strides, dilation, padding, pooling = shape
    pool, conv = MaxPoolAttrs(TWOS, TWOS, pooling), ConvAttrs(strides, dilation, padding, 1, "relu")
    kernel, bias = numbers(2, height, width, sizes[-1], filters), numbers(3, filters)
    bound, result = bound_to(name, sizes, kernel, bias, conv, pool)
    assert bound is not None
    rng = np.random.default_rng(5)
    for value in (0.0, np.nan, np.inf, -np.inf):
        x = numbers(1, 2, *sizes)
        x[rng.random(x.shape) < 0.02] = value
        with np.errstate(invalid="ignore"):
            (between,) = OPS["conv"].run([x, kernel, bias], conv)
        (alone,) = OPS["max_pool"].run([between], pool)
        wanted, got = np.empty((2, *result), np.float32), np.empty((2, *result), np.float32)
        bound_kernel("conv", name, [x, kernel, bias], conv)(x, between)
        bound_kernel("max_pool", name, [between], pool)(between, wanted)
        bound.kernels[0](x, got)
        np.testing.assert_array_equal(got, wanted)
        if "winograd" in bound.kernels[0].name:  # NaN and infinity reach the results beside theirs
            assert np.isnan(got[np.isnan(alone)]).all()
        else:
            np.testing.assert_array_equal(np.isnan(got), np.isnan(alone))


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize(("size", "wide"), [(2, 0), (2, 4), (4, 0)])
@pytest.mark.parametrize("name", TIERS)
def test_every_form_of_minimal_filtering(name: str, size: int, wide: int, shared: bool) -> None:
    from kmin.ops.kernels import _winograd

    tier, filters = tier_named(name), 35
    kernel, bias = numbers(2, 3, 3, 17, filters) / 12, numbers(3, filters)
    for height, width, padding, pooling in (
        (11, 13, "valid", "valid"),
        (9, 12, "same", "same"),
        (13, 7, "same", "same"),
        (7, 29, "same", "valid"),
        (1, 2, "same", "same"),
    ):
        conv, pool = ConvAttrs(ONES, ONES, padding), MaxPoolAttrs(TWOS, TWOS, pooling)
        x = numbers(1, 2, height, width, 17)
        x[1, 0, 0, 0] = np.nan
        spec = TensorSpec((None, *x.shape[1:]), "float32")
        (output,) = OPS["conv"].infer([spec, TensorSpec(kernel.shape, "float32"), None], conv)
        g = window_geometry(spec, output, (3, 3), ONES, ONES, padding)
        assert g is not None
        whole = np.full((2, g["out_height"], g["out_width"], filters), 7, np.float32)
        _winograd.winograd(tier, g, kernel, bias, size, shared, low=-0.5, wide=wide)(x, whole)
        (wanted,) = OPS["max_pool"].run([whole], pool)
        sizes = (wanted.shape[1], wanted.shape[2])
        made = _winograd.winograd(tier, g, kernel, bias, size, shared, low=-0.5, wide=wide, pooled=sizes)
        for threads in (1, 2, 3):
            got = np.full((4, *wanted.shape[1:]), 7, np.float32)
            made(x, got[1:-1], threads=threads)
            np.testing.assert_array_equal(got[1:-1], wanted)
            np.testing.assert_array_equal(got[[0, -1]], 7)


@pytest.mark.parametrize("name", TIERS)
def test_rows_of_results_may_lie_apart(name: str) -> None:
    from kmin.plan._runner import Program

    x, kernel, conv = numbers(1, 2, 14, 13, 3), numbers(2, 3, 3, 3, 19), ConvAttrs(ONES, ONES, "same", 1, "tanh")
    pool = MaxPoolAttrs(TWOS, TWOS, "same")
    bound, _ = bound_to(name, (14, 13, 3), kernel, None, conv, pool)
    assert bound is not None
    (made,) = bound.kernels
    made.lay_apart(write=40)
    program = Program(
        [(made, ((1, 0, 4 * 546, 0), (2, 0, 4 * 1960, 4 * 7)))],
        [((14, 13, 3), "float32")],
        [((7, 7, 40), "float32")],
        0,
        1,
        1e6,
    )
    made_of = program.run([x])
    assert made_of is not None
    close(np.ascontiguousarray(made_of[0][..., 7:26]), exact(x, kernel, None, conv, pool).astype(np.float32), 2e-6)


@pytest.mark.parametrize("name", TIERS)
def test_what_runs_apart(name: str) -> None:
    plain, square = ConvAttrs(ONES, ONES, "valid"), MaxPoolAttrs(TWOS, TWOS)
    few, many, large = numbers(2, 3, 3, 1, 8), numbers(2, 3, 3, 64, 32), numbers(2, 4, 4, 64, 32)

    def serves(kernel: Array, conv: ConvAttrs, pool: MaxPoolAttrs, residual: bool = False) -> bool:
        size = kernel.shape[2] * conv.groups
        return bound_to(name, (30, 30, size), kernel, None, conv, pool, residual)[0] is not None

    assert serves(few, plain, square)
    assert not serves(few, plain, square, residual=True)
    assert serves(many, plain, square)
    assert not serves(many, ConvAttrs(ONES, TWOS, "valid"), square)
    assert not serves(many, ConvAttrs(TWOS, ONES, "valid"), square)
    assert not serves(large, plain, square)
    assert not serves(numbers(2, 1, 1, 8, 8), plain, square)
    assert not serves(few, ConvAttrs(ONES, ONES, "valid", 2), square)
    for pool in (
        MaxPoolAttrs((3, 3), TWOS),
        MaxPoolAttrs(TWOS, ONES),
        MaxPoolAttrs(TWOS, (2, 1)),
        MaxPoolAttrs((2, 1), (2, 1)),
        MaxPoolAttrs(TWOS, TWOS, ((1, 1), (0, 0))),
        MaxPoolAttrs(TWOS, TWOS, ((0, 4), (0, 0))),
    ):
        assert not serves(few, plain, pool)
    for kind, args in (("gelu", ()), ("softmax", ()), ("leaky_relu", (-0.1,)), ("elu", (-1.0,)), ("hard_silu", ())):
        assert not serves(few, ConvAttrs(ONES, ONES, "valid", 1, kind, args), square)

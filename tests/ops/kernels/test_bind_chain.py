"""Chains of pointwise and depthwise convolutions of every tier against the NumPy ops one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, close, numbers, tier_named

from kmin.ops import OPS
from kmin.ops.conv import ConvAttrs
from kmin.ops.depthwise_conv import DepthwiseConvAttrs
from kmin.ops.kernels.bind_chain import Stage, bind_chain, bind_slices, chain_stage, goes_by_slices, may_follow
from kmin.ops.tensor import Array, TensorSpec

Row = tuple[str, tuple[Any, ...]]


def point(filters: int, activation: str = "linear") -> Row:
    return "conv", (filters, activation)


def depth(size: int = 3, stride: int = 1, activation: str = "relu6", padding: Any = "same", dilation: int = 1) -> Row:
    return "depthwise_conv", (size, stride, activation, padding, dilation)


CHAINS: dict[str, tuple[tuple[int, int, int], tuple[Row, ...]]] = {
    "point_depth": ((16, 15, 5), (point(19, "relu"), depth())),
    "point_depth_point": ((20, 14, 8), (point(40, "relu6"), depth(), point(24))),
    "strided": ((27, 25, 16), (point(33, "silu"), depth(3, 2, "silu"), point(16))),
    "depth_point": ((28, 9, 48), (depth(5), point(50, "relu6"))),
    "separable_twice": ((30, 30, 32), (depth(), point(64, "relu6"), depth(3, 2), point(40, "gelu"))),
    "all_five": ((40, 13, 3), (point(17, "relu"), depth(), point(9), depth(5, 2, "tanh"), point(70, "relu"))),
    "many_strips": ((97, 9, 20), (depth(), point(50, "relu6"))),
    "first_valid": ((19, 11, 16), (depth(3, 1, "relu", "valid"), point(5))),
    "first_padded": ((16, 10, 32), (depth(3, 1, "silu", ((0, 2), (0, 1))), point(20), depth(), point(8))),
    "valid": ((20, 20, 7), (point(16), depth(3, 1, "linear", "valid"), point(3))),
    "dilated": ((20, 17, 16), (point(16), depth(3, 1, "relu", "same", 2), point(5))),
    "padded": ((17, 18, 9), (depth(3, 2, "relu", ((0, 1), (0, 1))), point(4))),
    "far_padding": ((13, 3, 4), (point(4), depth(2, 1, "linear", ((3, 2), (1, 4))), point(5))),
    "narrow": ((24, 1, 16), (point(18, "relu"), depth(7), point(20))),
    "wide_stride": ((41, 22, 4), (point(6), depth(3, 3, "relu6"), point(8, "relu"))),
}


def made(
    chain: tuple[tuple[int, int, int], tuple[Row, ...]],
) -> tuple[tuple[int, int, int], list[tuple[str, Array, Array, Any]]]:
    """The op, kernel, bias and attributes of each stage."""
    shape, rows = chain
    channels, nodes = shape[2], []
    for number, (op, row) in enumerate(rows):
        attrs: Any
        if op == "conv":
            kernel = numbers(number, 1, 1, channels, row[0]) / np.float32(channels) ** np.float32(0.5)
            attrs = ConvAttrs((1, 1), (1, 1), "valid", 1, row[1])
            channels = row[0]
        else:
            size, stride, activation, padding, dilation = row
            kernel = numbers(number, size, size, channels, 1) / np.float32(size)
            attrs = DepthwiseConvAttrs((stride, stride), (dilation, dilation), padding, activation)
        nodes.append((op, kernel, numbers(9 + number, channels), attrs))
    return shape, nodes


def stages_of(shape: tuple[int, ...], nodes: Sequence[tuple[str, Array, Array, Any]], residual: bool) -> list[Stage]:
    stages: list[Stage] = []
    spec = TensorSpec((None, *shape), "float32")
    for number, (op, kernel, bias, attrs) in enumerate(nodes):
        specs = [spec, *(TensorSpec(array.shape, "float32") for array in (kernel, bias))]
        (output,) = OPS[op].infer(specs, attrs)
        more: list[Any] = [spec] if residual and number == len(nodes) - 1 else []
        stage = chain_stage(op, [*specs, *more], [None, kernel, bias, *(None for _ in more)], output, attrs)
        assert stage is not None
        stages.append(stage)
        spec = output
    return stages


def in_numpy(x: Array, nodes: Sequence[tuple[str, Array, Array, Any]]) -> Array:
    for op, kernel, bias, attrs in nodes:
        (x,) = OPS[op].run([x, kernel.astype(x.dtype), bias.astype(x.dtype)], attrs)
    return x


@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("name", TIERS)
def test_chain(name: str, chain: str, residual: bool) -> None:
    shape, nodes = made(CHAINS[chain])
    if residual and (nodes[-1][0] != "conv" or nodes[-1][3].activation not in ("linear", "relu", "relu6")):
        return
    bound = bind_chain(tier_named(name), stages_of(shape, nodes, residual))
    (kernel,) = bound.kernels
    for rows in (0, 1, 3):
        x = numbers(7, rows, *shape)
        wanted = in_numpy(x, nodes)
        sources = [x]
        if residual:
            op, weights, bias, attrs = nodes[-1]
            plain = ConvAttrs((1, 1), (1, 1), "valid", 1, "linear")
            added = numbers(8, *wanted.shape)
            sums = in_numpy(x, [*nodes[:-1], (op, weights, bias, plain)]) + added
            high = 6 if attrs.activation == "relu6" else np.inf
            wanted = sums if attrs.activation == "linear" else np.clip(sums, np.float32(0), np.float32(high))
            sources.append(added)
        results = []
        for threads in (1, 2, 3, 9):
            y = np.full((rows + 2, *wanted.shape[1:]), 7, np.float32)
            y[1:-1] = np.nan
            kernel(*sources, y[1:-1], threads=threads)
            np.testing.assert_array_equal(y[0], 7)
            np.testing.assert_array_equal(y[-1], 7)
            results.append(y[1:-1])
            np.testing.assert_array_equal(results[0], results[-1])
        close(results[0], wanted, 3e-6)


SLICES: dict[str, tuple[tuple[int, int, int], tuple[Row, ...]]] = {
    "by_sevens": ((14, 14, 10), (point(100, "silu"), depth(5, 1, "silu"))),
    "dilated": ((13, 11, 6), (point(67, "sigmoid"), depth(3, 1, "linear", "same", 2))),
    "narrow": ((9, 1, 5), (point(35, "sigmoid"), depth(7, 1, "tanh"))),
    "one_slice": ((10, 12, 3), (point(9, "gelu"), depth())),
    "small": ((7, 7, 24), (point(300, "silu"), depth(3, 1, "silu"))),
    "strided": ((28, 28, 12), (point(144, "silu"), depth(5, 2, "silu"))),
    "strided_three": ((15, 29, 12), (point(64, "silu"), depth(3, 2, "relu"))),
    "valid": ((16, 18, 7), (point(33, "relu"), depth(3, 1, "linear", "valid"))),
}


@pytest.mark.parametrize("chain", SLICES)
@pytest.mark.parametrize("name", TIERS)
def test_slices(name: str, chain: str) -> None:
    shape, nodes = made(SLICES[chain])
    (kernel,) = bind_slices(tier_named(name), *stages_of(shape, nodes, False)).kernels
    for rows in (0, 1, 3):
        x = numbers(7, rows, *shape)
        wanted = in_numpy(x, nodes)
        results = []
        for threads in (1, 2, 3):
            y = np.full((rows + 2, *wanted.shape[1:]), 7, np.float32)
            y[1:-1] = np.nan
            kernel(x, y[1:-1], threads=threads)
            np.testing.assert_array_equal(y[[0, -1]], 7)
            results.append(y[1:-1])
            np.testing.assert_array_equal(results[0], results[-1])
        close(results[0], wanted, 3e-6)


def test_what_goes_by_slices() -> None:
    first, second = stages_of(*made(SLICES["small"]), False)
    assert goes_by_slices(first, second, 16)
    assert not goes_by_slices(second, first, 16)
    assert not goes_by_slices(first._replace(after=second.after._replace(function=None)), second, 16)
    assert not goes_by_slices(first._replace(geometry={**first.geometry, "height": 128}), second, 16)
    halved = first._replace(geometry={**first.geometry, "height": 28}, weights=np.zeros((512, 512), np.float32))
    assert not goes_by_slices(halved, second, 16)


@pytest.mark.parametrize("name", TIERS)
def test_error_against_double_precision(name: str) -> None:
    shape, nodes = made(CHAINS["all_five"])
    (kernel,) = bind_chain(tier_named(name), stages_of(shape, nodes, False)).kernels
    x = numbers(7, 1, *shape)
    exact, single = in_numpy(x.astype(np.float64), nodes), in_numpy(x, nodes)
    y = np.empty_like(single)
    kernel(x, y)
    assert np.max(np.abs(y - exact)) <= 2 * np.max(np.abs(single - exact))


def test_what_makes_a_chain() -> None:
    shape, nodes = made(CHAINS["all_five"])
    stages = stages_of(shape, nodes, False)
    for at in range(1, 5):
        assert may_follow(stages[:at], stages[at], 16)
    assert not may_follow(stages, stages[1], 16)  # as long as it may be
    assert not may_follow(stages[:1], stages[2], 16)  # two pointwise ones
    small = stages_of((4, 4, 3), made(CHAINS["point_depth"])[1][:0], False)
    assert small == []
    flat = stages[1]._replace(geometry={**stages[1].geometry, "out_height": 7})
    assert not may_follow(stages[:1], flat, 16)
    assert [may_follow(stages[:1], stages[1], lanes) for lanes in (4, 8, 16)] == [True, False, True]
    around = stages[1]._replace(after=stages[1].after._replace(function="silu"))
    wide = around._replace(geometry={**around.geometry, "out_height": 14, "out_width": 14, "filters": 128})
    high = wide._replace(geometry={**wide.geometry, "out_height": 112})
    assert [may_follow(stages[:1], stage, 8) for stage in (around, wide, high)] == [True, False, True]
    heavy = stages[2]._replace(weights=np.zeros((1024, 1024), np.float32))
    assert not may_follow(stages[:2], heavy, 16)


def test_what_is_no_stage() -> None:
    image, bias = TensorSpec((None, 14, 14, 4), "float32"), np.zeros(8, np.float32)

    def stage(kernel: Array, attrs: Any, op: str = "conv", x: TensorSpec = image) -> Stage | None:
        specs = [x, TensorSpec(kernel.shape, "float32"), TensorSpec((8,), "float32")]
        (output,) = OPS[op].infer(specs, attrs)
        return chain_stage(op, specs, [None, kernel, bias], output, attrs)

    one = np.zeros((1, 1, 4, 8), np.float32)
    assert stage(one, ConvAttrs((1, 1), (1, 1))) is not None
    assert stage(one, ConvAttrs((2, 2), (1, 1))) is None
    assert stage(one, ConvAttrs((1, 1), (1, 1), ((1, 0), (0, 0)))) is None
    assert stage(one, ConvAttrs((1, 1), (1, 1), activation="softmax")) is None
    assert stage(np.zeros((3, 3, 4, 8), np.float32), ConvAttrs((1, 1), (1, 1))) is None
    assert stage(one[:, :, :2], ConvAttrs((1, 1), (1, 1), groups=2)) is None
    assert stage(one, ConvAttrs((1, 1), (1, 1)), x=TensorSpec((None, 2, 14, 14, 4), "float32")) is None
    assert stage(np.zeros((3, 3, 4, 2), np.float32), DepthwiseConvAttrs((1, 1), (1, 1)), "depthwise_conv") is None

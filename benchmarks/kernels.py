"""KERNELS: single layers as kmin runs them, in shapes of known networks, beside the most that the machine can do."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.probe import Peak
from benchmarks.table import grid
from kmin.graph.builder import GraphBuilder
from kmin.graph.ir import Graph
from kmin.graph.passes import simplify
from kmin.model import Model
from kmin.ops import OPS
from kmin.ops.unary import UNARIES

SEED = 7
SECONDS = 0.3
BLOCK_SECONDS = 200e-6


class Layers:
    """A GraphBuilder that draws weights, for chains of layers."""

    def __init__(self, *shape: int) -> None:
        self.builder = GraphBuilder("kernel")
        self.rng = np.random.default_rng(SEED)
        self.tensor = self.builder.input("x", (None, *shape), "float32")

    def add(self, op: str, *weights: tuple[int, ...] | None, **attrs: Any) -> Layers:
        """Appends an op; its weights are random and small enough that values stay in range."""
        names = [None if shape is None else self.builder.constant("w", self.draw(shape)) for shape in weights]
        self.tensor = self.builder.add(op, [self.tensor, *names], OPS[op].attrs(**attrs), op)[0]
        return self

    def draw(self, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        scale = max(1, int(np.prod(shape[:-1]))) ** -0.5
        values: np.ndarray[Any, Any] = (self.rng.standard_normal(shape) * scale).astype(np.float32)
        return values

    def conv(self, filters: int, size: int, stride: int = 1) -> Layers:
        """Convolution with bias and relu, `same` padding."""
        channels = self.builder.specs[self.tensor].shape[-1] or 0
        steps = {"strides": (stride, stride), "dilation": (1, 1), "padding": "same", "activation": "relu"}
        return self.add("conv", (size, size, channels, filters), (filters,), **steps)

    def depthwise(self) -> Layers:
        """Depthwise 3x3 with bias and relu6."""
        channels = self.builder.specs[self.tensor].shape[-1] or 0
        steps = {"strides": (1, 1), "dilation": (1, 1), "padding": "same", "activation": "relu6"}
        return self.add("depthwise_conv", (3, 3, channels, 1), (channels,), **steps)

    def dense(self, units: int, activation: str = "relu") -> Layers:
        """Dense with bias."""
        size = self.builder.specs[self.tensor].shape[-1] or 0
        return self.add("dense", (size, units), (units,), activation=activation)

    def pooled(self) -> Layers:
        """Mean over rows and columns, so that the result is small and only the layers before it count."""
        return self.add("reduce", kind="mean", axes=(1, 2))

    def graph(self) -> Graph:
        """The finished graph."""
        return simplify(self.builder.graph([self.tensor], ["x"], ["y"], 0))


@dataclass(frozen=True)
class Kernel:
    """One line of the table.

    Attributes:
        title: which layers in which shape.
        build: makes them.
        rows: batch size.
        per: what a call is divided by for the last column (steps, elements), and its name; None for the whole call.
    """

    title: str
    build: Callable[[], Layers]
    rows: int = 1
    per: tuple[int, str] | None = None


def square(size: int, channels: int) -> Layers:
    """Four 3x3 convolutions that keep their shape."""
    layers = Layers(size, size, channels)
    for _ in range(4):
        layers.conv(channels, 3)
    return layers.pooled()


def pointwise(size: int, narrow: int, wide: int) -> Layers:
    """1x1 convolutions from narrow to wide and back, twice."""
    layers = Layers(size, size, narrow)
    for filters in (wide, narrow, wide, narrow):
        layers.conv(filters, 1)
    return layers.pooled()


def depthwise(size: int, channels: int) -> Layers:
    """Four depthwise convolutions that keep their shape."""
    layers = Layers(size, size, channels)
    for _ in range(4):
        layers.depthwise()
    return layers.pooled()


def separable(size: int, channels: int) -> Layers:
    """Depthwise and 1x1, twice, as in MobileNet."""
    layers = Layers(size, size, channels)
    for _ in range(2):
        layers.depthwise().conv(channels, 1)
    return layers.pooled()


def recurrent(op: str, steps: int, features: int, units: int, gates: int, bias: tuple[int, ...]) -> Layers:
    """A recurrent layer that returns its last step."""
    weights = ((features, gates * units), (units, gates * units), bias, None, None)
    return Layers(steps, features).add(op, *weights, *([None] if op == "lstm" else []))


def elementwise(kind: str, count: int) -> Layers:
    """One function of `count` numbers."""
    return Layers(count).add("unary" if kind in UNARIES else "activation", kind=kind)


ELEMENTS = 16_384
POSITIONS = 4 * 128
KERNELS: tuple[Kernel, ...] = (
    Kernel("gemv 2048 -> 1000", lambda: Layers(2048).dense(1000)),
    Kernel("gemv 512 -> 512", lambda: Layers(512).dense(512)),
    Kernel("gemm 128 x 256 -> 1024 -> 256", lambda: Layers(256).dense(1024).dense(256), 128),
    Kernel("gemm 512 x 512 x 4", lambda: Layers(512).dense(512).dense(512).dense(512).dense(512).dense(8), 512),
    *(
        Kernel(f"conv 3x3, {size}x{size}x{channels}, x 4", lambda s=size, c=channels: square(s, c))  # type: ignore[misc]
        for size, channels in ((56, 64), (28, 128), (14, 256), (7, 512))
    ),
    *(
        Kernel(f"conv 1x1, {size}x{size}, {c} - {4 * c}, x 4", lambda s=size, c=c: pointwise(s, c, 4 * c))  # type: ignore[misc]
        for size, c in ((56, 64), (28, 128), (14, 256), (7, 512))
    ),
    Kernel("conv 7x7 / 2, 224x224x3 -> 64", lambda: Layers(224, 224, 3).conv(64, 7, 2).pooled()),
    Kernel("conv 3x3 / 2, 224x224x3 -> 32", lambda: Layers(224, 224, 3).conv(32, 3, 2).pooled()),
    *(
        Kernel(f"depthwise 3x3, {size}x{size}x{c}, x 4", lambda s=size, c=c: depthwise(s, c))  # type: ignore[misc]
        for size, c in ((112, 32), (56, 128), (28, 256), (14, 512), (7, 1024))
    ),
    *(
        Kernel(f"depthwise + 1x1, {size}x{size}x{c}, x 2", lambda s=size, c=c: separable(s, c))  # type: ignore[misc]
        for size, c in ((56, 128), (28, 256), (14, 512), (7, 1024))
    ),
    Kernel("LSTM 128 of 128, 80 steps", lambda: recurrent("lstm", 80, 128, 128, 4, (512,)), 1, (80, "step")),
    Kernel("GRU 64 of 64, 100 steps", lambda: recurrent("gru", 100, 64, 64, 3, (2, 192)), 1, (100, "step")),
    Kernel(
        "softmax 512 x 128",
        lambda: Layers(POSITIONS, 128).add("softmax", axes=(-1,)),
        1,
        (POSITIONS * 128, "element"),
    ),
    *(
        Kernel(f"{kind} of {ELEMENTS:,}", lambda k=kind: elementwise(k, ELEMENTS), 1, (ELEMENTS, "element"))  # type: ignore[misc]
        for kind in ("exp", "tanh", "sigmoid", "erf", "gelu", "silu")
    ),
    Kernel(
        "MLP 10-10-20-10-1, the whole call",
        lambda: Layers(10).dense(10).dense(20, "tanh").dense(10, "sigmoid").dense(1, "linear"),
    ),
)


@dataclass(frozen=True)
class Measured:
    """One kernel's figures.

    Attributes:
        title: of the kernel.
        threads: it was allowed.
        median, least: seconds per call.
        flops: multiply-adds of a call times two; 0 where they do not count.
        per: see `Kernel`.
    """

    title: str
    threads: int
    median: float
    least: float
    flops: int
    per: tuple[int, str] | None

    @property
    def rate(self) -> float:
        """GFLOP/s of the median."""
        return self.flops / self.median * 1e-9


def measure_kernels(threads: int, wanted: str = "", seconds: float = SECONDS) -> list[Measured]:
    """Every kernel whose title contains `wanted`."""
    found = []
    for kernel in KERNELS:
        if wanted in kernel.title:
            graph = kernel.build().graph()
            shape = (kernel.rows, *(size or 1 for size in graph.specs[graph.inputs[0]].shape[1:]))
            x = np.random.default_rng(SEED).standard_normal(shape).astype(np.float32)
            times = timed(Model(graph, threads), x, seconds)
            flops = 2 * kernel.rows * multiplications(graph)
            found.append(Measured(kernel.title, threads, statistics.median(times), min(times), flops, kernel.per))
    return found


def multiplications(graph: Graph) -> int:
    """Multiply-accumulates per sample of the ops that have them."""
    total = 0
    for node in graph.nodes:
        specs = [None if tensor is None else graph.specs[tensor] for tensor in node.inputs]
        total += OPS[node.op].macs(specs, [graph.specs[tensor] for tensor in node.outputs], node.attrs) or 0
    return total


def timed(call: Callable[[Any], Any], x: Any, seconds: float) -> list[float]:
    """Seconds per call, for about `seconds`; short calls in blocks."""
    clock = time.perf_counter
    before, calls = clock(), 0
    while clock() - before < seconds / 10 or not calls:
        call(x)
        calls += 1
    block = range(max(1, int(BLOCK_SECONDS * calls / (clock() - before))))
    times: list[float] = []
    begin = before = clock()
    while before - begin < seconds:
        for _ in block:
            call(x)
        after = clock()
        times.append((after - before) / len(block))
        before = after
    return times


def print_kernels(found: Sequence[Measured], peak: Peak | None) -> str:
    """The table, with the share of the machine's peak."""
    head = ["kernel", "threads", "median us", "min us", "GFLOP/s", "of peak", ""]
    body = []
    for item in found:
        counts = (item.flops > 0 and item.per is None) or (item.per is not None and item.per[1] == "step")
        share = f"{100 * item.rate / peak.fma:.0f}%" if peak is not None and counts else ""
        each = f"{item.median / item.per[0] * 1e9:.3g} ns per {item.per[1]}" if item.per is not None else ""
        body.append(
            [
                item.title,
                str(item.threads),
                f"{item.median * 1e6:.4g}",
                f"{item.least * 1e6:.4g}",
                f"{item.rate:.1f}" if counts else "",
                share,
                each,
            ]
        )
    lines = grid(head, body)
    if peak is not None:
        lines = [str(peak), *lines]
    return "\n".join(lines)

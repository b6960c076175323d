"""Plans of drawn sizes, most of them near those at which kernels cut their work, give what NumPy gives in float64.

Values that are made early and read late lie beside the others in the workspace: what runs past its end spoils them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from graph.toy import Toy
from kmin.ops import kernels
from kmin.plan.compile import compile_plan

FUNCTIONS = ("linear", "relu", "relu6", "silu", "gelu", "tanh")
TOLERANCE = 5e-6


class Drawn(Toy):
    """Graphs whose sizes and weights are drawn; sums keep about the size of what they add."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.rng = np.random.default_rng(seed)

    def upto(self, most: int, least: int = 1) -> int:
        return int(self.rng.integers(least, most + 1))

    def near(self, *sizes: int) -> int:
        """One of the sizes, or one more or less."""
        return max(1, int(self.rng.choice(sizes)) + self.upto(1, -1))

    def size(self, *sizes: int) -> int:
        """A size near one of those, or any of up to 70."""
        return self.near(*sizes) if self.rng.random() < 0.6 else self.upto(70)

    def function(self) -> str:
        return str(self.rng.choice(FUNCTIONS))

    def width(self, x: str) -> int:
        return self.builder.specs[x].shape[-1] or 0

    def scaled(self, *shape: int) -> str:
        return self.constant((self.rng.normal(size=shape) / np.sqrt(np.prod(shape[:-1]))).astype(np.float32))

    def product(self, x: str, units: int, activation: str = "linear") -> str:
        return self.add("dense", x, self.scaled(self.width(x), units), self.weight(units), activation=activation)

    def window(
        self, x: str, filters: int, size: int = 1, activation: str = "linear", step: int = 1, apart: int = 1
    ) -> str:
        further = {"strides": (step, step), "dilation": (apart, apart), "padding": "same", "activation": activation}
        return self.add("conv", x, self.scaled(size, size, self.width(x), filters), self.weight(filters), **further)

    def depthwise(self, x: str, size: int, activation: str, step: int) -> str:
        taps = self.constant((self.rng.normal(size=(size, size, self.width(x), 1)) / size).astype(np.float32))
        further = {"strides": (step, step), "dilation": (1, 1), "padding": "same", "activation": activation}
        return self.add("depthwise_conv", x, taps, self.weight(self.width(x)), **further)

    def sum(self, x: str, y: str) -> str:
        return self.add("binary", x, y, kind="add")


def products(toy: Drawn) -> str:
    """Rows of a batch or of a sample, a wide product among them, and what was made before it."""
    large = toy.rng.random() < 0.5
    rows = toy.near(448, 560, 672) if large else toy.near(8, 14, 48, 84, 96, 112, 224)
    depth = toy.near(256, 512) if large else toy.size(64, 256, 512)
    samples = toy.rng.random() < 0.7
    x = toy.input(rows, depth) if samples else toy.input(depth)
    toy.batch = toy.upto(2) if samples else rows
    early = toy.product(x, toy.upto(40), toy.function())
    wide = toy.product(x, toy.near(512, 544, 576) if large else toy.size(16, 64, 128, 512), toy.function())
    return toy.sum(toy.product(wide, toy.width(early)), early)


def narrow(toy: Drawn) -> str:
    x = toy.input(*([toy.upto(150)] if toy.rng.random() < 0.3 else []), toy.upto(64))
    toy.batch = toy.near(1, 8, 16, 17, 32, 64, 112, 224, 600)
    for _ in range(toy.upto(9, 2)):
        x = toy.product(x, toy.size(1, 4, 8, 16, 64) % 65 + 1, toy.function())
    return x


def windows(toy: Drawn) -> str:
    x = toy.input(toy.upto(33), toy.upto(33), toy.size(3, 8, 16, 32, 64))
    toy.batch = toy.upto(3)
    for _ in range(2):
        size = int(toy.rng.choice([1, 3, 3, 5, 7, 9]))
        step, apart = [(1, 1), (1, 1), (2, 1), (3, 1), (1, 2)][toy.upto(4, 0)]
        x = toy.window(x, toy.size(8, 16, 32, 64, 96), size, toy.function(), step, apart)
        x = toy.sum(toy.window(x, toy.width(x), size), x)
    return x


def blocks(toy: Drawn) -> str:
    """An inverted residual with a gate."""
    x = toy.input(toy.near(7, 14, 28), toy.near(7, 14, 28), toy.size(16, 24, 32))
    toy.batch = toy.upto(2)
    kind, size, step = toy.function(), int(toy.rng.choice([3, 5, 7])), toy.upto(2)
    y = toy.depthwise(toy.window(x, toy.near(48, 96, 144, 192), 1, kind), size, kind, step)
    if toy.rng.random() < 0.6:
        mean = toy.add("reduce", y, kind="mean", axes=(1, 2), keepdims=True)
        gate = toy.window(toy.window(mean, toy.upto(9), 1, "relu"), toy.width(y), 1, "sigmoid")
        y = toy.add("binary", y, gate, kind="multiply")
    y = toy.window(y, toy.width(x))
    return y if step == 2 else toy.sum(y, x)


def attention(toy: Drawn) -> str:
    x, heads, toy.batch = toy.input(toy.size(16, 64, 128), toy.size(32, 64)), toy.upto(4), toy.upto(3)
    sizes = [toy.near(8, 16, 32)] * 2 + [toy.near(8, 16, 32)]
    parts = [toy.product(x, heads * size) for size in sizes]
    q, k, v = (
        toy.add("reshape", part, target=(("x", 0), ("x", 1), heads, size))
        for part, size in zip(parts, sizes, strict=True)
    )
    scores = toy.add("einsum", k, q, equation="aecd,abcd->acbe")
    scores = toy.add("binary", scores, toy.constant(np.float32(sizes[0] ** -0.5)), kind="multiply")
    y = toy.add("einsum", toy.add("activation", scores, kind="softmax"), v, equation="acbe,aecd->abcd")
    return toy.sum(toy.product(toy.add("reshape", y, target=(("x", 0), ("x", 1), -1)), toy.width(x)), x)


FAMILIES: dict[str, Callable[[Drawn], str]] = {
    "attention": attention,
    "blocks": blocks,
    "narrow": narrow,
    "products": products,
    "windows": windows,
}


@pytest.mark.parametrize("seed", range(32))
@pytest.mark.parametrize("family", FAMILIES)
def test_drawn_sizes(family: str, seed: int) -> None:
    toy = Drawn(seed)
    graph = toy.graph(FAMILIES[family](toy))
    feed = toy.feed(graph)
    (wanted,) = compile_plan(graph, "numpy").run([array.astype(np.float64) for array in feed])
    (single,) = compile_plan(graph, "numpy").run(feed)
    scale = max(1.0, float(np.max(np.abs(wanted))))
    tolerance = max(TOLERANCE * scale, 4 * float(np.max(np.abs(single - wanted))))
    results = [compile_plan(graph, threads=threads).run(feed)[0] for threads in (1, 2)]
    np.testing.assert_allclose(results[0], wanted, rtol=0, atol=tolerance)
    np.testing.assert_array_equal(results[1], results[0])
    assert kernels.active() is None or all(step.native is not None for step in compile_plan(graph).steps)

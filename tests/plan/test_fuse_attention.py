"""Attention as one kernel: which graphs it is found in, and what it computes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graph.toy import Toy
from kmin.graph.ir import Graph
from kmin.ops import kernels
from kmin.plan.compile import compile_plan
from kmin.plan.fuse_attention import fuse_attention

pytestmark = pytest.mark.skipif(len(kernels.AVAILABLE) == 1, reason="no compiled kernels in this install")
TIERS = kernels.AVAILABLE[1:]
LOWEST = -0.7 * 3.38953e38


def scalar(toy: Toy, value: float) -> str:
    return toy.constant(np.float32(value))


def seen_by(toy: Toy, mask: str, q: str, k: str, sizes: tuple[int, int]) -> str | None:
    """Masks of every sort, over [batch, heads, queries, keys]."""
    queries, keys = sizes
    band = {"causal": (True, None), "window": (False, 3), "causal window": (True, 4)}.get(mask.removesuffix(" padded"))
    found = []
    if "padded" in mask or mask == "keys":
        given = toy.input(keys, name="mask", dtype="bool")
        found.append(toy.add("reshape", given, target=(("x", 0), 1, ("x", 1))))
    if mask == "queries":
        given = toy.input(queries, name="mask", dtype="bool")
        found.append(toy.add("reshape", given, target=(("x", 0), ("x", 1), 1)))
    if mask == "pairs":
        found.append(toy.input(queries, keys, name="mask", dtype="bool"))
    if band is not None:
        found.append(toy.add("attention_band", q, k, causal=band[0], window=band[1], axes=(1, 1)))
    if mask == "heads":
        return toy.input(2, queries, keys, name="mask", dtype="bool")
    if not found:
        return None
    joined = found[0]
    for further in found[1:]:
        joined = toy.add("binary", joined, further, kind="logical_and")
    return toy.add("reshape", joined, target=(("x", 0), 1, ("x", 1), ("x", 2)))


def heads(
    mask: str = "none", style: str = "low", sizes: tuple[int, int] = (19, 37), repeats: int = 1, width: int = 9
) -> Graph:
    """Two heads, as the lowering of MultiHeadAttention spells them in Keras 3 (`low`, `zero`) and 2 (`add`)."""
    toy = Toy()
    queries, keys = sizes
    shared = 2 // repeats
    q, k = toy.input(queries, 2, width, name="q"), toy.input(keys, shared, width, name="k")
    v = toy.input(keys, shared, width + 4, name="v")
    seen = seen_by(toy, mask, q, k, sizes)
    if repeats > 1:
        k, v = (toy.add("repeat", x, count=repeats, axis=2) for x in (k, v))
    factor = scalar(toy, 0.3)
    if style == "low":
        x = toy.add("einsum", k, q, equation="aecd,abcd->acbe")
        x = toy.add("binary", x, factor, kind="multiply")
    else:
        x = toy.add("einsum", k, toy.add("binary", q, factor, kind="multiply"), equation="aecd,abcd->acbe")
    if seen is not None and style == "add":
        kept = toy.add("cast", seen, dtype="float32")
        away = toy.add(
            "binary", toy.add("binary", scalar(toy, 1), kept, kind="subtract"), scalar(toy, -1e9), kind="multiply"
        )
        x = toy.add("binary", x, away, kind="add")
    elif seen is not None:
        x = toy.add("where", seen, x, scalar(toy, LOWEST if style == "low" else -1e9))
    x = toy.add("activation", x, kind="softmax")
    if seen is not None and style == "zero":
        x = toy.add("where", seen, x, scalar(toy, 0))
    return toy.graph(toy.add("einsum", x, v, equation="acbe,aecd->abcd"))


def flat(mask: str = "none") -> Graph:
    """One head, as the Attention layer spells it."""
    toy = Toy()
    q, k, v = (toy.input(size, 33, name=name) for size, name in ((5, "q"), (20, "k"), (20, "v")))
    x = toy.add("einsum", q, k, equation="axz,ayz->axy")
    if mask != "none":
        seen = toy.add("attention_band", q, k, causal=True, axes=(1, 1))
        if mask == "keys":
            given = toy.add("reshape", toy.input(20, name="mask", dtype="bool"), target=(("x", 0), 1, ("x", 1)))
            seen = toy.add("binary", given, seen, kind="logical_and")
        x = toy.add("where", seen, x, toy.add("binary", x, scalar(toy, 1e9), kind="subtract"))
    return toy.graph(toy.add("einsum", toy.add("activation", x, kind="softmax"), v, equation="axy,ayz->axz"))


MASKS = ("none", "causal", "window", "causal window", "causal padded", "keys", "queries", "pairs", "heads")
GRAPHS: dict[str, Any] = {
    **{f"{style}, {mask}": (heads, (mask, style)) for style in ("low", "zero", "add") for mask in MASKS},
    **{f"flat, {mask}": (flat, (mask,)) for mask in ("none", "causal", "keys")},
    "repeated heads": (heads, ("keys", "low", (19, 37), 2)),
    "one query": (heads, ("causal", "low", (1, 37))),
    "one key": (heads, ("none", "low", (19, 1))),
    "more queries than keys": (heads, ("causal", "low", (150, 40), 1, 64)),
    "long": (heads, ("causal", "low", (130, 700), 1, 64)),
}


def feed(graph: Graph, rows: int) -> list[np.ndarray]:
    """Seeded inputs; the first sample's mask takes out everything."""
    rng = np.random.default_rng(3)
    arrays = []
    for tensor in graph.inputs:
        spec = graph.specs[tensor]
        shape = [rows, *(size or 0 for size in spec.shape[1:])]
        if spec.dtype == "bool":
            mask = rng.random(shape) < 0.6
            mask[:1] = False
            arrays.append(mask)
        else:
            arrays.append(rng.normal(size=shape).astype(spec.dtype))
    return arrays


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("tier", TIERS)
def test_is_found_and_right(tier: str, name: str) -> None:
    make, arguments = GRAPHS[name]
    graph = make(*arguments)
    chosen = kernels.tier(tier)
    assert chosen is not None
    fused, bounds = fuse_attention(graph, chosen)
    assert [node.op for node in fused.nodes if node.op != "binary"][-1] == "attention"
    assert len(bounds) == 1
    native, truth = compile_plan(graph, tier, 1), compile_plan(graph, "numpy")
    for rows in (0, 1, 3):
        (got,), (wanted,) = native.run(feed(graph, rows)), truth.run(feed(graph, rows))
        assert got.shape == wanted.shape
        np.testing.assert_allclose(got, wanted, rtol=2e-5, atol=1e-5)


@pytest.mark.parametrize("tier", TIERS)
def test_threads_and_neighbours_change_no_bit(tier: str) -> None:
    graph = heads("causal padded", "low", (150, 150), 1, 64)
    arrays = feed(graph, 3)
    one, two = (compile_plan(graph, tier, threads) for threads in (1, 2))
    (whole,) = one.run(arrays)
    np.testing.assert_array_equal(whole, two.run(arrays)[0])
    np.testing.assert_array_equal(whole[1:2], two.run([array[1:2] for array in arrays])[0])


@pytest.mark.parametrize("tier", TIERS)
def test_accuracy(tier: str) -> None:
    graph = heads("causal", "low", (100, 400), 1, 64)
    arrays = feed(graph, 2)
    q, k, v = (array.astype(np.float64) for array in arrays)
    scores = np.einsum("aecd,abcd->acbe", k, q) * np.float64(np.float32(0.3))
    scores = np.where(np.tri(100, 400, dtype=bool), scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    exact = np.einsum("acbe,aecd->abcd", weights / weights.sum(axis=-1, keepdims=True), v)
    errors = [np.abs(compile_plan(graph, name).run(arrays)[0] - exact).max() for name in (tier, "numpy")]
    assert errors[0] <= 2 * errors[1]


def test_scores_that_are_read_elsewhere_stay() -> None:
    toy = Toy()
    q = toy.input(5, 8)
    weights = toy.add("activation", toy.add("einsum", q, q, equation="axz,ayz->axy"), kind="softmax")
    graph = toy.graph(toy.add("einsum", weights, q, equation="axy,ayz->axz"), weights)
    chosen = kernels.tier(TIERS[-1])
    assert chosen is not None
    assert fuse_attention(graph, chosen) == (graph, {})


def test_two_softmax_axes_and_free_sizes_stay() -> None:
    chosen = kernels.tier(TIERS[-1])
    assert chosen is not None
    for size, axes in ((5, (1, 2)), (None, (2,))):
        toy = Toy()
        q = toy.input(size, 8)
        weights = toy.add("softmax", toy.add("einsum", q, q, equation="axz,ayz->axy"), axes=axes)
        graph = toy.graph(toy.add("einsum", weights, q, equation="axy,ayz->axz"))
        assert fuse_attention(graph, chosen) == (graph, {})

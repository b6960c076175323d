"""Sums run inside the product or convolution before them when nothing else reads it, and give the same."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from plan.beside_numpy import TIERS, planned

from graph.toy import Toy

BATCHES = (0, 1, 2, 9, 40)


def residual(toy: Toy, x: str, activation: str | None) -> str:
    y = toy.add("binary", toy.dense(toy.dense(x, 40, activation="relu"), 12), x, kind="add")
    return y if activation is None else toy.add("activation", y, kind=activation)


def image(toy: Toy, size: int) -> str:
    x = toy.input(6, 5, 8)
    kernel = toy.constant((toy.rng.normal(size=(size, size, 8, 8)) / size / 4).astype(np.float32))
    y = toy.add("conv", x, kernel, toy.weight(8), strides=(1, 1), dilation=(1, 1), padding="same")
    return toy.add("activation", toy.add("binary", x, y, kind="add"), kind="relu6")


def around(toy: Toy, groups: int, *sizes: int) -> str:
    """A convolution of groups of channels, or of any number of axes, around which its image goes."""
    x, ones = toy.input(*sizes, 38), (1,) * len(sizes)
    kernel = toy.constant((toy.rng.normal(size=(*(3,) * len(sizes), 38 // groups, 38)) / 19).astype(np.float32))
    further = {"strides": ones, "dilation": ones, "padding": "same", "groups": groups}
    return toy.add("binary", toy.add("conv", x, kernel, toy.weight(38), **further), x, kind="add")


def shortcut(toy: Toy) -> str:
    """Both summands are products: the later one takes the sum."""
    x = toy.input(7)
    return toy.add("binary", toy.dense(x, 33), toy.dense(toy.dense(x, 9), 33), kind="add")


FUSED: dict[str, Callable[[Toy], str]] = {
    "alone": lambda toy: residual(toy, toy.input(12), None),
    "relu": lambda toy: residual(toy, toy.input(12), "relu"),
    "tanh": lambda toy: residual(toy, toy.dense(toy.input(5), 12), "tanh"),
    "softmax is apart": lambda toy: residual(toy, toy.input(12), "softmax"),
    "conv": lambda toy: image(toy, 3),
    "groups": lambda toy: around(toy, 2, 6, 5),
    "pointwise": lambda toy: image(toy, 1),
    "shortcut": shortcut,
    "volume": lambda toy: around(toy, 1, 3, 2, 5),
}


def spread(toy: Toy) -> str:
    return toy.add("binary", toy.dense(toy.input(3), 4), toy.constant(np.ones(4, np.float32)), kind="add")


def doubled(toy: Toy) -> str:
    y = toy.dense(toy.input(3), 4)
    return toy.add("binary", y, y, kind="add")


def read_twice(toy: Toy) -> str:
    x = toy.input(4)
    y = toy.dense(x, 4)
    return toy.add("binary", toy.add("binary", y, x, kind="add"), y, kind="multiply")


def activated_before(toy: Toy) -> str:
    x = toy.input(4)
    return toy.add("binary", toy.dense(x, 4, activation="relu"), x, kind="add")


APART: dict[str, Callable[[Toy], str]] = {
    "a constant": spread,
    "itself": doubled,
    "read twice": read_twice,
    "activated before": activated_before,
}


@pytest.mark.parametrize("case", FUSED)
@pytest.mark.parametrize("name", TIERS)
def test_fused(name: str, case: str) -> None:
    toy = Toy()
    lines = str(planned(toy.graph(FUSED[case](toy)), name, BATCHES))
    assert "+residual" in lines
    assert ":add(" not in lines


@pytest.mark.parametrize("case", APART)
@pytest.mark.parametrize("name", TIERS)
def test_left_apart(name: str, case: str) -> None:
    toy = Toy()
    assert "+residual" not in str(planned(toy.graph(APART[case](toy)), name, BATCHES))

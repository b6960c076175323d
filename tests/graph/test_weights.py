"""Weights: shared, released, copied and pickled."""

from __future__ import annotations

import mmap
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kmin.graph.mapped import PIECE_BYTES, mapped_file
from kmin.graph.weights import Weights
from kmin.ops.tensor import Array


def mapped(path: Path, count: int) -> Array:
    np.arange(count, dtype=np.float32).tofile(path)
    with path.open("rb") as file:
        return np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), np.float32)


def test_what_is_made_from_weights_shares_their_arrays() -> None:
    array = np.arange(3)
    weights = Weights({"a": array, "b": np.zeros(2)})
    twin, part = Weights(weights), weights.only({"a", "c"})
    assert (list(part), len(twin), "b" in part, "b" in twin) == (["a"], 2, False, True)
    weights.release("a", lambda: np.arange(3) + 10)
    for each in (weights, twin, part):
        np.testing.assert_array_equal(each["a"], [10, 11, 12])
    twin["a"] = array
    assert weights["a"] is not array
    assert twin["a"] is array


def test_pickling_holds_the_values(tmp_path: Path) -> None:
    weights = Weights({"a": mapped(tmp_path / "a", 10), "b": np.zeros(2)})
    weights.release("b", lambda: np.ones(2))
    again = pickle.loads(pickle.dumps(weights))
    assert mapped_file(again["a"]) is None
    np.testing.assert_array_equal(again["a"], np.arange(10))
    np.testing.assert_array_equal(again["b"], np.ones(2))


@pytest.mark.parametrize("count", [1, 1000, PIECE_BYTES // 4 * 3 + 5])
def test_owning_copies_what_lies_in_a_file(tmp_path: Path, count: int) -> None:
    there, other = mapped(tmp_path / "a", count), np.zeros(2)
    weights = Weights(
        {"flat": there, "square": there[: count // 2 * 2].reshape(2, -1), "none": there[:0], "own": other}
    )
    for name in weights:
        weights.own(name)
        assert mapped_file(weights[name]) is None
    assert weights["own"] is other
    np.testing.assert_array_equal(weights["flat"], np.arange(count))
    np.testing.assert_array_equal(weights["square"].reshape(-1), np.arange(count // 2 * 2))
    np.testing.assert_array_equal(there, np.arange(count))


def test_what_is_asked_late_is_released_or_copied(tmp_path: Path) -> None:
    there, other = mapped(tmp_path / "a", 10), mapped(tmp_path / "b", 10)
    weights = Weights({"a": there, "b": other, "own": np.zeros(2)})
    twin = Weights(weights)
    asked: list[Array] = []

    def made(array: Array) -> Callable[[], Array]:
        asked.append(array)
        return lambda: np.arange(10, dtype=np.float32)

    weights.release_late("a", made)
    weights.release_late("b", lambda _: None)
    weights.release_late("own", made)
    assert twin["a"] is there
    for name in twin:
        twin.own(name)
    assert len(asked) == 1
    assert asked[0] is there
    assert weights["a"] is not weights["a"]
    assert weights["b"] is weights["b"]
    assert mapped_file(weights["b"]) is None
    for name in "ab":
        np.testing.assert_array_equal(weights[name], np.arange(10))

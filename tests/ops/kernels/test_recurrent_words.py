"""Recurrent layers over rows of a table, which keep what they have projected: the same answers, bit for bit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, close, numbers, tier_named
from ops.kernels.test_bind_recurrent import CELLS, Layer, bind

from kmin.ops import OPS
from kmin.ops.tensor import Array

WORDS = 60


class Words:
    """A layer of the tier over words of a table: what it keeps is its own."""

    def __init__(self, layer: Layer, name: str, words: int = WORDS, wrap: bool = False, dtype: str = "int32") -> None:
        from kmin.ops.kernels import _recurrent

        self.layer, self.name, self.wrap = layer, name, wrap
        self.table, self.arrays = numbers(11, words, layer.features), layer.arrays()
        self.ids = np.random.default_rng(12).integers(0, words, (layer.rows, layer.steps)).astype(dtype)
        self.bound, self.results = bind(layer, name, self._beside(self.ids))
        self.kernel = _recurrent.of_words(tier_named(name), self.bound.kernels[0], self.table, dtype, wrap)

    def _beside(self, ids: Array) -> list[Array | None]:
        return [self.table[ids], *self.arrays[1:]]

    def __call__(self, ids: Array, threads: int = 1, kernel: Any = None) -> list[Array]:
        """What the kernel makes of ids, or of their rows when the kernel it was made of is given."""
        made = [np.full((len(ids), *(s or 0 for s in spec.shape[1:])), np.nan, np.float32) for spec in self.results]
        reads = [ids if at == 0 and kernel is None else self._beside(ids)[at] for at in self.bound.reads]
        (kernel or self.kernel)(*(array for array in reads if array is not None), *made, threads=threads)
        return made

    def wanted(self, ids: Array) -> list[Array]:
        return list(OPS[self.layer.op].run(self._beside(ids), self.layer.attrs()))


def check(words: Words, tolerance: float = 2e-6) -> None:
    """NumPy's results, and those of the kernel over the rows, at first, again, and on two threads."""
    ids = words.ids
    rows = words(ids, kernel=words.bound.kernels[0])
    for threads in (1, 2, 1):
        for mine, plain, exact in zip(words(ids, threads), rows, words.wanted(ids), strict=True):
            np.testing.assert_array_equal(mine, plain)
            close(mine, exact, tolerance)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", TIERS)
def test_sizes(name: str, cell: str) -> None:
    for units in (1, 17, 40, 128):
        for rows in (0, 1, 2, 5, 14):
            check(Words(Layer(cell, units, rows=rows), name))
    for steps, features in ((1, 1), (2, 33), (2, 700), (30, 3)):
        for rows in (1, 3):
            check(Words(Layer(cell, 20, steps, features, rows), name))


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("sequences", [False, True])
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", TIERS)
def test_masks_states_and_orders(name: str, cell: str, sequences: bool, backwards: bool) -> None:
    options = (("go_backwards", backwards), ("return_sequences", sequences))
    for masked in (False, True):
        for rows in (1, 4):
            check(Words(Layer(cell, 19, 7, 3, rows, masked, not masked, options=options), name))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", TIERS)
def test_long_sequences_are_looked_up_in_parts(name: str, cell: str) -> None:
    for backwards in (False, True):
        for rows in (1, 7):
            options = (("go_backwards", backwards), ("return_sequences", True))
            check(Words(Layer(cell, 130, 301, 5, rows, options=options), name, 400), 1e-5)


@pytest.mark.parametrize("name", TIERS)
def test_more_words_than_are_kept(name: str) -> None:
    words = Words(Layer("lstm", 256, 40, 2, 1), name, 3000)
    kept = words.kernel.constant_bytes - words.bound.kernels[0].constant_bytes - words.table.nbytes
    assert kept < 3000 * 4 * 4 * 256  # there is no room for all
    for seed in range(90):
        ids = np.random.default_rng(seed).integers(0, 3000, (1, 40)).astype(np.int32)
        for mine, plain in zip(words(ids), words(ids, kernel=words.bound.kernels[0]), strict=True):
            np.testing.assert_array_equal(mine, plain)


@pytest.mark.parametrize("dtype", ["int32", "int64"])
@pytest.mark.parametrize("name", TIERS)
def test_ids_of_both_widths_and_from_the_end(name: str, dtype: str) -> None:
    words = Words(Layer("gru", 24), name, wrap=True, dtype=dtype)
    words.ids[0, :3] = -1, -WORDS, WORDS - 1
    check(words)


@pytest.mark.parametrize("dtype", ["int32", "int64"])
@pytest.mark.parametrize("name", TIERS)
def test_ids_outside_are_refused(name: str, dtype: str) -> None:
    for rows in (1, 8):
        for wrong, wrap in ((WORDS, False), (-1, False), (-WORDS - 1, True), (np.iinfo(dtype).min, True)):
            words = Words(Layer("lstm", 20, rows=rows), name, wrap=wrap, dtype=dtype)
            ids = words.ids.copy()
            ids[-1, 4] = wrong
            with pytest.raises(ValueError, match="refuses"):
                words(ids)
            check(words)


@pytest.mark.parametrize("name", TIERS)
def test_calls_at_once_keep_the_same_words(name: str) -> None:
    words = Words(Layer("lstm", 40, 12, 8, 64), name, 400)
    rows = words(words.ids, kernel=words.bound.kernels[0])[0]
    samples = [words.ids[at : at + 1] for at in range(64)]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            fresh = Words(Layer("lstm", 40, 12, 8, 64), name, 400)
            for at, made in enumerate(pool.map(fresh, samples)):
                np.testing.assert_array_equal(made[0], rows[at : at + 1])


@pytest.mark.parametrize("name", TIERS)
def test_nan_in_a_word_stays_in_its_samples(name: str) -> None:
    words = Words(Layer("lstm", 20, rows=5), name)
    words.ids[words.ids == 7] = 8
    words.ids[2, 4] = 7
    words.table[7, 1] = np.nan
    for _ in range(2):
        y = words(words.ids)[0]
        assert np.isnan(y[2, 4:]).all()
        assert np.isfinite(y[[0, 1, 3, 4]]).all()

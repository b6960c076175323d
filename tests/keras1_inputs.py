"""Seeded inputs for the published Keras 1 files, the same under every Python and NumPy (3.6 and 1.16 included)."""

import zlib

import numpy as np


def inputs_for(name, shapes, words):  # type: ignore[no-untyped-def]
    """One float32 array of 4 samples per input; `words` is the size of the vocabulary, 0 for none.

    Inputs of (1002, 5 or 6) are DNA: four bases, whether a place can be mapped (with 6), and a signal that is smooth
    along the strand; the second such input is the other strand of the first.
    """
    state = np.random.RandomState(zlib.crc32(name.encode()) & 0xFFFFFFFF)
    arrays = []
    for shape in shapes:
        sizes = [4] + [12 if size is None else size for size in shape[1:]]
        if words:
            array = state.randint(0, words, sizes)
        elif sizes[1] == 1002:
            paired = [3, 2, 1, 0, 4, 5][: sizes[2]]
            array = strand(state, sizes) if not arrays else arrays[0][:, ::-1, paired]
        else:
            array = state.normal(size=sizes)
        arrays.append(np.ascontiguousarray(array, dtype="float32"))
    return arrays


def strand(state, sizes):  # type: ignore[no-untyped-def]
    """One-hot bases, then the tracks beside them."""
    bases = np.eye(4)[state.randint(0, 4, sizes[:2])]
    signal = np.abs(np.cumsum(state.normal(size=sizes[:2]), axis=1)) / 10
    mapped = state.uniform(size=sizes[:2]) < 0.9
    return np.concatenate([bases, np.stack([mapped, signal], axis=2)[:, :, 6 - sizes[2] :]], axis=2)

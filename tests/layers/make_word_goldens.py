"""Writes goldens/words.keras<2|3>.{keras,npz}: a model of adapted lookup layers as Keras saves it, and what it gives.

python tests/layers/make_word_goldens.py
"""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_USE_LEGACY_KERAS", "0")

import keras
import numpy as np
import tensorflow as tf

DIALECT = int(keras.__version__.split(".")[0])
HERE = Path(__file__).resolve().parent / "goldens"


def adapted(name: str, data: list[object], **keywords: object):
    """A layer that has read its vocabulary off the data."""
    layer = getattr(keras.layers, name)(**keywords)
    layer.adapt(np.array(data)[:, None])
    return layer


def main() -> None:
    texts, words, numbers = ["the cat sat", "the cat", "the é mat"], ["the", "cat", "the"], [3, 5, 3]
    x, n = keras.Input((1,), dtype="string", name="text"), keras.Input((1,), dtype="int64", name="number")
    sequence = adapted("TextVectorization", texts, output_sequence_length=4)
    inner = keras.Model(x, [sequence(x), adapted("TextVectorization", texts, output_mode="tf_idf")(x)], name="inner")
    outputs = [
        *inner(x),
        adapted("StringLookup", words)(x),
        adapted("StringLookup", words, output_mode="tf_idf")(x),
        adapted("IntegerLookup", numbers, output_mode="one_hot")(n),
        sequence(x),
    ]
    model = keras.Model([x, n], outputs)
    model.save(HERE / f"words.keras{DIALECT}.keras")
    data = {"x/0": np.char.encode(np.array([["the cat sat"], ["the"], ["cat é"], ["zz"]]), "utf-8")}
    data["x/1"] = np.array([[3], [5], [9], [3]])
    results = model([tf.constant(data["x/0"]), tf.constant(data["x/1"])])
    np.savez_compressed(
        HERE / f"words.keras{DIALECT}.npz", **data, **{f"y/{i}": np.asarray(y) for i, y in enumerate(results)}
    )


if __name__ == "__main__":
    main()

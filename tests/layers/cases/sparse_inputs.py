"""Input(sparse=True): Keras' predict takes dense arrays there, too, and gives dense results."""

from . import case


def read_by(*layers, dtype="float32", size=6):
    def make(k):
        x = y = k.Input((size,), dtype=dtype, sparse=True)
        for layer in layers:
            y = layer(k)(y)
        return k.Model(x, y)

    return make


def joined(k):
    x = k.Input((6,), sparse=True)
    both = k.layers.Concatenate()([k.layers.Multiply()([x, x]), k.layers.Add()([x, x])])
    return k.Model(x, k.layers.Dense(3)(k.layers.Dropout(0.3)(both)))


CASES = [
    case("dense", read_by(lambda k: k.layers.Dense(3, activation="relu")), (3, 6)),
    case(
        "embedding",
        read_by(lambda k: k.layers.Embedding(7, 3), dtype="int32"),
        (3, 6),
        vocab=7,
        dtype="int32",
        dialects=(3,),
    ),
    case("handed_on", read_by(lambda k: k.layers.Reshape((2, 3)), lambda k: k.layers.Flatten()), (3, 6), dialects=(3,)),
    case("joined", joined, (3, 6), dialects=(3,)),
]

"""Dense, Activation, dropout and the like."""

from . import case

CASES = [
    case("dense", lambda k: k.layers.Dense(4), (3, 5)),
    case("dense_relu", lambda k: k.layers.Dense(4, activation="relu"), (3, 5)),
    case("dense_no_bias", lambda k: k.layers.Dense(4, use_bias=False), (3, 5)),
    case("dense_rank3", lambda k: k.layers.Dense(4), (3, 2, 5)),
]

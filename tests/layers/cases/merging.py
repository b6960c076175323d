"""Add, Subtract, Multiply, Average, Maximum, Minimum, Concatenate and Dot; masks among their inputs included."""

from . import case


def _merge(name: str, **keywords):
    return lambda k: getattr(k.layers, name)(**keywords)


def _masked(name: str, masked=(True, True), axis=None, length=4):
    """Two or three embeddings joined, then an LSTM that listens to the mask."""

    def make(k):
        inputs = [k.Input((length,), dtype="int32") for _ in masked]
        parts = [k.layers.Embedding(9, 3, mask_zero=m)(x) for x, m in zip(inputs, masked, strict=True)]
        layer = getattr(k.layers, name)(**({} if axis is None else {"axis": axis}))
        return k.Model(inputs, k.layers.LSTM(2, return_sequences=True)(layer(parts)))

    return make


def _masked_values(name: str, masked=(True, True)):
    """Two or three embeddings joined: the values themselves."""

    def make(k):
        inputs = [k.Input((4,), dtype="int32") for _ in masked]
        parts = [k.layers.Embedding(9, 3, mask_zero=m)(x) for x, m in zip(inputs, masked, strict=True)]
        return k.Model(inputs, getattr(k.layers, name)()(parts))

    return make


def _with_itself(k):
    x = k.Input((4,))
    return k.Model(x, k.layers.Add()([x, x]))


_IDS = {"vocab": 9, "low": 0, "dtype": "int32"}
_ALL = ("Add", "Multiply", "Average", "Maximum", "Minimum")


def _constant(kind, shape):
    """An array, which is in the file, among the inputs."""

    def make(k):
        import numpy as np

        x = k.Input((4,))
        array = np.random.default_rng(2).normal(size=shape)
        return k.Model(x, k.layers.Dense(3)(getattr(k.layers, kind)()([x, array])))

    return make


CASES = [
    *[case(f"{name.lower()}", _merge(name), (3, 4), (3, 4)) for name in (*_ALL, "Subtract")],
    *[case(f"{name.lower()}_three", _merge(name), (2, 3, 4), (2, 3, 4), (2, 3, 4)) for name in _ALL],
    *[case(f"{name.lower()}_broadcast", _merge(name), (2, 3, 4), (2, 1, 4)) for name in (*_ALL, "Subtract")],
    *[case(f"{name.lower()}_ranks", _merge(name), (2, 3, 4), (2, 4)) for name in (*_ALL, "Subtract")],
    *[case(f"{name.lower()}_ranks_first_small", _merge(name), (2, 1), (2, 3, 3, 4)) for name in (*_ALL, "Subtract")],
    *[case(f"{name.lower()}_rank1", _merge(name), (2, 5, 4), (2, 1), (2, 4)) for name in _ALL],
    *[case(f"{name.lower()}_large", _merge(name), (3, 4), (3, 4), scale=1e4) for name in _ALL],
    case("add_five", _merge("Add"), (2, 3), (2, 3), (2, 3), (2, 3), (2, 3)),
    case("add_with_itself", _with_itself, (2, 4)),
    case("add_integers", _merge("Add"), (2, 3), (2, 3), vocab=9, dtype="int32"),
    case("maximum_integers", _merge("Maximum"), (2, 3), (2, 3), vocab=9, low=-9, dtype="int32"),
    case("concatenate", _merge("Concatenate"), (2, 3), (2, 4)),
    case("concatenate_three", _merge("Concatenate"), (2, 3, 1), (2, 3, 4), (2, 3, 2)),
    case("concatenate_axis1", _merge("Concatenate", axis=1), (2, 3, 4), (2, 5, 4)),
    case("concatenate_axis_minus2", _merge("Concatenate", axis=-2), (2, 3, 4), (2, 1, 4)),
    case("concatenate_channels_first", _merge("Concatenate", axis=1), (2, 3, 4, 5), (2, 2, 4, 5)),
    case("concatenate_integers", _merge("Concatenate"), (2, 3), (2, 2), vocab=9, dtype="int32"),
    case("dot_vectors", _merge("Dot", axes=1), (3, 4), (3, 4)),
    case("dot_vectors_minus1", _merge("Dot", axes=-1), (3, 4), (3, 4)),
    case("dot_normalize", _merge("Dot", axes=1, normalize=True), (3, 4), (3, 4)),
    case("dot_normalize_rank3", _merge("Dot", axes=2, normalize=True), (2, 3, 4), (2, 5, 4)),
    case("dot_normalize_tiny", _merge("Dot", axes=1, normalize=True), (3, 4), (3, 4), scale=1e-4),
    case("dot_matrices", _merge("Dot", axes=(2, 1)), (2, 3, 4), (2, 4, 5)),
    case("dot_matrices_ends", _merge("Dot", axes=-1), (2, 3, 4), (2, 5, 4)),
    case("dot_matrices_front", _merge("Dot", axes=1), (2, 4, 3), (2, 4, 5)),
    case("dot_matrices_front_back", _merge("Dot", axes=(1, 2)), (2, 4, 3), (2, 5, 4)),
    case("dot_matrix_vector", _merge("Dot", axes=(2, 1)), (2, 3, 4), (2, 4)),
    case("dot_vector_matrix", _merge("Dot", axes=(1, 2)), (2, 4), (2, 3, 4)),
    case("dot_rank4", _merge("Dot", axes=(3, 2)), (2, 3, 2, 4), (2, 5, 4)),
    case("dot_rank4_both", _merge("Dot", axes=(2, 3)), (2, 3, 4, 2), (2, 2, 3, 4)),
    case("dot_negative_pair", _merge("Dot", axes=(-1, -2)), (2, 3, 4), (2, 4, 5)),
    *[case(f"masked_{n.lower()}", _masked(n), (3, 4), (3, 4), **_IDS) for n in ("Add", "Multiply", "Average")],
    *[case(f"masked_{n.lower()}", _masked(n), (3, 4), (3, 4), **_IDS) for n in ("Maximum", "Minimum", "Subtract")],
    *[case(f"masked_{n.lower()}_half", _masked(n, (True, False)), (3, 4), (3, 4), **_IDS) for n in _ALL],
    *[case(f"masked_values_{n.lower()}", _masked_values(n), (3, 4), (3, 4), **_IDS) for n in _ALL],
    *[
        case(f"masked_values_{n.lower()}_mixed", _masked_values(n, (True, False, True)), *[(4, 4)] * 3, **_IDS)
        for n in _ALL
    ],
    *[
        case(f"masked_values_{n.lower()}_last", _masked_values(n, (False, True, True)), *[(4, 4)] * 3, **_IDS)
        for n in _ALL
    ],
    case("masked_concatenate", _masked("Concatenate"), (3, 4), (3, 4), **_IDS),
    case("masked_concatenate_half", _masked("Concatenate", (True, False)), (3, 4), (3, 4), **_IDS),
    case("masked_concatenate_time", _masked("Concatenate", axis=1), (3, 4), (3, 4), **_IDS),
    *[
        case(f"constant_{kind.lower()}", _constant(kind, shape), (3, 4), dialects=(3,))
        for kind, shape in (("Add", (1, 4)), ("Multiply", (1, 4)), ("Maximum", (3, 4)), ("Concatenate", (3, 2)))
    ],
    case("masked_dot", lambda k: _masked_dot(k), (3, 4), (3, 4), **_IDS),
]


def _masked_dot(k):
    inputs = [k.Input((4,), dtype="int32") for _ in range(2)]
    parts = [k.layers.Embedding(9, 3, mask_zero=True)(x) for x in inputs]
    return k.Model(inputs, k.layers.Dot(axes=2)(parts))

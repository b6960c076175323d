"""Flatten, Reshape, Permute and RepeatVector."""

from . import case


def _stack(k, *layers, shape, dtype="float32"):
    return k.Sequential([k.Input(shape, dtype=dtype), *layers])


CASES = [
    case("flatten", lambda k: k.layers.Flatten(), (2, 3, 4)),
    case("flatten_rank4", lambda k: k.layers.Flatten(), (2, 3, 4, 2)),
    case("flatten_rank2", lambda k: k.layers.Flatten(), (2, 3)),
    case("flatten_rank1", lambda k: k.layers.Flatten(), (4,)),
    case("flatten_channels_first", lambda k: k.layers.Flatten(data_format="channels_first"), (2, 3, 4, 5)),
    case("flatten_channels_first_rank3", lambda k: k.layers.Flatten(data_format="channels_first"), (2, 3, 4)),
    case("flatten_channels_first_rank2", lambda k: k.layers.Flatten(data_format="channels_first"), (2, 3)),
    case("flatten_unknown", lambda k: _stack(k, k.layers.Flatten(), shape=(None, 3)), (2, 4, 3)),
    case("flatten_integers", lambda k: k.layers.Flatten(), (2, 3, 4), vocab=9, dtype="int32"),
    case("reshape", lambda k: k.layers.Reshape((4, 3)), (2, 3, 4)),
    case("reshape_rest", lambda k: k.layers.Reshape((-1, 2)), (2, 3, 4)),
    case("reshape_rest_last", lambda k: k.layers.Reshape((2, -1)), (2, 3, 4)),
    case("reshape_flat", lambda k: k.layers.Reshape((-1,)), (2, 3, 4)),
    case("reshape_up", lambda k: k.layers.Reshape((1, 2, 3, 2)), (2, 12)),
    case("reshape_same", lambda k: k.layers.Reshape((3, 4)), (2, 3, 4)),
    case("reshape_image", lambda k: k.layers.Reshape((2, 3, 2)), (2, 12)),
    case("reshape_from_rank1", lambda k: k.layers.Reshape((1,)), (3,)),
    case("reshape_unknown", lambda k: _stack(k, k.layers.Reshape((-1, 2)), shape=(None, 4)), (2, 3, 4)),
    case("reshape_unknown_twice", lambda k: _stack(k, k.layers.Reshape((-1, 6)), shape=(None, None, 2)), (2, 3, 4, 2)),
    case(
        "reshape_twice", lambda k: _stack(k, k.layers.Reshape((6, 2)), k.layers.Reshape((12,)), shape=(3, 4)), (2, 3, 4)
    ),
    case("reshape_integers", lambda k: k.layers.Reshape((4, -1)), (2, 3, 4), vocab=9, dtype="int32"),
    case("permute", lambda k: k.layers.Permute((2, 1)), (2, 3, 4)),
    case("permute_three", lambda k: k.layers.Permute((3, 1, 2)), (2, 3, 4, 5)),
    case("permute_three_back", lambda k: k.layers.Permute((2, 3, 1)), (2, 3, 4, 5)),
    case("permute_four", lambda k: k.layers.Permute((4, 2, 3, 1)), (2, 3, 2, 2, 4)),
    case("permute_nothing", lambda k: k.layers.Permute((1, 2)), (2, 3, 4)),
    case("permute_one", lambda k: k.layers.Permute((1,)), (2, 3)),
    case("permute_unknown", lambda k: _stack(k, k.layers.Permute((2, 1)), shape=(None, 3)), (2, 4, 3)),
    case(
        "permute_there_and_back",
        lambda k: _stack(k, k.layers.Permute((2, 3, 1)), k.layers.ReLU(), k.layers.Permute((3, 1, 2)), shape=(3, 4, 5)),
        (2, 3, 4, 5),
    ),
    case(
        "permute_flatten_dense",
        lambda k: _stack(k, k.layers.Permute((2, 1)), k.layers.Flatten(), k.layers.Dense(2), shape=(3, 4)),
        (2, 3, 4),
    ),
    case("repeat_vector", lambda k: k.layers.RepeatVector(3), (2, 4)),
    case("repeat_vector_once", lambda k: k.layers.RepeatVector(1), (2, 4)),
    case("repeat_vector_unknown", lambda k: _stack(k, k.layers.RepeatVector(2), shape=(None,)), (2, 4)),
    case("repeat_vector_integers", lambda k: k.layers.RepeatVector(2), (2, 4), vocab=5, dtype="int32"),
]

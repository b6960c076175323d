"""CategoryEncoding and Discretization."""

from . import case

IDS = {"vocab": 6, "dtype": "int32"}
BINS = [-1.0, 0.0, 0.3, 1.2]


def _encode(*args, **keywords):
    return lambda k: k.layers.CategoryEncoding(*args, **keywords)


def _bins(*args, **keywords):
    return lambda k: k.layers.Discretization(*args, **keywords)


def _weighted(k):
    x, w = k.Input((5,), dtype="int32"), k.Input((5,))
    return k.Model([x, w], k.layers.CategoryEncoding(6, output_mode="count")(x, count_weights=w))


def _broken(k):
    return k.Sequential(
        [k.Input((4,)), k.layers.Softmax(), k.layers.Rescaling(6.0), _encode(6, output_mode="count")(k)]
    )


def _adapted(bins: int, **keywords):
    """Boundaries that were learnt: in the config of Keras 3, in a weight of Keras 2."""

    def make(k):
        import numpy as np

        layer = k.layers.Discretization(num_bins=bins, **keywords)
        layer.adapt(np.random.default_rng(0).normal(size=(60, 1)))
        return layer

    return make


CASES = [
    case("multi_hot", _encode(6), (3, 4), **IDS),
    case("multi_hot_one", _encode(6), (3, 1), **IDS),
    case("count", _encode(6, output_mode="count"), (3, 8), **IDS),
    case("one_hot", _encode(6, output_mode="one_hot"), (3, 1), **IDS),
    case("one_hot_rank1", _encode(6, output_mode="one_hot"), (3,), **IDS),
    case("one_hot_rank2", _encode(6, output_mode="one_hot"), (3, 4), dialects=(3,), **IDS),
    case("one_hot_rank3", _encode(6, output_mode="one_hot"), (3, 2, 1), dialects=(3,), **IDS),
    case("multi_hot_rank3", _encode(6), (3, 2, 4), dialects=(3,), **IDS),
    case("count_rank3", _encode(6, output_mode="count"), (3, 4, 2), dialects=(3,), **IDS),
    case("one_hot_beyond", _encode(4, output_mode="one_hot"), (8, 1), dialects=(3,), **IDS),
    case("multi_hot_beyond", _encode(4), (3, 8), dialects=(3,), **IDS),
    *[
        case(f"{mode}_floats", _encode(6, output_mode=mode), (3, size), vocab=6, dtype="float32")
        for mode, size in (("one_hot", 1), ("multi_hot", 3), ("count", 5))
    ],
    case("one_hot_broken_numbers", _encode(3, output_mode="one_hot"), (3, 4), dialects=(3,)),
    case("count_broken_numbers", _broken, (3, 4)),
    case("multi_hot_bools", _encode(3), (3, 2), dtype="bool", dialects=(3,)),
    case("count_weights", _weighted, (3, 5), (3, 5), **IDS),
    *[case(f"{m}_sparse", _encode(6, output_mode=m, sparse=True), (3, 1), **IDS) for m in ("one_hot", "multi_hot")],
    case("count_sparse", _encode(6, output_mode="count", sparse=True), (3, 5), **IDS),
    case("bins_multi_hot_sparse", _bins(BINS, output_mode="multi_hot", sparse=True), (3, 3)),
    case("bins", _bins(BINS), (3, 4)),
    case("bins_rank3", _bins(BINS), (3, 2, 4)),
    case("bins_on_boundaries", _bins([0, 1, 2, 3]), (3, 9), vocab=5, low=-1, dtype="float32"),
    case("bins_integers", _bins([0.5, 2, 3]), (3, 9), vocab=5, low=-1, dtype="int32"),
    case("bins_one_hot", _bins(BINS, output_mode="one_hot"), (6, 1)),
    case("bins_multi_hot", _bins(BINS, output_mode="multi_hot"), (3, 3)),
    case("bins_count", _bins(BINS, output_mode="count"), (3, 7)),
    case("bins_one_hot_rank2", _bins(BINS, output_mode="one_hot"), (3, 4), dialects=(3,)),
    case("discretization_adapted", _adapted(4), (3, 5)),
    case("discretization_adapted_many", _adapted(80, epsilon=0.1), (3, 5)),
    case("discretization_adapted_one_hot", _adapted(5, output_mode="one_hot"), (3, 1)),
]

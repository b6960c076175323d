"""TimeDistributed round a layer of another dtype policy: Keras 3 calls the layer past its own (Keras 3 only)."""

from . import case

_HALF = {"tolerance": 4e-3, "float64_factor": 4.0, "reason": "half precision: rounded at other places than in Keras"}
_BRAIN = {"tolerance": 2e-2, "float64_factor": 4.0, "reason": "bfloat16: rounded at other places than in Keras"}
_LAYERS = {
    "activation": (lambda k, d: k.layers.Activation("softplus", dtype=d), (2, 3, 4)),
    "batch": (lambda k, d: k.layers.BatchNormalization(dtype=d), (2, 3, 4)),
    "bidirectional": (lambda k, d: k.layers.Bidirectional(k.layers.GRU(2, dtype=d)), (2, 2, 3, 2)),
    "conv": (lambda k, d: k.layers.Conv1D(2, 2, activation="selu", dtype=d), (2, 2, 4, 2)),
    "dense": (lambda k, d: k.layers.Dense(3, activation="gelu", dtype=d), (2, 3, 4)),
    "einsum": (lambda k, d: k.layers.EinsumDense("ab,bc->ac", (3,), bias_axes="c", dtype=d), (2, 3, 4)),
    "group": (lambda k, d: k.layers.GroupNormalization(2, dtype=d), (2, 3, 4)),
    "layer": (lambda k, d: k.layers.LayerNormalization(dtype=d), (2, 3, 4)),
    "lstm": (lambda k, d: k.layers.LSTM(2, dtype=d), (2, 2, 3, 2)),
    "nested": (lambda k, d: k.layers.TimeDistributed(k.layers.Dense(2, dtype=d), dtype=d), (2, 2, 3, 4)),
    "normalization": (lambda k, d: k.layers.Normalization(mean=0.5, variance=2.0, dtype=d), (2, 3, 4)),
    "pooling": (lambda k, d: k.layers.AveragePooling1D(2, dtype=d), (2, 2, 4, 2)),
    "prelu": (lambda k, d: k.layers.PReLU(dtype=d), (2, 3, 4)),
    "rescaling": (lambda k, d: k.layers.Rescaling(0.3, 0.1, dtype=d), (2, 3, 4)),
    "root_mean_square": (lambda k, d: k.layers.RMSNormalization(dtype=d), (2, 3, 4)),
    "sequential": (lambda k, d: k.Sequential([k.layers.Dense(3), k.layers.LayerNormalization(dtype=d)]), (2, 3, 4)),
    "softmax": (lambda k, d: k.layers.Softmax(dtype=d), (2, 3, 4)),
    "spectral": (lambda k, d: k.layers.SpectralNormalization(k.layers.Dense(3, dtype=d)), (2, 3, 4)),
}


def _bins(k, d):
    return k.layers.Discretization([-20.0, -3.0, 5.0, 25.0], dtype=d)


def _near(k):
    """Values that float32 cannot tell from the boundary."""
    x = k.Input((3, 4), dtype="float64")
    layer = k.layers.TimeDistributed(k.layers.Discretization([0.5]), dtype="float64")
    return k.Model(x, layer(k.layers.Rescaling(1e-9, 0.5, dtype="float64")(x)))


def _counts(k, d):
    return k.layers.CategoryEncoding(4, output_mode="count", dtype=d)


def _normal(k, d, invert=False):
    return k.layers.Normalization(mean=1.5, variance=7.5, invert=invert, dtype=d)


def _known(k, d):
    return k.layers.IntegerLookup(vocabulary=[-1, 0, 2], oov_token=7, dtype=d)


_WEIGHTS_MUST_FIT = frozenset({"conv", "prelu"})  # where Keras refuses inputs and weights of different dtypes


def _timed(make, outer, inner):
    return lambda k: k.layers.TimeDistributed(make(k, inner), dtype=outer)


def _options(*policies):
    """The loosest row of those that the policies need."""
    if any("bfloat16" in policy for policy in policies):
        return _BRAIN
    return _HALF if any("float16" in policy for policy in policies) else {}


def _pairs(name):
    """The policies (outer, inner) that Keras can run."""
    found = [("mixed_float16", "float32")]
    if name not in _WEIGHTS_MUST_FIT:
        found += [("float32", "float16")]
    if name not in _WEIGHTS_MUST_FIT | {"bidirectional", "lstm"}:  # TensorFlow's loops fail in bfloat16 on a CPU
        found += [("float16", "bfloat16"), ("mixed_bfloat16", "float64")]
    return found


CASES = [
    case(
        f"{name}_{inner}_in_{outer}",
        _timed(make, outer, inner),
        shape,
        dialects=(3,),
        **_options(outer, inner),
    )
    for name, (make, shape) in _LAYERS.items()
    for outer, inner in _pairs(name)
] + [
    case("discretized_in_float64", _near, (2, 3, 4), dtype="float64", dialects=(3,)),
    *[
        case(f"discretized_in_{outer}", _timed(_bins, outer, None), (1, 2, 4), scale=30.0, dialects=(3,))
        for outer in ("bfloat16", "int32")
    ],
    case("counted_in_float64", _timed(_counts, "float64", None), (2, 2, 4), vocab=4, dtype="float32", dialects=(3,)),
    case("lookup_in_int32", _timed(_known, "int32", None), (2, 2, 4), scale=3.0, dialects=(3,)),
    case("normalized_integers", lambda k: _normal(k, "int64"), (3, 4), scale=9.0, dialects=(3,)),
    case("normalized_integers_back", lambda k: _normal(k, "int32", True), (3, 4), scale=9.0, dialects=(3,)),
    case("flat_integers", lambda k: k.layers.Flatten(dtype="int32"), (2, 2, 3), scale=9.0, dialects=(3,)),
    case("discretized", lambda k: k.layers.Discretization([0.1, 0.3], dtype="float16"), (3, 4), dialects=(3,)),
    case("cropped", lambda k: k.layers.RandomCrop(2, 2, dtype="float16"), (2, 4, 5, 1), dialects=(3,)),
    case(
        "hashed",
        lambda k: k.layers.Hashing(5, output_mode="multi_hot", dtype="mixed_float16"),
        (2, 3),
        vocab=9,
        dtype="int32",
        dialects=(3,),
    ),
]

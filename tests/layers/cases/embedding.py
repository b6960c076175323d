"""Embedding."""

from . import case

_IDS = {"vocab": 9, "dtype": "int32"}


def _pipeline(k, *layers):
    ids = k.Input((5,), dtype="int32")
    x = k.layers.Embedding(9, 4, mask_zero=True)(ids)
    for layer in layers:
        x = layer(x)
    return k.Model(ids, x)


CASES = [
    case("embedding", lambda k: k.layers.Embedding(9, 4), (3, 5), **_IDS),
    case("embedding_rank3", lambda k: k.layers.Embedding(9, 4), (2, 3, 2), **_IDS),
    case("embedding_one", lambda k: k.layers.Embedding(9, 1), (3, 1), **_IDS),
    case("embedding_rank1", lambda k: k.layers.Embedding(9, 2), (4,), **_IDS),
    case("embedding_floats", lambda k: k.layers.Embedding(9, 4), (3, 5), vocab=9, dtype="float32"),
    case("embedding_int64", lambda k: k.layers.Embedding(9, 4), (3, 5), vocab=9, dtype="int64"),
    case("embedding_uint8", lambda k: k.layers.Embedding(9, 4), (3, 5), vocab=9, dtype="uint8"),
    case("embedding_length", lambda k: k.layers.Embedding(9, 4, input_length=5), (3, 5), dialects=(2,), **_IDS),
    case(
        "embedding_last_rows", lambda k: k.layers.Embedding(9, 4), (3, 5), vocab=0, low=-9, dtype="int32", dialects=(3,)
    ),
    case(
        "embedding_unknown",
        lambda k: k.Sequential([k.Input((None,), dtype="int32"), k.layers.Embedding(9, 2)]),
        (2, 3),
        **_IDS,
    ),
    case(
        "embedding_shared",
        lambda k: _shared(k, k.layers.Embedding(9, 3)),
        (2, 3),
        (2, 3),
        **_IDS,
    ),
    case("embedding_masked_lstm", lambda k: _pipeline(k, k.layers.LSTM(3)), (3, 5), low=1, pad=0.8, **_IDS),
    case("embedding_masked_ignored", lambda k: _pipeline(k, k.layers.Flatten(), k.layers.Dense(2)), (3, 5), **_IDS),
    *[
        case(
            f"embedding_mask_through_{name}",
            lambda k, make=make: _pipeline(k, make(k), k.layers.GRU(3, return_sequences=True)),
            (4, 5),
            low=0,
            **_IDS,
        )
        for name, make in {
            "activation": lambda k: k.layers.Activation("tanh"),
            "activity_regularization": lambda k: k.layers.ActivityRegularization(l1=0.1),
            "batch_normalization": lambda k: k.layers.BatchNormalization(),
            "dense": lambda k: k.layers.Dense(3),
            "dropout": lambda k: k.layers.Dropout(0.5),
            "elu": lambda k: k.layers.ELU(),
            "gaussian_noise": lambda k: k.layers.GaussianNoise(0.1),
            "identity": lambda k: k.layers.Identity(),
            "layer_normalization": lambda k: k.layers.LayerNormalization(),
            "leaky_relu": lambda k: k.layers.LeakyReLU(),
            "permute": lambda k: k.layers.Permute((1, 2)),
            "prelu": lambda k: k.layers.PReLU(),
            "relu": lambda k: k.layers.ReLU(),
            "rescaling": lambda k: k.layers.Rescaling(0.5),
            "reshape": lambda k: k.layers.Reshape((5, 4)),
            "spatial_dropout": lambda k: k.layers.SpatialDropout1D(0.5),
        }.items()
    ],
]


def _shared(k, layer):
    inputs = [k.Input((3,), dtype="int32") for _ in range(2)]
    return k.Model(inputs, k.layers.Concatenate()([layer(x) for x in inputs]))

"""Dense, and the layers that pass their input through."""

from . import case


def _identity(name: str, *arguments, **keywords):
    return lambda k: getattr(k.layers, name)(*arguments, **keywords)


def _stack(k, *layers, shape, dtype="float32"):
    return k.Sequential([k.Input(shape, dtype=dtype), *layers])


CASES = [
    case("dense", lambda k: k.layers.Dense(4), (3, 5)),
    case("dense_relu", lambda k: k.layers.Dense(4, activation="relu"), (3, 5)),
    case("dense_no_bias", lambda k: k.layers.Dense(4, use_bias=False), (3, 5)),
    case("dense_rank3", lambda k: k.layers.Dense(4), (3, 2, 5)),
    case("dense_rank4_tanh", lambda k: k.layers.Dense(3, activation="tanh"), (2, 2, 3, 4)),
    case("dense_rank5", lambda k: k.layers.Dense(2), (2, 2, 1, 3, 4)),
    case("dense_softmax", lambda k: k.layers.Dense(6, activation="softmax"), (3, 5)),
    case("dense_softmax_rank3", lambda k: k.layers.Dense(6, activation="softmax"), (2, 4, 5)),
    case("dense_one_wide", lambda k: k.layers.Dense(1), (4, 1)),
    case("dense_wide", lambda k: k.layers.Dense(70, activation="selu"), (2, 130)),
    case("dense_linear_name", lambda k: k.layers.Dense(3, activation="linear"), (2, 3)),
    case("dense_integers", lambda k: k.layers.Dense(3), (2, 4), vocab=9, dtype="int32"),
    case(
        "dense_regularised",
        lambda k: k.layers.Dense(
            3, kernel_regularizer="l2", bias_regularizer="l1", activity_regularizer="l2", kernel_constraint="max_norm"
        ),
        (2, 4),
    ),
    case(
        "dense_unknown_length",
        lambda k: _stack(k, k.layers.Dense(3, activation="relu"), k.layers.Dense(2), shape=(None, 4)),
        (2, 5, 4),
    ),
    case(
        "dense_twice_shared",
        lambda k: _shared(k, k.layers.Dense(4, activation="sigmoid")),
        (3, 4),
    ),
    case("dropout", _identity("Dropout", 0.5), (3, 4)),
    case("dropout_noise_shape", _identity("Dropout", 0.5, noise_shape=(None, 1, 4), seed=3), (3, 2, 4)),
    case("spatial_dropout1d", _identity("SpatialDropout1D", 0.5), (2, 3, 4)),
    case("spatial_dropout2d", _identity("SpatialDropout2D", 0.5), (2, 3, 4, 2)),
    case("spatial_dropout2d_first", _identity("SpatialDropout2D", 0.5, data_format="channels_first"), (2, 3, 4, 2)),
    case("spatial_dropout3d", _identity("SpatialDropout3D", 0.5), (2, 3, 2, 2, 2)),
    case("gaussian_dropout", _identity("GaussianDropout", 0.4), (3, 4)),
    case("gaussian_noise", _identity("GaussianNoise", 0.4), (3, 4)),
    case("alpha_dropout", _identity("AlphaDropout", 0.4), (3, 4)),
    case("activity_regularization", _identity("ActivityRegularization", l1=0.1, l2=0.2), (3, 4)),
    case("identity", _identity("Identity"), (3, 4)),
    case("dropout_integers", _identity("Dropout", 0.5), (3, 4), vocab=7, dtype="int32"),
    case(
        "dropouts_between",
        lambda k: _stack(
            k,
            k.layers.Dense(6, activation="relu"),
            k.layers.Dropout(0.3),
            k.layers.GaussianNoise(0.1),
            k.layers.Dense(3),
            k.layers.AlphaDropout(0.2),
            shape=(5,),
        ),
        (4, 5),
    ),
]


def _shared(k, layer):
    x = k.Input((4,))
    return k.Model(x, k.layers.Add()([layer(layer(x)), layer(x)]))

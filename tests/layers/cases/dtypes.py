"""Layers and whole models in half, double and mixed precision."""

from . import case

# Half precision keeps 11 bits; sums are rounded at other places than in Keras.
_HALF = {"tolerance": 4e-3, "reason": "half precision: rounded at other places than in Keras"}
_OPTIONS = {
    "float16": {**_HALF, "dtype": "float16"},
    "float64": {"dtype": "float64", "tolerance": 1e-12, "reason": "tightened: double precision"},
    "mixed_float16": _HALF,
}
_SINGLE = {"tolerance": 1e-6, "reason": "a constant (gelu) or an output is single precision in Keras"}
_EXCEPT = {("activation_gelu", "float64"): _SINGLE, ("residual", "float64"): _SINGLE}
_LAYERS = {
    "activation_gelu": (lambda k, d: k.layers.Activation("gelu", dtype=d), (3, 8)),
    "activation_hard_sigmoid": (lambda k, d: k.layers.Activation("hard_sigmoid", dtype=d), (3, 8)),
    "activation_mish": (lambda k, d: k.layers.Activation("mish", dtype=d), (3, 8)),
    "activation_softplus": (lambda k, d: k.layers.Activation("softplus", dtype=d), (3, 8)),
    "batch": (lambda k, d: k.layers.BatchNormalization(dtype=d), (3, 8)),
    "batch_rank4": (lambda k, d: k.layers.BatchNormalization(dtype=d), (2, 3, 3, 4)),
    "dense": (lambda k, d: k.layers.Dense(5, activation="tanh", dtype=d), (3, 8)),
    "layer": (lambda k, d: k.layers.LayerNormalization(dtype=d), (3, 8)),
    "layer_axes": (lambda k, d: k.layers.LayerNormalization(axis=[1, 2], dtype=d), (2, 3, 4)),
    "normalization": (lambda k, d: k.layers.Normalization(mean=[1.0, 2.0], variance=[2.0, 0.5], dtype=d), (3, 2)),
    "prelu": (lambda k, d: k.layers.PReLU(dtype=d), (3, 8)),
    "rescaling": (lambda k, d: k.layers.Rescaling(0.3, offset=0.7, dtype=d), (3, 8)),
    "softmax": (lambda k, d: k.layers.Softmax(dtype=d), (3, 8)),
}
_PAIRS = {
    "add": lambda k, d: k.layers.Add(dtype=d),
    "average": lambda k, d: k.layers.Average(dtype=d),
    "concatenate": lambda k, d: k.layers.Concatenate(dtype=d),
    "dot": lambda k, d: k.layers.Dot(axes=1, normalize=True, dtype=d),
}


def _image(k, d):
    return k.Sequential(
        [
            k.Input((7, 6, 2), dtype="float32" if d.startswith("mixed") else d),
            k.layers.Conv2D(4, 3, padding="same", activation="relu", dtype=d),
            k.layers.BatchNormalization(dtype=d),
            k.layers.MaxPooling2D(dtype=d),
            k.layers.Dropout(0.3, dtype=d),
            k.layers.Flatten(dtype=d),
            k.layers.Dense(6, activation="elu", dtype=d),
            k.layers.Dense(3, activation="softmax", dtype="float32" if d.startswith("mixed") else d),
        ]
    )


def _residual(k, d):
    x = k.Input((5,), dtype="float32" if d.startswith("mixed") else d)
    y = k.layers.Dense(5, activation="relu", dtype=d)(x)
    y = k.layers.LayerNormalization(dtype=d)(k.layers.Add(dtype=d)([x, y]))
    return k.Model(x, [k.layers.Dense(2, dtype=d)(y), k.layers.Dense(1, activation="sigmoid", dtype="float32")(y)])


def _tokens(k, d):
    ids = k.Input((4,), dtype="int32")
    x = k.layers.Embedding(9, 3, mask_zero=True, dtype=d)(ids)
    x = k.layers.LSTM(4, dtype=d)(x)
    return k.Model(ids, k.layers.Dense(2, dtype=d)(x))


def _made(make, policy):
    return lambda k: make(k, policy)


CASES = [
    *[
        case(f"{name}_{policy}", _made(make, policy), shape, **{**options, **_EXCEPT.get((name, policy), {})})
        for policy, options in _OPTIONS.items()
        for name, (make, shape) in _LAYERS.items()
    ],
    *[
        case(f"{name}_{policy}", _made(make, policy), (3, 4), (3, 4), **options)
        for policy, options in _OPTIONS.items()
        for name, make in _PAIRS.items()
    ],
    *[case(f"image_{policy}", _made(_image, policy), (2, 7, 6, 2), **options) for policy, options in _OPTIONS.items()],
    *[
        case(
            f"residual_{policy}",
            _made(_residual, policy),
            (3, 5),
            **{**options, **_EXCEPT.get(("residual", policy), {})},
        )
        for policy, options in _OPTIONS.items()
    ],
    *[
        case(f"tokens_{policy}", _made(_tokens, policy), (3, 4), vocab=9, **{**options, "dtype": "int32"})
        for policy, options in _OPTIONS.items()
    ],
    case("embedding_floats_float16", lambda k: k.layers.Embedding(3000, 1, dtype="float16"), (3, 4), vocab=3000),
]

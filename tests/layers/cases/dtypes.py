"""Layers and whole models in half, double and mixed precision."""

from . import case

# Half precision keeps 11 bits; sums are rounded at other places than in Keras.
_HALF = {"tolerance": 4e-3, "reason": "half precision: rounded at other places than in Keras"}
# bfloat16 keeps 8; a float64 run rounds nothing, so both errors are those of rounding at other places.
_BRAIN = {"tolerance": 2e-2, "float64_factor": 4.0, "reason": "bfloat16: rounded at other places than in Keras"}
_OPTIONS = {
    "bfloat16": _BRAIN,
    "float16": {**_HALF, "dtype": "float16"},
    "float64": {"dtype": "float64", "tolerance": 1e-12, "reason": "tightened: double precision"},
    "mixed_bfloat16": _BRAIN,
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


def _between(k):
    """Policies that change from layer to layer."""
    x = k.Input((6,))
    y = k.layers.Dense(5, activation="relu", dtype="mixed_bfloat16")(x)
    z = k.layers.Dense(4, dtype="float16")(y)
    both = k.layers.Concatenate(dtype="bfloat16")([y, z])
    return k.Model(x, [k.layers.Dense(3, dtype="float32")(both), k.layers.Dropout(0.2, dtype="float32")(y), z])


def _attending(k):
    x = k.Input((4, 6))
    y = k.layers.MultiHeadAttention(2, 3, dtype="mixed_bfloat16")(x, x)
    return k.Model(x, k.layers.TimeDistributed(k.layers.Dense(3, dtype="bfloat16"), dtype="bfloat16")(y))


def _calculating(k):
    """Functions between layers take the dtype of their operands."""
    x = k.Input((6,), dtype="bfloat16")
    y = k.ops.exp(x * 0.3 + 1.0) / 3.0
    z = k.ops.cast(y, "float32") * 1.2345
    return k.Model(x, [y, z, k.ops.cast(z, "bfloat16"), y + z])


def _mapped(k):
    """A policy for each layer by name or pattern."""
    policies = {"first": k.DTypePolicy("mixed_bfloat16"), "sec.*": k.DTypePolicy("float16")}
    chosen = k.dtype_policies.DTypePolicyMap("float32", policies)
    return k.Sequential(
        [k.Input((6,)), *[k.layers.Dense(5, "tanh", name=name, dtype=chosen) for name in ("first", "second", "third")]]
    )


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
        case(
            f"tokens_{policy}",
            _made(_tokens, policy),
            (3, 4),
            vocab=9,
            **{**options, "dtype": "int32"},
        )
        for policy, options in _OPTIONS.items()
        if "bfloat16" not in policy  # TensorFlow's loops fail in bfloat16 on a CPU
    ],
    case("embedding_floats_float16", lambda k: k.layers.Embedding(3000, 1, dtype="float16"), (3, 4), vocab=3000),
    case("between", _between, (3, 6), **_BRAIN),
    case("attending", _attending, (3, 4, 6), dialects=(3,), **_BRAIN),
    case("calculating", _calculating, (3, 6), dialects=(3,), **_BRAIN),
    case("mapped", _mapped, (3, 6), dialects=(3,), **_BRAIN),
]

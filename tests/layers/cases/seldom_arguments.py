"""Arguments that models seldom give: each with a value other than its default."""

from . import case
from ._layout import channels_first

LINES, VOLUMES = (2, 3, 6, 2), (2, 2, 4, 3, 4, 2)
IDS = {"vocab": 10, "dtype": "int64"}


def layer(kind, *args, **options):
    return lambda k: getattr(k.layers, kind)(*args, **options)


def first(kind, *args, **options):
    """With data_format="channels_first", where TensorFlow has kernels for it or not."""

    def make(k):
        made = getattr(k.layers, kind)(*args, data_format="channels_first", **options)
        return made if k.__version__.startswith("3") else channels_first(k, made)

    return make


def celled(kind, **options):
    return lambda k: k.layers.RNN(getattr(k.layers, f"{kind}Cell")(3, **options), return_sequences=True)


def walked(*kinds, **options):
    """An RNN of cells over masked steps."""

    def make(k):
        x = k.Input((5, 4))
        cells = [getattr(k.layers, f"{kind}Cell")(3) for kind in kinds]
        return k.Model(x, k.layers.RNN(cells if len(cells) > 1 else cells[0], **options)(k.layers.Masking()(x)))

    return make


def activated(make):
    """Dense with an activation that is a layer or a function with settings."""
    return lambda k: k.layers.Dense(4, activation=make(k), kernel_constraint="max_norm", bias_regularizer="l2")


def attended(kind, *args, call=None, **options):
    def make(k):
        x, y = k.Input((4, 6)), k.Input((5, 6))
        return k.Model([x, y], getattr(k.layers, kind)(*args, **options)(*(call([x, y]) if call else (x, y))))

    return make


def crossed(k):
    x, y = k.Input((1,), dtype="int64"), k.Input((1,), dtype="int64")
    return k.Model([x, y], k.layers.HashedCrossing(5, output_mode="one_hot", sparse=True)((x, y)))


GATES = {"recurrent_activation": "softmax"}
CONV_LSTMS = {
    "activations": {"activation": "softsign", "recurrent_activation": "hard_sigmoid"},
    "backwards": {"go_backwards": True, "return_sequences": True, "dropout": 0.2},
    "dilated": {"dilation_rate": 2, "padding": "same", "recurrent_dropout": 0.2},
    "plain": {"use_bias": False, "unit_forget_bias": False, "recurrent_activation": "relu"},
    "softmax": {"activation": "elu", **GATES},
    "states": {"return_state": True, "padding": "same"},
    "strided": {"strides": 2, "padding": "same"},
}
CELLS = {
    "GRU": {"activation": "selu", "recurrent_activation": "hard_sigmoid", "dropout": 0.1, "use_bias": False},
    "LSTM": {
        "activation": "softsign",
        "recurrent_activation": "hard_sigmoid",
        "recurrent_dropout": 0.1,
        "use_bias": False,
    },
    "SimpleRNN": {"activation": "gelu", "use_bias": False, "dropout": 0.1, "recurrent_dropout": 0.1},
}
RANDOM = {
    "RandomBrightness": {"factor": 0.3, "value_range": (0, 1)},
    "RandomContrast": {"factor": 0.3},
    "RandomRotation": {"factor": 0.1, "fill_mode": "wrap", "interpolation": "nearest", "fill_value": 0.5},
    "RandomTranslation": {"height_factor": 0.1, "width_factor": 0.3, "fill_mode": "constant", "fill_value": 1.0},
    "RandomZoom": {"height_factor": 0.1, "width_factor": 0.3, "fill_mode": "nearest", "interpolation": "nearest"},
}
RANDOM_2 = {
    "RandomHeight": {"factor": 0.3, "interpolation": "nearest"},
    "RandomWidth": {"factor": 0.3, "interpolation": "bicubic"},
}
UNIT = {"value_range": (0, 1)}
RANDOM_3 = {
    "AugMix": {**UNIT, "num_chains": 2, "chain_depth": 1, "alpha": 0.5, "all_ops": False, "interpolation": "nearest"},
    "RandAugment": {**UNIT, "num_ops": 1, "interpolation": "nearest"},
    "RandomColorDegeneration": {"factor": 0.4, **UNIT},
    "RandomColorJitter": {**UNIT, "brightness_factor": 0.2, "contrast_factor": 0.2, "hue_factor": 0.1},
    "RandomElasticTransform": {**UNIT, "interpolation": "nearest", "fill_mode": "constant", "fill_value": 0.5},
    "RandomErasing": {**UNIT, "scale": (0.1, 0.2), "fill_value": 0.5},
    "RandomFlip": {"mode": "horizontal"},
    "RandomGaussianBlur": {**UNIT},
    "RandomGrayscale": {"factor": 0.9},
    "RandomHue": {"factor": 0.1, **UNIT},
    "RandomInvert": {"factor": 0.9, **UNIT},
    "RandomPerspective": {"scale": 0.5, "interpolation": "nearest", "fill_value": 0.5},
    "RandomPosterization": {"factor": 3, **UNIT},
    "RandomSaturation": {"factor": 0.4, **UNIT},
    "RandomSharpness": {"factor": 0.4, **UNIT},
    "RandomShear": {"x_factor": 0.2, "interpolation": "nearest", "fill_mode": "constant", "fill_value": 0.5},
}
LOOKUPS = {
    "counted": {"output_mode": "count", "max_tokens": 8, "pad_to_max_tokens": True, "oov_token": -5},
    "inverted": {"invert": True, "oov_token": -5, "max_tokens": 9},
    "masked": {"mask_token": 9, "num_oov_indices": 2},
    "sparse": {"output_mode": "multi_hot", "sparse": True, "num_oov_indices": 0, "vocabulary": [*range(10)]},
    "weighed": {"output_mode": "tf_idf", "idf_weights": [0.5, 1.0, 2.0]},
}
ACTIVATIONS = {
    "elu": lambda k: k.layers.ELU(alpha=0.7),
    "function": lambda k: k.activations.relu,
    "leaky": lambda k: k.layers.LeakyReLU(0.2),
    "relu": lambda k: k.layers.ReLU(max_value=1.5, negative_slope=0.1, threshold=0.2),
    "softmax": lambda k: k.layers.Softmax(axis=1),
}

CASES = [
    *[case(f"conv_lstm1d_{n}", layer("ConvLSTM1D", 2, 3, **o), LINES) for n, o in CONV_LSTMS.items()],
    *[case(f"conv_lstm3d_{n}", layer("ConvLSTM3D", 2, 2, **o), VOLUMES) for n, o in CONV_LSTMS.items()],
    case("conv_lstm1d_first", layer("ConvLSTM1D", 2, 2, data_format="channels_first"), (2, 3, 2, 5), dialects=(3,)),
    *[case(f"cell_{kind}", celled(kind, **options), (2, 5, 4)) for kind, options in CELLS.items()],
    *[case(f"gates_{kind}", layer(kind, 3, **GATES), (2, 5, 4)) for kind in ("GRU", "LSTM")],
    case("gates_GRU_before", layer("GRU", 3, reset_after=False, **GATES), (2, 5, 4)),
    case("gates_cell", celled("LSTM", activation="softmax", **GATES), (2, 5, 4)),
    case("dropping_simple_rnn", layer("SimpleRNN", 3, activation="elu", dropout=0.2, recurrent_dropout=0.1), (2, 5, 4)),
    case(
        "unrolled_zeros",
        walked("GRU", "LSTM", unroll=True, zero_output_for_mask=True, return_sequences=True),
        (3, 5, 4),
        pad=0.8,
    ),
    case(
        "zeros",
        walked("LSTM", zero_output_for_mask=True, return_sequences=True, return_state=True),
        (3, 5, 4),
        pad=0.8,
    ),
    *[case(kind, layer(kind, **options), (2, 4, 5, 3)) for kind, options in RANDOM.items()],
    *[case(kind, layer(kind, **options), (2, 4, 5, 3), dialects=(2,)) for kind, options in RANDOM_2.items()],
    *[case(kind, layer(kind, **options), (2, 4, 5, 3), dialects=(3,)) for kind, options in RANDOM_3.items()],
    *[
        case(
            f"{kind}_first",
            layer(kind, data_format="channels_first", **({**RANDOM, **RANDOM_3})[kind]),
            (2, 3, 4, 5),
            dialects=(3,),
        )
        for kind in ("RandomFlip", "RandomRotation", "RandomTranslation", "RandomZoom")
    ],
    case("solarization", layer("Solarization", threshold_factor=0.3, value_range=(0, 1)), (2, 4, 5, 3), dialects=(3,)),
    *[
        case(f"integers_{n}", layer("IntegerLookup", **{"vocabulary": [1, 2, 5], **o}), (3, 4), **IDS)
        for n, o in LOOKUPS.items()
    ],
    case(
        "integers_hashed",
        layer("IntegerLookup", vocabulary=[1, 2], num_oov_indices=3, oov_method="farmhash", salt=[3, 5]),
        (3, 4),
        dialects=(3,),
        **IDS,
    ),
    case("hashed_sparse", layer("Hashing", 5, output_mode="multi_hot", sparse=True), (3, 4), **IDS),
    case("crossed_sparse", crossed, (3, 1), (3, 1), **IDS),
    *[
        case(
            f"spectrogram_{scaling}",
            layer("STFTSpectrogram", "psd", 8, 4, 16, periodic=True, scaling=scaling),
            (2, 30, 1),
            dialects=(3,),
        )
        for scaling in (None, "spectrum")
    ],
    *[case(f"activation_{n}", activated(make), (2, 3, 4)) for n, make in ACTIVATIONS.items()],
    case("unbiased_lines", layer("LocallyConnected1D", 2, 2, use_bias=False), (2, 5, 3), dialects=(2,)),
    case("synchronized", layer("BatchNormalization", synchronized=True, renorm_momentum=0.5), (2, 3, 4), dialects=(3,)),
    case(
        "additive_dropping",
        attended("AdditiveAttention", dropout=0.2, call=lambda pair: (pair,)),
        (2, 4, 6),
        (2, 5, 6),
    ),
    case(
        "attention_flash",
        attended("MultiHeadAttention", 2, 3, flash_attention=False),
        (2, 4, 6),
        (2, 5, 6),
        dialects=(3,),
    ),
    case("alpha_noise", layer("AlphaDropout", 0.2, noise_shape=(None, 1, 4)), (2, 3, 4)),
    case(
        "unit_zeros_half",
        layer("UnitNormalization", dtype="mixed_float16"),
        (2, 6, 1),
        vocab=2,
        dtype="int32",
        dialects=(2,),
    ),
]

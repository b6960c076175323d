"""Every activation by name, and the activation layers. Scales reach from rounding noise to saturation."""

from . import case

_BOTH = (
    *("elu", "gelu", "hard_sigmoid", "leaky_relu", "linear", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid"),
    *("silu", "softmax", "softplus", "softsign", "swish", "tanh"),
)
_KERAS3 = (
    *(
        "celu",
        "glu",
        "hard_shrink",
        "hard_silu",
        "hard_swish",
        "hard_tanh",
        "log_sigmoid",
        "soft_shrink",
        "sparse_plus",
    ),
    *("sparse_sigmoid", "sparsemax", "squareplus", "tanh_shrink"),
)
_CANCELS = ("elu", "selu")  # Keras computes exp(x) - 1


def _everywhere(name: str, *scales: float):
    """One model that applies the function to values of several sizes and to a tensor of rank 4."""

    def make(k):
        x = k.Input((8,))
        scaled = [k.layers.Rescaling(scale)(x) for scale in (8.0, *scales)]
        wide = k.layers.Reshape((2, 1, 4))(scaled[0])
        return k.Model(x, [k.layers.Activation(name)(y) for y in (x, *scaled, wide)])

    return make


def _named(name: str):
    return lambda k: k.layers.Activation(name)


def _layer(name: str, **keywords):
    return lambda k: getattr(k.layers, name)(**keywords)


def _softmax_with_mask(axis):
    """Scores of five ids (0 and 1), masked by the ids themselves."""

    def make(k):
        ids = k.Input((5,), dtype="int32")
        scores = k.layers.Dense(5)(k.layers.Flatten()(k.layers.Embedding(2, 3)(ids)))
        return k.Model(ids, k.layers.Softmax(axis=axis)(scores, mask=ids))

    return make


def _softmax_with_computed_mask(k):
    ids = k.Input((5,), dtype="int32")
    embedding = k.layers.Embedding(6, 4, mask_zero=True)
    scores = k.layers.Reshape((5,))(k.layers.Dense(1)(embedding(ids)))
    return k.Model(ids, k.layers.Softmax()(scores, mask=embedding.compute_mask(ids)))


CASES = [
    *[case(name, _everywhere(name, 1e4, 1e-5), (3, 8)) for name in _BOTH if name not in _CANCELS],
    *[case(name, _everywhere(name, 1e4), (3, 8)) for name in _CANCELS],
    *[
        case(f"{name}_tiny", _named(name), (3, 8), scale=1e-5, tolerance=5e-3, reason="Keras loses digits: exp(x) - 1")
        for name in _CANCELS
    ],
    *[case(name, _everywhere(name, 1e4, 1e-5), (3, 8), dialects=(3,)) for name in _KERAS3],
    case("exponential", _named("exponential"), (3, 8)),
    case("exponential_wide", _named("exponential"), (3, 8), scale=15.0),
    case("relu_integers", _named("relu"), (3, 8), vocab=5, low=-5, dtype="int32"),
    # layers
    case("layer_relu", _layer("ReLU"), (3, 8)),
    case("layer_relu_slope", _layer("ReLU", negative_slope=0.1), (3, 8)),
    case("layer_relu_max", _layer("ReLU", max_value=1.5), (3, 8), scale=3.0),
    case("layer_relu_six", _layer("ReLU", max_value=6.0), (3, 8), scale=6.0),
    case("layer_relu_zero_max", _layer("ReLU", max_value=0.0), (3, 8)),
    case("layer_relu_threshold", _layer("ReLU", threshold=0.5), (3, 8)),
    case("layer_relu_all", _layer("ReLU", max_value=1.0, negative_slope=0.3, threshold=0.4), (3, 8), scale=2.0),
    case("layer_relu_slope_max", _layer("ReLU", max_value=6.0, negative_slope=0.3), (3, 8), scale=6.0),
    case("layer_relu_slope_threshold", _layer("ReLU", negative_slope=0.2, threshold=1.0), (3, 8), scale=2.0),
    case("layer_relu_max_below", _layer("ReLU", max_value=0.5, threshold=1.0), (3, 8), scale=2.0),
    case("layer_leaky_relu", _layer("LeakyReLU"), (3, 8)),
    case("layer_leaky_relu_alpha", _layer("LeakyReLU", alpha=0.05), (3, 8)),
    case("layer_leaky_relu_slope", _layer("LeakyReLU", negative_slope=0.7), (3, 8), dialects=(3,)),
    case("layer_leaky_relu_zero", _layer("LeakyReLU", alpha=0.0), (3, 8)),
    case("layer_leaky_relu_steep", _layer("LeakyReLU", alpha=2.0), (3, 8)),
    case("layer_elu", _layer("ELU"), (3, 8)),
    case("layer_elu_alpha", _layer("ELU", alpha=0.4), (3, 8)),
    case("layer_elu_zero", _layer("ELU", alpha=0.0), (3, 8)),
    case("layer_thresholded_relu", _layer("ThresholdedReLU", theta=0.7), (3, 8), dialects=(2,)),
    case("layer_prelu", _layer("PReLU"), (3, 8)),
    case("layer_prelu_rank4", _layer("PReLU"), (2, 3, 4, 2)),
    case("layer_prelu_shared", _layer("PReLU", shared_axes=[1, 2]), (2, 3, 4, 2)),
    case("layer_prelu_shared_one", _layer("PReLU", shared_axes=[2]), (2, 3, 4, 2)),
    case(
        "layer_prelu_unknown_size",
        lambda k: k.Sequential([k.Input((None, None, 3)), k.layers.PReLU(shared_axes=[1, 2])]),
        (2, 3, 4, 3),
    ),
    case("layer_softmax", _layer("Softmax"), (3, 8)),
    case("layer_softmax_axis1", _layer("Softmax", axis=1), (2, 3, 4), scale=3.0),
    case("layer_softmax_axis_list_one", _layer("Softmax", axis=[1]), (2, 3, 4)),
    case("layer_softmax_axes", _layer("Softmax", axis=[1, 2]), (2, 3, 4), scale=3.0),
    case("layer_softmax_axes_apart", _layer("Softmax", axis=[1, -1]), (2, 3, 2, 4), scale=3.0),
    case("layer_softmax_large", _layer("Softmax", axis=-2), (2, 3, 4), scale=1e4),
    case("layer_softmax_masked", _softmax_with_mask(-1), (6, 5), vocab=2, dtype="int32"),
    case("layer_softmax_all_masked", _softmax_with_mask([1]), (3, 5), vocab=1, dtype="int32"),
    case(
        "layer_softmax_computed_mask",
        _softmax_with_computed_mask,
        (4, 5),
        vocab=6,
        low=1,
        pad=1.0,
        dtype="int32",
        dialects=(3,),
    ),
    # an activation layer as the activation of another layer
    case("dense_leaky_layer", lambda k: k.layers.Dense(4, activation=k.layers.LeakyReLU(alpha=0.1)), (3, 5)),
    case("dense_leaky_layer_default", lambda k: k.layers.Dense(4, activation=k.layers.LeakyReLU()), (3, 5)),
    case("dense_relu_layer", lambda k: k.layers.Dense(4, activation=k.layers.ReLU(max_value=0.5)), (3, 5)),
    case("dense_elu_layer", lambda k: k.layers.Dense(4, activation=k.layers.ELU(alpha=0.3)), (3, 5)),
    case("dense_softmax_layer", lambda k: k.layers.Dense(4, activation=k.layers.Softmax()), (3, 5)),
    case("dense_softmax_layer_axis", lambda k: k.layers.Dense(4, activation=k.layers.Softmax(axis=1)), (2, 3, 5)),
    case("activation_function", lambda k: k.layers.Activation(k.activations.gelu), (3, 5)),
    case("activation_of_layer", lambda k: k.layers.Activation(k.layers.ReLU(negative_slope=0.2)), (3, 5)),
]

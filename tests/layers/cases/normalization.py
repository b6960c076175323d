"""BatchNormalization, LayerNormalization, GroupNormalization, UnitNormalization, RMSNormalization and the wrapper."""

from . import case


def _batch(**keywords):
    return lambda k: k.layers.BatchNormalization(**keywords)


def _layer(**keywords):
    return lambda k: k.layers.LayerNormalization(**keywords)


def _group(*args, **keywords):
    return lambda k: k.layers.GroupNormalization(*args, **keywords)


def _unit(axis=-1):
    return lambda k: k.layers.UnitNormalization(axis)


def _rms(**keywords):
    return lambda k: k.layers.RMSNormalization(**keywords)


def _spectral(make, **keywords):
    return lambda k: k.layers.SpectralNormalization(make(k), **keywords)


def _conv_batch(k, activation, **keywords):
    return k.Sequential(
        [
            k.Input((5, 6, 2)),
            k.layers.Conv2D(3, 3, **keywords),
            k.layers.BatchNormalization(),
            k.layers.Activation(activation),
        ]
    )


def _dense_batch(k):
    return k.Sequential([k.Input((5,)), k.layers.Dense(4), k.layers.BatchNormalization(), k.layers.ReLU()])


def _batch_dense(k):
    return k.Sequential([k.Input((5,)), k.layers.BatchNormalization(), k.layers.Dense(4, activation="relu")])


def _still(k, model):
    """Channels that hardly move."""
    import numpy as np

    for weight in model.weights:
        if "variance" in weight.name:
            weight.assign(np.full(weight.shape, 1e-6))


CASES = [
    case("batch", _batch(), (3, 4)),
    case("batch_rank3", _batch(), (2, 3, 4)),
    case("batch_rank4", _batch(), (2, 3, 2, 4)),
    case("batch_rank5", _batch(), (2, 2, 3, 2, 4)),
    case("batch_axis1", _batch(axis=1), (2, 3, 4)),
    case("batch_axis1_rank4", _batch(axis=1), (2, 3, 4, 5), reason="channels_first"),
    case("batch_axis1_rank5", _batch(axis=1), (2, 3, 2, 2, 2)),
    case("batch_axis2", _batch(axis=2), (2, 3, 4)),
    case("batch_axis_minus2", _batch(axis=-2), (2, 3, 4)),
    case("batch_axis_list", _batch(axis=[2]), (2, 3, 4), dialects=(2,)),
    case("batch_axes", _batch(axis=[1, 3]), (2, 3, 2, 4), dialects=(2,)),
    case("batch_no_scale", _batch(scale=False), (3, 4)),
    case("batch_no_center", _batch(center=False), (3, 4)),
    case("batch_neither", _batch(scale=False, center=False), (3, 4)),
    case("batch_epsilon", _batch(epsilon=0.5), (3, 4)),
    case("batch_tiny_epsilon", _batch(epsilon=1e-12), (2, 3, 3, 4), scale=0.01),
    case("batch_still", _batch(epsilon=1e-7), (2, 3, 3, 4), after=_still),
    case("batch_still_volume", _batch(epsilon=1e-7), (2, 3, 2, 2, 4), after=_still),
    case("batch_tiny_epsilon_rank2", _batch(epsilon=1e-12), (3, 4)),
    case("batch_renorm", _batch(renorm=True), (3, 4)),
    case("batch_renorm_rank4", _batch(renorm=True, epsilon=1e-7), (2, 3, 2, 4)),
    case("batch_fused_off", _batch(fused=False, epsilon=1e-7), (2, 3, 2, 4), dialects=(2,), after=_still),
    case("batch_virtual", _batch(virtual_batch_size=2), (4, 3), dialects=(2,)),
    case("batch_virtual_rank4", _batch(virtual_batch_size=2), (4, 3, 2, 3), dialects=(2,)),
    case("batch_untrainable", _batch(trainable=False, momentum=0.5), (3, 4)),
    case("batch_large_input", _batch(), (3, 4), scale=1e4),
    case("batch_unknown_size", lambda k: k.Sequential([k.Input((None, 3)), k.layers.BatchNormalization()]), (2, 4, 3)),
    case("conv_batch", lambda k: _conv_batch(k, "relu"), (2, 5, 6, 2)),
    case("conv_batch_no_bias", lambda k: _conv_batch(k, "linear", use_bias=False), (2, 5, 6, 2)),
    case("conv_dilated_batch", lambda k: _conv_batch(k, "tanh", dilation_rate=2), (2, 5, 6, 2)),
    case("dense_batch", _dense_batch, (3, 5)),
    case("batch_dense", _batch_dense, (3, 5)),
    case("layer", _layer(), (3, 8)),
    case("layer_rank3", _layer(), (2, 3, 8)),
    case("layer_rank4", _layer(), (2, 3, 2, 6)),
    case("layer_axis1", _layer(axis=1), (2, 3, 5)),
    case("layer_axes", _layer(axis=[1, 2]), (2, 3, 5)),
    case("layer_axes_reversed", _layer(axis=[2, 1]), (2, 3, 5)),
    case("layer_axes_negative", _layer(axis=[-2, -1]), (2, 3, 4, 5)),
    case("layer_axes_apart", _layer(axis=[1, 3]), (2, 3, 4, 5)),
    case("layer_axes_mixed", _layer(axis=[-1, 1]), (2, 3, 4, 5)),
    case("layer_no_scale", _layer(scale=False), (3, 8)),
    case("layer_no_center", _layer(center=False), (3, 8)),
    case("layer_neither", _layer(scale=False, center=False), (3, 8)),
    case("layer_epsilon", _layer(epsilon=0.3), (3, 8)),
    case("layer_tiny_epsilon", _layer(epsilon=1e-9), (3, 8)),
    case("layer_tiny_input", _layer(), (3, 8), scale=1e-4),
    case("layer_large_input", _layer(), (3, 8), scale=1e4),
    case("layer_rms", _layer(rms_scaling=True), (3, 8), dialects=(3,)),
    case("layer_rms_axes", _layer(rms_scaling=True, axis=[1, 2], scale=False), (2, 3, 4), dialects=(3,)),
    case(
        "layer_unknown_length", lambda k: k.Sequential([k.Input((None, 6)), k.layers.LayerNormalization()]), (2, 3, 6)
    ),
    case("group", _group(2), (3, 8)),
    case("group_rank3", _group(3), (2, 5, 6)),
    case("group_rank4", _group(2), (2, 3, 4, 6)),
    case("group_rank5", _group(2), (2, 2, 3, 2, 4)),
    case("group_default", _group(), (2, 2, 32)),
    case("group_instance", _group(-1), (2, 3, 4, 3)),
    case("group_one", _group(1), (2, 3, 4, 3)),
    case("group_axis1", _group(2, axis=1), (2, 4, 3, 5)),
    case("group_axis2", _group(3, axis=2), (2, 4, 6, 5)),
    case("group_axis_minus2", _group(3, axis=-2), (2, 4, 6, 5), dialects=(3,)),
    case("group_no_scale", _group(2, scale=False), (2, 3, 4)),
    case("group_no_center", _group(2, center=False), (2, 3, 4)),
    case("group_neither", _group(2, center=False, scale=False), (2, 3, 4)),
    case("group_epsilon", _group(2, epsilon=0.7), (2, 3, 4)),
    case("group_tiny_input", _group(2, epsilon=1e-6), (2, 3, 4), scale=1e-3),
    case("group_large_input", _group(2), (2, 3, 4), scale=1e3),
    case("group_unknown_size", lambda k: k.Sequential([k.Input((None, None, 4)), _group(2)(k)]), (2, 3, 5, 4)),
    case("unit", _unit(), (3, 4)),
    case("unit_axis1", _unit(1), (2, 3, 4)),
    case("unit_axes", _unit([1, 2]), (2, 3, 4)),
    case("unit_axes_apart", _unit([-1, 1]), (2, 3, 4, 5)),
    case("unit_tiny_input", _unit(), (3, 4), scale=1e-8),
    case("unit_zeros", _unit(), (3, 4), scale=0.0),
    case("unit_integers", _unit(), (3, 4), vocab=9, dtype="int32", dialects=(2,)),
    case("rms", _rms(), (3, 8), dialects=(3,)),
    case("rms_rank4", _rms(), (2, 3, 2, 6), dialects=(3,)),
    case("rms_axes", _rms(axis=[1, 2]), (2, 3, 4), dialects=(3,)),
    case("rms_axes_negative", _rms(axis=(-1, -2)), (2, 3, 4, 5), dialects=(3,)),
    case("rms_axis1_square", _rms(axis=1), (2, 4, 4), dialects=(3,)),
    case("rms_epsilon", _rms(epsilon=0.5), (3, 8), dialects=(3,)),
    case("rms_tiny_input", _rms(), (3, 8), scale=1e-3, dialects=(3,)),
    case("spectral_dense", _spectral(lambda k: k.layers.Dense(3, activation="tanh")), (2, 5)),
    case("spectral_conv", _spectral(lambda k: k.layers.Conv2D(3, 2), power_iterations=3), (2, 4, 5, 2)),
    case("spectral_groups", _spectral(lambda k: k.layers.Conv1D(4, 2, groups=2, use_bias=False)), (2, 4, 2)),
    case(
        "spectral_embedding",
        lambda k: k.Sequential([k.Input((4,), dtype="int32"), _spectral(lambda k: k.layers.Embedding(9, 3))(k)]),
        (2, 4),
        vocab=9,
        dtype="int32",
    ),
]

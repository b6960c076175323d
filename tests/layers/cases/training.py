"""BatchNormalization that a Keras 2 file calls with training=True: by the statistics of what is predicted together."""

from . import case


def normalized(*shape, training=True, inputs=None, **options):
    """A BatchNormalization over (batch, *shape)."""

    def make(k):
        x = k.Input(shape)
        return k.Model(x, k.layers.BatchNormalization(**options)(x, training=training))

    return make


def twice(*training, **options):
    """One layer on two tensors; a momentum of 1 keeps its statistics."""

    def make(k):
        x = k.Input((3, 2, 2))
        layer = k.layers.BatchNormalization(**options)
        return k.Model(x, [layer(x * (at + 1.0), training=own) for at, own in enumerate(training)])

    return make


def synchronized(k):
    x = k.Input((3, 4, 2))
    y = k.layers.experimental.SyncBatchNormalization(epsilon=1e-7)(x, training=True)
    return k.Model(x, k.layers.experimental.SyncBatchNormalization(epsilon=1e-7)(y))


def masked(*axis, **options):
    def make(k):
        x = k.Input((7, 5))
        y = k.layers.BatchNormalization(*axis, **options)(k.layers.Masking()(x), training=True)
        return k.Model(x, k.layers.LSTM(3)(y))

    return make


def masked_images(k):
    """The fused kernel does not look at the mask."""
    x = k.Input((7, 5, 3))
    return k.Model(x, k.layers.BatchNormalization()(k.layers.Masking()(x), training=True))


def timed(k):
    x = k.Input((5, 3, 4))
    return k.Model(x, k.layers.TimeDistributed(k.layers.BatchNormalization())(x, training=True))


def timed_masked(k):
    x = k.Input((7, 5))
    y = k.layers.TimeDistributed(k.layers.BatchNormalization())(k.layers.Masking()(x), training=True)
    return k.Model(x, k.layers.GRU(3)(y))


def inner(k, frozen=False):
    """A model with a frozen normalisation, one that says training=False, and one that says nothing."""
    x = k.Input((5, 4))
    y = k.layers.BatchNormalization(trainable=False)(k.layers.Dense(4)(x))
    y = k.layers.BatchNormalization()(k.layers.Conv1D(4, 2)(y), training=False)
    y = k.layers.BatchNormalization()(k.layers.Dropout(0.0)(y))
    model = k.Model(x, k.layers.Dense(2)(y))
    model.trainable = not frozen
    return model


def nested(k, frozen=False):
    x = k.Input((5, 4))
    return k.Model(x, inner(k, frozen)(x, training=True))


def deep(k):
    """A chain in a model in a model that is called with training=True."""
    x = k.Input((5, 4))
    chain = k.Sequential([k.layers.Dense(4), k.layers.BatchNormalization(), k.layers.ReLU()])
    z = k.Input((5, 4))
    middle = k.Model(z, k.layers.TimeDistributed(k.layers.BatchNormalization())(chain(z)))
    return k.Model(x, middle(x, training=True))


def renormalized(axis=-1, virtual=None, **limits):
    def make(k):
        x = k.Input((4, 3))
        layer = k.layers.BatchNormalization(axis, renorm=True, renorm_clipping=limits, virtual_batch_size=virtual)
        return k.Model(x, layer(x, training=True))

    return make


def positive(k, model):
    """Deviations of a training."""
    import numpy as np

    for weight in model.weights:
        if "stddev" in weight.name:
            weight.assign(np.random.default_rng(3).uniform(0.0, 2.0, weight.shape))


CASES = [
    case(name, make, *shapes, dialects=(2,), **options)
    for name, make, shapes, options in [
        ("one", normalized(3, 4, training=1), [(3, 3, 4)], {}),
        ("twice", twice(True, True), [(4, 3, 2, 2)], {}),
        ("twice_kept", twice(True, None, momentum=1.0), [(4, 3, 2, 2)], {}),
        ("twice_kept_before", twice(None, True, momentum=1, axis=1), [(4, 3, 2, 2)], {}),
        ("twice_kept_virtual", twice(None, True, False, momentum=1.0, virtual_batch_size=2), [(4, 3, 2, 2)], {}),
        ("synchronized", synchronized, [(3, 3, 4, 2)], {"scale": 1e-3}),
        ("fused_off", normalized(3, 4, 2, fused=False, epsilon=1e-7), [(3, 3, 4, 2)], {"scale": 1e-3}),
        ("volume", normalized(3, 2, 2, 4, epsilon=1e-7), [(3, 3, 2, 2, 4)], {"scale": 1e-3}),
        ("masked", masked(), [(3, 7, 5)], {"pad": 0.6}),
        ("masked_steps", masked(1, scale=False), [(3, 7, 5)], {"pad": 0.3}),
        ("masked_images", masked_images, [(3, 7, 5, 3)], {"pad": 0.6}),
        ("timed", timed, [(3, 5, 3, 4)], {}),
        ("timed_masked", timed_masked, [(3, 7, 5)], {"pad": 0.6}),
        ("nested", nested, [(3, 5, 4)], {}),
        ("nested_frozen", lambda k: nested(k, True), [(3, 5, 4)], {}),
        ("deep", deep, [(3, 5, 4)], {}),
        ("virtual", normalized(3, virtual_batch_size=2), [(6, 3)], {}),
        ("virtual_images", normalized(2, 5, 3, virtual_batch_size=3, scale=False), [(6, 2, 5, 3)], {}),
        ("virtual_axes", normalized(2, 5, 3, axis=[1, 3], virtual_batch_size=2), [(6, 2, 5, 3)], {}),
        ("renorm", renormalized(), [(3, 4, 3)], {"after": positive}),
        ("renorm_limits", renormalized(rmin=0.5, rmax=1.5, dmax=0.3), [(3, 4, 3)], {"after": positive}),
        ("renorm_steps", renormalized(1, rmax=1.2), [(3, 4, 3)], {"after": positive}),
        ("renorm_axes", renormalized([1, 2]), [(3, 4, 3)], {"after": positive}),
        ("renorm_virtual", renormalized(-1, 3, dmax=0.5), [(6, 4, 3)], {"after": positive}),
    ]
]

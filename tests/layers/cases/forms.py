"""Models in models, shared and passed through, and sizes that are open until the model runs."""

from . import case

IDS = {"vocab": 9, "low": 1, "pad": 0.7, "dtype": "int32"}


def nested(depth, frozen=False):
    """A model in a model, so many deep."""

    def make(k):
        x = k.Input((4,))
        y = k.layers.Dense(4, activation="tanh")(x)
        model = k.Model(x, k.layers.Dense(4)(nested(depth - 1)(k)(y) if depth else y))
        model.trainable = not frozen
        return model

    return make


def shared_model(k):
    inner, a, b = nested(1)(k), k.Input((4,)), k.Input((4,))
    return k.Model([a, b], [inner(a), k.layers.Add()([inner(b), inner(inner(a))])])


def passed_through(k):
    a, b = k.Input((4,)), k.Input((3,))
    return k.Model([a, b], [a, k.layers.Dense(2)(b), b, a])


def only_input(k):
    x = k.Input((4,))
    return k.Model(x, x)


def twice_out(k):
    x = k.Input((4,))
    y = k.layers.Dense(2)(x)
    return k.Model(x, [y, y])


def dicts_inside(k):
    """Called on a dict in another order than the model's inputs; its outputs are numbered by sorted key."""
    a, b = k.Input((4,), name="a"), k.Input((4,), name="b")
    inner = k.Model({"a": a, "b": b}, {"sum": k.layers.Add()([a, b]), "difference": k.layers.Subtract()([a, b])})
    x = k.Input((4,))
    y = inner({"b": x, "a": k.layers.Dense(4)(x)})
    return k.Model(x, [y["sum"], y["difference"]])


def dict_for_list(k):
    """A dict for a model whose inputs are a list: by the names of its input layers."""
    a, b = k.Input((4,), name="first"), k.Input((4,), name="second")
    inner = k.Model([a, b], k.layers.Subtract()([a, b]))
    x = k.Input((4,))
    return k.Model(x, inner({"second": x, "first": k.layers.Dense(4)(x)}))


def several_outputs_inside(k):
    x = k.Input((4,))
    inner = k.Model(x, [k.layers.Dense(2)(x), k.layers.Dense(3)(x)])
    y = k.Input((4,))
    (a, b), (c, d) = inner(y), inner(k.layers.Dense(4)(y))
    return k.Model(y, [b, k.layers.Concatenate()([a, c]), d])


def sequentials(k):
    inner = k.Sequential([k.layers.Dense(3), k.layers.BatchNormalization()])
    return k.Sequential([k.Input((4,)), inner, k.Sequential([k.Sequential([k.layers.Dense(2)])])])


def states_out(k):
    x = k.Input((5, 4))
    encoder = k.Model(x, k.layers.LSTM(3, return_state=True, return_sequences=True)(x))
    y = k.Input((5, 4))
    _, h, c = encoder(y)
    return k.Model(y, k.layers.Concatenate()([k.layers.LSTM(3)(y, initial_state=[h, c]), h]))


def frozen_bidirectional(k):
    x = k.Input((6, 4))
    y = k.layers.BatchNormalization()(k.layers.Dense(4)(x))
    inner = k.Model(x, k.layers.Bidirectional(k.layers.GRU(3, return_sequences=True))(y))
    inner.trainable = False
    x = k.Input((6, 4))
    middle = k.Model(x, k.layers.Bidirectional(k.layers.LSTM(2))(inner(x)))
    x = k.Input((6, 4))
    return k.Model(x, k.layers.Dense(2)(middle(x)))


def partly_frozen_bidirectional(k):
    both = k.layers.Bidirectional(k.layers.LSTM(3, return_sequences=True), merge_mode="sum")
    inner = k.Sequential([k.Input((6, 4)), both, k.layers.BatchNormalization(), k.layers.Dense(3)])
    x = k.Input((6, 4))
    outer = k.Model(x, k.layers.TimeDistributed(k.layers.Dense(2))(inner(x)))
    inner.layers[1].trainable = False
    x = k.Input((6, 4))
    return k.Model(x, outer(x))


def mask_into(k):
    x = k.Input((None, 4))
    inner = k.Model(x, k.layers.LSTM(3, return_sequences=True)(k.layers.Dense(4)(x)))
    ids = k.Input((None,), dtype="int32")
    return k.Model(ids, k.layers.GRU(2)(inner(k.layers.Embedding(9, 4, mask_zero=True)(ids))))


def mask_out_of(k):
    ids = k.Input((None,), dtype="int32")
    inner = k.Model(ids, k.layers.Embedding(9, 4, mask_zero=True)(ids))
    ids = k.Input((None,), dtype="int32")
    return k.Model(ids, k.layers.GRU(2)(k.layers.Dropout(0.2)(inner(ids))))


def mask_out_of_sequential(k):
    lstm = k.layers.LSTM(4, return_sequences=True)
    inner = k.Sequential([k.Input((6, 3)), k.layers.Masking(), lstm, k.layers.LayerNormalization()])
    x = k.Input((6, 3))
    return k.Model(x, k.layers.GlobalAveragePooling1D()(inner(x)))


def transformer(k):
    ids = k.Input((None,), dtype="int32")
    x = k.layers.Embedding(9, 8, mask_zero=True)(ids)
    y = k.layers.LayerNormalization()(k.layers.Add()([x, k.layers.MultiHeadAttention(2, 4)(x, x)]))
    z = k.layers.Dense(8)(k.layers.Dense(16, activation="gelu")(y))
    y = k.layers.LayerNormalization()(k.layers.Add()([y, z]))
    return k.Model(ids, k.layers.Dense(3)(k.layers.GlobalAveragePooling1D()(y)))


def timed(make_inner, shape):
    def make(k):
        x = k.Input(shape)
        return k.Model(x, k.layers.GRU(3)(k.layers.TimeDistributed(make_inner(k))(x)))

    return make


def small_cnn(k):
    x = k.Input((8, 8, 1))
    y = k.layers.BatchNormalization()(k.layers.Conv2D(3, 3)(x))
    return k.Model(x, k.layers.GlobalAveragePooling2D()(y))


def chain(shape, *steps):
    """Layers one after the other over an input of open size."""

    def make(k):
        x = y = k.Input(shape)
        for name, arguments, keywords in steps:
            y = getattr(k.layers, name)(*arguments, **keywords)(y)
        return k.Model(x, y)

    return make


def step(name, *arguments, **keywords):
    return name, arguments, keywords


def unet(k):
    x = k.Input((None, None, 2))
    a = k.layers.Conv2D(3, 3, padding="same", activation="relu")(x)
    b = k.layers.Conv2D(4, 3, padding="same")(k.layers.MaxPooling2D()(a))
    y = k.layers.Concatenate()([k.layers.UpSampling2D()(b), a])
    y = k.layers.SeparableConv2D(2, 3, padding="same")(y)
    return k.Model(x, k.layers.Softmax()(k.layers.LayerNormalization()(y)))


def open_attention(k):
    q, v = k.Input((None, 4)), k.Input((None, 4))
    return k.Model([q, v], k.layers.Attention(use_scale=True)([q, v]))


def open_dot(k):
    x = k.Input((None, 5))
    return k.Model(x, k.layers.Dot(axes=(2, 1))([x, k.layers.Permute((2, 1))(x)]))


SAME = {"padding": "same"}
CASES = [
    case("nested", nested(5), (3, 4)),
    case("nested_frozen", nested(2, frozen=True), (3, 4)),
    case("shared_model", shared_model, (3, 4), (3, 4)),
    case("passed_through", passed_through, (3, 4), (3, 3)),
    case("only_input", only_input, (3, 4)),
    case("twice_out", twice_out, (3, 4)),
    case("dicts_inside", dicts_inside, (3, 4)),
    case("dict_for_list", dict_for_list, (3, 4)),
    case("several_outputs_inside", several_outputs_inside, (3, 4)),
    case("sequentials", sequentials, (3, 4)),
    case("states_out", states_out, (2, 5, 4)),
    case("frozen_bidirectional", frozen_bidirectional, (2, 6, 4)),
    case("partly_frozen_bidirectional", partly_frozen_bidirectional, (2, 6, 4)),
    case("mask_into", mask_into, (3, 7), **IDS),
    case("mask_out_of", mask_out_of, (3, 7), **IDS),
    case("mask_out_of_sequential", mask_out_of_sequential, (3, 6, 3), pad=0.7),
    case("transformer", transformer, (3, 7), **IDS),
    case("timed_model", timed(nested(1), (5, 4)), (2, 5, 4)),
    case("timed_cnn_open_time", timed(small_cnn, (None, 8, 8, 1)), (2, 4, 8, 8, 1)),
    case(
        "image",
        chain(
            (None, None, 3),
            step("Conv2D", 4, 3, strides=2, **SAME),
            step("UpSampling2D"),
            step("Conv2DTranspose", 3, 3, strides=2, **SAME),
            step("SpatialDropout2D", 0.2),
            step("BatchNormalization"),
            step("UnitNormalization"),
        ),
        (2, 8, 12, 3),
    ),
    case("image_pooled", chain((None, None, 3), step("GlobalAveragePooling2D", keepdims=True)), (2, 8, 5, 3)),
    case("image_resized", chain((None, None, 3), step("Resizing", 4, 4), step("Flatten")), (2, 7, 9, 3)),
    case("image_channels_open", chain((5, 4, None), step("GlobalMaxPooling2D")), (2, 5, 4, 3)),
    case("unet", unet, (2, 10, 6, 2)),
    case(
        "volume",
        chain(
            (None, None, None, 1),
            step("Conv3D", 2, 2, **SAME),
            step("MaxPooling3D"),
            step("UpSampling3D"),
            step("GlobalMaxPooling3D"),
        ),
        (2, 4, 6, 4, 1),
    ),
    case(
        "sequence",
        chain(
            (None, 5),
            step("Conv1D", 6, 3, padding="causal", dilation_rate=2),
            step("GRU", 4, return_sequences=True),
            step("MaxPooling1D", 2),
            step("ZeroPadding1D", 2),
            step("Cropping1D", 1),
            step("GlobalAveragePooling1D"),
        ),
        (2, 9, 5),
    ),
    case("features_open", chain((None,), step("Rescaling", 2.0), step("Activation", "tanh")), (2, 7)),
    case("steps_in_steps", chain((None, None, 4), step("Rescaling", 0.5), step("Dense", 3)), (2, 3, 5, 4)),
    case("reshaped", chain((None, 4), step("Reshape", (-1, 2, 2))), (2, 6, 4)),
    case("open_attention", open_attention, (2, 3, 4), (2, 6, 4)),
    case("open_dot", open_dot, (2, 3, 5)),
]

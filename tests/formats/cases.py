"""Models whose files have a trap in them: each is saved as .h5 and .keras by both generations of Keras."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def _base(k: Any, name: str = "base") -> Any:
    x = inputs = k.Input((6, 6, 2), name="image")
    x = k.layers.Conv2D(3, 3, name="conv_a")(x)
    x = k.layers.BatchNormalization(name="norm_a")(x)
    x = k.layers.Conv2D(2, 3, use_bias=False, name="conv_b")(x)
    x = k.layers.BatchNormalization(name="norm_b")(x)
    return k.Model(inputs, x, name=name)


def _headed(k: Any, base: Any) -> Any:
    x = inputs = k.Input((6, 6, 2), name="in0")
    x = base(x)
    x = k.layers.Flatten()(x)
    return k.Model(inputs, k.layers.Dense(2, name="head")(x))


def transfer_all_trainable(k: Any) -> Any:
    return _headed(k, _base(k))


def transfer_frozen(k: Any) -> Any:
    base = _base(k)
    base.trainable = False
    return _headed(k, base)


def transfer_partly_frozen(k: Any) -> Any:
    base = _base(k)
    base.get_layer("conv_a").trainable = False
    base.get_layer("norm_b").trainable = False
    return _headed(k, base)


def transfer_frozen_then_opened(k: Any) -> Any:
    base = _base(k)
    base.trainable = False
    base.get_layer("conv_b").trainable = True
    base.get_layer("norm_b").trainable = True
    return _headed(k, base)


def transfer_two_deep(k: Any) -> Any:
    inner = _base(k, "inner")
    inner.get_layer("norm_a").trainable = False
    x = inputs = k.Input((6, 6, 2), name="middle_in")
    x = k.layers.BatchNormalization(name="norm_first")(x)
    x = inner(x)
    x = k.layers.Conv2D(2, 1, name="conv_last")(x)
    middle = k.Model(inputs, x, name="middle")
    middle.get_layer("norm_first").trainable = False
    return _headed(k, middle)


def frozen_made_so(k: Any) -> Any:
    base = k.Sequential(
        [
            k.Input((6, 6, 2)),
            k.layers.Conv2D(3, 3, trainable=False, name="conv_a"),
            k.layers.BatchNormalization(trainable=False, name="norm_a"),
            k.layers.Conv2D(3, 3, name="conv_b"),
            k.layers.BatchNormalization(name="norm_b"),
        ],
        name="base",
    )
    return _headed(k, base)


def same_shapes_frozen(k: Any) -> Any:
    """Every kernel and bias has one shape: only the names tell the order."""
    layers = [k.layers.Dense(3, name=f"square_{i}") for i in (2, 10, 1)]
    layers[0].trainable = False
    base = k.Sequential([k.Input((3,)), *layers], name="squares")
    base.layers[1].trainable = False
    x = inputs = k.Input((3,), name="in0")
    return k.Model(inputs, k.layers.Dense(3, name="square_0")(base(x)))


def shared_dense(k: Any) -> Any:
    a, b = k.Input((4,), name="a"), k.Input((4,), name="b")
    dense, last = k.layers.Dense(4, name="shared"), k.layers.Dense(2, name="last")
    return k.Model([a, b], last(k.layers.Concatenate()([dense(dense(a)), dense(b)])))


def shared_model(k: Any) -> Any:
    twin_in = k.Input((4,), name="twin_in")
    twin = k.Model(twin_in, k.layers.Dense(3, name="twin_dense")(twin_in), name="twin")
    chain = k.Sequential([k.Input((3,)), k.layers.Dense(3, name="chain_dense")], name="chain")
    a, b = k.Input((4,), name="a"), k.Input((4,), name="b")
    left, right = twin(a), chain(twin(b))
    return k.Model([a, b], [k.layers.Subtract()([left, right]), chain(left), twin(b)])


def borrowed_layers(k: Any) -> Any:
    """A layer and a model stand in several models; an archive stores them once (Keras itself cannot load it)."""
    i = k.Input((4,), name="i")
    a, b = k.layers.Dense(4, name="a"), k.layers.Dense(4, name="b")
    whole = k.Model(i, b(a(i)), name="whole")
    half = k.Model(whole.input, whole.get_layer("a").output, name="half")
    x = k.Input((4,), name="in0")
    last = k.layers.Dense(4, name="last")
    return k.Model(x, k.layers.Concatenate()([whole(x), half(x), a(x), last(x), b(x)]))


def nested_ends(k: Any) -> Any:
    """The outputs of the model come straight from nested models."""
    inner_in = k.Input((4,), name="inner_in")
    h = k.layers.Dense(3, name="h")(inner_in)
    inner = k.Model(inner_in, [h, k.layers.Dense(2, name="g")(h)], name="inner")
    chain = k.Sequential([k.Input((3,)), k.layers.Dense(2, name="c")], name="chain")
    x = k.Input((4,), name="in0")
    first, second = inner(x)
    return k.Model(x, [second, chain(first)])


def model_in_sequential(k: Any) -> Any:
    inner_in = k.Input((4,), name="inner_in")
    inner = k.Model(inner_in, k.layers.Dense(5, activation="relu", name="h")(inner_in), name="inner")
    return k.Sequential([inner, k.Sequential([k.layers.Dense(3, name="p")], name="tail"), k.layers.Dense(2, name="q")])


def dict_ends(k: Any) -> Any:
    a, b = k.Input((3,), name="a"), k.Input((3,), name="b")
    total = k.layers.Add()([a, b])
    outputs = {"zeta": k.layers.Dense(2, name="alpha")(total), "beta": k.layers.Dense(1, name="gamma")(a)}
    return k.Model({"a": a, "b": b}, outputs)


def list_of_one(k: Any) -> Any:
    x = k.Input((3,), name="in0")
    return k.Model([x], [k.layers.Dense(2)(x)])


def same_output_twice(k: Any) -> Any:
    x = k.Input((3,), name="in0")
    y = k.layers.Dense(2, name="y")(x)
    return k.Model(x, [y, k.layers.Dense(1, name="z")(y), y])


def sequential_unnamed_input(k: Any) -> Any:
    model = k.Sequential([k.layers.Dense(4, activation="relu"), k.layers.Dense(2)])
    model.build((None, 3))
    return model


def many_dense(k: Any) -> Any:
    """Twelve layers of one class: dense_10 sorts before dense_2."""
    return k.Sequential([k.Input((3,)), *[k.layers.Dense(3, name=f"dense_{12 - i}") for i in range(12)]])


def recurrent_frozen(k: Any) -> Any:
    x = inputs = k.Input((5, 3), name="steps")
    x = k.layers.Bidirectional(k.layers.LSTM(2, return_sequences=True), name="both")(x)
    x = k.layers.TimeDistributed(k.layers.Dense(3), name="each")(x)
    x = k.layers.BatchNormalization(name="norm")(x)
    x = k.layers.Bidirectional(
        k.layers.GRU(2), backward_layer=k.layers.GRU(2, go_backwards=True, activation="relu"), name="given"
    )(x)
    base = k.Model(inputs, x, name="base")
    base.get_layer("both").trainable = False
    y = outer = k.Input((5, 3), name="in0")
    return k.Model(outer, k.layers.Dense(2, name="head")(base(y)))


def cells(k: Any) -> Any:
    x = inputs = k.Input((5, 3), name="in0")
    stack = [k.layers.LSTMCell(2), k.layers.GRUCell(3), k.layers.LSTMCell(4)]
    x = k.layers.RNN(stack, return_sequences=True, name="stack")(x)
    x = k.layers.RNN(k.layers.SimpleRNNCell(3), return_sequences=True, name="single")(x)
    x = k.layers.Bidirectional(k.layers.RNN(k.layers.GRUCell(2)), name="both")(x)
    return k.Model(inputs, x)


def states(k: Any) -> Any:
    """An encoder hands its states to a decoder."""
    source, target = k.Input((5, 3), name="source"), k.Input((4, 2), name="target")
    _, h, c = k.layers.LSTM(3, return_state=True, name="encoder")(source)
    decoded = k.layers.LSTM(3, return_sequences=True, name="decoder")(target, initial_state=[h, c])
    _, *both = k.layers.Bidirectional(k.layers.GRU(2, return_state=True), name="both")(source)
    last = k.layers.Bidirectional(k.layers.GRU(2), name="last")(target, initial_state=both)
    return k.Model([source, target], [decoded, last])


def masked(k: Any) -> Any:
    x = k.Input((5,), name="in0")
    y = k.layers.Embedding(7, 3, mask_zero=True, name="words")(x)
    return k.Model(x, k.layers.Dense(2)(k.layers.LSTM(3)(y)))


def timed_model(k: Any) -> Any:
    frame = k.Sequential([k.Input((4, 4, 1)), k.layers.Conv2D(2, 3, name="c"), k.layers.BatchNormalization(name="n")])
    frame.layers[-1].trainable = False
    x = k.Input((3, 4, 4, 1), name="in0")
    return k.Model(x, k.layers.TimeDistributed(frame, name="frames")(x))


def families(k: Any) -> Any:
    """One layer of each family with more than a kernel and a bias."""
    x = inputs = k.Input((6, 6, 4), name="in0")
    x = k.layers.SeparableConv2D(3, 3, padding="same", name="separable")(x)
    x = k.layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2, name="depthwise")(x)
    x = k.layers.Conv2DTranspose(4, 2, name="transpose")(x)
    x = k.layers.PReLU(shared_axes=[1, 2], name="prelu")(x)
    x = k.layers.LayerNormalization(name="layer_norm")(x)
    x = k.layers.GroupNormalization(2, name="group_norm")(x)
    x = k.layers.BatchNormalization(scale=False, name="no_gamma")(x)
    x = k.layers.BatchNormalization(center=False, name="no_beta")(x)
    return k.Model(inputs, x)


def attention(k: Any) -> Any:
    x, y = k.Input((4, 6), name="in0"), k.Input((3, 6), name="in1")
    out = k.layers.MultiHeadAttention(2, 3, name="heads")(x, y)
    return k.Model([x, y], k.layers.LayerNormalization(name="norm")(out))


def normalization(k: Any) -> Any:
    import numpy as np

    layer = k.layers.Normalization(name="scale_it")
    layer.adapt(np.arange(12, dtype="float32").reshape(4, 3) ** 2)
    return k.Sequential([k.Input((3,)), layer, k.layers.Dense(2)])


def convlstm(k: Any) -> Any:
    x = k.Input((3, 4, 4, 2), name="in0")
    return k.Model(x, k.layers.ConvLSTM2D(2, 3, name="film")(x))


def spectral(k: Any) -> Any:
    x = k.Input((3,), name="in0")
    return k.Model(x, k.layers.SpectralNormalization(k.layers.Dense(2), name="bounded")(x))


def arithmetic(k: Any) -> Any:
    """Python operators on symbolic tensors, beside a layer of the same class name."""
    a, b = k.Input((3,), name="a"), k.Input((3,), name="b")
    x = k.layers.Add(name="layer_add")([a, b])
    y = (x + 1.0) * 2.0 + a
    return k.Model([a, b], k.layers.Dense(2, name="d")(k.layers.Add(name="other_add")([y, b])))


CASES: dict[str, Callable[[Any], Any]] = {
    function.__name__: function
    for function in (
        arithmetic,
        attention,
        borrowed_layers,
        cells,
        convlstm,
        dict_ends,
        families,
        frozen_made_so,
        list_of_one,
        many_dense,
        masked,
        model_in_sequential,
        nested_ends,
        normalization,
        recurrent_frozen,
        same_output_twice,
        same_shapes_frozen,
        sequential_unnamed_input,
        shared_dense,
        shared_model,
        spectral,
        states,
        timed_model,
        transfer_all_trainable,
        transfer_frozen,
        transfer_frozen_then_opened,
        transfer_partly_frozen,
        transfer_two_deep,
    )
}

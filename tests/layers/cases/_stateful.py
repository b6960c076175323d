"""Stateful models: what they are made of, for `make_stateful_goldens.py` and `test_stateful.py`.

A row makes a model whose inputs fix the batch size at ROWS. It is asked three times, with the batches in CALLS, its
states running on from call to call except after RESET.
"""

from __future__ import annotations

from typing import Any

from layers.cases import Case, case

ROWS, STEPS, SIZE = 2, 5, 3
CALLS = (2, 1, 1)  # batches per call
RESET = 1  # states are reset after this call
SHAPE = (ROWS, STEPS, SIZE)
FRAMES = (ROWS, 3, 5, 6, 2)
LINES = (ROWS, 3, 7, 2)
TURNED = (ROWS, 3, SIZE)
TIMED = (ROWS, 3, 4, SIZE)


def inputs(k: Any, *shapes: tuple[int, ...]) -> list[Any]:
    return [k.Input(batch_shape=shape, name=f"in{i}") for i, shape in enumerate(shapes)]


def chain(*layers: Any, mask: bool = False) -> Any:
    """The layers, each a function of keras, one after the other over one input."""

    def make(k: Any) -> Any:
        (x,) = inputs(k, SHAPE)
        y = k.layers.Masking(0.0)(x) if mask else x
        for layer in layers:
            y = layer(k)(y)
        return k.Model(x, y)

    return make


def with_initial_state(k: Any) -> Any:
    x, *states = inputs(k, SHAPE, (ROWS, 4), (ROWS, 4))
    return k.Model([x, *states], k.layers.LSTM(4, stateful=True, return_state=True)(x, initial_state=states))


def bidirectional_with_initial_state(k: Any) -> Any:
    x, *states = inputs(k, SHAPE, (ROWS, 3), (ROWS, 3))
    layer = k.layers.Bidirectional(k.layers.GRU(3, stateful=True, return_sequences=True))
    return k.Model([x, *states], layer(x, initial_state=states))


def nested(k: Any) -> Any:
    (inner,) = inputs(k, SHAPE)
    part = k.Model(inner, k.layers.GRU(4, stateful=True, return_sequences=True)(inner), name="part")
    x = k.Input(batch_shape=SHAPE, name="in0")
    return k.Model(x, k.layers.Dense(2)(k.layers.SimpleRNN(3, stateful=True)(part(x))))


def sequential(k: Any) -> Any:
    return k.Sequential([*inputs(k, SHAPE), k.layers.LSTM(4, stateful=True), k.layers.Dense(2)])


def time_distributed(k: Any) -> Any:
    """No states, but a fixed batch size and a mask: Keras 2 could take its time loop for it, and does not."""
    start = k.Input((SIZE,), name="start")
    part = k.Model(start, k.layers.Dense(4, activation="relu")(start), name="part")
    return chain(lambda k: k.layers.TimeDistributed(part), mask=True)(k)


def half(k: Any) -> Any:
    (x,) = inputs(k, SHAPE)
    return k.Model(x, k.layers.LSTM(4, stateful=True, dtype="mixed_float16")(x))


def convolved(rank: int, shape: tuple[int, ...], wrapped: bool = False, **options: Any) -> Any:
    """A ConvLSTM whose states are images."""

    def make(k: Any) -> Any:
        (x,) = inputs(k, shape)
        layer = getattr(k.layers, f"ConvLSTM{rank}D")(3, 3, stateful=True, **options)
        return k.Model(x, k.layers.Bidirectional(layer)(x) if wrapped else layer(x))

    return make


def time_major(k: Any) -> Any:
    """What the input layer calls a batch are ROWS steps of three samples."""
    (x,) = inputs(k, TURNED)
    y = k.layers.LSTM(4, time_major=True, stateful=True, return_sequences=True)(x)
    return k.Model(x, k.layers.GRU(3, time_major=True, stateful=True, return_sequences=True)(y))


def timed(make: Any, steps: int = 3, mask: bool = False, deep: int = 1) -> Any:
    """TimeDistributed, `deep` times, over what keeps states: they run on from one time step to the next."""

    def build(k: Any) -> Any:
        (x,) = inputs(k, (ROWS, steps, *(2,) * (deep - 1), 4, SIZE))
        layer = make(k)
        for _ in range(deep):
            layer = k.layers.TimeDistributed(layer)
        return k.Model(x, layer(k.layers.Masking(0.0)(x) if mask else x))

    return build


def timed_model(k: Any) -> Any:
    """A stack of layers for TimeDistributed, one of which keeps states."""
    (x,) = inputs(k, (ROWS, 4, SIZE))
    y = k.layers.LSTM(4, stateful=True, return_sequences=True)(k.layers.Dense(3, activation="tanh")(x))
    return k.Model(x, k.layers.Dense(2)(k.layers.GRU(3, stateful=True, name="deep")(y)), name="part")


def again(*depths: int, kind: str = "GRU") -> Any:
    """One layer that keeps states on several inputs, so many Dense layers behind each: the deepest is called first."""

    def make(k: Any) -> Any:
        xs = inputs(k, *[SHAPE] * len(depths))
        layer = getattr(k.layers, kind)(3, stateful=True, return_sequences=True)
        ys = [layer(x) for x in xs]
        for at, depth in enumerate(depths):
            for _ in range(depth):
                ys[at] = k.layers.Dense(2)(ys[at])
        return k.Model(xs, ys)

    return make


def after_itself(k: Any) -> Any:
    """A layer on what it gave itself, and a model of such layers on two inputs."""
    (start,) = inputs(k, SHAPE)
    part = k.Model(start, k.layers.SimpleRNN(SIZE, stateful=True, return_sequences=True)(start), name="part")
    x, y = k.Input(batch_shape=SHAPE, name="first"), k.Input(batch_shape=SHAPE, name="second")
    layer = k.layers.LSTM(SIZE, stateful=True, return_sequences=True)
    return k.Model([x, y], k.layers.Add()([layer(layer(part(x))), part(layer(y))]))


def timed_again(k: Any) -> Any:
    xs = inputs(k, TIMED, TIMED)
    layer = k.layers.TimeDistributed(k.layers.SimpleRNN(3, stateful=True))
    return k.Model(xs, [layer(x) for x in xs])


def timed_rows(k: Any) -> Any:
    """A mask of two axes, which covers whole rows of what a step gives."""
    (x,) = inputs(k, SHAPE)
    part = k.Sequential([k.layers.Reshape((1, SIZE)), k.layers.SimpleRNN(4, stateful=True)])
    return k.Model(x, k.layers.TimeDistributed(part)(k.layers.Masking(0.0)(x)))


CASES: list[Case] = [
    case(
        "stacked",
        chain(
            lambda k: k.layers.LSTM(4, stateful=True, return_sequences=True),
            lambda k: k.layers.GRU(3, stateful=True),
            lambda k: k.layers.Dense(2),
        ),
        SHAPE,
    ),
    case("simple_rnn_all", chain(lambda k: k.layers.SimpleRNN(4, stateful=True, return_state=True)), SHAPE),
    case(
        "lstm_backwards",
        chain(
            lambda k: k.layers.LSTM(4, stateful=True, return_state=True, return_sequences=True, go_backwards=True),
        ),
        SHAPE,
    ),
    case(
        "gru_unrolled",
        chain(lambda k: k.layers.GRU(4, stateful=True, unroll=True, reset_after=False)),
        SHAPE,
    ),
    case("lstm_masked", chain(lambda k: k.layers.LSTM(4, stateful=True), mask=True), SHAPE, pad=1.0),
    case(
        "bidirectional",
        chain(lambda k: k.layers.Bidirectional(k.layers.LSTM(3, stateful=True, return_sequences=True))),
        SHAPE,
    ),
    case(
        "bidirectional_masked",
        chain(lambda k: k.layers.Bidirectional(k.layers.GRU(3, stateful=True), merge_mode="sum"), mask=True),
        SHAPE,
        pad=0.6,
    ),
    case(
        "rnn_cell",
        chain(lambda k: k.layers.RNN(k.layers.LSTMCell(4), stateful=True, return_sequences=True)),
        SHAPE,
    ),
    case(
        "rnn_cells",
        chain(lambda k: k.layers.RNN([k.layers.LSTMCell(4), k.layers.GRUCell(3)], stateful=True)),
        SHAPE,
    ),
    case("initial_state", with_initial_state, SHAPE, (ROWS, 4), (ROWS, 4)),
    case("bidirectional_initial_state", bidirectional_with_initial_state, SHAPE, (ROWS, 3), (ROWS, 3)),
    case("nested", nested, SHAPE),
    case("sequential", sequential, SHAPE),
    case("time_distributed", time_distributed, SHAPE, pad=0.8),
    case("conv_lstm", convolved(2, FRAMES, return_sequences=True, return_state=True), FRAMES),
    case("conv_lstm_strided", convolved(1, LINES, padding="same", strides=2), LINES),
    case("conv_lstm_bidirectional", convolved(1, LINES, True, padding="same"), LINES),
    case("time_major", time_major, TURNED, dialects=(2,)),
    case("half", half, SHAPE, tolerance=5e-3, reason="half precision"),
    case("timed_lstm", timed(lambda k: k.layers.LSTM(3, stateful=True)), TIMED),
    case("timed_once", timed(lambda k: k.layers.SimpleRNN(3, stateful=True), steps=1), (ROWS, 1, 4, SIZE)),
    case(
        "timed_gru_backwards",
        timed(lambda k: k.layers.GRU(3, stateful=True, go_backwards=True, return_sequences=True)),
        TIMED,
    ),
    case("timed_bidirectional", timed(lambda k: k.layers.Bidirectional(k.layers.GRU(2, stateful=True))), TIMED),
    case(
        "timed_states",
        timed(lambda k: k.layers.LSTM(3, stateful=True, return_state=True)),
        TIMED,
        dialects=(2,),
    ),
    case("timed_model", timed(timed_model), TIMED),
    case(
        "timed_twice", timed(lambda k: k.layers.RNN(k.layers.LSTMCell(3), stateful=True), deep=2), (ROWS, 3, 2, 4, SIZE)
    ),
    case("timed_masked", timed(lambda k: k.layers.LSTM(3, stateful=True), mask=True), TIMED, dialects=(3,), pad=0.7),
    case("twice", again(0, 0), SHAPE, SHAPE),
    case("thrice_by_depth", again(0, 2, 1, kind="LSTM"), SHAPE, SHAPE, SHAPE),
    case("after_itself", after_itself, SHAPE, SHAPE),
    case("timed_again", timed_again, TIMED, TIMED),
    case("timed_rows_masked", timed_rows, SHAPE, dialects=(2,), pad=0.8),
    case(
        "timed_steps_masked",
        timed(lambda k: k.layers.GRU(3, stateful=True, return_sequences=True), mask=True),
        TIMED,
        dialects=(2,),
        pad=0.7,
    ),
]

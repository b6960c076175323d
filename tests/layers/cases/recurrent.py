"""SimpleRNN, GRU, LSTM, RNN over cells: every argument."""

from . import case

SHAPE = (3, 5, 4)
KINDS = {"simple": "SimpleRNN", "gru": "GRU", "lstm": "LSTM"}
FLAGS = [
    ("sequences", {"return_sequences": True}),
    ("state", {"return_state": True}),
    ("sequences_state", {"return_sequences": True, "return_state": True}),
    ("backwards", {"go_backwards": True}),
    ("backwards_sequences_state", {"go_backwards": True, "return_sequences": True, "return_state": True}),
    ("unroll", {"unroll": True, "return_sequences": True}),
    ("no_bias", {"use_bias": False}),
    ("dropout", {"dropout": 0.3, "recurrent_dropout": 0.2}),
    ("relu", {"activation": "relu"}),
    ("linear", {"activation": None}),
]
GATED = [
    ("hard_sigmoid", {"recurrent_activation": "hard_sigmoid", "return_sequences": True}),
    ("gate_tanh", {"recurrent_activation": "tanh", "activation": "sigmoid"}),
    ("implementation1", {"implementation": 1}),
    ("softsign_relu_gates", {"activation": "softsign", "recurrent_activation": "relu"}),
]


def layer(kind, **options):
    """A function of keras that makes the layer."""
    return lambda k: getattr(k.layers, kind)(3, **options)


def stateful_input(kind, states, **options):
    """A model whose initial states are inputs."""

    def make(k):
        x = k.Input((5, 4))
        given = [k.Input((3,)) for _ in range(states)]
        made = getattr(k.layers, kind)(3, **options)
        return k.Model([x, *given], made(x, initial_state=given if states > 1 else given[0]))

    return make


def encoder_decoder(kind, masked=False):
    """Final states of an encoder start the decoder."""

    def make(k):
        def embedded(tensor):
            return k.layers.Embedding(7, 4, mask_zero=masked)(tensor)

        source, target = k.Input((5,), dtype="int32"), k.Input((6,), dtype="int32")
        _, *states = getattr(k.layers, kind)(3, return_state=True)(embedded(source))
        decoder = getattr(k.layers, kind)(3, return_sequences=True, return_state=True)
        y, *_ = decoder(embedded(target), initial_state=states)
        y = k.layers.Dense(4, activation="softmax")(getattr(k.layers, kind)(3, return_sequences=True)(y))
        return k.Model([source, target], y)

    return make


def rnn(make_cell, **options):
    """RNN over a cell."""
    return lambda k: k.layers.RNN(make_cell(k), **options)


def stacked(k):
    return [k.layers.LSTMCell(3), k.layers.GRUCell(2), k.layers.SimpleRNNCell(4)]


def nested(k):
    """Stacked cells in stacked cells."""
    inner = k.layers.StackedRNNCells([k.layers.LSTMCell(3, name="a"), k.layers.GRUCell(2, name="b")], name="inner")
    return k.layers.StackedRNNCells([inner, k.layers.SimpleRNNCell(4, name="c")], name="outer")


def reversed_states(k):
    """Keras 2 only; cells of one kind, as it can build no others."""
    cells = [k.layers.LSTMCell(3, name="a"), k.layers.LSTMCell(3, name="b")]
    return k.layers.StackedRNNCells(cells, reverse_state_order=True)


def chain(*kinds, **options):
    """A Sequential of recurrent layers."""

    def make(k):
        layers = [getattr(k.layers, kind)(3, return_sequences=True, **options) for kind in kinds]
        return k.Sequential([k.Input((None, 4)), *layers, k.layers.Dense(2)])

    return make


def shared(k):
    """One layer applied twice."""
    first, second = k.Input((5, 4)), k.Input((3, 4))
    lstm = k.layers.LSTM(3)
    return k.Model([first, second], [lstm(first), lstm(second)])


CASES = [
    *[case(f"{kind}", layer(name), SHAPE) for kind, name in KINDS.items()],
    *[
        case(f"{kind}_{label}", layer(name, **options), SHAPE)
        for kind, name in KINDS.items()
        for label, options in (FLAGS if kind != "simple" else FLAGS[2:7])
    ],
    *[
        case(f"{kind}_{label}", layer(KINDS[kind], **options), SHAPE)
        for kind in ("gru", "lstm")
        for label, options in GATED
    ],
    *[
        case(f"gru_before_{label}", layer("GRU", reset_after=False, **options), SHAPE)
        for label, options in [("plain", {}), *FLAGS[2:7], *GATED]
    ],
    case("lstm_no_unit_forget_bias", layer("LSTM", unit_forget_bias=False), SHAPE),
    case(
        "lstm_float64", layer("LSTM", dtype="float64", return_sequences=True), SHAPE, dtype="float64", tolerance=1e-12
    ),
    case("gru_float64", layer("GRU", dtype="float64"), SHAPE, dtype="float64", tolerance=1e-12),
    case("lstm_mixed_float16", layer("LSTM", dtype="mixed_float16"), SHAPE, tolerance=5e-3, reason="halves"),
    case("gru_mixed_float16", layer("GRU", dtype="mixed_float16"), SHAPE, tolerance=5e-3, reason="halves"),
    case("lstm_one_step", layer("LSTM", return_sequences=True), (2, 1, 4)),
    case("lstm_one_row", layer("LSTM"), (1, 9, 4)),
    case("lstm_wide", lambda k: k.layers.LSTM(20, return_sequences=True), (2, 12, 7)),
    case("gru_saturated", layer("GRU", return_sequences=True), SHAPE, scale=100.0),
    case("lstm_saturated", layer("LSTM", return_sequences=True), SHAPE, scale=100.0),
    *[
        case(f"{kind}_initial_state_{label}", stateful_input(name, count, **options), SHAPE, *[(3, 3)] * count)
        for kind, name, count in (("simple", "SimpleRNN", 1), ("gru", "GRU", 1), ("lstm", "LSTM", 2))
        for label, options in (("plain", {}), ("backwards", {"go_backwards": True, "return_state": True}))
    ],
    case("lstm_encoder_decoder", encoder_decoder("LSTM"), (3, 5), (3, 6), vocab=7),
    *[
        case(f"{kind}_encoder_decoder_masked", encoder_decoder(name, True), (4, 5), (4, 6), vocab=7, low=1, pad=0.8)
        for kind, name in KINDS.items()
    ],
    case("rnn_simple_cell", rnn(lambda k: k.layers.SimpleRNNCell(3)), SHAPE),
    case("rnn_gru_cell", rnn(lambda k: k.layers.GRUCell(3), return_sequences=True), SHAPE),
    case("rnn_gru_cell_before", rnn(lambda k: k.layers.GRUCell(3, reset_after=False)), SHAPE),
    case("rnn_lstm_cell", rnn(lambda k: k.layers.LSTMCell(3), return_state=True, go_backwards=True), SHAPE),
    case("rnn_one_in_list", rnn(lambda k: [k.layers.LSTMCell(3)], return_sequences=True), SHAPE),
    case("rnn_stacked", rnn(stacked), SHAPE),
    case("rnn_stacked_sequences", rnn(stacked, return_sequences=True), SHAPE),
    case("rnn_stacked_backwards", rnn(stacked, return_sequences=True, go_backwards=True), SHAPE),
    case("rnn_nested", rnn(nested, return_sequences=True), SHAPE),
    case("rnn_reversed_states", rnn(reversed_states, return_state=True), SHAPE, dialects=(2,)),
    case("chain", chain("SimpleRNN", "GRU", "LSTM"), (3, 7, 4)),
    case("chain_hard", chain("GRU", "LSTM", recurrent_activation="hard_sigmoid"), (3, 7, 4)),
    case("shared", shared, (2, 5, 4), (2, 3, 4)),
]

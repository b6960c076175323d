"""ConvLSTM1D, ConvLSTM2D and ConvLSTM3D."""

from . import case


def _one(*args, **keywords):
    return lambda k: k.layers.ConvLSTM1D(*args, **keywords)


def _two(*args, **keywords):
    return lambda k: k.layers.ConvLSTM2D(*args, **keywords)


def _three(*args, **keywords):
    return lambda k: k.layers.ConvLSTM3D(*args, **keywords)


def _states(sequences=False, state=False, shape=(3, 4, 5, 2), given=(4, 5, 3), **keywords):
    """With initial states."""

    def make(k):
        x, h, c = k.Input(shape), k.Input(given), k.Input(given)
        layer = k.layers.ConvLSTM2D(3, 3, padding="same", return_sequences=sequences, return_state=state, **keywords)
        return k.Model([x, h, c], layer(x, initial_state=[h, c]))

    return make


def _masked(*args, **keywords):
    """With a mask of its own."""

    def make(k):
        x, mask = k.Input((5, 4, 2)), k.Input((5,))
        return k.Model([x, mask], k.layers.ConvLSTM1D(*args, **keywords)(x, mask=mask))

    return make


def _stack(k):
    return k.Sequential(
        [
            k.Input((3, 5, 4, 1)),
            k.layers.ConvLSTM2D(2, 3, padding="same", return_sequences=True),
            k.layers.BatchNormalization(),
            k.layers.ConvLSTM2D(3, 2),
            k.layers.Flatten(),
            k.layers.Dense(2),
        ]
    )


X1, X2, X3 = (2, 3, 6, 2), (2, 3, 5, 6, 2), (2, 2, 3, 4, 3, 2)
MASKED = ((3, 5, 4, 2), (3, 5))

CASES = [
    case("one", _one(3, 3), X1),
    case("one_same_sequences", _one(3, 2, padding="same", return_sequences=True), X1),
    case("one_strides", _one(2, 3, strides=2), X1),
    case("one_dilation", _one(2, 2, dilation_rate=2), X1),
    case("two", _two(3, 3), X2),
    case("two_same", _two(3, (3, 2), padding="same"), X2),
    case("two_sequences", _two(3, 3, return_sequences=True), X2),
    case("two_backwards", _two(3, 3, go_backwards=True, return_sequences=True), X2),
    case("two_state", _two(3, 3, return_state=True), X2),
    case("two_sequences_state", _two(2, 3, return_sequences=True, return_state=True, padding="same"), X2),
    case("two_strides", _two(2, 3, strides=(2, 1), padding="same"), X2),
    case("two_dilation", _two(2, 2, dilation_rate=2, padding="same"), X2),
    case("two_no_bias", _two(2, 3, use_bias=False), X2),
    case("two_activations", _two(2, 3, activation="relu", recurrent_activation="tanh"), X2),
    case("two_hard_sigmoid", _two(2, 3, recurrent_activation="hard_sigmoid"), X2),
    case("two_forget_bias", _two(2, 3, unit_forget_bias=False, dropout=0.2, recurrent_dropout=0.1), X2),
    case("two_one_step", _two(2, 1), (2, 1, 3, 3, 2)),
    case("two_initial", _states(), (2, 3, 4, 5, 2), (2, 4, 5, 3), (2, 4, 5, 3)),
    case("two_initial_state", _states(True, True), (2, 3, 4, 5, 2), (2, 4, 5, 3), (2, 4, 5, 3)),
    case("two_stack", _stack, (2, 3, 5, 4, 1)),
    case("two_unknown_length", lambda k: k.Sequential([k.Input((None, 4, 5, 2)), _two(2, 3)(k)]), (2, 3, 4, 5, 2)),
    case("three", _three(2, 2), X3),
    case("three_sequences", _three(2, (2, 3, 2), padding="same", return_sequences=True), X3),
    case("one_masked", _masked(3, 2), *MASKED, vocab=2),
    case("one_masked_sequences", _masked(3, 2, return_sequences=True), *MASKED, vocab=2),
    case("one_masked_state", _masked(3, 2, return_sequences=True, return_state=True), *MASKED, vocab=2),
    case("one_masked_backwards", _masked(3, 2, return_sequences=True, go_backwards=True), *MASKED, vocab=2),
    case(
        "two_bidirectional",
        lambda k: k.layers.Bidirectional(k.layers.ConvLSTM2D(2, 3, return_sequences=True)),
        (2, 3, 4, 5, 2),
    ),
    case("two_bidirectional_sum", lambda k: k.layers.Bidirectional(_two(2, 3)(k), merge_mode="sum"), (2, 3, 4, 5, 2)),
]

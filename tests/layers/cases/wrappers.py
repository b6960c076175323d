"""Bidirectional and TimeDistributed over layers, models and masks."""

from . import case

SHAPE = (3, 5, 4)
IDS = {"vocab": 7, "low": 1, "pad": 1.0}


def both(kind, merge="concat", backward=None, **options):
    """Bidirectional over a recurrent layer."""

    def make(k):
        other = getattr(k.layers, backward[0])(3, go_backwards=True, **backward[1]) if backward else None
        return k.layers.Bidirectional(getattr(k.layers, kind)(3, **options), merge_mode=merge, backward_layer=other)

    return make


def both_with_states(kind, count, masked=False, **options):
    """Bidirectional whose initial states are inputs."""

    def make(k):
        x = k.Input((5, 4))
        given = [k.Input((3,)) for _ in range(2 * count)]
        start = k.layers.Masking()(x) if masked else x
        wrapped = k.layers.Bidirectional(getattr(k.layers, kind)(3, **options))
        return k.Model([x, *given], wrapped(start, initial_state=given))

    return make


def embedded(*makers, features=4, shape=(6,)):
    """A Sequential that starts with a masking Embedding."""

    def make(k):
        layers = [maker(k) for maker in makers]
        first = k.layers.Embedding(7, features, mask_zero=True)
        return k.Sequential([k.Input(shape, dtype="int32"), first, *layers])

    return make


def functional(maker):
    """The same as a Functional model, which may have several outputs."""

    def make(k):
        ids = k.Input((6,), dtype="int32")
        return k.Model(ids, maker(k)(k.layers.Embedding(7, 4, mask_zero=True)(ids)))

    return make


def lstm(kind="LSTM", **options):
    return lambda k: getattr(k.layers, kind)(3, **options)


def timed(make_layer):
    return lambda k: k.layers.TimeDistributed(make_layer(k))


def small_model(k):
    x = k.Input((4,))
    y = k.layers.Dense(3, activation="relu")(x)
    return k.Model(x, k.layers.Concatenate()([y, k.layers.Dense(2)(x)]))


def small_sequential(k):
    return k.Sequential([k.Input((6, 6, 1)), k.layers.Conv2D(2, 3), k.layers.Flatten(), k.layers.Dense(3)])


def words_then_sentences(k):
    """The usual hierarchy: a recurrent model per sentence, a recurrent layer over sentences."""
    words = k.Input((4,), dtype="int32")
    sentence = k.Model(words, k.layers.LSTM(3)(k.layers.Embedding(7, 3, mask_zero=True)(words)))
    document = k.Input((5, 4), dtype="int32")
    return k.Model(document, k.layers.GRU(2)(k.layers.TimeDistributed(sentence)(document)))


def embedding_then_timed_rnn(k):
    """A mask of rank 3: the wrapped layer sees the words of a step."""
    document = k.Input((3, 4), dtype="int32")
    x = k.layers.Embedding(7, 3, mask_zero=True)(document)
    return k.Model(document, k.layers.TimeDistributed(k.layers.LSTM(3))(x))


def embedding_inside(k):
    """Keras 2 takes the mask of the layer inside, Keras 3 loses it."""
    document = k.Input((3, 4), dtype="int32")
    x = k.layers.TimeDistributed(k.layers.Embedding(7, 3, mask_zero=True))(document)
    return k.Model(document, k.layers.GRU(2)(k.layers.TimeDistributed(k.layers.LSTM(3))(x)))


def masking_inside(k):
    x = k.Input((3, 4, 2))
    y = k.layers.TimeDistributed(k.layers.Masking())(x)
    return k.Model(x, k.layers.TimeDistributed(k.layers.Bidirectional(k.layers.GRU(2, return_sequences=True)))(y))


def variable_length(k):
    x = k.Input((None, 4))
    y = k.layers.TimeDistributed(k.layers.Dense(3))(x)
    return k.Model(x, k.layers.Bidirectional(k.layers.GRU(2, return_sequences=True))(y))


CASES = [
    *[
        case(
            f"{kind.lower()}_{merge}{'_sequences' if sequences else ''}",
            both(kind, merge, return_sequences=sequences),
            SHAPE,
        )
        for kind, modes in (
            ("SimpleRNN", ("concat",)),
            ("GRU", ("concat", "sum", "mul", "ave", None)),
            ("LSTM", ("concat", None)),
        )
        for merge in modes
        for sequences in (False, True)
    ],
    *[
        case(f"{kind.lower()}_state_{merge}", both(kind, merge, return_state=True, return_sequences=True), SHAPE)
        for kind in ("GRU", "LSTM")
        for merge in ("concat", None)
    ],
    case("lstm_state_last", both("LSTM", return_state=True), SHAPE),
    case("other_backward", both("GRU", backward=("LSTM", {"activation": "relu"})), SHAPE),
    case(
        "other_backward_sequences",
        both("GRU", "sum", ("GRU", {"return_sequences": True, "reset_after": False}), return_sequences=True),
        SHAPE,
    ),
    case("forward_backwards", both("LSTM", go_backwards=True), SHAPE, dialects=(2,)),
    case("hard_sigmoid", both("LSTM", recurrent_activation="hard_sigmoid"), SHAPE),
    case("gru_before", both("GRU", reset_after=False, return_sequences=True), SHAPE),
    case("bidirectional_rnn_cell", lambda k: k.layers.Bidirectional(k.layers.RNN(k.layers.LSTMCell(3))), SHAPE),
    case(
        "bidirectional_float64", both("LSTM", dtype="float64"), SHAPE, dtype="float64", dialects=(2,), tolerance=1e-12
    ),
    case("states_lstm", both_with_states("LSTM", 2), SHAPE, *[(3, 3)] * 4),
    case("states_gru", both_with_states("GRU", 1, return_sequences=True), SHAPE, *[(3, 3)] * 2),
    case("states_masked", both_with_states("GRU", 1, True, return_sequences=True), SHAPE, *[(3, 3)] * 2, pad=0.8),
    *[
        case(f"masked_{kind.lower()}_{label}", embedded(both(kind, **options)), (4, 6), **IDS)
        for kind in ("GRU", "LSTM")
        for label, options in (
            ("last", {}),
            ("sequences", {"return_sequences": True}),
            ("sum_sequences", {"merge": "sum", "return_sequences": True}),
            ("unroll", {"return_sequences": True, "unroll": True}),
        )
    ],
    case("masked_left", embedded(both("LSTM", return_sequences=True)), (4, 6), left=True, **IDS),
    case("masked_holes", embedded(both("LSTM", return_sequences=True)), (4, 6), vocab=3),
    case("masked_stack", embedded(both("LSTM", return_sequences=True), both("GRU")), (4, 6), **IDS),
    case("masked_state", functional(both("LSTM", return_sequences=True, return_state=True)), (4, 6), **IDS),
    case("masked_none_then_lstm", embedded(both("LSTM", "ave", return_sequences=True), lstm()), (4, 6), **IDS),
    case("timed_dense", timed(lambda k: k.layers.Dense(3, activation="relu")), SHAPE),
    case("timed_conv2d", timed(lambda k: k.layers.Conv2D(2, 3, padding="same")), (2, 3, 5, 5, 2)),
    case("timed_conv1d", timed(lambda k: k.layers.Conv1D(2, 3)), (2, 3, 5, 2)),
    case("timed_batch_norm", timed(lambda k: k.layers.BatchNormalization()), SHAPE),
    case("timed_dropout", timed(lambda k: k.layers.Dropout(0.5)), SHAPE),
    case("timed_activation", timed(lambda k: k.layers.Activation("tanh")), SHAPE),
    case("timed_flatten", timed(lambda k: k.layers.Flatten()), (2, 3, 4, 2)),
    case("timed_reshape", timed(lambda k: k.layers.Reshape((2, 2))), SHAPE),
    case("timed_max_pool", timed(lambda k: k.layers.MaxPooling2D()), (2, 3, 4, 4, 2)),
    case("timed_lstm", timed(lambda k: k.layers.LSTM(3)), (2, 3, 4, 2)),
    case("timed_lstm_sequences", timed(lambda k: k.layers.LSTM(3, return_sequences=True)), (2, 3, 4, 2)),
    case("timed_bidirectional", timed(lambda k: k.layers.Bidirectional(k.layers.GRU(2))), (2, 3, 4, 2)),
    case("timed_timed", timed(timed(lambda k: k.layers.Dense(3))), (2, 3, 4, 2)),
    case("timed_model", timed(small_model), SHAPE),
    case("timed_sequential", timed(small_sequential), (2, 3, 6, 6, 1)),
    case("timed_embedding", timed(lambda k: k.layers.Embedding(7, 2)), (2, 3, 4), vocab=7, dtype="int32"),
    case("timed_one_step", timed(lambda k: k.layers.Dense(3)), (2, 1, 4)),
    case("timed_masked_dense", embedded(timed(lambda k: k.layers.Dense(3)), lstm()), (4, 6), **IDS),
    case("timed_masked_model", embedded(timed(small_model), lstm("GRU")), (4, 6), **IDS),
    case("timed_masked_batch_norm", embedded(timed(lambda k: k.layers.BatchNormalization()), lstm()), (4, 6), **IDS),
    case("hierarchy", words_then_sentences, (3, 5, 4), **IDS),
    case("mask_of_words", embedding_then_timed_rnn, (3, 3, 4), vocab=3),
    case("embedding_inside", embedding_inside, (3, 3, 4), vocab=3),
    case("masking_inside", masking_inside, (3, 3, 4, 2), vocab=2),
    case("variable_length", variable_length, (2, 6, 4)),
]

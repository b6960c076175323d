"""Masks: where they come from, which layers pass them, which use them and which drop them."""

from . import case

IDS = {"vocab": 7, "low": 1, "pad": 1.0}
LEFT = {**IDS, "left": True}
KINDS = {"simple": "SimpleRNN", "gru": "GRU", "lstm": "LSTM"}


def recurrent(kind="LSTM", units=3, **options):
    return lambda k: getattr(k.layers, kind)(units, **options)


def embedded(*makers):
    """A Sequential that starts with a masking Embedding."""

    def make(k):
        first = k.layers.Embedding(7, 4, mask_zero=True)
        return k.Sequential([k.Input((6,), dtype="int32"), first, *[maker(k) for maker in makers]])

    return make


def functional(*makers):
    """The same as a Functional model, whose file names masks in Keras 3."""

    def make(k):
        ids = k.Input((6,), dtype="int32")
        x = k.layers.Embedding(7, 4, mask_zero=True)(ids)
        for maker in makers:
            x = maker(k)(x)
        return k.Model(ids, x)

    return make


def masked(value, *makers, shape=(6, 4)):
    """A Functional model that starts with Masking."""

    def make(k):
        x = k.Input(shape)
        y = k.layers.Masking(value)(x)
        for maker in makers:
            y = maker(k)(y)
        return k.Model(x, y)

    return make


def through(name, *args, **options):
    """Embedding, the layer, LSTM: does the mask arrive?"""
    return functional(lambda k: getattr(k.layers, name)(*args, **options), recurrent(return_sequences=True))


def merged(name, same=True, after=True, **options):
    """Two embeddings, masked (the second only if `same`), merged, then an LSTM."""

    def make(k):
        first, second = k.Input((6,), dtype="int32"), k.Input((6,), dtype="int32")
        x = k.layers.Embedding(7, 4, mask_zero=True)(first)
        y = k.layers.Embedding(7, 4, mask_zero=same)(second)
        z = getattr(k.layers, name)(**options)([x, y])
        return k.Model([first, second], k.layers.LSTM(3)(z) if after else z)

    return make


def explicit(with_state):
    """A mask handed over by name; with a state beside it Keras 3 needs that."""

    def make(k):
        ids = k.Input((6,), dtype="int32")
        x = k.layers.Embedding(7, 4)(ids)
        mask = k.ops.not_equal(ids, 2)
        state = {"initial_state": [k.layers.GlobalMaxPooling1D()(x)] * 2} if with_state else {}
        return k.Model(ids, k.layers.LSTM(4, return_sequences=True)(x, mask=mask, **state))

    return make


def operation_between(k):
    """keras.ops know nothing of masks."""
    ids = k.Input((6,), dtype="int32")
    x = k.layers.Embedding(7, 4, mask_zero=True)(ids)
    return k.Model(ids, k.layers.LSTM(3)(x * 2.0))


def shared(k):
    """One layer, two inputs, two masks."""
    first, second = k.Input((6,), dtype="int32"), k.Input((4,), dtype="int32")
    table, rnn = k.layers.Embedding(7, 4, mask_zero=True), k.layers.GRU(3)
    return k.Model([first, second], k.layers.Subtract()([rnn(table(first)), rnn(table(second))]))


def nested(k):
    """The mask leaves one nested model and enters another."""
    ids = k.Input((6,), dtype="int32")
    front = k.Model(ids, k.layers.Embedding(7, 4, mask_zero=True)(ids))
    x = k.Input((6, 4))
    back = k.Model(x, k.layers.GRU(3, return_sequences=True)(k.layers.Dense(4)(x)))
    start = k.Input((6,), dtype="int32")
    return k.Model(start, k.layers.LSTM(2)(back(front(start))))


def nested_sequential(k):
    ids = k.Input((6,), dtype="int32")
    x = k.layers.Embedding(7, 4, mask_zero=True)(ids)
    inner = k.Sequential([k.Input((6, 4)), k.layers.LSTM(3, return_sequences=True), k.layers.Dropout(0.5)])
    return k.Model(ids, k.layers.GRU(2)(inner(x)))


def timed(k):
    return k.layers.TimeDistributed(k.layers.Dense(4, activation="tanh"))


def both(k):
    return k.layers.Bidirectional(k.layers.GRU(3, return_sequences=True))


def average(k):
    return k.layers.GlobalAveragePooling1D()


def attended(k):
    """Attention with both masks; what it gives carries the query's on, alone and beside the query."""
    asked, known = k.Input((6,), dtype="int32"), k.Input((6,), dtype="int32")
    query, value = (k.layers.Embedding(7, 4, mask_zero=True)(ids) for ids in (asked, known))
    mixed = k.layers.Attention(use_scale=True)([query, value])
    beside = k.layers.Concatenate()([query, mixed])
    return k.Model([asked, known], [average(k)(mixed), k.layers.LSTM(3)(beside)])


def variable(k):
    ids = k.Input((None,), dtype="int32")
    x = k.layers.Embedding(7, 4, mask_zero=True)(ids)
    return k.Model(ids, k.layers.LSTM(3)(k.layers.GRU(3, return_sequences=True)(x)))


def two_readers(k):
    """One masked tensor, three readers: two use the mask, one does not."""
    ids = k.Input((6,), dtype="int32")
    x = k.layers.Embedding(7, 4, mask_zero=True)(ids)
    return k.Model(ids, [k.layers.LSTM(3)(x), k.layers.GlobalAveragePooling1D()(x), k.layers.Flatten()(x)])


WINDOWS = [("last", {}), ("sequences", {"return_sequences": True}), ("state", {"return_state": True})]
ROWS = [("right", IDS), ("left", LEFT), ("holes", {"vocab": 3})]

CASES = [
    *[
        case(f"{kind}_{label}_{side}", functional(recurrent(name, **options)), (4, 6), **data)
        for kind, name in KINDS.items()
        for label, options in (WINDOWS if kind != "simple" else WINDOWS[1:2])
        for side, data in ROWS
    ],
    *[
        case(
            f"{kind}_backwards_{side}",
            functional(recurrent(name, go_backwards=True, return_sequences=True, return_state=True)),
            (4, 6),
            **data,
        )
        for kind, name in KINDS.items()
        for side, data in ROWS
    ],
    *[
        case(f"{kind}_unroll", embedded(recurrent(name, unroll=True, return_sequences=True)), (4, 6), **IDS)
        for kind, name in KINDS.items()
    ],
    case("gru_before", embedded(recurrent("GRU", reset_after=False, return_sequences=True)), (4, 6), **IDS),
    case("stack", embedded(*[recurrent(kind, return_sequences=True) for kind in KINDS.values()]), (4, 6), **IDS),
    case("stack_functional", functional(recurrent(return_sequences=True), recurrent("GRU")), (4, 6), **LEFT),
    *[
        case(
            f"zero_output_{label}",
            functional(recurrent(kind, zero_output_for_mask=True, **options)),
            (4, 6),
            dialects=dialects,
            **IDS,
        )
        for label, kind, options, dialects in (
            ("lstm", "LSTM", {"return_sequences": True}, (3,)),
            ("lstm_last", "LSTM", {}, (3,)),
            ("lstm_backwards", "LSTM", {"return_sequences": True, "go_backwards": True}, (3,)),
            ("gru_unrolled_backwards", "GRU", {"return_sequences": True, "go_backwards": True, "unroll": True}, (3,)),
            ("simple", "SimpleRNN", {"return_sequences": True, "return_state": True}, (3,)),
        )
    ],
    case("rnn_cell", embedded(lambda k: k.layers.RNN(k.layers.GRUCell(3), return_sequences=True)), (4, 6), **IDS),
    case(
        "rnn_stacked",
        embedded(lambda k: k.layers.RNN([k.layers.LSTMCell(3), k.layers.GRUCell(2)], return_sequences=True)),
        (4, 6),
        **LEFT,
    ),
    case(
        "rnn_stacked_backwards",
        embedded(lambda k: k.layers.RNN([k.layers.GRUCell(3), k.layers.GRUCell(2)], go_backwards=True)),
        (4, 6),
        **LEFT,
    ),
    case("sequential_state", embedded(recurrent(return_state=True)), (4, 6), dialects=(3,), **IDS),
    case("masking", masked(0.0), (4, 6, 4), pad=1.0),
    case("masking_lstm", masked(0.0, recurrent()), (4, 6, 4), pad=1.0),
    case("masking_gru_sequences", masked(0.0, recurrent("GRU", return_sequences=True)), (4, 6, 4), pad=1.0, left=True),
    case("masking_value_one", masked(1.0, recurrent("GRU"), shape=(6, 1)), (4, 6, 1), vocab=3),
    case("masking_tenth", masked(0.1, recurrent("GRU")), (4, 6, 4), pad=0.5),
    case("masking_rank4", masked(0.0, shape=(3, 2, 4)), (4, 3, 2, 4), pad=1.0),
    case(
        "masking_sequential",
        lambda k: k.Sequential([k.Input((6, 4)), k.layers.Masking(), k.layers.LSTM(3), k.layers.Dense(2)]),
        (4, 6, 4),
        pad=1.0,
    ),
    *[
        case(f"through_{name.lower()}", through(name, *args, **options), (4, 6), **IDS)
        for name, args, options in (
            ("Dense", (3,), {}),
            ("Activation", ("tanh",), {}),
            ("Dropout", (0.5,), {}),
            ("SpatialDropout1D", (0.5,), {}),
            ("BatchNormalization", (), {}),
            ("LayerNormalization", (), {}),
            ("LeakyReLU", (), {}),
            ("PReLU", (), {}),
            ("Conv1D", (3, 3), {"padding": "same"}),
            ("MaxPooling1D", (2,), {}),
            ("ZeroPadding1D", (1,), {}),
            ("UpSampling1D", (2,), {}),
            ("Reshape", ((6, 4),), {}),
            ("Permute", ((2, 1),), {}),
            ("Rescaling", (0.5,), {}),
        )
    ],
    *[case(f"merge_{name.lower()}", merged(name), (4, 6), (4, 6), **IDS) for name in ("Add", "Multiply", "Average")],
    *[case(f"merge_holes_{name.lower()}", merged(name), (4, 6), (4, 6), vocab=3) for name in ("Add", "Maximum")],
    *[
        case(f"merge_one_{name.lower()}", merged(name, same=False), (4, 6), (4, 6), vocab=3)
        for name in ("Add", "Minimum")
    ],
    case("concatenate", merged("Concatenate"), (4, 6), (4, 6), vocab=3),
    case("concatenate_time", merged("Concatenate", axis=1), (4, 6), (4, 6), vocab=3),
    case("concatenate_one", merged("Concatenate", same=False), (4, 6), (4, 6), vocab=3),
    case("concatenate_time_one", merged("Concatenate", same=False, axis=1), (4, 6), (4, 6), vocab=3, dialects=(3,)),
    case("explicit", explicit(False), (4, 6), vocab=3, dialects=(3,)),
    case("explicit_with_state", explicit(True), (4, 6), vocab=3, dialects=(3,)),
    case("operation_between", operation_between, (4, 6), dialects=(3,), **IDS),
    case("shared", shared, (4, 6), (4, 4), **IDS),
    case("nested", nested, (4, 6), **IDS),
    case("nested_sequential", nested_sequential, (4, 6), **IDS),
    case("variable", variable, (4, 6), **IDS),
    case("two_readers", two_readers, (4, 6), vocab=7, low=1, pad=0.8),
    case("global_average", functional(lambda k: k.layers.GlobalAveragePooling1D()), (4, 6), vocab=7, low=1, pad=0.8),
    case("chain_timed_both_average", functional(timed, both, average), (3, 6), **IDS),
    case("chain_timed_twice", functional(timed, timed, recurrent(return_sequences=True)), (3, 6), **LEFT),
    case("chain_both_twice", functional(both, both, recurrent(return_sequences=True)), (3, 6), **LEFT),
    case("chain_flattened", functional(lambda k: k.layers.Flatten(), lambda k: k.layers.Dense(3)), (3, 6), **IDS),
    case("chain_reshaped", functional(lambda k: k.layers.Reshape((3, 8)), recurrent()), (3, 6), **IDS),
    case("chain_permuted", functional(lambda k: k.layers.Permute((2, 1)), recurrent()), (3, 6), **IDS),
    case("chain_convolved", functional(lambda k: k.layers.Conv1D(3, 2), recurrent()), (3, 6), **IDS),
    case("chain_attended", attended, (3, 6), (3, 6), **IDS),
]

"""Functions that few models hold: counts beyond a least length, three diagonals, CTC's cost, texts by id."""

from __future__ import annotations

from . import case
from ._function import IDS, function, tf_function

WORDS = ("a", "bb", "", "d e", "fgh")


def _cost(t, labels, scores, steps, lengths):
    """keras.backend.ctc_batch_cost, which Keras writes as the functions that it is made of."""
    from keras import backend

    return backend.ctc_batch_cost(
        t.cast(t.abs(labels) * 2, t.int32),
        t.nn.softmax(scores),
        t.cast(t.minimum(t.abs(steps), 2.0), t.int32) + 6,
        t.cast(t.minimum(t.abs(lengths), 2.0), t.int32) + 1,
    )


def _joined(t, x, ids, count, **options):
    return t.strings.unsorted_segment_join(x, ids, count, **options)


def _lines(rank, shape, **options):
    """Softmax along a line of pixels, which is where the axes of channels_first put it."""

    def make(k):
        x = k.Input(shape[1:])
        layer = getattr(k.layers, f"ConvLSTM{rank}D")(3, 2, data_format="channels_first", **options)
        return k.Model(x, layer(x))

    return make


FRAMES, LINES = (2, 3, 2, 4, 5), (2, 3, 2, 6)
CASES = [
    function("bincount_longer", lambda o, x: o.bincount(x, minlength=3), (3, 6), **IDS),
    function("bincount_shorter", lambda o, x: o.bincount(x, minlength=9), (3, 6), **IDS),
    tf_function("bincount_beyond", lambda t, x: t.math.bincount(x, minlength=2, axis=-1), (3, 6), **IDS),
    tf_function("bincount_at_least", lambda t, x: t.math.bincount(x, minlength=9), (3, 6), **IDS),
    tf_function("three_diagonals", lambda t, x: t.linalg.eigh_tridiagonal(x[0], x[1, :-1]), (3, 5)),
    tf_function("three_diagonals_one", lambda t, x: t.linalg.eigh_tridiagonal(x[0, :1], x[1, :0]), (3, 5)),
    tf_function(
        "three_diagonals_some",
        lambda t, x: t.linalg.eigh_tridiagonal(x[0], x[1, :-1], select="i", select_range=(1, 2)),
        (3, 5),
    ),
    tf_function("ctc_batch_cost", _cost, (3, 3), (3, 8, 6), (3, 1), (3, 1)),
    tf_function("join_rows", lambda t, x: _joined(t, x, [1, 0, 1], 3), (3, 2), dtype="string", texts=WORDS),
    tf_function(
        "join_values",
        lambda t, x: _joined(t, t.reshape(x, [-1]), [1, 0, 3, 1, 0, 1], 4, separator="-"),
        (3, 2),
        dtype="string",
        texts=WORDS,
    ),
    tf_function(
        "join_by_length",
        lambda t, x: _joined(t, x, t.strings.length(x), t.reduce_max(t.strings.length(x)) + 1, separator=", "),
        (3, 2),
        dtype="string",
        texts=WORDS,
    ),
    case("hashed_floats", lambda k: k.layers.Hashing(7, mask_value=1), (3, 5), scale=2.0, dialects=(3,)),
    case("hashed_ids", lambda k: k.layers.Hashing(7, mask_value=1), (3, 5), vocab=4, dtype="float32", dialects=(3,)),
    case("lines_of_gates", _lines(2, FRAMES, recurrent_activation="softmax"), FRAMES, dialects=(3,)),
    case("lines_of_states", _lines(2, FRAMES, activation="softmax", padding="same"), FRAMES, dialects=(3,)),
    case(
        "lines_of_both",
        _lines(1, LINES, activation="log_softmax", recurrent_activation="softmax", return_sequences=True),
        LINES,
        dialects=(3,),
    ),
]

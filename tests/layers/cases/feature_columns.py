"""DenseFeatures over every kind of column (Keras 2)."""

from . import case

TEXTS = {"dtype": "string", "texts": ("the", "cat", "dog", "", "é", "mat", "elephants never forget", "THE")}
NUMBERS = {"vocab": 6, "low": -1, "dtype": "int64"}
WORDS = ["the", "cat", "mat", "é"]


def _features(columns, **shapes):
    """A layer over inputs named after their keys: `columns(tensorflow.feature_column)`."""

    def make(k):
        import tensorflow as tf

        inputs = {key: k.Input(shape, name=key, dtype=kind) for key, (shape, kind) in shapes.items()}
        y = k.layers.DenseFeatures(columns(tf.feature_column))(inputs)
        return k.Model(list(inputs.values()), y)

    return make


def _numbers(c):
    age, size = c.numeric_column("age"), c.numeric_column("size", shape=(3,))
    return [size, age, c.bucketized_column(age, [-0.5, 0.2, 1.0]), c.bucketized_column(size, [0.0, 0.5])]


def _words(c):
    first = c.categorical_column_with_vocabulary_list("first", WORDS)
    more = c.categorical_column_with_vocabulary_list("second", WORDS, num_oov_buckets=3)
    hashed = c.categorical_column_with_hash_bucket("third", 6)
    known = c.categorical_column_with_vocabulary_list("fourth", [*WORDS, ""], default_value=1)
    return [
        c.indicator_column(first),
        c.embedding_column(more, 3),
        c.indicator_column(more),
        c.embedding_column(hashed, 2, combiner="sqrtn"),
        c.embedding_column(first, 4, combiner="sum"),
        c.indicator_column(known),
    ]


def _integers(c):
    from tensorflow import int64

    plain = c.categorical_column_with_identity("plain", 6)
    bounded = c.categorical_column_with_identity("bounded", 3, default_value=2)
    listed = c.categorical_column_with_vocabulary_list("listed", [5, 1, 3], num_oov_buckets=2)
    hashed = c.categorical_column_with_hash_bucket("hashed", 5, dtype=int64)
    columns = [plain, bounded, listed, hashed]
    return [*map(c.indicator_column, columns), *(c.embedding_column(column, 2) for column in columns)]


def _one(c):
    return [c.numeric_column("only", shape=(2, 2))]


def _crosses(c):
    """Plain texts, a vocabulary with texts that it does not know, a cross in a cross, another key."""
    listed = c.categorical_column_with_vocabulary_list("second", WORDS)
    inner = c.crossed_column(["third", listed], 11)
    return [
        c.indicator_column(c.crossed_column(["first", "third"], 7)),
        c.indicator_column(c.crossed_column(["first", listed], 9, hash_key=12345)),
        c.embedding_column(c.crossed_column([inner, "first"], 13), 3),
        c.embedding_column(inner, 2, combiner="sqrtn", max_norm=0.7),
    ]


def _buckets(k):
    """Buckets as categories, alone and crossed with ids; weights of ids."""
    import tensorflow as tf

    c = tf.feature_column
    ids, more = k.Input((3,), name="ids", dtype=_WHOLE), k.Input((2,), name="more", dtype=_WHOLE)
    inputs = {
        "ids": ids,
        "more": more,
        "size": tf.cast(more, "float32") * 0.5,
        "share": tf.cast(ids, "float32") * 0.25 - 0.3,
    }
    buckets = c.bucketized_column(c.numeric_column("size", shape=(2,)), [-0.4, 0.6, 1.2])
    known = c.categorical_column_with_identity("ids", 6)
    bounded = c.categorical_column_with_vocabulary_list("ids", [4, 0, 5, 1, 2])
    weighted = c.weighted_categorical_column(known, "share")
    columns = [
        c.indicator_column(buckets),
        c.embedding_column(buckets, 2),
        c.indicator_column(c.crossed_column([buckets, "ids"], 10)),
        c.embedding_column(c.crossed_column([bounded, buckets, "more"], 17), 2),
        *(c.embedding_column(weighted, 3, combiner=kind) for kind in ("mean", "sum", "sqrtn")),
    ]
    # Layers list columns by name, and these have one: a layer each.
    layers = [k.layers.DenseFeatures([column]) for column in columns]
    return k.Model([ids, more], [layer({key: inputs[key] for key in inputs}) for layer in layers])


_TEXT, _WHOLE = "string", "int64"
CASES = [
    case("numbers", _features(_numbers, age=((1,), "float32"), size=((3,), "float32")), (4, 1), (4, 3), dialects=(2,)),
    case("one", _features(_one, only=((2, 2), "float32")), (3, 2, 2), dialects=(2,)),
    case(
        "words",
        _features(_words, first=((3,), _TEXT), second=((2,), _TEXT), third=((4,), _TEXT), fourth=((), _TEXT)),
        (6, 3),
        (6, 2),
        (6, 4),
        (6,),
        dialects=(2,),
        **TEXTS,
    ),
    case(
        "integers",
        _features(
            _integers, plain=((3,), _WHOLE), bounded=((2,), _WHOLE), listed=((3,), _WHOLE), hashed=((4,), _WHOLE)
        ),
        (6, 3),
        (6, 2),
        (6, 3),
        (6, 4),
        dialects=(2,),
        **NUMBERS,
    ),
    case(
        "crosses",
        _features(_crosses, first=((2,), _TEXT), second=((3,), _TEXT), third=((), _TEXT)),
        (6, 2),
        (6, 3),
        (6,),
        dialects=(2,),
        **TEXTS,
    ),
    case("buckets", _buckets, (6, 3), (6, 2), dialects=(2,), vocab=6, low=0, dtype="int64"),
]

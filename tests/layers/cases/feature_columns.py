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
]

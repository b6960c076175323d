"""TensorFlow's functions of texts as graph nodes (Keras 2)."""

from ._function import tf_function
from ._node import node

_TEXTS = {"dtype": "string", "texts": ("Red", " green tea ", "BLUE-1", "", "gr\u00fcn", "red")}
X = (4, 3)


def _pieces(t, x):
    """Two texts of a sample as one."""
    return t.strings.reduce_join(x, axis=1, separator=" ")


def _read_words(t, x):
    import keras

    words = t.strings.split(_pieces(t, x))
    ids = keras.layers.StringLookup(vocabulary=["red", "green", "tea"])(words)
    y = keras.layers.Embedding(5, 3)(ids)
    return ids.to_tensor(-1), keras.layers.GRU(2)(y), keras.layers.GlobalAveragePooling1D()(y), y.to_tensor()


def _look_up_words(t, x):
    import keras

    look_up = keras.layers.StringLookup(vocabulary=["red", "green", "tea"])
    return look_up(t.strings.split(x)).to_tensor(-1), keras.layers.Embedding(5, 2)(
        t.squeeze(look_up(t.strings.split(x[:, :1])), 1)
    ).to_tensor()


CASES = [
    *[
        tf_function(f"strings_{n}", lambda t, x, n=n: getattr(t.strings, n)(x), X, **_TEXTS)
        for n in ("lower", "upper", "strip", "length")
    ],
    tf_function("strings_length_characters", lambda t, x: t.strings.length(x, "UTF8_CHAR"), X, **_TEXTS),
    tf_function("strings_join", lambda t, x, y: t.strings.join([x, y, x], " & "), X, X, **_TEXTS),
    tf_function("strings_to_hash_bucket_fast", lambda t, x: t.strings.to_hash_bucket_fast(x, 17), X, **_TEXTS),
    tf_function("texts_equal", lambda t, x, y: (t.equal(x, y), t.not_equal(x, "red")), X, X, **_TEXTS),
    tf_function("texts_told_apart", lambda t, x: t.cast(t.equal(t.strings.lower(x), "red"), "float32"), X, **_TEXTS),
    tf_function("v1_strings_length", lambda t, x: t.compat.v1.strings.length(x, unit="UTF8_CHAR"), X, **_TEXTS),
    tf_function(
        "strings_letters",
        lambda t, x: (t.strings.lower(x, encoding="utf-8"), t.strings.upper(x, encoding="utf-8")),
        X,
        **_TEXTS,
    ),
    tf_function("strings_join_words", lambda t, x: (t.strings.join(["<", x, ">"], "_"), x + "!"), X, **_TEXTS),
    tf_function(
        "strings_moved",
        lambda t, x, y: (
            x[:, 0],
            x[:, 1:, None],
            t.reshape(x, [-1, 1, 3]),
            t.concat([x, y], 1),
            t.stack([x, y], 1),
            t.squeeze(t.expand_dims(x, 2), 2),
            t.transpose(t.stack([x, y], 1), [0, 2, 1]),
            t.tile(x, [1, 2]),
            t.gather(x, [2, 0], axis=1),
            t.reverse(x, [1]),
            *t.unstack(x, axis=1),
            *t.split(x, 3, axis=1),
        ),
        X,
        X,
        **_TEXTS,
    ),
    tf_function(
        "texts_chosen",
        lambda t, x, y: (
            t.where(t.equal(x, "red"), "yes", x),
            t.where(t.not_equal(x, y), x, y),
            t.where(t.strings.length(x) > 3, "long", "short"),
        ),
        X,
        X,
        **_TEXTS,
    ),
    tf_function(
        "strings_reduce_join",
        lambda t, x: (
            t.strings.reduce_join(x, axis=1, separator=", "),
            t.strings.reduce_join(x, axis=-1, keepdims=True),
            t.compat.v1.reduce_join(x, 0, separator="-"),
            t.strings.reduce_join(x, axis=[0, 1], separator=" "),
            t.strings.reduce_join(x, separator="/"),
        ),
        X,
        **_TEXTS,
    ),
    tf_function(
        "strings_ngrams",
        lambda t, x: (t.strings.ngrams(x, 2), t.strings.ngrams(x, (1, 3), separator="+")),
        X,
        **_TEXTS,
    ),
    *[
        tf_function(
            f"strings_substr_{at}",
            lambda t, x, start=start, count=count: (
                t.strings.substr(x, start, count),
                t.strings.substr(x, start, count, unit="UTF8_CHAR"),
                t.compat.v1.substr(x, start, count),
            ),
            X,
            dtype="string",
            texts=("letters", "gr\u00fcne \u00c4hren", "12345", "\u65e5\u672c\u8a9e\u306e\u6587\u5b57"),
        )
        for at, (start, count) in enumerate(((0, 3), (2, 2), (-3, 2), (1, 99), (5, 1)))
    ],
    tf_function(
        "strings_substr_of_each",
        lambda t, x: t.strings.substr(x, t.strings.length(x) // 2, t.strings.length(x) - 3),
        X,
        **_TEXTS,
    ),
    tf_function(
        "strings_to_hash_buckets",
        lambda t, x: (
            t.strings.to_hash_bucket(x, 17),
            t.compat.v1.string_to_hash_bucket(x, 1000003),
            t.strings.to_hash_bucket_strong(x, 1000003, key=[31, 7]),
        ),
        X,
        dtype="string",
        texts=("", "a", "seven77", "eight888", "nine99999", "a text of some more letters", "gr\u00fcn"),
    ),
    tf_function(
        "strings_to_number",
        lambda t, x: (t.strings.to_number(x), t.strings.to_number(x, t.float64), t.compat.v1.string_to_number(x)),
        X,
        dtype="string",
        texts=("1.5", "-2e3", " 7 ", ".25", "inf", "0.1", "1e-20", "+3.", "123456789.123"),
    ),
    tf_function(
        "strings_to_whole_number",
        lambda t, x: (t.strings.to_number(x, t.int32), t.strings.to_number(x, t.int64)),
        X,
        dtype="string",
        texts=("15", "-2", " 7 ", "2147483647", "-2147483648", "007"),
    ),
    tf_function(
        "strings_as_string",
        lambda t, x: (
            t.strings.as_string(x),
            t.strings.as_string(x, precision=2, width=9, fill="0"),
            t.strings.as_string(x, scientific=True),
            t.strings.as_string(x, shortest=True, width=12),
            t.strings.as_string(x > 0),
            t.strings.as_string(t.cast(x * 100, "int32"), width=6, fill="+"),
            t.strings.as_string(t.cast(x * 1e12, "int64")),
            t.strings.as_string(t.cast(x, "float64"), precision=12),
            t.strings.as_string(x / 0.0),
        ),
        X,
    ),
    tf_function(
        "strings_unicode_transcode",
        lambda t, x: (
            t.strings.unicode_transcode(x, "UTF-8", "UTF-8"),
            t.strings.unicode_transcode(x, "UTF-8", "UTF-8", errors="ignore"),
            t.strings.unicode_transcode(x, "UTF-8", "UTF-8", replacement_char=63),
        ),
        X,
        **_TEXTS,
    ),
    *[
        tf_function(
            f"strings_regex_{at}",
            lambda t, x, pattern=pattern, rewrite=rewrite: (
                t.strings.regex_replace(x, pattern, rewrite),
                t.strings.regex_replace(x, pattern, rewrite, replace_global=False),
                t.strings.regex_full_match(x, pattern),
            ),
            X,
            dtype="string",
            texts=(
                "The cat, the hat.",
                "don't  stop!\n",
                "<br />10 \u20ac",
                "",
                "aaa-bb-c",
                "gr\u00fcn 42\n7",
                "x_1\tY\u212a",
                "user@mail.org",
            ),
        )
        for at, (pattern, rewrite) in enumerate(
            (
                (r"[^a-z ]", ""),
                (r"\s+", " "),
                (r"<br />", " "),
                (r"(\w+)@(\w+)\.\w+", r"\2 at \1"),
                (r"x*", "-"),
                (r"[[:punct:]]", r"<\0>"),
                (r"(?i)THE|k", r"\\"),
                (r"^\S+$", "one"),
                (r"(a|b)+?", r"[\1]"),
                (r"[\W_]{2,}", "."),
                (r".", "#"),
                (r"(?s).*", "all"),
                (r"\bt(?:he|op)\b", "T"),
                (r"[\d[:alpha:]-]*", "w"),
                (r"(?P<n>\d)|(c)", r"\1\2!"),
                (r"\Q.\E|\x{20ac}|\t", "?"),
                (r"[!\"#$%&()\*\+,-\./:;<=>?@\[\\\]^_`{|}~\']", ""),
                (r"", "|"),
                (r"(?i:x)_|[^\x00-\x7f]", "o"),
                (r"a{2}|a{1,}b{0,1}", "<>"),
            )
        )
    ],
    tf_function("strings_split_words", _read_words, X, **_TEXTS),
    tf_function(
        "strings_split",
        lambda t, x: (
            t.strings.split(_pieces(t, x)).to_tensor(),
            t.strings.split(_pieces(t, x), " ").to_tensor("none", shape=[None, 5]),
            t.strings.split(_pieces(t, x), "e", maxsplit=2).to_tensor(default_value="?"),
            t.strings.split(_pieces(t, x)).to_tensor(shape=[None, 2]),
            t.strings.split(_pieces(t, x)).row_lengths(),
            t.strings.split(_pieces(t, x))[:, :2].to_tensor(),
        ),
        X,
        **_TEXTS,
    ),
    tf_function(
        "strings_unicode_split",
        lambda t, x: (
            t.strings.unicode_split(x[:, 0], "UTF-8").to_tensor(),
            t.strings.bytes_split(x[:, 1]).to_tensor(shape=[None, 7]),
            t.strings.unicode_decode(x[:, 0], "UTF-8").to_tensor(),
            t.strings.unicode_decode(x[:, 1], "UTF-8").to_tensor(-1, shape=[None, 4]),
        ),
        X,
        **_TEXTS,
    ),
    tf_function(
        "strings_split_of_each",
        lambda t, x: (
            t.strings.split(x).to_tensor(),
            t.strings.split(x, "e").to_tensor("none", shape=[None, 3, 4]),
            t.strings.split(x[:, :1]).to_tensor("?"),
            t.squeeze(t.strings.split(x[:, :1], "r"), 1).to_tensor(),
        ),
        X,
        **_TEXTS,
    ),
    tf_function("strings_split_words_of_each", _look_up_words, X, **_TEXTS),
    tf_function(
        "strings_unicode_split_of_each",
        lambda t, x: t.strings.unicode_split(x, "UTF-8").to_tensor(),
        X,
        **_TEXTS,
    ),
    node(
        "nodes",
        lambda t, x: [
            t.strings.lower(x),
            t.strings.upper(x),
            t.strings.strip(x),
            t.strings.length(x, unit="UTF8_CHAR"),
            t.strings.substr(x, 0, 2),
            t.strings.join([x, x], "-"),
            t.strings.reduce_join(x, axis=1, separator="+"),
            t.strings.regex_replace(x, "([a-z]+)", r"<\1>"),
            t.strings.regex_full_match(x, "[a-z]+"),
            t.strings.to_hash_bucket(x, 17),
            t.strings.to_hash_bucket_fast(x, 17),
            t.strings.to_hash_bucket_strong(x, 17, [1, 2]),
        ],
        X,
        **_TEXTS,
    ),
    node(
        "nodes_moved",
        lambda t, x: [
            t.reshape(x, [-1, 1, 3]),
            x[:, 1],
            t.concat([x, x], 1),
            t.stack([x, x], 1),
            t.transpose(t.expand_dims(x, 1), [0, 2, 1]),
        ],
        X,
        **_TEXTS,
    ),
    node("nodes_of_numbers", lambda t, x: [t.strings.as_string(x), t.strings.to_number(t.strings.as_string(x, 3))], X),
]

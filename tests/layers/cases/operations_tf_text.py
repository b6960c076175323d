"""TensorFlow's functions of texts as graph nodes (Keras 2)."""

from ._function import tf_function

_TEXTS = {"dtype": "string", "texts": ("Red", " green tea ", "BLUE-1", "", "gr\u00fcn", "red")}
X = (4, 3)

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
]

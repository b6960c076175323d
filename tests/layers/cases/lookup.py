"""StringLookup, IntegerLookup, TextVectorization, Hashing and HashedCrossing."""

from . import case

WORDS = ["the", "cat", "sat", "on", "mat", "é", "a b"]
TEXTS = {"dtype": "string", "texts": ("the", "cat", "dog", "", "é", "mat", "a b", "elephants never forget", "THE")}
SENTENCES = {
    "dtype": "string",
    "texts": (
        "The cat sat on the mat.",
        "  A cat,  a\thouse!\n",
        "",
        "É cat's (mat) - on",
        "sat sat sat sat",
        "naïve cat_mat \\ ~ `",
    ),
}
NUMBERS = {"vocab": 12, "low": -5, "dtype": "int64"}
KNOWN = {"dtype": "string", "texts": tuple(WORDS)}
LONG = {
    "dtype": "string",
    "texts": tuple("abcdefghijklmnopqrstuvwxyz0123456789"[: 3 + n] * (1 + n % 6) for n in range(0, 34, 3)),
}


def _make(name, *arguments, **keywords):
    return lambda k: getattr(k.layers, name)(*arguments, **keywords)


def _strings(**keywords):
    return _make("StringLookup", vocabulary=WORDS, **keywords)


def _integers(**keywords):
    return _make("IntegerLookup", vocabulary=[3, -2, 5, 0], **keywords)


def _text(words=("the", "cat", "sat", "on", "a", "é"), **keywords):
    return _make("TextVectorization", vocabulary=list(words), **keywords)


def _there_and_back(k):
    x = k.Input((3,), dtype="string")
    ids = k.layers.StringLookup(vocabulary=WORDS, mask_token="")(x)
    return k.Model(x, [ids, k.layers.StringLookup(vocabulary=WORDS, mask_token="", invert=True)(ids)])


def _classifier(k):
    x = k.Input((1,), dtype="string")
    ids = k.layers.TextVectorization(vocabulary=WORDS[:4], output_sequence_length=5)(x)
    y = k.layers.Embedding(6, 4, mask_zero=True)(ids)
    return k.Model(x, k.layers.Dense(2, activation="softmax")(k.layers.LSTM(3)(y)))


def _bag_of_words(k):
    x = k.Input((1,), dtype="string")
    return k.Model(x, k.layers.Dense(2)(k.layers.TextVectorization(vocabulary=WORDS[:4], output_mode="count")(x)))


def _wide(k):
    colour, size = k.Input((1,), dtype="string"), k.Input((1,), dtype="string")
    one = k.layers.StringLookup(vocabulary=WORDS, output_mode="one_hot")(colour)
    crossed = k.layers.HashedCrossing(8, output_mode="one_hot")([colour, size])
    hashed = k.layers.Hashing(5, output_mode="multi_hot")(size)
    numbers = [k.layers.Rescaling(1.0)(y) for y in (one, crossed, hashed)]
    return k.Model([colour, size], k.layers.Dense(3)(k.layers.Concatenate()(numbers)))


def _sparse_to_dense(k):
    """A sparse result that a layer reads."""
    x = k.Input((4,), dtype="string")
    counts = k.layers.StringLookup(vocabulary=WORDS, output_mode="count", sparse=True)(x)
    return k.Model(x, k.layers.Dense(3, name="head")(counts))


FULL = {**SENTENCES, "texts": tuple(text for text in SENTENCES["texts"] if text)}


def _ragged(*layers, length=None):
    """Rows of unequal length that the last layer makes dense."""

    def make(k):
        x = y = k.Input((1,), dtype="string")
        options = {} if length is None else {"output_sequence_length": length}
        y = k.layers.TextVectorization(vocabulary=WORDS[:5], ragged=True, **options)(y)
        for name, arguments in layers:
            inner = arguments.pop("inner", None)
            first = [] if inner is None else [getattr(k.layers, inner[0])(**inner[1])]
            y = getattr(k.layers, name)(*first, **arguments)(y)
            if inner is not None:
                arguments["inner"] = inner
        return k.Model(x, y)

    return make


TABLE = ("Embedding", {"input_dim": 7, "output_dim": 3})
MODES = ("one_hot", "multi_hot", "count")
IDF = {"output_mode": "tf_idf", "idf_weights": [0.5, 0.25, 1.5, 2.0, 0.125, 0.75]}
CASES = [
    case("string", _strings(), (3, 4), **TEXTS),
    case("string_one", _strings(), (1, 1), **TEXTS),
    case("string_rank3", _strings(), (2, 3, 2), **TEXTS),
    case("string_mask", _strings(mask_token=""), (3, 4), **TEXTS),
    case("string_no_oov", _strings(num_oov_indices=0), (3, 4), **KNOWN),
    case("string_three_oov", _strings(num_oov_indices=3), (3, 6), **LONG),
    case("string_three_oov_mask", _strings(num_oov_indices=3, mask_token=""), (3, 6), **TEXTS),
    case("string_salt", _strings(num_oov_indices=4, salt=[3, 7]), (3, 6), dialects=(3,), **LONG),
    case("string_listed", _make("StringLookup", vocabulary=["", "[UNK]", *WORDS], mask_token=""), (3, 4), **TEXTS),
    case("string_oov_token", _strings(oov_token="?", invert=True), (3, 4), vocab=12, dtype="int64"),
    case("string_invert", _strings(invert=True), (3, 4), vocab=12, low=-2, dtype="int64"),
    case("string_invert_mask", _strings(invert=True, mask_token=""), (3, 4), vocab=12, low=-2, dtype="int64"),
    case("string_there_and_back", _there_and_back, (3, 3), **TEXTS),
    *[
        case(f"string_{mode}", _strings(output_mode=mode), (3, 4 if mode != "one_hot" else 1), **TEXTS)
        for mode in MODES
    ],
    *[case(f"string_{mode}_mask", _strings(output_mode=mode, mask_token=""), (3, 1), **TEXTS) for mode in MODES],
    case("string_one_hot_wide", _strings(output_mode="one_hot"), (3, 4), dialects=(3,), **TEXTS),
    *[case(f"string_{mode}_sparse", _strings(output_mode=mode, sparse=True), (3, 1), **TEXTS) for mode in MODES],
    case("sparse_to_dense", _sparse_to_dense, (3, 4), **TEXTS),
    case("string_padded", _strings(output_mode="count", pad_to_max_tokens=True, max_tokens=12), (3, 4), **TEXTS),
    case("string_tf_idf", _strings(output_mode="tf_idf", idf_weights=[0.5, 0.25, 1, 2, 3, 0.1, 0.2]), (3, 5), **TEXTS),
    case("integer", _integers(), (3, 4), **NUMBERS),
    case("integer_mask", _integers(mask_token=7), (3, 4), **NUMBERS),
    case("integer_three_oov", _integers(num_oov_indices=3), (3, 5), **NUMBERS),
    case("integer_farmhash", _integers(num_oov_indices=3, oov_method="farmhash"), (3, 5), dialects=(3,), **NUMBERS),
    case("integer_invert", _integers(invert=True), (3, 4), **NUMBERS),
    case("integer_invert_mask", _integers(invert=True, mask_token=9), (3, 4), **NUMBERS),
    *[case(f"integer_{mode}", _integers(output_mode=mode), (3, 1), **NUMBERS) for mode in MODES],
    case("integer_small", _integers(output_mode="multi_hot"), (3, 4), vocab=6, dtype="int32"),
    case("text", _text(output_sequence_length=4), (4, 1), **SENTENCES),
    case("text_longer", _text(output_sequence_length=9), (4, 1), **SENTENCES),
    case("text_plain", _text(standardize=None, output_sequence_length=4), (4, 1), **SENTENCES),
    case("text_lower", _text(standardize="lower", output_sequence_length=4), (4, 1), **SENTENCES),
    case("text_strip", _text(standardize="strip_punctuation", output_sequence_length=4), (4, 1), **SENTENCES),
    case("text_characters", _text("catèé", split="character", output_sequence_length=12), (4, 1), **SENTENCES),
    case("text_whole", _text(split=None), (4, 3), **TEXTS),
    case("text_whole_cut", _text(split=None, output_sequence_length=2), (4, 3), **TEXTS),
    case("text_whole_filled", _text(split=None, output_sequence_length=5), (4, 3), **TEXTS),
    case(
        "text_bigrams",
        _text(("the", "the cat", "cat sat", "sat"), ngrams=2, output_sequence_length=7),
        (4, 1),
        **SENTENCES,
    ),
    case("text_ngrams", _text(("cat", "cat sat on"), ngrams=(3, 1), output_sequence_length=7), (4, 1), **SENTENCES),
    case("text_multi_hot", _text(output_mode="multi_hot"), (4, 1), **SENTENCES),
    *[case(f"text_{mode}_sparse", _text(output_mode=mode, sparse=True), (4, 1), **SENTENCES) for mode in MODES[1:]],
    case("text_tf_idf_sparse", _text(sparse=True, **IDF), (4, 1), dialects=(2,), **SENTENCES),
    case("text_whole_one_hot", _text(output_mode="one_hot", split=None), (4, 1), dialects=(3,), **SENTENCES),
    *[
        case(f"text_characters_{mode}", _text("catèé", split="character", output_mode=mode), (4, 1), **SENTENCES)
        for mode in MODES[1:]
    ],
    *[case(f"text_whole_{mode}", _text(output_mode=mode, split=None), (4, 1), **SENTENCES) for mode in MODES[1:]],
    case("text_whole_ragged", _text(split=None, ragged=True), (4, 3), **TEXTS),
    case(
        "text_whole_ragged_cut",
        _text(split=None, ragged=True, output_sequence_length=2),
        (4, 3),
        dialects=(3,),
        **TEXTS,
    ),
    case("text_bigrams_count", _text(("the", "the cat", "sat"), ngrams=2, output_mode="count"), (4, 1), **SENTENCES),
    case("text_count", _text(output_mode="count"), (4, 1), **SENTENCES),
    case("text_count_padded", _text(output_mode="count", max_tokens=11, pad_to_max_tokens=True), (4, 1), **SENTENCES),
    case("text_tf_idf", _text(**IDF), (4, 1), **SENTENCES),
    case("text_tf_idf_padded", _text(max_tokens=11, pad_to_max_tokens=True, **IDF), (4, 1), **SENTENCES),
    case("ragged_average", _ragged(TABLE, ("GlobalAveragePooling1D", {"keepdims": True})), (5, 1), **FULL),
    case("ragged_max", _ragged(TABLE, ("GlobalMaxPooling1D", {})), (5, 1), **FULL),
    case("ragged_cut", _ragged(TABLE, ("GlobalMaxPooling1D", {}), length=3), (5, 1), dialects=(3,), **FULL),
    *[
        case(
            f"ragged_{mode}", _ragged(("CategoryEncoding", {"num_tokens": 7, "output_mode": mode})), (6, 1), **SENTENCES
        )
        for mode in MODES[1:]
    ],
    *[
        case(
            f"ragged_{name.lower()}",
            _ragged(TABLE, (name, {"units": 3, "return_sequences": True}), (name, {"units": 2, "go_backwards": True})),
            (6, 1),
            dialects=(2,),
            **SENTENCES,
        )
        for name in ("GRU", "LSTM", "SimpleRNN")
    ],
    case(
        "ragged_both_ways",
        _ragged(
            TABLE,
            ("Bidirectional", {"inner": ("LSTM", {"units": 3, "return_sequences": True})}),
            ("Dense", {"units": 4, "activation": "tanh"}),
            ("GlobalMaxPooling1D", {}),
        ),
        (6, 1),
        dialects=(2,),
        **FULL,
    ),
    case(
        "ragged_steps",
        _ragged(
            TABLE,
            ("LayerNormalization", {}),
            ("SpatialDropout1D", {"rate": 0.2}),
            ("Rescaling", {"scale": 2.0, "offset": 0.1}),
            ("ReLU", {"negative_slope": 0.1}),
            ("Activation", {"activation": "softmax"}),
            ("GlobalAveragePooling1D", {}),
        ),
        (6, 1),
        **FULL,
    ),
    case("hashing", _make("Hashing", 7), (3, 6), **LONG),
    case("hashing_many_bins", _make("Hashing", 1 << 40), (3, 6), **LONG),
    case("hashing_short", _make("Hashing", 1000003), (3, 6), **TEXTS),
    case("hashing_salt", _make("Hashing", 1 << 40, salt=[133, 137]), (3, 6), **LONG),
    case("hashing_one_salt", _make("Hashing", 97, salt=133), (3, 6), **TEXTS),
    case("hashing_mask", _make("Hashing", 7, mask_value=""), (3, 6), **TEXTS),
    case("hashing_one_bin", _make("Hashing", 1, mask_value=""), (3, 6), **TEXTS),
    case("hashing_integers", _make("Hashing", 1000), (3, 6), **NUMBERS),
    case("hashing_integers_mask", _make("Hashing", 9, mask_value=-1), (3, 6), **NUMBERS),
    case("hashing_int32", _make("Hashing", 9, dtype="int32"), (3, 6), **NUMBERS),
    case("hashing_floats", _make("Hashing", 50), (3, 6), scale=30.0, dialects=(3,)),
    *[case(f"hashing_{mode}", _make("Hashing", 5, output_mode=mode), (3, 1), **TEXTS) for mode in MODES],
    case("crossing", _make("HashedCrossing", 1 << 40), (4, 1), (4, 1), **LONG),
    case("crossing_three", _make("HashedCrossing", 11), (4, 1), (4, 1), (4, 1), dialects=(2,), **TEXTS),
    case("crossing_integers", _make("HashedCrossing", 1000), (4, 1), (4, 1), **NUMBERS),
    case("crossing_one_hot", _make("HashedCrossing", 5, output_mode="one_hot"), (4, 1), (4, 1), **TEXTS),
    case("classifier", _classifier, (3, 1), **SENTENCES),
    case("bag_of_words", _bag_of_words, (3, 1), **SENTENCES),
    case("wide", _wide, (3, 1), (3, 1), **TEXTS),
]

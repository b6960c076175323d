"""EinsumDense, Attention, AdditiveAttention, MultiHeadAttention and GroupQueryAttention."""

from . import case

THREE = (3,)


def _einsum(equation, output_shape, **keywords):
    return lambda k: k.layers.EinsumDense(equation, output_shape, **keywords)


def _pair(name, *args, call=None, **keywords):
    """Query and value (and key) as a list."""
    return lambda k: _list_model(k, getattr(k.layers, name)(*args, **keywords), call or {})


def _list_model(k, layer, call, keys=False):
    inputs = [k.Input((3, 4)), k.Input((5, 4))] + ([k.Input((5, 4))] if keys else [])
    return k.Model(inputs, layer(inputs, **call))


def _with_key(name, *args, **keywords):
    return lambda k: _list_model(k, getattr(k.layers, name)(*args, **keywords), {}, True)


def _embedded(k, length):
    ids = k.Input((length,), dtype="int32")
    return ids, k.layers.Embedding(7, 4, mask_zero=True)(ids)


def _masked(name, *args, call=None, mask_query=True, mask_value=True, **keywords):
    """Query and value from masked embeddings, as a list."""

    def make(k):
        (a, q), (b, v) = _embedded(k, 5), _embedded(k, 5)
        if not mask_query:
            q = k.layers.Embedding(7, 4)(a)
        if not mask_value:
            v = k.layers.Embedding(7, 4)(b)
        return k.Model([a, b], getattr(k.layers, name)(*args, **keywords)([q, v], **(call or {})))

    return make


def _heads(*args, call=None, shapes=((3, 6), (5, 6)), key=None, name="MultiHeadAttention", **keywords):
    """Query and value (and key) as arguments."""

    def make(k):
        layer = getattr(k.layers, name)(*args, **keywords)
        q, v = k.Input(shapes[0]), k.Input(shapes[1])
        if key is None:
            return k.Model([q, v], layer(q, v, **(call or {})))
        given = k.Input(key)
        return k.Model([q, v, given], layer(q, v, given, **(call or {})))

    return make


def _self(*args, call=None, shape=(5, 6), name="MultiHeadAttention", **keywords):
    def make(k):
        x = k.Input(shape)
        return k.Model(x, getattr(k.layers, name)(*args, **keywords)(x, x, **(call or {})))

    return make


def _given_mask(shape, *args, call=None, dtype="bool", name="MultiHeadAttention", **keywords):
    def make(k):
        q, v, mask = k.Input((3, 6)), k.Input((5, 6)), k.Input(shape)
        low = k.layers.ReLU(max_value=1.0)(mask) if dtype == "float" else mask
        y = getattr(k.layers, name)(*args, **keywords)(q, v, attention_mask=low, **(call or {}))
        return k.Model([q, v, mask], y)

    return make


def _masked_heads(*args, call=None, key=False, name="MultiHeadAttention", tail=None, **keywords):
    def make(k):
        (a, q), (b, v) = _embedded(k, 5), _embedded(k, 5)
        inputs, given = [a, b], [q, v]
        if key:
            c, more = _embedded(k, 5)
            inputs, given = [a, b, c], [q, v, more]
        y = getattr(k.layers, name)(*args, **keywords)(*given, **(call or {}))
        return k.Model(inputs, tail(k)(y) if tail else y)

    return make


def _block(k):
    """A transformer block over padded sequences."""
    ids, x = _embedded(k, 6)
    y = k.layers.MultiHeadAttention(2, 3)(x, x)
    y = k.layers.LayerNormalization()(k.layers.Add()([x, y]))
    z = k.layers.Dense(4)(k.layers.Dense(8, activation="gelu")(y))
    y = k.layers.LayerNormalization()(k.layers.Add()([y, z]))
    y = k.layers.MultiHeadAttention(2, 3)(y, y, use_causal_mask=True)
    return k.Model(ids, k.layers.GlobalAveragePooling1D()(y))


def _twice(k):
    """Keras 3 takes the query's mask off the tensor while it attends."""
    ids, x = _embedded(k, 5)
    first, second = (k.layers.MultiHeadAttention(2, 3)(x, x) for _ in range(2))
    return k.Model(ids, [first, second, k.layers.Add()([x, second]), k.layers.LSTM(2)(x)])


def _shared(k):
    x, z = k.Input((3, 6)), k.Input((4, 6))
    layer = k.layers.MultiHeadAttention(2, 3)
    return k.Model([x, z], [layer(x, z), layer(z, x), layer(x, x)])


SCORES = {"return_attention_scores": True}
CAUSAL = {"use_causal_mask": True}
TWO = ((2, 3, 4), (2, 5, 4))
IDS = {"vocab": 7, "low": 1, "pad": 0.6, "dtype": "int32"}
# A query that is masked itself sees nothing.
HIDDEN = {"vocab": 7, "low": 1, "pad": 1.0, "dtype": "int32"}
QV = ((2, 3, 6), (2, 5, 6))
GROUPS = {"name": "GroupQueryAttention", "head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2}

CASES = [
    case("einsum_dense", _einsum("ab,bc->ac", 5, bias_axes="c", activation="relu"), (3, 4)),
    case("einsum_rank3", _einsum("abc,cd->abd", (None, 5), bias_axes="d"), (2, 3, 4)),
    case("einsum_no_bias", _einsum("abc,cd->abd", (None, 5)), (2, 3, 4)),
    case("einsum_heads", _einsum("abc,cde->abde", (None, 2, 5), bias_axes="de"), (2, 3, 4)),
    case("einsum_merge_heads", _einsum("abcd,cde->abe", (None, 5), bias_axes="e"), (2, 3, 2, 4)),
    case("einsum_bias_part", _einsum("abc,cde->abde", (None, 2, 5), bias_axes="e"), (2, 3, 4)),
    case("einsum_bias_first", _einsum("abc,cde->abde", (None, 2, 5), bias_axes="d"), (2, 3, 4)),
    case("einsum_bias_time", _einsum("abc,cd->abd", (3, 5), bias_axes="bd"), (2, 3, 4)),
    case("einsum_over_time", _einsum("abc,bd->adc", (5, None), bias_axes="d"), (2, 3, 4)),
    case("einsum_elementwise", _einsum("abc,bc->abc", (3, 4), bias_axes="bc"), (2, 3, 4)),
    case("einsum_per_step", _einsum("abc,bcd->abd", (3, 5), bias_axes="bd", activation="tanh"), (2, 3, 4)),
    case("einsum_left_dots", _einsum("...x,xy->...y", 5, bias_axes="y"), (2, 3, 4)),
    case("einsum_left_dots_rank5", _einsum("...x,xy->...y", 5, bias_axes="y", activation="softmax"), (2, 2, 3, 2, 4)),
    case("einsum_left_dots_two", _einsum("...bx,xyz->...byz", (3, 5, 2), bias_axes="yz"), (2, 2, 3, 4)),
    case("einsum_right_dots", _einsum("ab...,bc->ac...", 5, bias_axes="c"), (2, 3, 4, 2)),
    case(
        "einsum_unknown_length",
        lambda k: k.Sequential([k.Input((None, 4)), _einsum("abc,cd->abd", (None, 5), bias_axes="d")(k)]),
        (2, 3, 4),
    ),
    case("dot", _pair("Attention"), *TWO),
    case("dot_scale", _pair("Attention", use_scale=True), *TWO),
    case("dot_key", _with_key("Attention"), *TWO, (2, 5, 4)),
    case("dot_causal", _pair("Attention", call=CAUSAL), *TWO),
    case("dot_scores", _pair("Attention", call=SCORES), *TWO),
    case("dot_causal_scores", _pair("Attention", use_scale=True, call=CAUSAL | SCORES), *TWO),
    case("dot_dropout", _pair("Attention", dropout=0.3), *TWO),
    case("concat", _pair("Attention", score_mode="concat"), *TWO),
    case("concat_scale", _pair("Attention", score_mode="concat", use_scale=True, call=CAUSAL | SCORES), *TWO),
    case("dot_masks", _masked("Attention"), (3, 5), (3, 5), **IDS),
    case("dot_masks_causal", _masked("Attention", call=CAUSAL | SCORES), (3, 5), (3, 5), **IDS),
    case("dot_query_mask", _masked("Attention", mask_value=False), (3, 5), (3, 5), **IDS),
    case("dot_value_mask", _masked("Attention", mask_query=False), (3, 5), (3, 5), **IDS),
    case("dot_all_masked", _masked("Attention"), (3, 5), (3, 5), **HIDDEN),
    case("additive", _pair("AdditiveAttention"), *TWO),
    case("additive_no_scale", _pair("AdditiveAttention", use_scale=False), *TWO),
    case("additive_key", _with_key("AdditiveAttention"), *TWO, (2, 5, 4)),
    case("additive_causal", _pair("AdditiveAttention", call=CAUSAL | SCORES), *TWO),
    case("additive_masks", _masked("AdditiveAttention", call=CAUSAL), (3, 5), (3, 5), **IDS),
    case("heads", _heads(2, 3), *QV),
    case("heads_one", _heads(1, 4), *QV),
    case("heads_value_dim", _heads(2, 3, value_dim=5), *QV),
    case("heads_no_bias", _heads(2, 3, use_bias=False), *QV),
    case("heads_dropout", _heads(2, 3, dropout=0.2), *QV),
    case("heads_output", _heads(2, 3, output_shape=7), *QV),
    case("heads_output_tuple", _heads(2, 3, output_shape=(2, 5)), *QV),
    case("heads_key", _heads(2, 3, key=(5, 4)), *QV, (2, 5, 4)),
    case("heads_other_features", _heads(2, 3, shapes=((3, 6), (5, 4))), (2, 3, 6), (2, 5, 4)),
    case("heads_self", _self(2, 3), (2, 5, 6)),
    case("heads_scores", _heads(2, 3, call=SCORES), *QV),
    case("heads_causal", _heads(2, 3, call=CAUSAL), *QV),
    case("heads_causal_scores", _heads(2, 3, call=CAUSAL | SCORES), *QV),
    case("heads_causal_long_query", _heads(2, 3, shapes=((5, 6), (3, 6)), call=CAUSAL), (2, 5, 6), (2, 3, 6)),
    case("heads_rank4", _self(2, 3, shape=(2, 3, 4)), (2, 2, 3, 4)),
    case("heads_rank4_scores", _self(2, 3, shape=(2, 3, 4), call=SCORES), (2, 2, 3, 4)),
    case("heads_axis", _self(2, 3, attention_axes=2, shape=(2, 3, 4)), (2, 2, 3, 4)),
    case("heads_axes", _self(2, 3, attention_axes=(1, 2), shape=(2, 3, 4), call=SCORES), (2, 2, 3, 4)),
    case("heads_axes_swapped", _self(2, 3, attention_axes=(2, 1), shape=(2, 3, 4), call=SCORES), (2, 2, 3, 4)),
    case("heads_axis_first_of_two", _self(2, 3, attention_axes=(1,), shape=(2, 3, 4), call=SCORES), (2, 2, 3, 4)),
    case("heads_unknown_length", _heads(2, 3, shapes=((None, 6), (None, 6)), call=CAUSAL), *QV),
    case("heads_mask", _given_mask((3, 5), 2, 3), *QV, (2, 3, 5), vocab=2, dtype="float32"),
    case("heads_mask_scores", _given_mask((3, 5), 2, 3, call=SCORES), *QV, (2, 3, 5), vocab=2, dtype="float32"),
    case("heads_mask_per_head", _given_mask((2, 3, 5), 2, 3), *QV, (2, 2, 3, 5), vocab=2, dtype="float32"),
    case("heads_mask_causal", _given_mask((3, 5), 2, 3, call=CAUSAL), *QV, (2, 3, 5), vocab=2, dtype="float32"),
    case("heads_mask_numbers", _given_mask((3, 5), 2, 3, dtype="float"), *QV, (2, 3, 5), dialects=(2,)),
    case("heads_masks", _masked_heads(2, 3), (3, 5), (3, 5), **IDS),
    case("heads_masks_key", _masked_heads(2, 3, key=True), (3, 5), (3, 5), (3, 5), **IDS),
    case("heads_masks_scores", _masked_heads(2, 3, call=SCORES | CAUSAL), (3, 5), (3, 5), **IDS),
    case("heads_masks_pass", _masked_heads(2, 3, tail=lambda k: k.layers.LSTM(3)), (3, 5), (3, 5), **IDS),
    case("heads_all_masked", _masked_heads(2, 3), (3, 5), (3, 5), **HIDDEN),
    case("heads_all_masked_scores", _masked_heads(2, 3, call=SCORES), (3, 5), (3, 5), **HIDDEN),
    case("heads_gate", _heads(2, 3, value_dim=4, use_gate=True), *QV, dialects=THREE),
    case("heads_window", _self(2, 3, sliding_window=2), (2, 5, 6), dialects=THREE),
    case("heads_window_causal", _self(2, 3, sliding_window=3, call=CAUSAL | SCORES), (2, 5, 6), dialects=THREE),
    case("heads_axes_negative", _self(2, 3, attention_axes=(-1,), shape=(2, 3, 4)), (2, 2, 3, 4), dialects=THREE),
    case("heads_shared", _shared, (2, 3, 6), (2, 4, 6)),
    case("heads_block", _block, (3, 6), **IDS),
    case("heads_block_all_masked", _block, (3, 6), **HIDDEN),
    case("heads_twice", _twice, (3, 5), **HIDDEN),
    case("groups", _heads(**GROUPS), *QV, dialects=THREE),
    case("groups_key", _heads(**GROUPS, key=(5, 6)), *QV, (2, 5, 6), dialects=THREE),
    case("groups_no_bias", _heads(**GROUPS, use_bias=False, dropout=0.1), *QV, dialects=THREE),
    case("groups_scores", _heads(**GROUPS, call=SCORES), *QV, dialects=THREE),
    case("groups_causal", _heads(**GROUPS, call=CAUSAL), *QV, dialects=THREE),
    case("groups_causal_scores", _heads(**GROUPS, call=CAUSAL | SCORES), *QV, dialects=THREE),
    case("groups_one", _heads(3, 4, 1, name="GroupQueryAttention"), *QV, dialects=THREE),
    case("groups_gate", _heads(**GROUPS, use_gate=True), *QV, dialects=THREE),
    case("groups_window", _self(**GROUPS, sliding_window=2), (2, 5, 6), dialects=THREE),
    case("groups_mask", _given_mask((3, 5), **GROUPS), *QV, (2, 3, 5), vocab=2, dtype="float32", dialects=THREE),
    case("groups_masks", _masked_heads(**GROUPS), (3, 5), (3, 5), **IDS, dialects=THREE),
    case("groups_masks_scores", _masked_heads(**GROUPS, call=SCORES), (3, 5), (3, 5), **IDS, dialects=THREE),
]

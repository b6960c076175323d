"""ReversibleEmbedding of Keras 3, there and back."""

from . import case


def _back(middle=None, **keywords):
    """Ids to vectors, a layer, and back to a score per id."""

    def make(k):
        ids = k.Input((5,), dtype="int32")
        layer = k.layers.ReversibleEmbedding(7, 4, **keywords)
        x = layer(ids)
        if middle is not None:
            x = middle(k)(x)
        return k.Model(ids, layer(x, reverse=True))

    return make


def _forth(**keywords):
    return lambda k: k.layers.ReversibleEmbedding(7, 4, **keywords)


IDS = {"vocab": 7, "dtype": "int32", "dialects": (3,)}

CASES = [
    case("forth", _forth(), (3, 5), **IDS),
    case("back", _back(), (3, 5), **IDS),
    case("back_untied", _back(tie_weights=False), (3, 5), **IDS),
    case("back_cap", _back(logit_soft_cap=1.5), (3, 5), **IDS),
    case("back_dtype", _back(reverse_dtype="float32", tie_weights=False, logit_soft_cap=2), (3, 5), **IDS),
    case("back_masked", _back(lambda k: k.layers.LSTM(4, return_sequences=True), mask_zero=True), (3, 5), **IDS),
]

"""Functions of keras.ops whose results are as large as values say, and what follows them."""

from __future__ import annotations

from ._function import IDS, INTEGERS, function

X = (3, 4)


def _dense(layer):
    """A case's body with layers in it: Keras' functional models take both."""
    import keras

    return getattr(keras.layers, layer)


def _rows(o, x):
    return o.take(x, o.nonzero(x[:, 0] > -0.5)[0], axis=0)


def _tokens(o, x):
    """Dense over the steps that a mask keeps, their mean beside the number that they are."""
    rows, steps = o.nonzero(x[:, :, 0] > 0)
    kept = o.take(o.reshape(x, (-1, 5)), rows * 4 + steps, axis=0)
    y = _dense("Dense")(3, activation="relu")(kept)
    return y, o.mean(_dense("LayerNormalization")()(y), axis=0), o.sum(o.ones_like(rows))


def _unique(o, x, **options):
    return o.unique(x, **options)


ALL = {"return_index": True, "return_inverse": True, "return_counts": True}

CASES = [
    function("nonzero", lambda o, x: o.nonzero(x > 0), X),
    function("nonzero_numbers", lambda o, x: o.nonzero(x), (3, 2, 4), **INTEGERS),
    function("nonzero_vector", lambda o, x: o.nonzero(o.reshape(x, (-1,)) > 0), X),
    function("nonzero_one_row", lambda o, x: o.nonzero(x > 0), (1, 4)),
    function("nonzero_none", lambda o, x: o.nonzero(x > 100), X),
    function("nonzero_open", lambda o, x: o.nonzero(x > 0), (2, 5, 3), free=(1, 2)),
    function("nonzero_rows", _rows, X),
    function("nonzero_tokens", _tokens, (3, 4, 5)),
    function("nonzero_tokens_open", _tokens, (2, 4, 5), free=(1,)),
    function("nonzero_tokens_one_row", _tokens, (1, 4, 5)),
    function("nonzero_empty_sum", lambda o, x: o.sum(o.take(x, o.nonzero(x[:, 0] > 100)[0], axis=0), axis=0), X),
    function("nonzero_empty_mean", lambda o, x: o.mean(o.take(x, o.nonzero(x[:, 0] > 100)[0], axis=0), axis=0), X),
    function(
        "nonzero_joined",
        lambda o, x: o.concatenate([_rows(o, x), x, _rows(o, x * 2)], axis=0),
        X,
    ),
    function("where_places", lambda o, x: o.where(x > 0), X),
    function("where_places_vector", lambda o, x: o.where(o.reshape(x, (-1,)) > 0), X),
    function("unique", _unique, X, **IDS),
    function("unique_floats", lambda o, x: o.unique(o.round(x)), X),
    function("unique_all", lambda o, x: o.unique(x, **ALL), X, **IDS),
    function("unique_all_open", lambda o, x: o.unique(x, **ALL), (2, 4, 3), free=(1,), **IDS),
    function("unique_vector", lambda o, x: o.unique(x, **ALL), (7,), **IDS),
    function("unique_unsorted", lambda o, x: o.unique(x, sorted=False, **ALL), X, **IDS),
    function("unique_rows", lambda o, x: o.unique(x // 3, axis=0, **ALL), (6, 2), **IDS),
    function("unique_columns", lambda o, x: o.unique(x // 3, axis=1, **ALL), (2, 6), **IDS),
    function("unique_last", lambda o, x: o.unique(x // 3, axis=-1, **ALL), (2, 2, 6), **IDS),
    function("unique_last_unsorted", lambda o, x: o.unique(x // 3, axis=-1, sorted=False, **ALL), (2, 2, 6), **IDS),
    function("unique_cut", lambda o, x: o.unique(x, size=2, **ALL), X, **IDS),
    function("unique_filled", lambda o, x: o.unique(x, size=9, fill_value=-1, **ALL), X, **IDS),
    function("unique_filled_columns", lambda o, x: o.unique(x // 3, axis=1, size=9, **ALL), (2, 6), **IDS),
    function("bincount", lambda o, x: o.bincount(x), X, **IDS),
    function("bincount_one_row", lambda o, x: o.bincount(x), (1, 4), **IDS),
    function("repeat_each", lambda o, x: o.repeat(x, [1, 0, 2, 3], axis=1), X),
    function("repeat_each_row", lambda o, x: o.repeat(x, [1, 0, 2], axis=0), X),
]

"""Shapes that values tell, or sizes of several tensors (Keras 2)."""

from __future__ import annotations

from ._function import IDS, tf_function

X = (3, 4)


def _most(t, x):
    return t.reduce_max(x)


def _two_open(t, x, y):
    """A shape of the open sizes of two tensors."""
    return t.zeros([t.shape(x)[1], t.shape(y)[1]]) + 1.0, t.fill([t.shape(x)[0], t.shape(y)[1], 2], 3.0)


def _grid(t, x):
    """Coordinates of an image of any size, one row for each of its samples."""
    rows, height, width = t.shape(x)[0], t.shape(x)[1], t.shape(x)[2]
    place = t.tile(t.range(height)[None, :, None], [rows, 1, width])
    return t.reshape(t.cast(place, t.float32), [rows, height, width, 1]) * x


CASES = [
    tf_function("tile", lambda t, x: t.tile(x, [1, _most(t, x)]), X, **IDS),
    tf_function("tile_rows", lambda t, x: t.tile(x[:, None], [_most(t, x) - 1, 2, 1]), X, **IDS),
    tf_function("reshape", lambda t, x: t.reshape(x, [t.shape(x)[0] * 2, _most(t, x) * 0 + 2]), X, **IDS),
    tf_function(
        "reshape_rows",
        lambda t, x: t.reshape(x, [t.shape(x)[0], t.shape(x)[1] * t.shape(x)[2], t.shape(x)[3]]),
        (2, 3, 4, 2),
        free=(1, 2),
    ),
    tf_function(
        "reshape_apart",
        lambda t, x: t.reshape(x, [t.shape(x)[0] * t.shape(x)[1], t.shape(x)[2] // 2, 2]),
        (2, 3, 4),
        free=(1, 2),
    ),
    tf_function("zeros", lambda t, x: t.zeros([_most(t, x), 3]), X, **IDS),
    tf_function("ones", lambda t, x: t.ones([2, _most(t, x)], "int32"), X, **IDS),
    tf_function("fill", lambda t, x: t.fill([_most(t, x), 3], t.reduce_min(x)), X, **IDS),
    tf_function("fill_known", lambda t, x: t.fill([t.shape(x)[0], 3], t.reduce_min(x)), X),
    tf_function("two_open", _two_open, (2, 3), (2, 5), free=(1,)),
    tf_function("broadcast", lambda t, x: t.broadcast_to(x[:1], [_most(t, x), 4]), X, **IDS),
    tf_function("pad", lambda t, x: t.pad(x, [[0, 0], [1, _most(t, x)]], constant_values=7), X, **IDS),
    tf_function("pad_rows", lambda t, x: t.pad(x, [[_most(t, x), 0], [0, 0]]), X, **IDS),
    tf_function("grid", _grid, (2, 3, 4, 1), free=(1, 2)),
]

"""TensorFlow's functions of numbers, places and shapes as graph nodes (Keras 2)."""

import numpy as np

from ._function import IDS, tf_function

X = (3, 4, 5)


def _weights(*shape: int):
    return (np.arange(np.prod(shape)).reshape(shape) % 7 / 7 - 0.4).astype("float32")


def _decoded(**options):
    """Sequences of nine to six steps."""

    def body(t, x):
        import keras

        lengths = 9 - t.cast(t.clip_by_value(t.abs(x[:, 0, 0]), 0, 3), "int32")
        labels, scores = keras.backend.ctc_decode(t.nn.softmax(x), lengths, **options)
        return (*labels, scores)

    return body


CASES = [
    tf_function(
        "gather_nd", lambda t, x, i: t.gather_nd(x, i, batch_dims=1), X, (3, 2, 1), vocab=4, low=0, dtype="int32"
    ),
    tf_function(
        "gather_nd_pairs", lambda t, x, i: t.gather_nd(x, i[:, :, :2], batch_dims=1), (3, 5, 5, 2), (3, 4, 3), **IDS
    ),
    tf_function("gather_nd_table", lambda t, x: t.gather_nd(_weights(5, 5, 2), x), (3, 4, 2), **IDS),
    tf_function("v1_batch_gather", lambda t, x, i: t.compat.v1.batch_gather(x, i), (3, 5, 2), (3, 4), **IDS),
    tf_function("polyval", lambda t, x: t.math.polyval([0.5, -1.0, 2.0], x), X),
    tf_function("rank", lambda t, x: x * t.cast(t.rank(x), "float32"), X),
    tf_function("shape_n", lambda t, x, y: t.reshape(x, t.shape_n([x, y])[1]), X, (3, 5, 4)),
    tf_function("identity_n", lambda t, x, y: tuple(t.identity_n([x, y])), X, (3, 2)),
    tf_function("linspace", lambda t, x, y: (t.linspace(x, y, 4, axis=1), t.linspace(x, y, 3, axis=-1)), X, X),
    tf_function(
        "weighted_cross_entropy", lambda t, x, y: t.nn.weighted_cross_entropy_with_logits(t.sigmoid(x), y, 2.5), X, X
    ),
    tf_function("log_poisson_loss", lambda t, x, y: t.nn.log_poisson_loss(t.nn.relu(x), y), X, X),
    tf_function("truncatediv", lambda t, x, y: t.truncatediv(x * 9, t.abs(y) + 1), X, X),
    tf_function("v1_div", lambda t, x, y: t.compat.v1.div(x, t.abs(y) + 1), X, X),
    tf_function("v1_xw_plus_b", lambda t, x: t.compat.v1.nn.xw_plus_b(x, _weights(5, 2), _weights(2)), (3, 5)),
    tf_function("v1_relu_layer", lambda t, x: t.compat.v1.nn.relu_layer(x, _weights(5, 2), _weights(2)), (3, 5)),
    tf_function("frame", lambda t, x: (t.signal.frame(x, 3, 2), t.signal.frame(x, 2, 1, axis=1)), X),
    tf_function("dct", lambda t, x: (t.signal.dct(x), t.signal.dct(x, norm="ortho")), X),
    *[
        tf_function(n, lambda t, x, n=n: getattr(t.math, n)(x * 2.5), X)
        for n in ("bessel_i0e", "bessel_i1", "bessel_i1e", "digamma", "lgamma")
    ],
    tf_function("ndtri", lambda t, x: (t.math.ndtri(t.sigmoid(x)), t.math.erfcinv(t.sigmoid(x) * 2)), X),
    tf_function(
        "cumulative_logsumexp",
        lambda t, x: (
            t.math.cumulative_logsumexp(x * 20, 1),
            t.math.cumulative_logsumexp(x, axis=-1, reverse=True),
        ),
        X,
    ),
    tf_function(
        "log_poisson_loss_full",
        lambda t, x, y: t.nn.log_poisson_loss(t.abs(x) * 3.0, y, compute_full_loss=True),
        (3, 6),
        (3, 6),
    ),
    tf_function("bitcast", lambda t, x: (t.bitcast(x, "int32"), t.bitcast(x, "uint8")), X),
    tf_function("bitcast_back", lambda t, x: t.bitcast(t.bitcast(x, "int16") // 2 * 2, "float32"), X),
    tf_function(
        "range_of_steps",
        lambda t, x: x + t.cast(t.range(t.shape(x)[1]), "float32")[:, None] * 0.1,
        (3, 6, 2),
        free=(1,),
    ),
    tf_function("range_of_samples", lambda t, x: x * t.cast(t.range(t.shape(x)[0]), "float32")[:, None], (3, 4)),
    *[
        tf_function(f"ctc_decode_{at}", _decoded(**options), (4, 9, 5), scale=2.0)
        for at, options in enumerate(
            (
                {},
                {"greedy": False},
                {"greedy": False, "beam_width": 5},
                {"greedy": False, "beam_width": 8, "top_paths": 3},
            )
        )
    ],
]

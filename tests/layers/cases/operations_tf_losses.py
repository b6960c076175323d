"""TensorFlow 1's losses as graph nodes (Keras 2)."""

import numpy as np

from ._function import IDS, tf_function

X = (4, 5)
_WEIGHTS = np.array([[0, 1, 0.5, 2, 0]], "float32")
_KINDS = (
    "none",
    "weighted_sum",
    "weighted_mean",
    "weighted_sum_by_nonzero_weights",
    "weighted_sum_over_batch_size",
)


def _loss(name, **options):
    return lambda t, x, y: getattr(t.compat.v1.losses, name)(x, y, **options)


def _beside(name, **options):
    """With an axis, which Keras' predict keeps the dtype of."""
    return lambda t, x, y: x[:, 0] * 0 + getattr(t.compat.v1.losses, name)(x, y, **options)


CASES = [
    *[
        tf_function(
            f"weighted_{kind}",
            lambda t, x, y, kind=kind: (
                t.compat.v1.losses.compute_weighted_loss(x, reduction=kind),
                t.compat.v1.losses.compute_weighted_loss(x, 0.7, reduction=kind),
                t.compat.v1.losses.compute_weighted_loss(x, t.nn.relu(y), reduction=kind),
                t.compat.v1.losses.compute_weighted_loss(x, _WEIGHTS, reduction=kind),
                t.compat.v1.losses.compute_weighted_loss(x, 0.0, reduction=kind),
            ),
            X,
            X,
        )
        for kind in _KINDS
    ],
    *[
        tf_function(name, _loss(name), X, X)
        for name in (
            "absolute_difference",
            "hinge_loss",
            "huber_loss",
            "mean_squared_error",
            "sigmoid_cross_entropy",
            "softmax_cross_entropy",
        )
    ],
    tf_function("cosine_distance", _loss("cosine_distance", axis=1), X, X),
    tf_function("log_loss", lambda t, x, y: t.compat.v1.losses.log_loss(t.sigmoid(x), t.sigmoid(y)), X, X),
    tf_function("sigmoid_smoothed", _loss("sigmoid_cross_entropy", label_smoothing=0.2, reduction="none"), X, X),
    tf_function("softmax_smoothed", _loss("softmax_cross_entropy", label_smoothing=0.2, weights=2.0), X, X),
    # Outside of a graph, TensorFlow 2.15 counts the values of all samples as those of each.
    tf_function("mean_pairwise_squared_error", _beside("mean_pairwise_squared_error"), X, X, traced=True),
    tf_function("pairwise_weighted", _beside("mean_pairwise_squared_error", weights=0.5), X, X, traced=True),
    tf_function(
        "sparse_softmax_cross_entropy",
        lambda t, x: t.compat.v1.losses.sparse_softmax_cross_entropy(x[:, 0], t.cast(x, "float32") * 0.3),
        X,
        **IDS,
    ),
]

"""TensorFlow's functions in whose place Keras 2 writes those they are made of."""

import numpy as np

from ._function import tf_function

X = (3, 4, 5)
IMAGE = (2, 6, 7, 3)


def _weights(*shape):
    return (np.arange(np.prod(shape)).reshape(shape) % 7 / 7 - 0.4).astype("float32")


CASES = [
    tf_function("normalize_moments", lambda t, x, y: tuple(t.nn.normalize_moments(4.0, x, y, None)), X, X),
    tf_function("normalize_moments_shifted", lambda t, x, y: tuple(t.nn.normalize_moments(4.0, x, y, 0.5)), X, X),
    tf_function("scale_regularization_loss", lambda t, x: t.nn.scale_regularization_loss(x), X),
    tf_function(
        "conv_transpose",
        lambda t, x: t.nn.conv_transpose(x, _weights(3, 3, 4, 3), t.stack([t.shape(x)[0], 12, 14, 4]), [2, 2]),
        IMAGE,
    ),
    tf_function(
        "v1_conv3d_transpose",
        lambda t, x: t.compat.v1.nn.conv3d_transpose(
            x, _weights(2, 2, 2, 3, 2), t.stack([t.shape(x)[0], 4, 6, 5, 3]), [1, 2, 2, 1, 1]
        ),
        (2, 2, 3, 5, 2),
    ),
    tf_function("v1_types", lambda t, x: (t.compat.v1.to_bfloat16(x), t.compat.v1.to_int32(x * 3)), X),
    tf_function("v1_to_complex", lambda t, x: t.abs(t.compat.v1.to_complex64(x)), X),
    tf_function("tuple", lambda t, x, y: (t.tuple([x, y])[0] * 2, *t.compat.v1.tuple([y, x])), X, X),
    tf_function(
        "atrous_conv2d",
        lambda t, x: (
            t.nn.atrous_conv2d(x, _weights(3, 2, 3, 4), 2, "SAME"),
            t.nn.atrous_conv2d(x, _weights(2, 3, 3, 4), 2, "VALID"),
        ),
        IMAGE,
    ),
    tf_function(
        "blocks",
        lambda t, x: (
            t.space_to_batch(x, [2, 2], [[0, 0], [1, 1]]),
            t.compat.v1.nn.space_to_batch(x, [[0, 0], [0, 0]], 2),
            t.batch_to_space(t.space_to_batch(x, [2, 1], [[0, 0], [0, 0]]), [2, 1], [[1, 0], [0, 2]]),
        ),
        (2, 4, 6, 3),
    ),
]

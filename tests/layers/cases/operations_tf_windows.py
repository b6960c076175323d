"""TensorFlow's transposed and separable convolutions, pools and morphology as graph nodes (Keras 2)."""

import numpy as np

from ._function import tf_function

X = (3, 4, 5)
IMAGE = (2, 6, 7, 3)
_STEPS = ([1, 1, 1, 1], [1, 2, 1, 1])
_MORPHED = [
    tf_function(
        f"{name}_{padding.lower()}_{at}",
        lambda t, x, n=name, p=padding, s=steps, r=rates: getattr(t.nn, n)(x, _weights(3, 2, 3), s, p, "NHWC", r),
        IMAGE,
    )
    for name in ("dilation2d", "erosion2d")
    for padding in ("SAME", "VALID")
    for at, (steps, rates) in enumerate(((_STEPS[0], _STEPS[0]), ([1, 2, 3, 1], _STEPS[0]), (_STEPS[0], _STEPS[1])))
]


def _weights(*shape: int):
    return (np.arange(np.prod(shape)).reshape(shape) % 7 / 7 - 0.4).astype("float32")


def _transposed(name, kernel, size, strides, **options):
    """The batch size as TensorFlow tells it."""

    def body(t, x):
        shape = t.stack([t.shape(x)[0], *size, kernel[-2]])
        return getattr(t.nn, name)(x, _weights(*kernel), shape, strides, **options)

    return body


def _first(t, x):
    """Whole numbers from 1 to 4, one per sample."""
    return t.cast(t.clip_by_value(t.abs(x[:, 0, 0]) * 3 + 1, 1, 4), "int32")


def _normalized(t, x, **options):
    y, mean, variance = t.compat.v1.nn.fused_batch_norm(
        x, _weights(x.shape[-1]) + 2, _weights(x.shape[-1]), is_training=True, **options
    )
    return y, mean, variance


CASES = [
    tf_function("conv2d_transpose", _transposed("conv2d_transpose", (3, 3, 4, 3), (12, 14), 2), IMAGE),
    tf_function("conv2d_transpose_odd", _transposed("conv2d_transpose", (4, 3, 4, 3), (11, 13), [1, 2, 2, 1]), IMAGE),
    tf_function(
        "conv2d_transpose_valid",
        _transposed("conv2d_transpose", (3, 2, 4, 3), (14, 21), (2, 3), padding="VALID"),
        IMAGE,
    ),
    tf_function("conv1d_transpose", _transposed("conv1d_transpose", (3, 2, 5), (8,), 2), X),
    tf_function(
        "conv3d_transpose", _transposed("conv3d_transpose", (2, 2, 3, 2, 2), (6, 4, 5), [2, 1, 1]), (2, 3, 4, 5, 2)
    ),
    tf_function(
        "convolution", lambda t, x: t.nn.convolution(x, _weights(3, 2, 3, 4), padding="SAME", strides=[2, 1]), IMAGE
    ),
    tf_function("convolution_1d", lambda t, x: t.nn.convolution(x, _weights(2, 5, 3), strides=2), X),
    tf_function(
        "separable_conv2d",
        lambda t, x: t.nn.separable_conv2d(x, _weights(3, 3, 3, 2), _weights(1, 1, 6, 4), [1, 2, 2, 1], "SAME"),
        IMAGE,
    ),
    tf_function(
        "pool",
        lambda t, x: (t.nn.pool(x, [2, 3], "MAX", padding="SAME"), t.nn.pool(x, [2, 2], "AVG", strides=[2, 1])),
        IMAGE,
    ),
    tf_function("v1_max_pool", lambda t, x: t.compat.v1.nn.max_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "SAME"), IMAGE),
    tf_function("v1_avg_pool", lambda t, x: t.compat.v1.nn.avg_pool(x, [1, 2, 3, 1], [1, 1, 2, 1], "VALID"), IMAGE),
    tf_function(
        "fused_batch_norm",
        lambda t, x: t.compat.v1.nn.fused_batch_norm(
            x, _weights(3) + 2, _weights(3), _weights(3), _weights(3) + 1, is_training=False
        )[0],
        IMAGE,
    ),
    tf_function("reverse_sequence", lambda t, x: t.reverse_sequence(x, _first(t, x), seq_axis=1, batch_axis=0), X),
    tf_function("reverse_sequence_last", lambda t, x: t.reverse_sequence(x, _first(t, x), seq_axis=2), X),
    *_MORPHED,
    tf_function(
        "v1_dilation2d",
        lambda t, x: t.compat.v1.nn.dilation2d(
            x, filter=_weights(2, 2, 3), strides=[1, 1, 1, 1], rates=[1, 2, 2, 1], padding="SAME"
        ),
        IMAGE,
    ),
    tf_function(
        "v1_erosion2d",
        lambda t, x: t.compat.v1.nn.erosion2d(x, _weights(2, 2, 3), [1, 1, 1, 1], [1, 2, 2, 1], "SAME"),
        IMAGE,
    ),
    tf_function("fused_batch_norm_training", _normalized, IMAGE),
    tf_function(
        "fused_batch_norm_training_volume", lambda t, x: _normalized(t, x, data_format="NDHWC"), (2, 3, 2, 4, 3)
    ),
    tf_function(
        "fused_batch_norm_training_share",
        lambda t, x: _normalized(
            t, x, mean=_weights(3), variance=_weights(3) + 1, exponential_avg_factor=0.25, epsilon=0.1
        ),
        IMAGE,
    ),
    *[
        tf_function(
            f"max_pool_with_argmax_{padding.lower()}_{size}",
            lambda t, x, p=padding, n=size: tuple(t.nn.max_pool_with_argmax(x, n, 2, p)),
            IMAGE,
        )
        for padding in ("SAME", "VALID")
        for size in (2, 3)
    ],
    tf_function(
        "max_pool_with_argmax_batch",
        lambda t, x: tuple(t.nn.max_pool_with_argmax(x, [2, 3], 1, "SAME", include_batch_in_index=True)),
        IMAGE,
        vocab=4,
        dtype="float32",
    ),
    tf_function(
        "v1_max_pool_with_argmax",
        lambda t, x: tuple(
            t.compat.v1.nn.max_pool_with_argmax(x, [1, 2, 2, 1], [1, 2, 2, 1], "SAME", output_dtype=t.int32)
        ),
        IMAGE,
        vocab=3,
        dtype="float32",
    ),
]

"""TensorFlow 1's functions, keras.backend's own nodes, and functions over whole tensors, as graph nodes (Keras 2)."""

import numpy as np

from ._function import IDS, tf_function

X = (3, 4, 5)
IMAGE = (2, 6, 7, 3)


def _weights(*shape: int):
    return (np.arange(np.prod(shape)).reshape(shape) % 7 / 7 - 0.4).astype("float32")


def _v1(name, **options):
    return lambda t, x: getattr(t.compat.v1, name)(x, **options)


def _backend(name, *rest, **options):
    def body(t, *inputs):
        import keras

        return getattr(keras.backend, name)(*inputs, *rest, **options)

    return body


def _metric(name):
    def body(t, x, y):
        import keras

        return getattr(keras.metrics, name)(x, y)

    return body


def _shared(t, x):
    """Probabilities along the last axis, and others."""
    return t.nn.softmax(x), t.nn.softmax(-2 * x)


_REDUCED = [
    tf_function(f"v1_{n}_{at}", _v1(n, **options), X)
    for n in ("reduce_sum", "reduce_mean", "reduce_max", "reduce_min", "reduce_prod", "reduce_logsumexp")
    for at, options in enumerate(({"axis": 1}, {"reduction_indices": [1, 2], "keep_dims": True}))
]
_PLACES = np.array([[0], [2], [1]], "int32")

CASES = [
    *_REDUCED,
    tf_function("v1_reduce_all", lambda t, x: t.compat.v1.reduce_all(x > -1, axis=1), X),
    tf_function("v1_reduce_any", lambda t, x: t.compat.v1.reduce_any(x > 1, axis=1, keepdims=True), X),
    tf_function("v1_argmax", lambda t, x: (t.compat.v1.argmax(x, 1), t.compat.v1.argmin(x, dimension=2)), X),
    tf_function("v1_count_nonzero", lambda t, x: t.compat.v1.count_nonzero(t.nn.relu(x), axis=1), X),
    tf_function("v1_scalar_mul", lambda t, x: t.compat.v1.scalar_mul(3.0, x), X),
    tf_function(
        "v1_to_types", lambda t, x: (t.compat.v1.to_int32(x), t.compat.v1.to_double(x), t.compat.v1.to_int64(x)), X
    ),
    tf_function("v1_to_float", lambda t, x: t.compat.v1.to_float(x), X, **IDS),
    tf_function("v1_convert_to_tensor", lambda t, x: t.compat.v1.convert_to_tensor(x) * 2, X),
    tf_function(
        "v1_extract_image_patches",
        lambda t, x: t.compat.v1.extract_image_patches(x, [1, 2, 3, 1], [1, 2, 2, 1], [1, 1, 1, 1], "SAME"),
        IMAGE,
    ),
    tf_function(
        "v1_conv2d_transpose",
        lambda t, x: t.compat.v1.nn.conv2d_transpose(
            x, _weights(3, 3, 4, 3), t.stack([t.shape(x)[0], 12, 14, 4]), [1, 2, 2, 1]
        ),
        IMAGE,
    ),
    tf_function(
        "v1_depthwise_conv2d_native",
        lambda t, x: t.compat.v1.nn.depthwise_conv2d_native(x, _weights(3, 3, 3, 2), [1, 1, 1, 1], "SAME"),
        IMAGE,
    ),
    tf_function("v1_moments", lambda t, x: tuple(t.compat.v1.nn.moments(x, [1], keep_dims=True)), X),
    tf_function(
        "v1_softmax_cross_entropy",
        lambda t, x, y: t.compat.v1.nn.softmax_cross_entropy_with_logits(labels=t.nn.softmax(y), logits=x),
        X,
        X,
    ),
    tf_function(
        "v1_weighted_cross_entropy",
        lambda t, x, y: t.compat.v1.nn.weighted_cross_entropy_with_logits(t.sigmoid(x), y, 2.5),
        X,
        X,
    ),
    tf_function(
        "weighted_moments",
        lambda t, x: (
            *t.nn.weighted_moments(x, [1, 2], _weights(4, 5) + 1),
            *t.compat.v1.nn.weighted_moments(x, [1], _weights(4, 1) + 1, keepdims=True),
        ),
        X,
    ),
    tf_function("backend_batch_flatten", _backend("batch_flatten"), X),
    tf_function("backend_cast_to_floatx", _backend("cast_to_floatx"), X, **IDS),
    tf_function("backend_conv2d", _backend("conv2d", _weights(3, 3, 3, 4), padding="same"), IMAGE),
    tf_function("backend_conv2d_strided", _backend("conv2d", _weights(3, 2, 3, 4), strides=(2, 1)), IMAGE),
    tf_function("backend_conv3d", _backend("conv3d", _weights(2, 2, 2, 2, 3)), (2, 3, 4, 3, 2)),
    tf_function(
        "backend_binary_crossentropy",
        lambda t, x, y: _backend("binary_crossentropy")(t, t.sigmoid(x), t.sigmoid(y)),
        X,
        X,
    ),
    tf_function(
        "backend_categorical_crossentropy",
        lambda t, x: _backend("categorical_crossentropy")(t, *_shared(t, x)),
        X,
    ),
    tf_function(
        "backend_categorical_focal_crossentropy",
        lambda t, x: _backend("categorical_focal_crossentropy", gamma=1.5)(t, *_shared(t, x)),
        X,
    ),
    tf_function("hinge", lambda t, x, y: _metric("hinge")(t, t.sign(x), y), X, X),
    tf_function("squared_hinge", lambda t, x, y: _metric("squared_hinge")(t, t.nn.relu(t.sign(x)), y), X, X),
    tf_function(
        "top_k_categorical_accuracy", lambda t, x, y: _metric("top_k_categorical_accuracy")(t, x, y), (4, 9), (4, 9)
    ),
    tf_function("size", lambda t, x: (x / t.cast(t.size(x), "float32"), t.size(x, out_type=t.int64)), X),
    tf_function("zero_fraction", lambda t, x: t.math.zero_fraction(t.nn.relu(x)), X),
    tf_function("l2_loss", lambda t, x: t.nn.l2_loss(x), X),
    tf_function("global_norm", lambda t, x, y: t.linalg.global_norm([x, y]), X, (3, 2)),
    tf_function("clip_by_global_norm", lambda t, x, y: tuple(t.clip_by_global_norm([x, y], 1.5)[0]), X, (3, 2)),
    tf_function(
        "rising",
        lambda t, x: (t.math.is_strictly_increasing(x), t.math.is_non_decreasing(t.sort(t.reshape(x, [-1])))),
        X,
    ),
    tf_function("image_gradients", lambda t, x: tuple(t.image.image_gradients(x)), IMAGE),
    tf_function("tensor_diag", lambda t, x: t.linalg.tensor_diag(x), (3,)),
    tf_function("tensor_diag_part", lambda t, x: t.linalg.tensor_diag_part(t.matmul(x, x, transpose_b=True)), (3, 4)),
    tf_function("accumulate_n", lambda t, x, y: t.math.accumulate_n([x, y, x]), X, X),
    tf_function("nextafter", lambda t, x, y: t.math.nextafter(x, y), X, X),
    tf_function(
        "batch_norm_with_global_normalization",
        lambda t, x: t.nn.batch_norm_with_global_normalization(
            x, _weights(3), _weights(3) + 1, _weights(3), _weights(3), 0.01, True
        ),
        IMAGE,
    ),
    *[
        tf_function(
            f"fake_quant_with_min_max_args_{at}",
            lambda t, x, o=options: t.quantization.fake_quant_with_min_max_args(x, **o),
            X,
        )
        for at, options in enumerate(({}, {"min": -0.7, "max": 1.1, "num_bits": 4}, {"narrow_range": True, "max": 2.0}))
    ],
    tf_function(
        "fake_quant_with_min_max_vars", lambda t, x: t.quantization.fake_quant_with_min_max_vars(x, -1.3, 2.1, 5), X
    ),
    tf_function(
        "fake_quant_with_min_max_vars_per_channel",
        lambda t, x: t.quantization.fake_quant_with_min_max_vars_per_channel(
            x, [-1.0, -0.5, -2.0, 0.0, -1.0], [1.0, 0.5, 0.1, 0.0, 3.0], 6
        ),
        X,
    ),
    tf_function("scatter_nd", lambda t, x: t.scatter_nd(_PLACES, x, [5, 4]), (3, 4)),
    *[
        tf_function(
            f"tensor_scatter_nd_{n}",
            lambda t, x, n=n: getattr(t, f"tensor_scatter_nd_{n}")(x, _PLACES[:2], _weights(2, 4)),
            (3, 4),
        )
        for n in ("add", "max", "min", "sub", "update")
    ],
    *[
        tf_function(
            f"unsorted_segment_{n}",
            lambda t, x, n=n: getattr(t.math, f"unsorted_segment_{n}")(x, np.array([0, 2, 0, 3, 2], "int32"), 5),
            (5, 4),
        )
        for n in ("max", "min", "prod", "sum")
    ],
    tf_function(
        "bincount",
        lambda t, x: (
            t.math.bincount(x, minlength=7, axis=-1),
            t.math.bincount(x, minlength=3, maxlength=3, axis=-1, binary_output=True),
            t.math.bincount(x, t.cast(x, "float32") * 0.5, minlength=5, axis=-1),
        ),
        (3, 8),
        **IDS,
    ),
    *[
        tf_function(f"v1_resize_images_{at}", lambda t, x, o=options: t.compat.v1.image.resize_images(x, **o), IMAGE)
        for at, options in enumerate(
            (
                {"size": (9, 4)},
                {"size": (4, 11), "align_corners": True},
                {"size": (9, 5), "method": 1},
                {"size": (6, 7)},
            )
        )
    ],
    tf_function("check_numerics", lambda t, x: t.debugging.check_numerics(x, "must be finite") * 2, X),
    tf_function(
        "unsorted_segment_mean", lambda t, x: t.math.unsorted_segment_mean(x, np.array([0, 2, 0], "int32"), 4), (3, 4)
    ),
    tf_function("unravel_index", lambda t, x: t.unravel_index(t.argmax(t.reshape(x, [-1, 20]), 1), [4, 5]), X),
    tf_function("eye_of_samples", lambda t, x: x + t.eye(4, batch_shape=[t.shape(x)[0]]), (3, 4, 4)),
]

"""TensorFlow functions that few models use, as graph nodes (Keras 2)."""

import numpy as np

from ._function import IDS, tf_function

X = (3, 4, 5)
SQUARE = (3, 4, 4)
IMAGE = (2, 6, 7, 3)
_INVERTED = {"tolerance": 1e-4, "reason": "TensorFlow solves in single precision"}


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


def _factor(t, x):
    return t.linalg.cholesky(t.matmul(x, x, transpose_b=True) + np.eye(4, dtype="float32") * 3)


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
    tf_function("convert_image_dtype", lambda t, x: t.image.convert_image_dtype(t.sigmoid(x), "uint8"), IMAGE),
    tf_function(
        "convert_image_dtype_saturated", lambda t, x: t.image.convert_image_dtype(x, "uint8", saturate=True), IMAGE
    ),
    tf_function(
        "convert_image_dtype_back",
        lambda t, x: t.image.convert_image_dtype(x, "float32"),
        IMAGE,
        vocab=255,
        low=0,
        dtype="uint8",
    ),
    *[
        tf_function(f"{n}_{part}", lambda t, x, n=n, part=part: getattr(t.image, n)(t.sigmoid(x), part), IMAGE)
        for n, part in (
            ("adjust_hue", 0.3),
            ("adjust_hue", -0.6),
            ("adjust_saturation", 0.4),
            ("adjust_saturation", 2.5),
        )
    ],
    *[
        tf_function(n, lambda t, x, n=n: getattr(t.image, n)(x), IMAGE)
        for n in ("rgb_to_yiq", "rgb_to_yuv", "yiq_to_rgb", "yuv_to_rgb")
    ],
    *[
        tf_function(f"resize_with_pad_{h}_{w}", lambda t, x, h=h, w=w: t.image.resize_with_pad(x, h, w), IMAGE)
        for h, w in ((9, 9), (4, 12), (5, 3))
    ],
    tf_function("resize_with_pad_nearest", lambda t, x: t.image.resize_with_pad(x, 10, 9, "nearest"), IMAGE),
    *[
        tf_function(
            f"resize_with_crop_or_pad_{h}_{w}", lambda t, x, h=h, w=w: t.image.resize_with_crop_or_pad(x, h, w), IMAGE
        )
        for h, w in ((3, 10), (9, 4), (7, 6))
    ],
    tf_function("psnr", lambda t, x, y: t.image.psnr(x, y, 1.5), IMAGE, IMAGE),
    tf_function(
        "v1_resize_bilinear", lambda t, x: t.compat.v1.image.resize_bilinear(x, (9, 4), align_corners=True), IMAGE
    ),
    tf_function("v1_resize_nearest", lambda t, x: t.compat.v1.image.resize_nearest_neighbor(x, (4, 9)), IMAGE),
    tf_function("sobel_edges", lambda t, x: t.image.sobel_edges(x), IMAGE),
    tf_function("total_variation", lambda t, x: t.image.total_variation(x), IMAGE),
    tf_function(
        "gather_nd", lambda t, x, i: t.gather_nd(x, i, batch_dims=1), X, (3, 2, 1), vocab=4, low=0, dtype="int32"
    ),
    tf_function(
        "gather_nd_pairs", lambda t, x, i: t.gather_nd(x, i[:, :, :2], batch_dims=1), (3, 5, 5, 2), (3, 4, 3), **IDS
    ),
    tf_function("gather_nd_table", lambda t, x: t.gather_nd(_weights(5, 5, 2), x), (3, 4, 2), **IDS),
    tf_function("v1_batch_gather", lambda t, x, i: t.compat.v1.batch_gather(x, i), (3, 5, 2), (3, 4), **IDS),
    tf_function("diag", lambda t, x: (t.linalg.diag(x), t.linalg.diag(x, padding_value=0.5)), X),
    *[
        tf_function(f"set_diag_{r}_{c}", lambda t, x, d: t.linalg.set_diag(x, d), (3, r, c), (3, min(r, c)))
        for r, c in ((4, 4), (3, 5), (5, 3))
    ],
    tf_function("cholesky_solve", lambda t, x, y: t.linalg.cholesky_solve(_factor(t, x), y), SQUARE, X, **_INVERTED),
    tf_function("matrix_rank", lambda t, x: t.linalg.matrix_rank(x), X),
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
    *[
        tf_function(
            f"resize_within_{h}_{w}",
            lambda t, x, h=h, w=w: t.image.resize(x, (h, w), preserve_aspect_ratio=True),
            (2, 6, 7, 2),
        )
        for h, w in ((9, 9), (4, 12), (5, 3))
    ],
    tf_function(
        "log_poisson_loss_full",
        lambda t, x, y: t.nn.log_poisson_loss(t.abs(x) * 3.0, y, compute_full_loss=True),
        (3, 6),
        (3, 6),
    ),
]

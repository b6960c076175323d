"""TensorFlow functions as graph nodes (Keras 2): images, convolutions, pooling, linear algebra, sizes."""

import numpy as np

from ._function import IDS, tf_function

X = (3, 4, 5)
SQUARE = (3, 4, 4)
IMAGE = (2, 6, 7, 3)
_INVERTED = {"tolerance": 1e-4, "reason": "TensorFlow solves in single precision"}


def _weights(*shape: int):
    return (np.arange(np.prod(shape)).reshape(shape) % 7 / 7 - 0.4).astype("float32")


def _definite(t, x):
    return t.matmul(x, x, transpose_b=True) + np.eye(4, dtype="float32") * 3


CASES = [
    *[
        tf_function(n, lambda t, x, n=n: getattr(t.image, n)(x), IMAGE)
        for n in ("flip_left_right", "flip_up_down", "per_image_standardization", "rgb_to_grayscale", "rot90")
    ],
    *[
        tf_function(n, lambda t, x, n=n: getattr(t.image, n)(t.sigmoid(x)), IMAGE)
        for n in ("hsv_to_rgb", "rgb_to_hsv", "transpose")
    ],
    tf_function("rot90_back", lambda t, x: t.image.rot90(x, k=3), IMAGE),
    tf_function("adjust_brightness", lambda t, x: t.image.adjust_brightness(x, 0.3), IMAGE),
    tf_function("adjust_contrast", lambda t, x: t.image.adjust_contrast(x, 1.7), IMAGE),
    tf_function("adjust_gamma", lambda t, x: t.image.adjust_gamma(t.sigmoid(x), 0.7, 1.2), IMAGE),
    tf_function("central_crop", lambda t, x: t.image.central_crop(x, 0.5), IMAGE),
    tf_function("crop_to_bounding_box", lambda t, x: t.image.crop_to_bounding_box(x, 1, 2, 3, 4), IMAGE),
    tf_function("pad_to_bounding_box", lambda t, x: t.image.pad_to_bounding_box(x, 1, 2, 9, 10), IMAGE),
    tf_function("grayscale_to_rgb", lambda t, x: t.image.grayscale_to_rgb(x), (2, 4, 5, 1)),
    tf_function(
        "extract_patches",
        lambda t, x: t.image.extract_patches(x, [1, 2, 3, 1], [1, 2, 1, 1], [1, 1, 2, 1], "SAME"),
        IMAGE,
    ),
    tf_function("conv1d", lambda t, x: t.nn.conv1d(x, _weights(3, 5, 2), 1, "SAME"), X),
    tf_function("conv2d", lambda t, x: t.nn.conv2d(x, _weights(3, 2, 3, 4), 2, "SAME"), IMAGE),
    tf_function("conv2d_lists", lambda t, x: t.nn.conv2d(x, _weights(2, 2, 3, 4), [1, 2, 1, 1], "VALID"), IMAGE),
    tf_function("conv3d", lambda t, x: t.nn.conv3d(x, _weights(2, 2, 2, 2, 3), [1] * 5, "SAME"), (2, 3, 4, 5, 2)),
    tf_function(
        "depthwise_conv2d", lambda t, x: t.nn.depthwise_conv2d(x, _weights(3, 3, 3, 2), [1] * 4, "SAME"), IMAGE
    ),
    tf_function("max_pool", lambda t, x: t.nn.max_pool(x, 2, 2, "SAME"), IMAGE),
    tf_function("avg_pool", lambda t, x: t.nn.avg_pool(x, [1, 3, 2, 1], [1, 1, 2, 1], "SAME"), IMAGE),
    tf_function("max_pool1d", lambda t, x: t.nn.max_pool1d(x, 2, 1, "VALID"), X),
    tf_function("avg_pool1d", lambda t, x: t.nn.avg_pool1d(x, 2, 2, "SAME"), X),
    tf_function("max_pool2d", lambda t, x: t.nn.max_pool2d(x, 3, 2, "VALID"), IMAGE),
    tf_function("avg_pool2d", lambda t, x: t.nn.avg_pool2d(x, 2, 2, "VALID"), IMAGE),
    tf_function("max_pool3d", lambda t, x: t.nn.max_pool3d(x, 2, 2, "SAME"), (2, 3, 4, 5, 2)),
    tf_function("avg_pool3d", lambda t, x: t.nn.avg_pool3d(x, 2, 1, "SAME"), (2, 3, 4, 5, 2)),
    tf_function(
        "batch_normalization",
        lambda t, x: t.nn.batch_normalization(
            x, _weights(5), _weights(5) ** 2 + 0.5, _weights(5), _weights(5) + 2, 1e-3
        ),
        X,
    ),
    tf_function("local_response_normalization", lambda t, x: t.nn.local_response_normalization(x), IMAGE),
    tf_function("local_response_normalization_near", lambda t, x: t.nn.lrn(x, 1, 2.0, 0.3, 0.75), (2, 3, 4, 6)),
    tf_function("crelu", lambda t, x: t.nn.crelu(x), X),
    tf_function(
        "sigmoid_cross_entropy",
        lambda t, x, y: t.nn.sigmoid_cross_entropy_with_logits(labels=t.sigmoid(x), logits=y),
        X,
        X,
    ),
    tf_function(
        "softmax_cross_entropy",
        lambda t, x, y: t.nn.softmax_cross_entropy_with_logits(labels=t.nn.softmax(x), logits=y),
        X,
        X,
    ),
    tf_function(
        "sparse_softmax_cross_entropy",
        lambda t, x: t.nn.sparse_softmax_cross_entropy_with_logits(labels=t.argmax(x, -1), logits=x * 0.5),
        X,
    ),
    tf_function("adjoint", lambda t, x: (t.linalg.adjoint(x), t.linalg.matrix_transpose(x)), X),
    tf_function("cholesky", lambda t, x: t.linalg.cholesky(_definite(t, x)), SQUARE),
    tf_function("cross", lambda t, x, y: t.linalg.cross(x, y), (3, 4, 3), (3, 4, 3)),
    tf_function("det", lambda t, x: t.linalg.det(x), SQUARE),
    tf_function("diag_part", lambda t, x: (t.linalg.diag_part(x), t.linalg.diag_part(x, k=1)), SQUARE),
    tf_function(
        "inv", lambda t, x: (t.linalg.inv(_definite(t, x)), t.linalg.inv(_definite(t, x), adjoint=True)), SQUARE
    ),
    tf_function("logdet", lambda t, x: t.linalg.logdet(_definite(t, x)), SQUARE),
    tf_function("qr", lambda t, x, y: (*t.linalg.qr(x), *t.linalg.qr(y, full_matrices=True)), X, (3, 7, 4)),
    tf_function("svd", lambda t, x: tuple(t.linalg.svd(x)), X, **_INVERTED),
    tf_function("svd_full", lambda t, x: tuple(t.linalg.svd(x, full_matrices=True)), (3, 6, 4), **_INVERTED),
    tf_function("svd_values", lambda t, x: t.linalg.svd(x, compute_uv=False), X),
    tf_function("eigenvalues", lambda t, x: (t.linalg.eigvalsh(x), t.linalg.eigh(x)[0]), SQUARE),
    tf_function("normalize", lambda t, x: tuple(t.linalg.normalize(x, axis=-1)), X),
    tf_function("pinv", lambda t, x: t.linalg.pinv(x), X, **_INVERTED),
    tf_function("solve", lambda t, x, y: t.linalg.solve(_definite(t, x), y), SQUARE, (3, 4, 2), **_INVERTED),
    tf_function("trace", lambda t, x: t.linalg.trace(x), SQUARE),
    tf_function(
        "triangular_solve",
        lambda t, x, y: (
            t.linalg.triangular_solve(_definite(t, x), y),
            t.linalg.triangular_solve(_definite(t, x), y, lower=False, adjoint=True),
        ),
        SQUARE,
        X,
    ),
    *[
        tf_function(f"math_{n}", lambda t, x, n=n: getattr(t.math, n)(t.tanh(x) * 0.9), X)
        for n in ("angle", "bessel_i0", "conj", "erfinv", "imag", "real", "reciprocal_no_nan")
    ],
    *[
        tf_function(f"math_{n}", lambda t, x, y, n=n: getattr(t.math, n)(t.nn.relu(x), t.abs(y) + 0.5), X, X)
        for n in ("xdivy", "xlog1py")
    ],
    tf_function("realdiv", lambda t, x, y: (t.realdiv(x, y), t.truncatemod(x, y)), X, X),
    tf_function("clip_by_norm", lambda t, x: (t.clip_by_norm(x, 1.5, axes=[1, 2]), t.clip_by_norm(x, 1.5, axes=-1)), X),
    tf_function("saturate_cast", lambda t, x: t.dtypes.saturate_cast(x, t.uint8), X, scale=200.0),
    tf_function("ensure_shape", lambda t, x: t.ensure_shape(x, [None, 4, 5]) * 1.0, X),
    tf_function("searchsorted", lambda t, x, y: t.searchsorted(t.sort(x), y), (3, 6), (3, 4)),
    tf_function("searchsorted_right", lambda t, x, y: t.searchsorted(t.sort(x), y, side="right"), X, X, **IDS),
    tf_function("sequence_mask", lambda t, x: (t.sequence_mask(x, 4), t.sequence_mask(x, 3, t.float32)), (3, 4), **IDS),
    tf_function("zeros", lambda t, x: t.concat([x, t.zeros([t.shape(x)[0], 2, 5])], axis=1), X),
    tf_function("ones", lambda t, x: t.ones([t.shape(x)[0], 3], "int32"), X),
    tf_function("fill", lambda t, x: t.fill([t.shape(x)[0], 3], 2.5), X),
    tf_function("range", lambda t, x: x * t.cast(t.range(t.shape(x)[2]), t.float32), X),
]

"""TensorFlow functions that hardly a model uses, as graph nodes (Keras 2)."""

import numpy as np

from ._function import tf_function

X = (3, 4, 5)
SQUARE = (3, 4, 4)
IMAGE = (2, 6, 7, 3)
_WIDE = {"tolerance": 2e-4, "float64_factor": 30.0, "reason": "TensorFlow divides in single precision"}
_SINGLE = {"tolerance": 1e-4, "reason": "TensorFlow solves in single precision"}


def _weights(*shape: int):
    return (np.arange(np.prod(shape)).reshape(shape) % 7 / 7 - 0.4).astype("float32")


def _normalized(t, x, **options):
    y, mean, variance = t.compat.v1.nn.fused_batch_norm(
        x, _weights(x.shape[-1]) + 2, _weights(x.shape[-1]), is_training=True, **options
    )
    return y, mean, variance


def _positive(t, x):
    return t.matmul(x, x, transpose_b=True) + np.eye(4, dtype="float32")


def _near(t, x, noise):
    """Two pictures of which one is the other with some noise."""
    return t.sigmoid(x), t.sigmoid(x + 0.4 * noise)


def _boxes(t, x):
    """Boxes that overlap a good deal."""
    corner = t.sigmoid(x[..., :2]) * 0.6
    return t.concat([corner, corner + 0.2 + t.sigmoid(x[..., 2:]) * 0.4], axis=-1)


def _best(per_class, total, overlap=0.5, **options):
    def body(t, x, y):
        boxes = _boxes(t, x)[:, :, None]
        return tuple(t.image.combined_non_max_suppression(boxes, y, per_class, total, overlap, **options))

    return body


def _kept(**options):
    def body(t, x, y):
        boxes = _boxes(t, x) - 0.1
        return tuple(t.image.non_max_suppression_padded(boxes, y, pad_to_max_output_size=True, **options))

    return body


def _cropped(method, size):
    """Each image's own boxes, part of them outside."""

    def body(t, x, y):
        boxes = t.reshape(_boxes(t, y) * 1.2 - 0.1, [-1, 4])
        ids = t.repeat(t.range(t.shape(x)[0]), 3)
        return t.image.crop_and_resize(x, boxes, ids, size, method, extrapolation_value=-1.5)

    return body


def _decoded(**options):
    """Sequences of nine to six steps."""

    def body(t, x):
        import keras

        lengths = 9 - t.cast(t.clip_by_value(t.abs(x[:, 0, 0]), 0, 3), "int32")
        labels, scores = keras.backend.ctc_decode(t.nn.softmax(x), lengths, **options)
        return (*labels, scores)

    return body


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

CASES = [
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
    tf_function("bitcast", lambda t, x: (t.bitcast(x, "int32"), t.bitcast(x, "uint8")), X),
    tf_function("bitcast_back", lambda t, x: t.bitcast(t.bitcast(x, "int16") // 2 * 2, "float32"), X),
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
    tf_function("ssim", lambda t, x, y: t.image.ssim(*_near(t, x, y), 1.0), (2, 12, 13, 3), (2, 12, 13, 3)),
    tf_function(
        "ssim_map",
        lambda t, x, y: t.image.ssim(*_near(t, x, y), 1.5, 4, 0.8, 0.02, 0.05, return_index_map=True),
        (2, 8, 7, 2),
        (2, 8, 7, 2),
    ),
    tf_function(
        "ssim_whole",
        lambda t, x, y: t.image.ssim(x, y, 255, filter_size=5),
        (2, 8, 7, 3),
        (2, 8, 7, 3),
        vocab=255,
        dtype="uint8",
    ),
    tf_function(
        "ssim_multiscale",
        lambda t, x, y: t.image.ssim_multiscale(*_near(t, x, y), 1.0, [0.3, 0.5, 0.2], filter_size=4),
        (2, 18, 21, 2),
        (2, 18, 21, 2),
    ),
    tf_function("expm", lambda t, x: (t.linalg.expm(x), t.linalg.expm(x * 0.01)), SQUARE),
    tf_function("expm_large", lambda t, x: t.linalg.expm(x * 4), SQUARE, **_SINGLE),
    tf_function("sqrtm", lambda t, x: t.linalg.sqrtm(_positive(t, x)), SQUARE, **_SINGLE),
    tf_function("sqrtm_any", lambda t, x: t.linalg.sqrtm(x * 0.5 + 3 * np.eye(4, dtype="float32")), SQUARE, **_SINGLE),
    tf_function("lu", lambda t, x: tuple(t.linalg.lu(x)), (3, 5, 5)),
    tf_function("lu_wide", lambda t, x: tuple(t.linalg.lu(x, output_idx_type="int64")), (2, 2, 8, 8)),
    tf_function("lstsq", lambda t, x, y: t.linalg.lstsq(x, y), (3, 6, 4), (3, 6, 2), **_SINGLE),
    tf_function("lstsq_wide", lambda t, x, y: t.linalg.lstsq(x, y, 0.1), X, (3, 4, 2), **_SINGLE),
    tf_function("lstsq_tall", lambda t, x, y: t.linalg.lstsq(x, y, 0.5), (3, 6, 4), (3, 6, 2), **_SINGLE),
    tf_function("lstsq_slow", lambda t, x, y: t.linalg.lstsq(x, y, fast=False), X, (3, 4, 2), **_SINGLE),
    tf_function("combined_non_max_suppression", _best(4, 6), (3, 9, 4), (3, 9, 2)),
    tf_function("combined_non_max_suppression_few", _best(2, 9, score_threshold=0.5), (3, 9, 4), (3, 9, 3)),
    tf_function("combined_non_max_suppression_short", _best(2, 9, 0.2, pad_per_class=True), (3, 9, 4), (3, 9, 2)),
    tf_function(
        "combined_non_max_suppression_each",
        lambda t, x, y: tuple(t.image.combined_non_max_suppression(x, y, 5, 7, 0.1, clip_boxes=False)),
        (2, 8, 2, 4),
        (2, 8, 2),
    ),
    *[
        tf_function(f"non_max_suppression_padded_{at}", _kept(**options), (3, 12, 4), (3, 12))
        for at, options in enumerate(
            (
                {"max_output_size": 5},
                {"max_output_size": 15, "iou_threshold": 0.2},
                {"max_output_size": 6, "iou_threshold": 0.3, "score_threshold": 0.1},
                {"max_output_size": 4, "canonicalized_coordinates": True, "score_threshold": 0.5},
                {"max_output_size": 3, "sorted_input": True},
            )
        )
    ],
    *[
        tf_function(f"crop_and_resize_{method}_{at}", _cropped(method, size), IMAGE, (2, 3, 4))
        for method in ("bilinear", "nearest")
        for at, size in enumerate(((4, 5), (1, 9)))
    ],
    tf_function(
        "v1_crop_and_resize",
        lambda t, x: t.compat.v1.image.crop_and_resize(
            x, [[0.0, 0.0, 1.0, 1.0], [1.0, 0.8, 0.2, -0.3]], box_ind=[1, 0], crop_size=[7, 6], extrapolation_value=0.5
        ),
        IMAGE,
    ),
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
    *[
        tf_function(f"svd_{r}_{c}", lambda t, x, f=r < c: tuple(t.linalg.svd(x, full_matrices=f)), (2, r, c), **_WIDE)
        for r, c in ((16, 16), (20, 33), (70, 16), (4, 18), (48, 24))
    ],
]

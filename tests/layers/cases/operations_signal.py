"""Functions of keras.ops as graph nodes (Keras 3): linear algebra, images, signals, statistics, windows, losses."""

import numpy as np

from ._function import IDS, INTEGERS, TRUTH, function

X = (3, 4, 5)
SQUARE = (3, 4, 4)
IMAGE = (2, 6, 7, 3)
# Keras inverts in single precision, kmin in double.
_INVERTED = {"tolerance": 1e-4, "reason": "Keras solves in single precision"}


def _weights(*shape: int):
    return (np.arange(np.prod(shape)).reshape(shape) % 7 / 7 - 0.4).astype("float32")


def _definite(o, x):
    return x @ o.transpose(x, (0, 2, 1)) + np.eye(4, dtype="float32") * 3


def _holes(o, x):
    return o.where(x > 0.8, np.float32(np.nan), x)


def _colours(o, x):
    return o.sigmoid(x)


def _decoded(o, x, options):
    """Sequences of 5 to 9 steps, for lack of which the padding would not be seen."""
    lengths = o.cast(o.clip(o.abs(x[:, 0, 0]) * 4 + 5, 5, 9), "int32")
    labels, scores = o.ctc_decode(x, lengths, **options)
    return labels[0], scores


def _all_paths(o, x):
    lengths = o.cast(o.clip(o.abs(x[:, 0, 0]) * 4 + 2, 2, 4), "int32")
    return o.ctc_decode(x, lengths, strategy="beam_search", beam_width=9, top_paths=3)


CASES = [
    *[function(n, lambda o, x, n=n: getattr(o, n)(x + 2 * np.eye(4, dtype="float32")), SQUARE) for n in ("det", "inv")],
    function("cholesky", lambda o, x: o.cholesky(_definite(o, x)), SQUARE),
    function("cholesky_upper", lambda o, x: o.cholesky(_definite(o, x), upper=True), SQUARE),
    function("cholesky_inverse", lambda o, x: o.cholesky_inverse(o.cholesky(_definite(o, x))), SQUARE, **_INVERTED),
    function("logdet", lambda o, x: o.logdet(_definite(o, x)), SQUARE),
    function("slogdet", lambda o, x: tuple(o.slogdet(x)), SQUARE),
    function("matrix_rank", lambda o, x: o.matrix_rank(o.concatenate([x, x[:, :1] * 2], axis=1)), (3, 2, 5)),
    function("pinv", lambda o, x: o.pinv(x), X, **_INVERTED),
    function("solve", lambda o, x, y: o.solve(_definite(o, x), y), SQUARE, (3, 4, 2), **_INVERTED),
    function("solve_vector", lambda o, x, y: o.solve(_definite(o, x), y), SQUARE, (3, 4), **_INVERTED),
    function("solve_triangular", lambda o, x, y: o.solve_triangular(_definite(o, x), y, lower=True), SQUARE, X),
    function("solve_triangular_upper", lambda o, x, y: o.solve_triangular(_definite(o, x), y), SQUARE, X),
    function("qr", lambda o, x, y: (*o.qr(x), *o.qr(y)), X, (3, 5, 4)),
    function("qr_complete", lambda o, x, y: (*o.qr(x, mode="complete"), *o.qr(y, mode="complete")), X, (3, 7, 4)),
    function("eigh_values", lambda o, x: o.eigh(_definite(o, x))[0], SQUARE),
    function("svd", lambda o, x, y: (*o.svd(x), *o.svd(y)), X, (3, 7, 4), **_INVERTED),
    function("svd_divided", lambda o, x: o.svd(x), (2, 20, 17), **_INVERTED),
    function("svd_reduced", lambda o, x, y: (*o.svd(x, False), *o.svd(y, False)), (3, 2, 4, 6), SQUARE, **_INVERTED),
    *[
        function(f"fold_{i}", lambda o, x, n=options: o.fold(x, **n), shape)
        for i, (shape, options) in enumerate(
            (
                ((3, 12, 12), {"output_size": (4, 5), "kernel_size": 2}),
                ((2, 18, 9), {"output_size": (7, 6), "kernel_size": (3, 2), "stride": (3, 2), "padding": (1, 0)}),
                ((2, 8, 42), {"output_size": (5, 6), "kernel_size": 2, "dilation": 2, "padding": (2, 1)}),
            )
        )
    ],
    function("unfold_fold", lambda o, x: o.fold(o.unfold(x, 3, stride=2), (8, 9), 3, stride=2), (2, 3, 8, 9)),
    *[
        function(name, lambda o, x, n=options: _decoded(o, x, n), (4, 9, 4))
        for name, options in (
            ("ctc_decode", {}),
            ("ctc_decode_repeated", {"merge_repeated": False, "mask_index": 2}),
            ("ctc_decode_last", {"mask_index": -1}),
            ("ctc_decode_beams", {"strategy": "beam_search", "beam_width": 6}),
            ("ctc_decode_beams_none", {"strategy": "beam_search", "mask_index": None, "merge_repeated": False}),
            ("ctc_decode_beams_inner", {"strategy": "beam_search", "beam_width": 4, "mask_index": 2}),
            ("ctc_decode_beams_before_last", {"strategy": "beam_search", "mask_index": -2}),
        )
    ],
    function("ctc_decode_paths", _all_paths, (3, 4, 5)),
    function("nextafter", lambda o, x, y: o.nextafter(x, y), X, X),
    function(
        "searchsorted",
        lambda o, x: (
            o.searchsorted(np.array([-1.0, 0.0, 0.0, 1.0], "float32"), x[:, 0]),
            o.searchsorted(np.array([-1, 0, 2], "int32"), o.cast(o.round(x[:, 1]), "int32"), side="right"),
        ),
        (4, 5),
    ),
    function("slice_update", lambda o, x, y: o.slice_update(x, (0, 1, 2), y), X, (3, 2, 2)),
    function("slice_update_late", lambda o, x, y: o.slice_update(x, (0, 3, 0), y), X, (3, 3, 5)),
    function("vander", lambda o, x: (o.vander(x[:, 0], 3), o.vander(x[:, 1], 4, increasing=True)), (4, 5)),
    function("svd_values", lambda o, x: o.svd(x, compute_uv=False), X),
    function("trace", lambda o, x: o.trace(x, axis1=1, axis2=2), X),
    function("trace_offset", lambda o, x: o.trace(x, offset=1, axis1=2, axis2=1), SQUARE, **INTEGERS),
    function("diagonal", lambda o, x: o.diagonal(x, axis1=1, axis2=2), X),
    function("diagonal_offset", lambda o, x: o.diagonal(x, offset=-1, axis1=1, axis2=3), (2, 4, 3, 5)),
    function("fft", lambda o, x, y: tuple(o.fft((x, y))), X, X),
    function("fft2", lambda o, x, y: tuple(o.fft2((x, y))), X, X),
    function("ifft2", lambda o, x, y: tuple(o.ifft2((x, y))), X, X),
    function("rfft", lambda o, x: tuple(o.rfft(x)), X),
    function("rfft_length", lambda o, x: (*o.rfft(x, fft_length=8), *o.rfft(x, fft_length=3)), X),
    function("irfft", lambda o, x, y: o.irfft((x, y)), X, X),
    function("irfft_length", lambda o, x, y: o.irfft((x, y), fft_length=7), X, X),
    function("extract_sequences", lambda o, x: o.extract_sequences(x, 4, 3), (2, 3, 12)),
    function("stft", lambda o, x: tuple(o.stft(x, 6, 3, 8)), (2, 20)),
    function("stft_hamming", lambda o, x: tuple(o.stft(x, 5, 2, 5, window="hamming", center=False)), (2, 3, 16)),
    function("stft_plain", lambda o, x: tuple(o.stft(x, 4, 4, 4, window=None)), (2, 16)),
    function("istft", lambda o, x: o.istft(o.stft(x, 8, 2, 8), 8, 2, 8), (2, 24)),
    function("istft_length", lambda o, x: o.istft(o.stft(x, 6, 2, 8), 6, 2, 8, length=12), (2, 24)),
    function(
        "istft_open",
        lambda o, x: o.istft(o.stft(x, 8, 2, 8, center=False), 8, 2, 8, center=False, window=None),
        (2, 24),
    ),
    *[function(n, lambda o, x, n=n: getattr(o, n)(x, axis=1), X) for n in ("median",)],
    *[
        function(f"percentile_{m}", lambda o, x, m=m: o.percentile(x, 30, axis=(1, 2), method=m, keepdims=True), X)
        for m in ("linear", "lower", "higher", "midpoint", "nearest")
    ],
    function("quantile", lambda o, x: o.quantile(x, 0.3, axis=(1, 2), keepdims=True), X),
    function("quantile_ignores_its_method", lambda o, x: o.quantile(x, 0.3, axis=1, method="lower"), X),
    function("percentile", lambda o, x: o.percentile(x, 70, axis=-1), X),
    *[
        function(n, lambda o, x, n=n: getattr(o, n)(_holes(o, x), axis=1), (3, 6, 5))
        for n in ("nanargmax", "nanargmin", "nancumprod", "nancumsum", "nanmedian", "nanstd", "nanvar")
    ],
    function("nanquantile", lambda o, x: o.nanquantile(_holes(o, x), 0.4, axis=(1, 2)), X),
    function("nanpercentile", lambda o, x: o.nanpercentile(_holes(o, x), 25, axis=1, keepdims=True), X),
    function("trapezoid", lambda o, x: (o.trapezoid(x, axis=1), o.trapezoid(x, dx=0.5)), X),
    *[function(n, lambda o, x, n=n: getattr(o, n)(o.tanh(x) * 0.9), X) for n in ("erfinv", "i0", "angle", "isreal")],
    *[function(n, lambda o, x, y, n=n: getattr(o, n)(x, y), X, X) for n in ("fmax", "fmin", "heaviside", "logaddexp2")],
    *[function(n, lambda o, x, y, n=n: getattr(o, n)(x, y), (3, 4), (3, 4), **INTEGERS) for n in ("gcd", "lcm")],
    function("fmax_nan", lambda o, x, y: (o.fmax(_holes(o, x), y), o.fmin(x, _holes(o, y))), X, X),
    function("ldexp", lambda o, x: o.ldexp(x, o.cast(x * 3, "int32")), X),
    function("digitize", lambda o, x: o.digitize(x, np.array([-1.0, 0.0, 0.5])), X),
    function("isin", lambda o, x: (o.isin(x, [1, 3]), o.isin(x, [1, 3], invert=True)), (3, 4), **IDS),
    function("select", lambda o, x, y: o.select([x > 1, y > 0], [x, y * 2], default=-1.0), X, X),
    function("unravel_index", lambda o, x: tuple(o.unravel_index(x, (2, 3))), (3, 4), **IDS),
    function("append", lambda o, x, y: o.append(x, y, axis=1), X, (3, 2, 5)),
    *[function(f"rot90_{k}", lambda o, x, k=k: o.rot90(x, k=k, axes=(1, 2)), (3, 4, 4)) for k in (1, 2, 3)],
    function("rot90_turned", lambda o, x: o.rot90(x, axes=(2, 1)), X),
    function("cross", lambda o, x, y: o.cross(x, y), (3, 4, 3), (3, 4, 3)),
    function("cross_flat", lambda o, x, y: o.cross(x, y), (3, 4, 2), (3, 4, 2)),
    function("cross_mixed", lambda o, x, y: o.cross(x, y, axis=1), (3, 3, 4), (3, 2, 4)),
    function("cdist", lambda o, x, y: o.cdist(x, y), X, (3, 2, 5)),
    function("affine_transform", lambda o, x: o.image.affine_transform(x, _turn()), IMAGE),
    *[
        function(f"affine_transform_{m}", lambda o, x, m=m: o.image.affine_transform(x, _turn(), fill_mode=m), IMAGE)
        for m in ("nearest", "reflect", "wrap")
    ],
    function(
        "affine_transform_pixels",
        lambda o, x: o.image.affine_transform(x, _turn(), interpolation="nearest", fill_value=0.5),
        IMAGE,
    ),
    function("affine_transform_each", lambda o, x, t: o.image.affine_transform(x, t * 0.1 + _turn()), IMAGE, (2, 8)),
    function(
        "affine_transform_first",
        lambda o, x: o.image.affine_transform(x, _turn(), data_format="channels_first"),
        (2, 3, 6, 7),
    ),
    function("perspective_transform", lambda o, x: o.image.perspective_transform(x, *_corners()), IMAGE),
    function("crop_images", lambda o, x: o.image.crop_images(x, 1, 2, target_height=3, target_width=4), IMAGE),
    function("crop_images_margins", lambda o, x: o.image.crop_images(x, 1, 2, 0, 1), IMAGE),
    function("pad_images", lambda o, x: o.image.pad_images(x, 1, 2, target_height=9, target_width=12), IMAGE),
    function("pad_images_margins", lambda o, x: o.image.pad_images(x, 1, 2, 3, 0), IMAGE, free=(1, 2)),
    function("rgb_to_hsv", lambda o, x: o.image.rgb_to_hsv(_colours(o, x)), IMAGE),
    function("hsv_to_rgb", lambda o, x: o.image.hsv_to_rgb(_colours(o, x)), IMAGE),
    function("rgb_to_hsv_first", lambda o, x: o.image.rgb_to_hsv(_colours(o, x), "channels_first"), (2, 3, 4, 5)),
    function("gaussian_blur", lambda o, x: o.image.gaussian_blur(x), IMAGE),
    function("gaussian_blur_wide", lambda o, x: o.image.gaussian_blur(x, (5, 5), (1.5, 0.7)), IMAGE),
    function("sobel_edges", lambda o, x: o.image.sobel_edges(x), IMAGE),
    function("extract_patches", lambda o, x: o.image.extract_patches(x, 2), IMAGE),
    function("extract_patches_same", lambda o, x: o.image.extract_patches(x, (3, 2), (2, 1), padding="same"), IMAGE),
    function("extract_patches_spread", lambda o, x: o.image.extract_patches(x, 2, 1, dilation_rate=2), IMAGE),
    function("extract_patches_3d", lambda o, x: o.image.extract_patches(x, (2, 2, 3)), (2, 4, 5, 6, 2)),
    function("scale_and_translate", lambda o, x: _moved(o, x, "linear"), IMAGE),
    function("scale_and_translate_cubic", lambda o, x: _moved(o, x, "cubic"), IMAGE),
    function("scale_and_translate_lanczos", lambda o, x: _moved(o, x, "lanczos3"), IMAGE),
    function(
        "ssim",
        lambda o, x, y: o.image.ssim(_colours(o, x), _colours(o, y), filter_size=5),
        IMAGE,
        IMAGE,
        tolerance=1e-4,
        reason="differences of nearly equal sums",
    ),
    function("conv", lambda o, x: o.conv(x, _weights(3, 2, 3, 4), padding="same"), IMAGE),
    function("conv_strides", lambda o, x: o.conv(x, _weights(2, 2, 3, 4), strides=(2, 1)), IMAGE),
    function("conv_dilation", lambda o, x: o.conv(x, _weights(3, 5, 2), dilation_rate=2, padding="same"), (2, 8, 5)),
    function("depthwise_conv", lambda o, x: o.depthwise_conv(x, _weights(3, 3, 3, 2), padding="same"), IMAGE),
    function("separable_conv", lambda o, x: o.separable_conv(x, _weights(2, 2, 3, 2), _weights(1, 1, 6, 4)), IMAGE),
    function("max_pool", lambda o, x: o.max_pool(x, 2, padding="same"), IMAGE),
    function("average_pool", lambda o, x: o.average_pool(x, (3, 2), 1, padding="same"), IMAGE),
    function("average_pool_first", lambda o, x: o.average_pool(x, 2, data_format="channels_first"), (2, 3, 6, 4)),
    function("adaptive_average_pool", lambda o, x: o.adaptive_average_pool(x, (2, 3)), IMAGE),
    function("adaptive_max_pool", lambda o, x: o.adaptive_max_pool(x, (3, 3)), IMAGE),
    function(
        "batch_normalization",
        lambda o, x: o.batch_normalization(x, _weights(5), _weights(5) ** 2 + 0.5, -1, _weights(5), _weights(5) + 2),
        X,
    ),
    function(
        "batch_normalization_axis", lambda o, x: o.batch_normalization(x, _weights(4), _weights(4) ** 2 + 0.5, 1), X
    ),
    function("unfold", lambda o, x: o.nn.unfold(x, (2, 3), dilation=(2, 1), padding=(1, 0), stride=2), (2, 3, 6, 7)),
    function(
        "attention", lambda o, q, k, v: o.dot_product_attention(q, k, v), (2, 3, 2, 4), (2, 5, 2, 4), (2, 5, 2, 4)
    ),
    function(
        "attention_causal", lambda o, q: o.dot_product_attention(q, q * 0.5, q, is_causal=True, scale=0.3), (2, 4, 2, 3)
    ),
    function("attention_shared", lambda o, q, k: o.dot_product_attention(q, k, k), (2, 3, 4, 5), (2, 6, 2, 5)),
    function(
        "attention_bias",
        lambda o, q, b: o.dot_product_attention(q, q, q, bias=b, mask=b > -1),
        (2, 3, 2, 4),
        (2, 2, 3, 3),
    ),
    function("binary_crossentropy", lambda o, x, y: o.binary_crossentropy(o.sigmoid(x), o.relu(o.tanh(y))), X, X),
    function(
        "binary_crossentropy_logits", lambda o, x, y: o.binary_crossentropy(o.sigmoid(x), y, from_logits=True), X, X
    ),
    function(
        "categorical_crossentropy", lambda o, x, y: o.categorical_crossentropy(o.softmax(x), o.abs(y) + 0.1), X, X
    ),
    function(
        "categorical_crossentropy_logits", lambda o, x, y: o.categorical_crossentropy(o.softmax(x), y, True), X, X
    ),
    function(
        "sparse_categorical_crossentropy",
        lambda o, x, y: o.sparse_categorical_crossentropy(o.argmax(x, -1), o.abs(y) * 0.2),
        X,
        X,
    ),
    function(
        "sparse_categorical_crossentropy_logits",
        lambda o, x, y: o.sparse_categorical_crossentropy(o.argmax(x, -1), y, True),
        X,
        X,
    ),
    function("isreal_truth", lambda o, x: o.isreal(x), (3, 4), **TRUTH),
]


def _turn():
    return np.array([0.9, 0.3, -0.7, -0.2, 1.1, 0.4, 0.0, 0.0], "float32")


def _corners():
    start = [[0.0, 0.0], [6.0, 0.0], [0.0, 5.0], [6.0, 5.0]]
    return np.array(start, "float32"), np.array([[0.5, 0.2], [5.0, 1.0], [1.0, 4.5], [6.0, 4.0]], "float32")


def _moved(o, x, method):
    scale, shift = np.array([1.5, 0.8], "float32"), np.array([0.3, -0.4], "float32")
    return o.image.scale_and_translate(x, (2, 8, 5, 3), scale, shift, (1, 2), method)

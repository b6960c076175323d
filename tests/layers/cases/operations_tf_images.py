"""TensorFlow's functions of images, of boxes in them, and of volumes as graph nodes (Keras 2)."""

import numpy as np

from ._function import IDS, tf_function
from ._node import node

IMAGE = (2, 6, 7, 3)


def _v1(name, *rest, **options):
    return lambda t, x: getattr(t.compat.v1.image, name)(x, *rest, **options)


def _weights(*shape):
    return (np.arange(np.prod(shape)).reshape(shape) % 7 / 7 - 0.4).astype("float32")


def _with_frames(t, x, channels, **options):
    boxes = t.reshape(x[:, :2, :4, 0], [-1, 4, 2]) * 0.9
    boxes = t.concat([boxes, boxes + 0.6], axis=-1)
    return t.compat.v1.image.draw_bounding_boxes(x[..., :channels], boxes, **options)


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


CASES = [
    *[
        tf_function(f"v1_resize_bicubic_{at}", _v1("resize_bicubic", size, **options), IMAGE)
        for at, (size, options) in enumerate(
            (
                ((9, 4), {}),
                ((4, 11), {"align_corners": True}),
                ((3, 17), {"half_pixel_centers": True}),
                ((1, 2), {"align_corners": True}),
                ((12, 3), {}),
            )
        )
    ],
    *[
        tf_function(f"v1_resize_area_{at}", _v1("resize_area", size, **options), IMAGE)
        for at, (size, options) in enumerate(
            (((3, 4), {}), ((4, 11), {"align_corners": True}), ((1, 2), {}), ((9, 1), {"align_corners": True}))
        )
    ],
    *[
        tf_function(f"v1_resize_images_{at}", _v1("resize_images", size, **options), IMAGE)
        for at, (size, options) in enumerate(
            (
                ((9, 4), {"method": 2}),
                ((4, 5), {"method": 3, "align_corners": True}),
                ((9, 9), {"preserve_aspect_ratio": True}),
                ((4, 3), {"method": "area"}),
                ((12, 30), {"method": 1, "preserve_aspect_ratio": True}),
            )
        )
    ],
    *[
        tf_function(f"v1_resize_image_with_pad_{at}", _v1("resize_image_with_pad", *size, **options), IMAGE)
        for at, (size, options) in enumerate(
            (((9, 9), {}), ((4, 12), {"method": 2}), ((5, 3), {"align_corners": True}), ((10, 8), {"method": 3}))
        )
    ],
    tf_function("v1_resize_bicubic_ids", _v1("resize_bicubic", (4, 9)), IMAGE, **IDS),
    tf_function(
        "extract_volume_patches",
        lambda t, x: (
            t.extract_volume_patches(x, [1, 2, 2, 3, 1], [1, 1, 2, 1, 1], "VALID"),
            t.extract_volume_patches(x, [1, 2, 2, 2, 1], [1, 2, 2, 2, 1], "SAME"),
        ),
        (2, 3, 4, 5, 2),
    ),
    node("node_resize_bicubic", _v1("resize_bicubic", (4, 9)), IMAGE),
    node("node_resize_bicubic_2", lambda t, x: t.image.resize(x, (9, 5), "bicubic"), IMAGE),
    node("node_resize_area", _v1("resize_area", (4, 5)), IMAGE),
    node(
        "node_extract_volume_patches",
        lambda t, x: t.extract_volume_patches(x, [1, 2, 1, 3, 1], [1, 1, 2, 1, 1], "SAME"),
        (2, 3, 4, 5, 2),
    ),
    tf_function("draw_bounding_boxes", lambda t, x: _with_frames(t, x, 3), IMAGE),
    tf_function(
        "draw_bounding_boxes_coloured",
        lambda t, x: (
            _with_frames(t, x, 1),
            _with_frames(t, x, 3, colors=[[0.1, 0.2, 0.3, 0.4], [0.5, 0.6, 0.7, 0.8], [2.0, 3.0, 4.0, 5.0]]),
        ),
        IMAGE,
    ),
    *[
        tf_function(
            f"atrous_conv2d_transpose_{at}",
            lambda t, x, window=window, size=size, rate=rate, padding=padding: t.nn.atrous_conv2d_transpose(
                x, _weights(*window, 4, 3), t.stack([t.shape(x)[0], *size, 4]), rate, padding
            ),
            IMAGE,
        )
        for at, (window, size, rate, padding) in enumerate(
            (((3, 3), (6, 7), 2, "SAME"), ((2, 4), (6, 7), 3, "SAME"), ((3, 2), (10, 9), 2, "VALID"))
        )
    ],
    tf_function(
        "v1_conv2d_backprop_input",
        lambda t, x: t.compat.v1.nn.conv2d_backprop_input(
            t.stack([t.shape(x)[0], 12, 13, 4]), _weights(3, 3, 4, 3), x, [1, 2, 2, 1], "SAME"
        ),
        IMAGE,
    ),
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
    *[
        tf_function(
            f"resize_within_{h}_{w}",
            lambda t, x, h=h, w=w: t.image.resize(x, (h, w), preserve_aspect_ratio=True),
            (2, 6, 7, 2),
        )
        for h, w in ((9, 9), (4, 12), (5, 3))
    ],
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
        "extract_glimpse",
        lambda t, x: tuple(
            t.image.extract_glimpse(x, size, x[:, 0, 0, :2] * scale, centered=c, normalized=n, noise="zero")
            for size, scale, c, n in (
                ([2, 3], 0.5, True, True),
                ([4, 2], 3.0, False, False),
                ([3, 3], 0.5, False, True),
            )
        ),
        IMAGE,
    ),
    tf_function(
        "extract_glimpse_wide",
        lambda t, x: t.image.extract_glimpse(x, [9, 10], x[:, 0, 0, :2] * 3, normalized=False, noise="zero"),
        IMAGE,
    ),
]

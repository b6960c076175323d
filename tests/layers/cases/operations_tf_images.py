"""TensorFlow's functions of images and volumes as graph nodes (Keras 2)."""

import numpy as np

from ._function import IDS, tf_function
from .graph_nodes import node

IMAGE = (2, 6, 7, 3)


def _v1(name, *rest, **options):
    return lambda t, x: getattr(t.compat.v1.image, name)(x, *rest, **options)


def _weights(*shape):
    return (np.arange(np.prod(shape)).reshape(shape) % 7 / 7 - 0.4).astype("float32")


def _with_frames(t, x, channels, **options):
    boxes = t.reshape(x[:, :2, :4, 0], [-1, 4, 2]) * 0.9
    boxes = t.concat([boxes, boxes + 0.6], axis=-1)
    return t.compat.v1.image.draw_bounding_boxes(x[..., :channels], boxes, **options)


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
]

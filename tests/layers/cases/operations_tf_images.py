"""TensorFlow's functions of images and volumes as graph nodes (Keras 2)."""

from ._function import IDS, tf_function
from .graph_nodes import node

IMAGE = (2, 6, 7, 3)


def _v1(name, *rest, **options):
    return lambda t, x: getattr(t.compat.v1.image, name)(x, *rest, **options)


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
]

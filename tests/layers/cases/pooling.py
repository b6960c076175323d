"""Max and average pooling, windowed and global, over one to three axes."""

from . import case
from ._layout import channels_first, stack

HALF = {"tolerance": 2e-3, "reason": "the result is rounded to float16"}
ROWS = []
for name, kind in (("max", "MaxPooling"), ("average", "AveragePooling")):
    for suffix, shape, options in (
        ("1d", (2, 9, 3), {"pool_size": 2}),
        ("1d_same", (2, 9, 3), {"pool_size": 2, "padding": "same"}),
        ("1d_size3_stride1_same", (2, 8, 3), {"pool_size": 3, "strides": 1, "padding": "same"}),
        ("1d_size4_stride3_same", (2, 11, 3), {"pool_size": 4, "strides": 3, "padding": "same"}),
        ("1d_wider_than_input_same", (2, 3, 2), {"pool_size": 5, "strides": 1, "padding": "same"}),
        ("2d", (2, 6, 7, 3), {"pool_size": 2}),
        ("2d_same", (2, 5, 7, 3), {"pool_size": 2, "padding": "same"}),
        ("2d_size3_stride2", (2, 7, 8, 3), {"pool_size": 3, "strides": 2}),
        ("2d_size3_stride2_same", (2, 7, 8, 3), {"pool_size": 3, "strides": 2, "padding": "same"}),
        ("2d_size3_stride1_same", (2, 5, 6, 3), {"pool_size": 3, "strides": 1, "padding": "same"}),
        ("2d_unequal", (2, 7, 8, 3), {"pool_size": (3, 2), "strides": (1, 2)}),
        ("2d_unequal_same", (2, 7, 8, 3), {"pool_size": (2, 5), "strides": (3, 2), "padding": "same"}),
        ("2d_stride_beyond_size_same", (2, 7, 8, 3), {"pool_size": 2, "strides": 3, "padding": "same"}),
        ("2d_whole", (2, 4, 5, 3), {"pool_size": (4, 5)}),
        ("2d_one_sample_one_channel", (1, 4, 4, 1), {"pool_size": 2}),
        ("3d", (2, 4, 5, 4, 2), {"pool_size": 2}),
        ("3d_same", (2, 3, 5, 4, 2), {"pool_size": 2, "padding": "same"}),
        ("3d_unequal_same", (2, 4, 5, 3, 2), {"pool_size": (2, 3, 1), "strides": (1, 2, 2), "padding": "same"}),
    ):
        layer = f"{kind}{suffix[0]}D"
        ROWS.append(case(f"{name}{suffix}", lambda k, n=layer, o=options: getattr(k.layers, n)(**o), shape))
    for rank, shape in ((1, (2, 3, 7)), (2, (2, 3, 5, 6)), (3, (2, 2, 4, 3, 4))):
        layer = f"{kind}{rank}D"
        ROWS.append(
            case(
                f"{name}{rank}d_first_same",
                lambda k, n=layer: channels_first(
                    k, getattr(k.layers, n)(3, strides=2, padding="same", data_format="channels_first")
                ),
                shape,
            )
        )
        free = (*(None,) * rank, 2)
        ROWS.append(
            case(
                f"{name}{rank}d_variable",
                lambda k, n=layer, s=free: stack(k, s, getattr(k.layers, n)(2, strides=1, padding="same")),
                (2, *(4, 3, 3)[:rank], 2),
            )
        )
for name, kind in (("global_max", "GlobalMaxPooling"), ("global_average", "GlobalAveragePooling")):
    for rank, shape in ((1, (2, 7, 3)), (2, (2, 4, 5, 3)), (3, (2, 3, 4, 2, 3))):
        layer = f"{kind}{rank}D"
        for suffix, options in (
            ("", {}),
            ("_keepdims", {"keepdims": True}),
            ("_first", {"data_format": "channels_first"}),
            ("_first_keepdims", {"data_format": "channels_first", "keepdims": True}),
        ):
            ROWS.append(case(f"{name}{rank}d{suffix}", lambda k, n=layer, o=options: getattr(k.layers, n)(**o), shape))
        free = (*(None,) * rank, 3)
        ROWS.append(
            case(f"{name}{rank}d_variable", lambda k, n=layer, s=free: stack(k, s, getattr(k.layers, n)()), shape)
        )

CASES = [
    *ROWS,
    case(
        "average2d_half", lambda k: k.layers.AveragePooling2D(3, padding="same", dtype="float16"), (2, 5, 6, 2), **HALF
    ),
    case("global_average2d_half", lambda k: k.layers.GlobalAveragePooling2D(dtype="float16"), (2, 5, 6, 2), **HALF),
    case("max2d_default_size", lambda k: k.layers.MaxPooling2D(), (2, 5, 6, 2)),
    case(
        "global_average1d_masked_embedding",
        lambda k: stack(k, (6,), k.layers.Embedding(9, 4, mask_zero=True), k.layers.GlobalAveragePooling1D()),
        (4, 6),
        vocab=9,
        low=1,
        pad=0.7,
    ),
    case(
        "global_average1d_masked_keepdims",
        lambda k: stack(
            k, (6,), k.layers.Embedding(9, 4, mask_zero=True), k.layers.GlobalAveragePooling1D(keepdims=True)
        ),
        (4, 6),
        vocab=9,
        low=1,
        pad=0.7,
    ),
    case(
        "global_average1d_masking",
        lambda k: stack(k, (None, 1), k.layers.Masking(mask_value=2.0), k.layers.GlobalAveragePooling1D()),
        (3, 8, 1),
        vocab=5,
    ),
    case(
        "max2d_ints",
        lambda k: stack_ints(k, k.layers.MaxPooling2D(3, strides=2, padding="same")),
        (2, 5, 6, 2),
        vocab=50,
        low=-50,
    ),
]


def stack_ints(k, layer):
    """A model of the layer on an int32 Input."""
    inputs = k.Input((5, 6, 2), dtype="int32")
    return k.Model(inputs, layer(inputs))

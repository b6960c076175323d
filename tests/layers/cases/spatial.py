"""ZeroPadding, Cropping and UpSampling over one to three axes."""

from . import case
from ._layout import stack

FIRST = {"data_format": "channels_first"}
CASES = [
    # ZeroPadding
    case("zero_padding1d", lambda k: k.layers.ZeroPadding1D(), (2, 5, 3)),
    case("zero_padding1d_number", lambda k: k.layers.ZeroPadding1D(2), (2, 5, 3)),
    case("zero_padding1d_pair", lambda k: k.layers.ZeroPadding1D((0, 3)), (2, 5, 3)),
    case("zero_padding1d_first", lambda k: k.layers.ZeroPadding1D((1, 2), **FIRST), (2, 3, 5), dialects=(3,)),
    case("zero_padding1d_variable", lambda k: stack(k, (None, 3), k.layers.ZeroPadding1D((1, 2))), (2, 5, 3)),
    case("zero_padding2d", lambda k: k.layers.ZeroPadding2D(), (2, 4, 5, 3)),
    case("zero_padding2d_number", lambda k: k.layers.ZeroPadding2D(2), (2, 4, 5, 3)),
    case("zero_padding2d_two", lambda k: k.layers.ZeroPadding2D((1, 3)), (2, 4, 5, 3)),
    case("zero_padding2d_pairs", lambda k: k.layers.ZeroPadding2D(((0, 1), (2, 0))), (2, 4, 5, 3)),
    case("zero_padding2d_first", lambda k: k.layers.ZeroPadding2D(((0, 1), (2, 3)), **FIRST), (2, 3, 4, 5)),
    case("zero_padding2d_variable", lambda k: stack(k, (None, 5, 3), k.layers.ZeroPadding2D(1)), (2, 4, 5, 3)),
    case("zero_padding3d", lambda k: k.layers.ZeroPadding3D(), (2, 2, 3, 4, 2)),
    case("zero_padding3d_three", lambda k: k.layers.ZeroPadding3D((1, 0, 2)), (2, 2, 3, 4, 2)),
    case("zero_padding3d_pairs", lambda k: k.layers.ZeroPadding3D(((0, 1), (2, 0), (1, 1))), (2, 2, 3, 4, 2)),
    case("zero_padding3d_first", lambda k: k.layers.ZeroPadding3D(((0, 1), (2, 0), (1, 1)), **FIRST), (2, 2, 2, 3, 4)),
    case(
        "zero_padding2d_conv_valid",
        lambda k: stack(k, (7, 7, 3), k.layers.ZeroPadding2D(((0, 1), (0, 1))), k.layers.Conv2D(4, 3, strides=2)),
        (2, 7, 7, 3),
    ),
    case(
        "zero_padding2d_max_pool",
        lambda k: stack(k, (7, 7, 3), k.layers.ZeroPadding2D(1), k.layers.MaxPooling2D(3, strides=2)),
        (2, 7, 7, 3),
    ),
    # Cropping
    case("cropping1d", lambda k: k.layers.Cropping1D(), (2, 6, 3)),
    case("cropping1d_pair", lambda k: k.layers.Cropping1D((3, 0)), (2, 6, 3)),
    case("cropping1d_end", lambda k: k.layers.Cropping1D((0, 2)), (2, 6, 3)),
    case("cropping1d_variable", lambda k: stack(k, (None, 3), k.layers.Cropping1D((1, 2))), (2, 6, 3)),
    case("cropping2d", lambda k: k.layers.Cropping2D(1), (2, 5, 6, 3)),
    case("cropping2d_nothing", lambda k: k.layers.Cropping2D(), (2, 5, 6, 3)),
    case("cropping2d_two", lambda k: k.layers.Cropping2D((1, 2)), (2, 5, 6, 3)),
    case("cropping2d_pairs", lambda k: k.layers.Cropping2D(((0, 1), (2, 0))), (2, 5, 6, 3)),
    case("cropping2d_first", lambda k: k.layers.Cropping2D(((1, 0), (0, 3)), **FIRST), (2, 3, 5, 6)),
    case("cropping2d_variable", lambda k: stack(k, (None, None, 3), k.layers.Cropping2D(1)), (2, 5, 6, 3)),
    case("cropping3d", lambda k: k.layers.Cropping3D(1), (2, 3, 4, 5, 2)),
    case("cropping3d_pairs", lambda k: k.layers.Cropping3D(((0, 1), (2, 0), (0, 0))), (2, 3, 4, 5, 2)),
    case("cropping3d_first", lambda k: k.layers.Cropping3D(((1, 1), (0, 2), (3, 0)), **FIRST), (2, 2, 3, 4, 5)),
    # UpSampling
    case("up_sampling1d", lambda k: k.layers.UpSampling1D(), (2, 4, 3)),
    case("up_sampling1d_by3", lambda k: k.layers.UpSampling1D(3), (2, 4, 3)),
    case("up_sampling1d_variable", lambda k: stack(k, (None, 3), k.layers.UpSampling1D(2)), (2, 4, 3)),
    case("up_sampling2d", lambda k: k.layers.UpSampling2D(), (2, 3, 4, 3)),
    case("up_sampling2d_unequal", lambda k: k.layers.UpSampling2D((3, 1)), (2, 3, 4, 3)),
    case("up_sampling2d_first", lambda k: k.layers.UpSampling2D((2, 3), **FIRST), (2, 3, 3, 4)),
    case("up_sampling2d_variable", lambda k: stack(k, (None, None, 3), k.layers.UpSampling2D(2)), (2, 3, 4, 3)),
    case("up_sampling3d", lambda k: k.layers.UpSampling3D(), (2, 2, 3, 2, 2)),
    case("up_sampling3d_unequal", lambda k: k.layers.UpSampling3D((1, 2, 3)), (2, 2, 3, 2, 2)),
    case("up_sampling3d_first", lambda k: k.layers.UpSampling3D((2, 1, 2), **FIRST), (2, 2, 2, 3, 2)),
    case("bilinear", lambda k: k.layers.UpSampling2D(2, interpolation="bilinear"), (2, 4, 5, 3)),
    case("bilinear_unequal", lambda k: k.layers.UpSampling2D((3, 4), interpolation="bilinear"), (2, 4, 5, 3)),
    case("bilinear_one_axis", lambda k: k.layers.UpSampling2D((1, 2), interpolation="bilinear"), (2, 4, 5, 3)),
    case("bilinear_one_cell", lambda k: k.layers.UpSampling2D(3, interpolation="bilinear"), (2, 1, 1, 3)),
    case("bilinear_first", lambda k: k.layers.UpSampling2D(2, interpolation="bilinear", **FIRST), (2, 3, 4, 5)),
    case(
        "bilinear_variable",
        lambda k: stack(k, (None, None, 3), k.layers.UpSampling2D(2, interpolation="bilinear")),
        (2, 4, 5, 3),
    ),
    case("bicubic", lambda k: k.layers.UpSampling2D(2, interpolation="bicubic"), (2, 4, 5, 3)),
    case("bicubic_by3", lambda k: k.layers.UpSampling2D((3, 5), interpolation="bicubic"), (2, 4, 5, 3)),
    case("bicubic_small", lambda k: k.layers.UpSampling2D(2, interpolation="bicubic"), (2, 2, 1, 3)),
    case("lanczos3", lambda k: k.layers.UpSampling2D(2, interpolation="lanczos3"), (2, 4, 7, 3)),
    case("lanczos3_by3", lambda k: k.layers.UpSampling2D((3, 1), interpolation="lanczos3"), (2, 4, 7, 3)),
    case("lanczos5", lambda k: k.layers.UpSampling2D((2, 3), interpolation="lanczos5"), (2, 4, 11, 3)),
    case("gaussian", lambda k: k.layers.UpSampling2D((2, 3), interpolation="gaussian"), (2, 4, 5, 3), dialects=(2,)),
    case(
        "mitchell", lambda k: k.layers.UpSampling2D((2, 3), interpolation="mitchellcubic"), (2, 4, 5, 3), dialects=(2,)
    ),
    case("area", lambda k: k.layers.UpSampling2D((2, 3), interpolation="area"), (2, 4, 5, 3), dialects=(2,)),
]

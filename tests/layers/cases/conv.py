"""Conv1D/2D/3D, DepthwiseConv1D/2D, SeparableConv1D/2D and Conv1D/2D/3DTranspose in every argument."""

from . import case
from ._layout import channels_first, stack

HALF = {"tolerance": 2e-3, "reason": "the result is rounded to float16"}
DOUBLE = {"dtype": "float64", "tolerance": 1e-12}

CASES = [
    # Conv1D
    case("conv1d", lambda k: k.layers.Conv1D(4, 3), (2, 9, 3)),
    case("conv1d_same", lambda k: k.layers.Conv1D(4, 4, padding="same"), (2, 9, 3)),
    case("conv1d_same_strided", lambda k: k.layers.Conv1D(4, 3, strides=2, padding="same"), (2, 10, 3)),
    case("conv1d_same_stride3_even", lambda k: k.layers.Conv1D(4, 4, strides=3, padding="same"), (2, 11, 3)),
    case("conv1d_same_stride_beyond_kernel", lambda k: k.layers.Conv1D(4, 2, strides=5, padding="same"), (2, 11, 3)),
    case("conv1d_dilated", lambda k: k.layers.Conv1D(4, 3, dilation_rate=2), (2, 9, 3)),
    case("conv1d_same_dilated", lambda k: k.layers.Conv1D(4, 3, dilation_rate=3, padding="same"), (2, 9, 3)),
    case("conv1d_same_dilated_even", lambda k: k.layers.Conv1D(4, 2, dilation_rate=3, padding="same"), (2, 9, 3)),
    case("conv1d_causal", lambda k: k.layers.Conv1D(4, 3, padding="causal"), (2, 7, 3)),
    case("conv1d_causal_dilated", lambda k: k.layers.Conv1D(4, 3, padding="causal", dilation_rate=4), (2, 7, 3)),
    case("conv1d_causal_strided", lambda k: k.layers.Conv1D(4, 3, padding="causal", strides=2), (2, 8, 3)),
    case("conv1d_causal_longer_than_input", lambda k: k.layers.Conv1D(2, 5, padding="causal"), (2, 3, 3)),
    case("conv1d_groups", lambda k: k.layers.Conv1D(6, 3, groups=3), (2, 8, 6)),
    case("conv1d_no_bias_tanh", lambda k: k.layers.Conv1D(4, 3, use_bias=False, activation="tanh"), (2, 8, 3)),
    case("conv1d_pointwise", lambda k: k.layers.Conv1D(4, 1, activation="relu"), (2, 8, 3)),
    case("conv1d_whole_input", lambda k: k.layers.Conv1D(4, 8), (2, 8, 3)),
    case("conv1d_variable", lambda k: stack(k, (None, 3), k.layers.Conv1D(4, 3, padding="same", strides=2)), (2, 9, 3)),
    case(
        "conv1d_causal_variable",
        lambda k: stack(k, (None, 3), k.layers.Conv1D(4, 3, padding="causal", dilation_rate=2)),
        (2, 9, 3),
    ),
    case("conv1d_first", lambda k: channels_first(k, k.layers.Conv1D(4, 3, data_format="channels_first")), (2, 3, 9)),
    case(
        "conv1d_first_causal",
        lambda k: channels_first(k, k.layers.Conv1D(4, 3, padding="causal", data_format="channels_first")),
        (2, 3, 9),
    ),
    case("conv1d_extra_batch_axis", lambda k: k.layers.Conv1D(4, 3), (2, 3, 9, 3), dialects=(2,)),
    # Conv2D
    case("conv2d", lambda k: k.layers.Conv2D(5, 3), (2, 7, 8, 3)),
    case("conv2d_one_sample", lambda k: k.layers.Conv2D(5, 3), (1, 7, 8, 3)),
    case("conv2d_same", lambda k: k.layers.Conv2D(5, 3, padding="same"), (2, 7, 8, 3)),
    case("conv2d_same_even", lambda k: k.layers.Conv2D(5, (2, 4), padding="same"), (2, 7, 8, 3)),
    case("conv2d_same_strided", lambda k: k.layers.Conv2D(5, 3, strides=2, padding="same"), (2, 7, 8, 3)),
    case(
        "conv2d_same_strided_even", lambda k: k.layers.Conv2D(5, (4, 2), strides=(3, 2), padding="same"), (2, 7, 8, 3)
    ),
    case("conv2d_same_strides_unequal", lambda k: k.layers.Conv2D(5, 3, strides=(1, 3), padding="same"), (2, 7, 8, 3)),
    case("conv2d_strides_unequal", lambda k: k.layers.Conv2D(5, (3, 2), strides=(2, 3)), (2, 9, 8, 3)),
    case("conv2d_stride_beyond_kernel", lambda k: k.layers.Conv2D(5, 1, strides=2), (2, 7, 8, 3)),
    case("conv2d_same_stride_beyond_kernel", lambda k: k.layers.Conv2D(5, 2, strides=4, padding="same"), (2, 7, 8, 3)),
    case("conv2d_dilated", lambda k: k.layers.Conv2D(5, 3, dilation_rate=2), (2, 7, 8, 3)),
    case("conv2d_same_dilated", lambda k: k.layers.Conv2D(5, 3, dilation_rate=2, padding="same"), (2, 7, 8, 3)),
    case(
        "conv2d_dilation_unequal",
        lambda k: k.layers.Conv2D(5, (3, 2), dilation_rate=(1, 3), padding="same"),
        (2, 7, 8, 3),
    ),
    case("conv2d_same_wider_than_input", lambda k: k.layers.Conv2D(2, 7, padding="same"), (2, 3, 2, 3)),
    case("conv2d_groups", lambda k: k.layers.Conv2D(6, 3, groups=2), (2, 6, 5, 4)),
    case(
        "conv2d_groups_same_strided", lambda k: k.layers.Conv2D(8, 3, groups=4, padding="same", strides=2), (2, 6, 5, 4)
    ),
    case("conv2d_groups_dilated", lambda k: k.layers.Conv2D(4, 2, groups=2, dilation_rate=2), (2, 6, 5, 4)),
    case("conv2d_groups_pointwise", lambda k: k.layers.Conv2D(6, 1, groups=3), (2, 4, 5, 6)),
    case("conv2d_groups_as_depthwise", lambda k: k.layers.Conv2D(8, 3, groups=4, use_bias=False), (2, 6, 5, 4)),
    case("conv2d_no_bias", lambda k: k.layers.Conv2D(5, 3, use_bias=False), (2, 7, 8, 3)),
    case("conv2d_relu", lambda k: k.layers.Conv2D(5, 3, activation="relu"), (2, 7, 8, 3)),
    case("conv2d_elu", lambda k: k.layers.Conv2D(5, 3, activation="elu"), (2, 7, 8, 3)),
    case("conv2d_hard_sigmoid", lambda k: k.layers.Conv2D(5, 3, activation="hard_sigmoid"), (2, 7, 8, 3)),
    case("conv2d_softmax", lambda k: k.layers.Conv2D(5, 3, activation="softmax"), (2, 5, 6, 3)),
    case("conv2d_pointwise", lambda k: k.layers.Conv2D(5, 1), (2, 7, 8, 3)),
    case("conv2d_pointwise_strided_same", lambda k: k.layers.Conv2D(5, 1, strides=2, padding="same"), (2, 7, 8, 3)),
    case("conv2d_one_channel", lambda k: k.layers.Conv2D(1, 3), (2, 5, 6, 1)),
    case("conv2d_whole_input", lambda k: k.layers.Conv2D(5, (4, 3)), (2, 4, 3, 3)),
    case("conv2d_row", lambda k: k.layers.Conv2D(5, (1, 5), padding="same"), (2, 4, 6, 3)),
    case("conv2d_column_strided", lambda k: k.layers.Conv2D(5, (5, 1), strides=(2, 1)), (2, 9, 4, 3)),
    case("conv2d_variable", lambda k: stack(k, (None, None, 3), k.layers.Conv2D(5, 3, strides=2)), (2, 7, 8, 3)),
    case(
        "conv2d_same_variable",
        lambda k: stack(k, (None, 8, 3), k.layers.Conv2D(5, 4, strides=3, padding="same")),
        (2, 7, 8, 3),
    ),
    case(
        "conv2d_first", lambda k: channels_first(k, k.layers.Conv2D(5, 3, data_format="channels_first")), (2, 3, 7, 8)
    ),
    case(
        "conv2d_first_same_strided_relu",
        lambda k: channels_first(
            k,
            k.layers.Conv2D(5, (3, 4), strides=2, padding="same", data_format="channels_first", activation="relu"),
        ),
        (2, 3, 7, 8),
    ),
    case(
        "conv2d_first_softmax_of_last_axis",
        lambda k: channels_first(k, k.layers.Conv2D(5, 3, data_format="channels_first", activation="softmax")),
        (2, 3, 5, 6),
    ),
    case(
        "conv2d_first_groups_no_bias",
        lambda k: channels_first(k, k.layers.Conv2D(4, 3, groups=2, use_bias=False, data_format="channels_first")),
        (2, 4, 5, 6),
    ),
    case("conv2d_extra_batch_axis", lambda k: k.layers.Conv2D(4, 3, padding="same"), (2, 3, 5, 4, 3), dialects=(2,)),
    case(
        "conv2d_stack",
        lambda k: stack(
            k,
            (8, 8, 2),
            k.layers.Conv2D(4, 3, activation="relu"),
            k.layers.Conv2D(4, 3, strides=2, padding="same", activation="tanh"),
            k.layers.Conv2D(3, 2),
        ),
        (2, 8, 8, 2),
    ),
    case("conv2d_float64", lambda k: k.layers.Conv2D(5, 3, padding="same", dtype="float64"), (2, 7, 8, 3), **DOUBLE),
    case("conv2d_mixed_half", lambda k: k.layers.Conv2D(5, 3, dtype="mixed_float16"), (2, 7, 8, 3), **HALF),
    # Conv3D
    case("conv3d", lambda k: k.layers.Conv3D(3, 2), (2, 4, 5, 3, 2)),
    case("conv3d_same", lambda k: k.layers.Conv3D(3, 3, padding="same"), (2, 4, 3, 3, 2)),
    case("conv3d_same_strided", lambda k: k.layers.Conv3D(3, (3, 2, 1), strides=2, padding="same"), (2, 4, 5, 3, 2)),
    case("conv3d_strides_unequal", lambda k: k.layers.Conv3D(3, (2, 3, 1), strides=(2, 1, 3)), (2, 4, 5, 4, 2)),
    case("conv3d_dilated", lambda k: k.layers.Conv3D(3, 2, dilation_rate=(1, 2, 2)), (2, 4, 5, 4, 2)),
    case(
        "conv3d_same_dilated", lambda k: k.layers.Conv3D(3, (2, 3, 1), dilation_rate=2, padding="same"), (2, 4, 5, 4, 2)
    ),
    case("conv3d_groups", lambda k: k.layers.Conv3D(4, 2, groups=2, activation="relu"), (2, 3, 4, 3, 4)),
    case("conv3d_no_bias", lambda k: k.layers.Conv3D(3, 2, use_bias=False), (2, 3, 4, 3, 2)),
    case(
        "conv3d_variable",
        lambda k: stack(k, (None, None, None, 2), k.layers.Conv3D(3, 2, padding="same")),
        (2, 3, 4, 3, 2),
    ),
    case(
        "conv3d_first",
        lambda k: channels_first(k, k.layers.Conv3D(3, 2, data_format="channels_first")),
        (2, 2, 4, 3, 3),
    ),
    # DepthwiseConv1D
    case("depthwise1d", lambda k: k.layers.DepthwiseConv1D(3), (2, 8, 3)),
    case(
        "depthwise1d_same_multiplier",
        lambda k: k.layers.DepthwiseConv1D(4, depth_multiplier=2, padding="same"),
        (2, 8, 3),
    ),
    case("depthwise1d_strided_same", lambda k: k.layers.DepthwiseConv1D(3, strides=2, padding="same"), (2, 8, 3)),
    case("depthwise1d_dilated", lambda k: k.layers.DepthwiseConv1D(3, dilation_rate=2), (2, 8, 3)),
    case("depthwise1d_same_dilated", lambda k: k.layers.DepthwiseConv1D(3, dilation_rate=2, padding="same"), (2, 8, 3)),
    case(
        "depthwise1d_no_bias_relu", lambda k: k.layers.DepthwiseConv1D(3, use_bias=False, activation="relu"), (2, 8, 3)
    ),
    case("depthwise1d_variable", lambda k: stack(k, (None, 3), k.layers.DepthwiseConv1D(3)), (2, 8, 3)),
    case(
        "depthwise1d_first",
        lambda k: channels_first(k, k.layers.DepthwiseConv1D(3, depth_multiplier=2, data_format="channels_first")),
        (2, 3, 8),
    ),
    # DepthwiseConv2D
    case("depthwise2d", lambda k: k.layers.DepthwiseConv2D(3), (2, 6, 7, 3)),
    case("depthwise2d_same", lambda k: k.layers.DepthwiseConv2D(3, padding="same"), (2, 6, 7, 3)),
    case("depthwise2d_same_strided", lambda k: k.layers.DepthwiseConv2D(3, strides=2, padding="same"), (2, 6, 7, 3)),
    case(
        "depthwise2d_same_strided_even",
        lambda k: k.layers.DepthwiseConv2D((2, 4), strides=3, padding="same"),
        (2, 6, 7, 3),
    ),
    case("depthwise2d_multiplier", lambda k: k.layers.DepthwiseConv2D(3, depth_multiplier=3), (2, 6, 7, 2)),
    case(
        "depthwise2d_multiplier_strided",
        lambda k: k.layers.DepthwiseConv2D(2, strides=2, depth_multiplier=2),
        (2, 6, 7, 3),
    ),
    case("depthwise2d_dilated", lambda k: k.layers.DepthwiseConv2D(3, dilation_rate=2), (2, 6, 7, 3)),
    case(
        "depthwise2d_same_dilated",
        lambda k: k.layers.DepthwiseConv2D((2, 3), dilation_rate=(1, 2), padding="same"),
        (2, 6, 7, 3),
    ),
    case(
        "depthwise2d_dilated_and_strided",
        lambda k: k.layers.DepthwiseConv2D(3, strides=2, dilation_rate=2, padding="same"),
        (2, 9, 8, 3),
        dialects=(3,),
    ),
    case(
        "depthwise2d_dilated_strides_unequal",
        lambda k: k.layers.DepthwiseConv2D((3, 2), strides=(1, 2), dilation_rate=(2, 1)),
        (2, 9, 8, 3),
        dialects=(3,),
    ),
    case(
        "depthwise2d_no_bias_relu6",
        lambda k: k.layers.DepthwiseConv2D(3, use_bias=False, activation="relu"),
        (2, 6, 7, 3),
    ),
    case("depthwise2d_one_channel", lambda k: k.layers.DepthwiseConv2D(3), (2, 6, 7, 1)),
    case(
        "depthwise2d_variable",
        lambda k: stack(k, (None, None, 3), k.layers.DepthwiseConv2D(3, strides=2, padding="same")),
        (2, 6, 7, 3),
    ),
    case(
        "depthwise2d_first",
        lambda k: channels_first(
            k, k.layers.DepthwiseConv2D(3, depth_multiplier=2, strides=2, padding="same", data_format="channels_first")
        ),
        (2, 3, 6, 7),
    ),
    case("depthwise2d_mixed_half", lambda k: k.layers.DepthwiseConv2D(3, dtype="mixed_float16"), (2, 6, 7, 3), **HALF),
    # SeparableConv
    case("separable1d", lambda k: k.layers.SeparableConv1D(4, 3), (2, 8, 3)),
    case("separable1d_same_strided", lambda k: k.layers.SeparableConv1D(4, 3, strides=2, padding="same"), (2, 8, 3)),
    case(
        "separable1d_dilated_multiplier",
        lambda k: k.layers.SeparableConv1D(4, 3, dilation_rate=2, depth_multiplier=2),
        (2, 8, 3),
    ),
    case(
        "separable1d_causal",
        lambda k: k.layers.SeparableConv1D(4, 3, padding="causal", dilation_rate=2),
        (2, 8, 3),
        dialects=(2,),
    ),
    case(
        "separable1d_no_bias_relu",
        lambda k: k.layers.SeparableConv1D(4, 3, use_bias=False, activation="relu"),
        (2, 8, 3),
    ),
    case(
        "separable1d_first",
        lambda k: channels_first(k, k.layers.SeparableConv1D(4, 3, data_format="channels_first")),
        (2, 3, 8),
    ),
    case("separable2d", lambda k: k.layers.SeparableConv2D(4, 3), (2, 6, 7, 3)),
    case("separable2d_same_strided", lambda k: k.layers.SeparableConv2D(4, 3, strides=2, padding="same"), (2, 6, 7, 3)),
    case(
        "separable2d_multiplier_relu",
        lambda k: k.layers.SeparableConv2D(4, 3, depth_multiplier=2, activation="relu"),
        (2, 6, 7, 3),
    ),
    case(
        "separable2d_same_dilated",
        lambda k: k.layers.SeparableConv2D(4, 3, dilation_rate=2, padding="same"),
        (2, 6, 7, 3),
    ),
    case(
        "separable2d_dilated_and_strided",
        lambda k: k.layers.SeparableConv2D(4, 3, dilation_rate=2, strides=2, padding="same"),
        (2, 9, 8, 3),
        dialects=(3,),
    ),
    case("separable2d_no_bias", lambda k: k.layers.SeparableConv2D(4, (2, 3), use_bias=False), (2, 6, 7, 3)),
    case(
        "separable2d_variable",
        lambda k: stack(k, (None, None, 3), k.layers.SeparableConv2D(4, 3, padding="same")),
        (2, 6, 7, 3),
    ),
    case(
        "separable2d_first",
        lambda k: channels_first(k, k.layers.SeparableConv2D(4, 3, padding="same", data_format="channels_first")),
        (2, 3, 6, 7),
    ),
    # Conv1DTranspose
    case("transpose1d", lambda k: k.layers.Conv1DTranspose(4, 3), (2, 5, 3)),
    case("transpose1d_strided", lambda k: k.layers.Conv1DTranspose(4, 3, strides=2), (2, 5, 3)),
    case("transpose1d_stride_beyond_kernel", lambda k: k.layers.Conv1DTranspose(4, 2, strides=3), (2, 5, 3)),
    case("transpose1d_same_strided", lambda k: k.layers.Conv1DTranspose(4, 3, strides=2, padding="same"), (2, 5, 3)),
    case(
        "transpose1d_same_stride_beyond_kernel",
        lambda k: k.layers.Conv1DTranspose(4, 2, strides=3, padding="same"),
        (2, 5, 3),
    ),
    case("transpose1d_same_even", lambda k: k.layers.Conv1DTranspose(4, 4, padding="same"), (2, 5, 3)),
    case(
        "transpose1d_output_padding", lambda k: k.layers.Conv1DTranspose(4, 3, strides=3, output_padding=1), (2, 5, 3)
    ),
    case(
        "transpose1d_same_output_padding",
        lambda k: k.layers.Conv1DTranspose(4, 3, strides=3, padding="same", output_padding=2),
        (2, 5, 3),
    ),
    case("transpose1d_dilated", lambda k: k.layers.Conv1DTranspose(4, 3, dilation_rate=2), (2, 5, 3)),
    case(
        "transpose1d_same_dilated_even",
        lambda k: k.layers.Conv1DTranspose(4, 2, dilation_rate=3, padding="same"),
        (2, 5, 3),
    ),
    case(
        "transpose1d_no_bias_relu",
        lambda k: k.layers.Conv1DTranspose(4, 3, use_bias=False, activation="relu"),
        (2, 5, 3),
    ),
    case(
        "transpose1d_variable",
        lambda k: stack(k, (None, 3), k.layers.Conv1DTranspose(4, 3, strides=2, padding="same")),
        (2, 5, 3),
    ),
    case(
        "transpose1d_first",
        lambda k: channels_first(k, k.layers.Conv1DTranspose(4, 3, strides=2, data_format="channels_first")),
        (2, 3, 5),
    ),
    # Conv2DTranspose
    case("transpose2d", lambda k: k.layers.Conv2DTranspose(4, 3), (2, 4, 5, 3)),
    case("transpose2d_strided", lambda k: k.layers.Conv2DTranspose(4, 3, strides=2), (2, 4, 5, 3)),
    case("transpose2d_same", lambda k: k.layers.Conv2DTranspose(4, 3, padding="same"), (2, 4, 5, 3)),
    case("transpose2d_same_strided", lambda k: k.layers.Conv2DTranspose(4, 3, strides=2, padding="same"), (2, 4, 5, 3)),
    case(
        "transpose2d_same_strided_even",
        lambda k: k.layers.Conv2DTranspose(4, 4, strides=2, padding="same"),
        (2, 4, 5, 3),
    ),
    case(
        "transpose2d_same_strides_unequal",
        lambda k: k.layers.Conv2DTranspose(4, (2, 5), strides=(1, 3), padding="same"),
        (2, 4, 5, 3),
    ),
    case("transpose2d_stride_beyond_kernel", lambda k: k.layers.Conv2DTranspose(4, 2, strides=3), (2, 4, 5, 3)),
    case(
        "transpose2d_same_stride_beyond_kernel",
        lambda k: k.layers.Conv2DTranspose(4, 1, strides=2, padding="same"),
        (2, 4, 5, 3),
    ),
    case(
        "transpose2d_output_padding",
        lambda k: k.layers.Conv2DTranspose(4, 3, strides=2, output_padding=1),
        (2, 4, 5, 3),
    ),
    case(
        "transpose2d_same_output_padding",
        lambda k: k.layers.Conv2DTranspose(4, 3, strides=(2, 3), padding="same", output_padding=(0, 2)),
        (2, 4, 5, 3),
    ),
    case(
        "transpose2d_same_even_output_padding",
        lambda k: k.layers.Conv2DTranspose(4, 4, strides=3, padding="same", output_padding=2),
        (2, 4, 5, 3),
    ),
    case(
        "transpose2d_valid_output_padding_zero",
        lambda k: k.layers.Conv2DTranspose(4, 3, strides=2, output_padding=0),
        (2, 4, 5, 3),
    ),
    case("transpose2d_dilated", lambda k: k.layers.Conv2DTranspose(4, 3, dilation_rate=2), (2, 4, 4, 3)),
    case(
        "transpose2d_same_dilated",
        lambda k: k.layers.Conv2DTranspose(4, 3, dilation_rate=2, padding="same"),
        (2, 4, 4, 3),
    ),
    case(
        "transpose2d_same_dilation_unequal",
        lambda k: k.layers.Conv2DTranspose(4, (2, 3), dilation_rate=(3, 2), padding="same"),
        (2, 5, 4, 3),
        dialects=(3,),
    ),
    case(
        "transpose2d_no_bias_elu",
        lambda k: k.layers.Conv2DTranspose(4, 3, use_bias=False, activation="elu"),
        (2, 4, 5, 3),
    ),
    case(
        "transpose2d_sigmoid",
        lambda k: k.layers.Conv2DTranspose(1, 3, strides=2, padding="same", activation="sigmoid"),
        (2, 4, 5, 3),
    ),
    case("transpose2d_one_cell", lambda k: k.layers.Conv2DTranspose(4, 3, strides=2), (2, 1, 1, 3)),
    case(
        "transpose2d_variable",
        lambda k: stack(k, (None, None, 3), k.layers.Conv2DTranspose(4, 3, strides=2)),
        (2, 4, 5, 3),
    ),
    case(
        "transpose2d_first",
        lambda k: channels_first(
            k, k.layers.Conv2DTranspose(4, 3, strides=2, padding="same", data_format="channels_first")
        ),
        (2, 3, 4, 5),
    ),
    case(
        "transpose2d_mixed_half",
        lambda k: k.layers.Conv2DTranspose(4, 3, strides=2, dtype="mixed_float16"),
        (2, 4, 5, 3),
        **HALF,
    ),
    # Conv3DTranspose
    case("transpose3d", lambda k: k.layers.Conv3DTranspose(3, 2), (2, 3, 2, 3, 2)),
    case("transpose3d_strided", lambda k: k.layers.Conv3DTranspose(3, 2, strides=(1, 2, 3)), (2, 3, 2, 3, 2)),
    case(
        "transpose3d_same_strided", lambda k: k.layers.Conv3DTranspose(3, 3, strides=2, padding="same"), (2, 3, 2, 3, 2)
    ),
    case(
        "transpose3d_same_output_padding",
        lambda k: k.layers.Conv3DTranspose(3, 3, strides=2, padding="same", output_padding=1),
        (2, 3, 2, 3, 2),
    ),
    case(
        "transpose3d_same_dilated",
        lambda k: k.layers.Conv3DTranspose(3, 2, dilation_rate=2, padding="same"),
        (2, 3, 2, 3, 2),
        dialects=(3,),
    ),
    case(
        "transpose3d_no_bias_relu",
        lambda k: k.layers.Conv3DTranspose(3, 2, use_bias=False, activation="relu"),
        (2, 3, 2, 3, 2),
    ),
    case(
        "transpose3d_variable",
        lambda k: stack(k, (None, 2, 3, 2), k.layers.Conv3DTranspose(3, 2, strides=2)),
        (2, 3, 2, 3, 2),
    ),
    case(
        "transpose3d_first",
        lambda k: channels_first(k, k.layers.Conv3DTranspose(3, 2, strides=2, data_format="channels_first")),
        (2, 2, 3, 2, 3),
    ),
]

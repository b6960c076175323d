"""RARE_FUNCTIONS: the rows of TENSORFLOW_FUNCTIONS that few models use."""

from __future__ import annotations

from kmin.layers.operations import (
    blocks,
    linear_algebra,
    numbers,
    resizing,
    tensorflow_images,
    tensorflow_numbers,
    tensorflow_windows,
)
from kmin.layers.operations import tensorflow_layers as tf
from kmin.layers.operations.arguments import Row

_TRANSPOSED = 'input filters output_shape strides padding="SAME" data_format=None dilations=None'
_V1_POOL = "value ksize strides padding data_format=None"

RARE_FUNCTIONS: dict[str, Row] = {
    "compat.v1.batch_gather": ("params indices", tensorflow_numbers.batch_gather),
    "compat.v1.batch_to_space_nd": ("input block_shape crops", blocks.batch_to_space),
    "compat.v1.div": ("x y", tensorflow_numbers.divided),
    "compat.v1.gather_nd": ("params indices batch_dims=0", tensorflow_numbers.gather_nd),
    "compat.v1.image.resize_bilinear": (
        "images size align_corners=False half_pixel_centers=False",
        resizing.resize_bilinear,
    ),
    "compat.v1.image.resize_nearest_neighbor": (
        "images size align_corners=False half_pixel_centers=False",
        resizing.resize_nearest,
    ),
    "compat.v1.nn.avg_pool": (_V1_POOL, tf.pooling("mean")),
    "compat.v1.nn.fused_batch_norm": (
        'x scale offset mean=None variance=None epsilon=0.001 data_format="NHWC" is_training=True '
        "exponential_avg_factor=1.0",
        tensorflow_windows.fused_batch_norm,
    ),
    "compat.v1.nn.max_pool": (_V1_POOL, tf.pooling("max")),
    "compat.v1.nn.pool": (
        "input window_shape pooling_type padding dilation_rate=None strides=None data_format=None dilations=None",
        tensorflow_windows.any_pooling,
    ),
    "compat.v1.nn.relu_layer": ("x weights biases", tensorflow_numbers.affine(True)),
    "compat.v1.nn.separable_conv2d": (
        "input depthwise_filter pointwise_filter strides padding rate=None data_format=None",
        tensorflow_windows.separable_convolution,
    ),
    "compat.v1.nn.xw_plus_b": ("x weights biases", tensorflow_numbers.affine(False)),
    "identity_n": ("input", tensorflow_numbers.same_dtype),
    "image.adjust_hue": ("image delta", tensorflow_images.adjust_hue),
    "image.adjust_saturation": ("image saturation_factor", tensorflow_images.adjust_saturation),
    "image.convert_image_dtype": ("image dtype saturate=False", tensorflow_images.convert_dtype),
    "image.psnr": ("a b max_val", tensorflow_images.psnr),
    "image.resize_with_crop_or_pad": (
        "image target_height target_width",
        tensorflow_images.resize_with_crop_or_pad,
    ),
    "image.resize_with_pad": (
        'image target_height target_width method="bilinear" antialias=False',
        tensorflow_images.resize_with_pad,
    ),
    "image.rgb_to_yiq": ("images", tensorflow_images.coloured("rgb_to_yiq")),
    "image.rgb_to_yuv": ("images", tensorflow_images.coloured("rgb_to_yuv")),
    "image.yiq_to_rgb": ("images", tensorflow_images.coloured("yiq_to_rgb")),
    "image.yuv_to_rgb": ("images", tensorflow_images.coloured("yuv_to_rgb")),
    "linalg.cholesky_solve": ("chol rhs", tensorflow_numbers.cholesky_solve),
    "linalg.diag": (
        'diagonal k=0 num_rows=-1 num_cols=-1 padding_value=0 align="RIGHT_LEFT"',
        tensorflow_numbers.diagonal_matrix,
    ),
    "linalg.matrix_rank": ("a tol=None validate_args=False", lambda call, x, tol, _: linear_algebra.rank(call, x, tol)),
    "linalg.set_diag": ('input diagonal k=0 align="RIGHT_LEFT"', tensorflow_numbers.set_diagonal),
    "linspace": ("start stop num axis=0", tensorflow_numbers.spaced),
    "math.bessel_i0e": ("x", numbers.special("i0e")),
    "math.bessel_i1": ("x", numbers.special("i1")),
    "math.bessel_i1e": ("x", numbers.special("i1e")),
    "math.cumulative_logsumexp": ("x axis=0 exclusive=False reverse=False", tensorflow_numbers.cumulative_logarithm),
    "math.digamma": ("x", numbers.special("digamma")),
    "math.erfcinv": ("x", tensorflow_numbers.inverse_error(-1.0, 1.0, 1.0)),
    "math.lgamma": ("x", numbers.special("log_gamma")),
    "math.ndtri": ("x", tensorflow_numbers.inverse_error(2.0, -1.0, 2**0.5)),
    "math.polyval": ("coeffs x", tensorflow_numbers.polynomial),
    "nn.conv1d_transpose": (_TRANSPOSED, tensorflow_windows.conv_transpose(1)),
    "nn.conv2d_transpose": (_TRANSPOSED, tensorflow_windows.conv_transpose(2)),
    "nn.conv3d_transpose": (_TRANSPOSED, tensorflow_windows.conv_transpose(3)),
    "nn.convolution": (
        'input filters strides=None padding="VALID" data_format=None dilations=None',
        tensorflow_windows.any_convolution,
    ),
    "nn.log_poisson_loss": ("targets log_input compute_full_loss=False", tensorflow_numbers.log_poisson_loss),
    "nn.weighted_cross_entropy_with_logits": (
        "labels logits pos_weight",
        tensorflow_numbers.weighted_cross_entropy,
    ),
    "rank": ("input", tensorflow_numbers.rank),
    "reverse_sequence": (
        "input seq_lengths seq_axis batch_axis=None",
        tensorflow_windows.reverse_sequence,
    ),
    "shape_n": ("input out_type=None", tensorflow_numbers.shapes),
    "signal.frame": (
        "signal frame_length frame_step pad_end=False pad_value=0 axis=-1",
        tensorflow_numbers.frame,
    ),
    "space_to_batch_nd": ("input block_shape paddings", blocks.space_to_batch),
    "truncatediv": ("x y", tensorflow_numbers.whole_part),
}

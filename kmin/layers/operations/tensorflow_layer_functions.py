"""LAYER_FUNCTIONS: the rows of TENSORFLOW_FUNCTIONS for convolutions, pooling, images, linear algebra and constants."""

from __future__ import annotations

from kmin.layers.operations import images, linear_algebra, numbers, vectors
from kmin.layers.operations import tensorflow_layers as tf
from kmin.layers.operations.arguments import Row

LAYER_FUNCTIONS: dict[str, Row] = {
    "clip_by_norm": ("t clip_norm axes=None", tf.clip_by_norm),
    "compat.v1.nn.conv1d": (
        'value filters stride padding use_cudnn_on_gpu=True data_format="NWC" dilations=None',
        tf.convolution(1, on_gpu=True),
    ),
    "compat.v1.nn.conv2d": (
        'input filter strides padding use_cudnn_on_gpu=True data_format="NHWC" dilations=None',
        tf.convolution(2, on_gpu=True),
    ),
    "compat.v1.nn.conv3d": (
        'input filter strides padding data_format="NDHWC" dilations=None',
        tf.convolution(3),
    ),
    "compat.v1.nn.crelu": ("features axis=-1", tf.crelu),
    "compat.v1.nn.depthwise_conv2d": (
        "input filter strides padding rate=None data_format=None dilations=None",
        tf.depthwise_convolution_v1,
    ),
    "compat.v1.nn.sigmoid_cross_entropy_with_logits": (
        "labels=None logits=None",
        tf.sigmoid_cross_entropy,
    ),
    "compat.v1.nn.softmax_cross_entropy_with_logits_v2": (
        "labels logits axis=-1",
        tf.softmax_cross_entropy,
    ),
    "compat.v1.nn.sparse_softmax_cross_entropy_with_logits": (
        "labels=None logits=None",
        tf.sparse_softmax_cross_entropy,
    ),
    "fill": ("dims value", tf.filled(None)),
    "image.adjust_brightness": ("image delta", tf.adjust_brightness),
    "image.adjust_contrast": ("images contrast_factor", tf.adjust_contrast),
    "image.adjust_gamma": ("image gamma=1 gain=1", tf.adjust_gamma),
    "image.central_crop": ("image central_fraction", tf.central_crop),
    "image.crop_to_bounding_box": (
        "image offset_height offset_width target_height target_width",
        tf.boxed(-1),
    ),
    "image.extract_patches": ("images sizes strides rates padding", tf.patches),
    "image.flip_left_right": ("image", tf.flipped(2)),
    "image.flip_up_down": ("image", tf.flipped(1)),
    "image.grayscale_to_rgb": ("images", tf.grayscale_to_rgb),
    "image.hsv_to_rgb": ("images", lambda call, x: images.hsv_to_rgb(call, x, None)),
    "image.pad_to_bounding_box": (
        "image offset_height offset_width target_height target_width",
        tf.boxed(1),
    ),
    "image.per_image_standardization": ("image", tf.per_image_standardization),
    "image.rgb_to_hsv": ("images", lambda call, x: images.rgb_to_hsv(call, x, None)),
    "image.rot90": ("image k=1", tf.turned),
    "image.transpose": ("image", tf.image_transpose),
    "linalg.cholesky": ("input", linear_algebra.matrix("cholesky")),
    "linalg.cross": ("a b", lambda call, a, b: vectors.cross(call, a, b, -1, -1, -1, None)),
    "linalg.det": ("input", linear_algebra.matrix("det")),
    "linalg.diag_part": ("input k=0", lambda call, x, k: linear_algebra.diagonal(call, x, k, -2, -1)),
    "linalg.inv": ("input adjoint=False", tf.inverse),
    "linalg.logdet": ("matrix", linear_algebra.matrix("log_determinant")),
    "linalg.normalize": ('tensor ord="euclidean" axis=None', tf.normalized),
    "linalg.pinv": ("a rcond=None", linear_algebra.limited("pseudo_inverse")),
    "linalg.solve": ("matrix rhs adjoint=False", tf.solve),
    "linalg.trace": ("x", lambda call, x: linear_algebra.trace(call, x, 0, -2, -1)),
    "linalg.triangular_solve": ("matrix rhs lower=True adjoint=False", tf.triangular_solve),
    "math.angle": ("input", numbers.angle),
    "math.bessel_i0": ("x", numbers.special("i0")),
    "math.erfinv": ("x", numbers.special("erfinv")),
    "math.imag": ("input", numbers.imaginary),
    "math.reciprocal_no_nan": ("x", tf.reciprocal_no_nan),
    "math.xdivy": ("x y", tf.over),
    "math.xlog1py": ("x y", tf.times_log1p),
    "nn.avg_pool": ("input ksize strides padding data_format=None", tf.pooling("mean")),
    "nn.avg_pool1d": ("input ksize strides padding data_format=None", tf.pooling("mean")),
    "nn.avg_pool2d": ("input ksize strides padding data_format=None", tf.pooling("mean")),
    "nn.avg_pool3d": ("input ksize strides padding data_format=None", tf.pooling("mean")),
    "nn.batch_normalization": ("x mean variance offset scale variance_epsilon", tf.batch_normalization),
    "nn.conv1d": ('input filters stride padding data_format="NWC" dilations=None', tf.convolution(1)),
    "nn.conv2d": ('input filters strides padding data_format="NHWC" dilations=None', tf.convolution(2)),
    "nn.conv3d": ('input filters strides padding data_format="NDHWC" dilations=None', tf.convolution(3)),
    "nn.crelu": ("features axis=-1", tf.crelu),
    "nn.depthwise_conv2d": (
        "input filter strides padding data_format=None dilations=None",
        tf.convolution(2, True),
    ),
    "nn.local_response_normalization": (
        "input depth_radius=5 bias=1 alpha=1 beta=0.5",
        tf.local_response_normalization,
    ),
    "nn.max_pool": ("input ksize strides padding data_format=None", tf.pooling("max")),
    "nn.max_pool1d": ("input ksize strides padding data_format=None", tf.pooling("max")),
    "nn.max_pool2d": ("input ksize strides padding data_format=None", tf.pooling("max")),
    "nn.max_pool3d": ("input ksize strides padding data_format=None", tf.pooling("max")),
    "nn.sigmoid_cross_entropy_with_logits": ("labels=None logits=None", tf.sigmoid_cross_entropy),
    "nn.softmax_cross_entropy_with_logits": ("labels logits axis=-1", tf.softmax_cross_entropy),
    "nn.sparse_softmax_cross_entropy_with_logits": ("labels logits", tf.sparse_softmax_cross_entropy),
    "ones": ('shape dtype="float32"', tf.filled(1.0)),
    "range": ("start limit=None delta=1 dtype=None", tf.counted),
    "searchsorted": ('sorted_sequence values side="left" out_type=None', tf.searched),
    "sequence_mask": ("lengths maxlen=None dtype=None", tf.sequence_mask),
    "zeros": ('shape dtype="float32"', tf.filled(0.0)),
}

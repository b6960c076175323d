"""RandomFourierFeatures: cosines of random projections, which stand for a kernel machine."""

from __future__ import annotations

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.layout import positive
from kmin.ops.binary import BinaryAttrs
from kmin.ops.cast import CastAttrs
from kmin.ops.dense import DenseAttrs
from kmin.ops.unary import UnaryAttrs


def lower_random_fourier_features(call: LayerCall) -> Tensor:
    """RandomFourierFeatures: cos(x @ (kernel / scale) + bias), always float32. Source: kernelized.py, Keras 2.15."""
    x = call.input
    size = x.shape[-1]
    if x.rank != 2 or size is None:
        raise call.fail(f"needs rows of a known size; received {x.spec}")
    (units,) = positive(call, "output_dim", 1)
    if x.dtype != "float32":
        x = call.add("cast", (x,), CastAttrs("float32"))
    kernel = call.weight("unscaled_kernel", (size, units), cast=False)
    scale = call.weight("kernel_scale", (1,), cast=False)
    bias = call.weight("bias", (units,), cast=False)
    kernel = call.add("binary", (kernel, scale), BinaryAttrs("divide"))
    return call.add("unary", (call.add("dense", (x, kernel, bias), DenseAttrs()),), UnaryAttrs("cos"))

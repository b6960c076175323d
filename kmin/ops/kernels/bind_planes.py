"""Convolutions of volumes that are some of images: windows one plane deep, or of one cell in each plane."""

from __future__ import annotations

from dataclasses import replace

from kmin.ops.conv import ConvAttrs
from kmin.ops.kernels.bound import Constants, Specs
from kmin.ops.tensor import TensorSpec


def _planes_are_lines(spec: TensorSpec | None) -> TensorSpec | None:
    """Columns of a plane one after the other, as those of one line."""
    if spec is None:
        return None
    height, width = spec.shape[-3:-1]
    line = None if height is None or width is None else height * width
    return TensorSpec((*spec.shape[:-3], line, spec.shape[-1]), spec.dtype)


def as_images(
    inputs: Specs, constants: Constants, output: TensorSpec, attrs: ConvAttrs
) -> tuple[Specs, Constants, TensorSpec, ConvAttrs] | None:
    """The same with two axes; None where it needs three."""
    x, kernel = inputs[0], constants[1]
    if x is None or kernel is None:
        return None
    apart = [
        size != 1 or stride != 1 or before != after
        for size, stride, before, after in zip(
            kernel.shape[:3], attrs.strides, x.shape[-4:], output.shape[-4:], strict=False
        )
    ]
    kept = slice(1, 3) if not apart[0] else slice(0, 2)
    if apart[0] and (apart[1] or apart[2]):
        return None
    strides, dilation, padding = attrs.strides[kept], attrs.dilation[kept], attrs.padding
    flat = replace(
        attrs, strides=strides, dilation=dilation, padding=padding if isinstance(padding, str) else padding[kept]
    )
    weights = kernel[0] if not apart[0] else kernel[:, 0]
    constants = [constants[0], weights, *constants[2:]]
    inputs = [x, TensorSpec(weights.shape, "float32"), *inputs[2:]]
    if not apart[0]:
        return inputs, constants, output, flat
    lines = _planes_are_lines(output)
    assert lines is not None
    ends = [_planes_are_lines(x), *inputs[1:3], *map(_planes_are_lines, inputs[3:])]
    return ends, constants, lines, flat

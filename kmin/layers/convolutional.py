"""Convolutions: plain, depthwise, separable and transposed, over one to three spatial axes."""

from __future__ import annotations

from dataclasses import replace

from kmin.layers.activation import lower_activation_of
from kmin.layers.call import LayerCall, Tensor
from kmin.layers.layout import channels_of, is_channels_first, positive, spatial_input, spatial_output, spatial_rank
from kmin.layers.lora import adapted
from kmin.ops.conv import ConvAttrs
from kmin.ops.conv_transpose import ConvTransposeAttrs
from kmin.ops.crop import CropAttrs
from kmin.ops.depthwise_conv import DepthwiseConvAttrs
from kmin.ops.reshape import ReshapeAttrs


def lower_conv(call: LayerCall) -> Tensor:
    """Conv1D/2D/3D; Keras 2 lets the input have more than one batch axis."""
    rank = spatial_rank(call)
    x = spatial_input(call, rank, None if call.dialect < 3 else 1)
    window, strides, dilation = _geometry(call, rank)
    filters, groups, channels = _filters(call), _groups(call), channels_of(call, x)
    if channels % groups or filters % groups:
        raise call.fail(f"groups must divide {channels} channels and {filters} filters; received {groups}")
    kernel = adapted(call, "kernel", (*window, channels // groups, filters))
    padding = _padding(call, ("valid", "same", "causal") if rank == 1 else ("valid", "same"))
    bias = _bias(call, filters)
    if rank < 3 and 1 < groups == channels:  # every channel with its own filters
        kernel = call.add("reshape", (kernel,), ReshapeAttrs((*window, channels, filters // channels)))
        y = call.add("depthwise_conv", (x, kernel, bias), DepthwiseConvAttrs(strides, dilation, padding))
    else:
        y = call.add("conv", (x, kernel, bias), ConvAttrs(strides, dilation, padding, groups))
    return _finish(call, y, rank)


def lower_depthwise_conv(call: LayerCall) -> Tensor:
    """DepthwiseConv1D/2D."""
    rank = spatial_rank(call)
    x = spatial_input(call, rank)
    window, strides, dilation = _geometry(call, rank, both=call.dialect == 3)
    _only_one_group(call)
    channels = channels_of(call, x)
    (multiplier,) = positive(call, "depth_multiplier", 1, 1)
    kernel = call.weight("kernel", (*window, channels, multiplier))
    attrs = DepthwiseConvAttrs(strides, dilation, _padding(call, ("valid", "same")))
    y = call.add("depthwise_conv", (x, kernel, _bias(call, channels * multiplier)), attrs)
    return _finish(call, y, rank)


def lower_separable_conv(call: LayerCall) -> Tensor:
    """SeparableConv1D/2D: a depthwise convolution, then a 1x1 convolution."""
    rank = spatial_rank(call)
    x = spatial_input(call, rank)
    window, strides, dilation = _geometry(call, rank, both=call.dialect == 3)
    _only_one_group(call)
    filters, channels = _filters(call), channels_of(call, x)
    (multiplier,) = positive(call, "depth_multiplier", 1, 1)
    depthwise = call.weight("depthwise_kernel", (*window, channels, multiplier))
    pointwise = call.weight("pointwise_kernel", (*(1,) * rank, channels * multiplier, filters))
    padding = _padding(call, ("valid", "same", "causal") if rank == 1 else ("valid", "same"))
    y = call.add("depthwise_conv", (x, depthwise, None), DepthwiseConvAttrs(strides, dilation, padding))
    ones = (1,) * rank
    y = call.add("conv", (y, pointwise, _bias(call, filters)), ConvAttrs(ones, ones))
    return _finish(call, y, rank)


def lower_conv_transpose(call: LayerCall) -> Tensor:
    """Conv1D/2D/3DTranspose."""
    rank = spatial_rank(call)
    x = spatial_input(call, rank)
    window, strides, dilation = _geometry(call, rank, both=isinstance(call.config.get("padding"), tuple))
    _only_one_group(call)
    filters, channels = _filters(call), channels_of(call, x)
    extra = None
    if call.config.get("output_padding") is not None:
        extra = call.numbers("output_padding", rank)
        if any(not 0 <= cells < stride for cells, stride in zip(extra, strides, strict=True)):
            raise call.fail(f"output_padding must be less than strides {strides}; received {extra}")
    if call.config.get("output_shape") is not None and not isinstance(call.config.get("padding"), tuple):
        extra = _extra_of_keras_1(call, x, window, strides)
    kernel, bias = call.weight("kernel", (*window, filters, channels)), _bias(call, filters)
    padding = _padding(call, ("valid", "same"))
    if isinstance(padding, tuple):
        return _finish(
            call, _cut_transpose(call, (x, kernel, bias), ConvTransposeAttrs(strides, dilation), padding), rank
        )
    y = call.add("conv_transpose", (x, kernel, bias), ConvTransposeAttrs(strides, dilation, padding, extra))
    return _finish(call, y, rank)


def _cut_transpose(
    call: LayerCall,
    inputs: tuple[Tensor, Tensor, Tensor | None],
    attrs: ConvTransposeAttrs,
    cut: tuple[tuple[int, int], ...],
) -> Tensor:
    """A transposed convolution without the cells that `cut` counts at its ends; negative ones are added."""
    shape = call.config.get("output_shape")
    if shape is not None:
        wanted, sizes = _asked_sizes(call, inputs[0])
        usual = [n * s for n, s in zip(sizes, attrs.strides, strict=True)]
        cut = tuple((b, a + n - m) for (b, a), n, m in zip(cut, usual, wanted, strict=True))
    added = tuple(max(0, -after) for _, after in cut)
    y = call.add("conv_transpose", inputs, replace(attrs, output_padding=added))
    pairs = tuple((before, after + more) for (before, after), more in zip(cut, added, strict=True))
    return call.add("crop", (y,), CropAttrs(((0, 0), *pairs, (0, 0))))


def _asked_sizes(call: LayerCall, x: Tensor) -> tuple[list[int], list[int]]:
    """The sizes that the `output_shape` of Keras 1 asks for, and those of the input."""
    shape = call.config["output_shape"]
    fits = isinstance(shape, (list, tuple)) and len(shape) == x.rank
    wanted = list(shape[2:] if is_channels_first(call) else shape[1:-1]) if fits else []
    sizes = [n for n in x.shape[1:-1] if n is not None]
    if len(wanted) != len(sizes) or not all(type(n) is int for n in wanted):
        raise call.fail(f"needs a known size and an output_shape that fits it; received {x.spec} and {shape!r:.80}")
    return wanted, sizes


def _extra_of_keras_1(
    call: LayerCall, x: Tensor, window: tuple[int, ...], strides: tuple[int, ...]
) -> tuple[int, ...] | None:
    """The output padding that gives Deconvolution2D its `output_shape`; None when it is the usual one."""
    wanted, sizes = _asked_sizes(call, x)
    same = call.config.get("padding", "valid") == "same"
    pairs = list(zip(sizes, window, strides, strict=True))
    usual = [n * s if same else (n - 1) * s + max(k, s) for n, k, s in pairs]
    if wanted == usual:
        return None
    least = [(n - 1) * s + (k % 2 if same else k) for n, k, s in pairs]
    extra = tuple(n - m for n, m in zip(wanted, least, strict=True))
    if any(not 0 <= cells < s for cells, s in zip(extra, strides, strict=True)):
        raise call.fail(f"output_shape must fit the strides {strides} and the window {window}; received {wanted}")
    return extra


def _finish(call: LayerCall, y: Tensor, rank: int) -> Tensor:
    """The layer's layout, then its activation (which may look at the last axis)."""
    return lower_activation_of(call, spatial_output(call, y, rank), call.config.get("activation"))


def _geometry(
    call: LayerCall, rank: int, both: bool = False
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """kernel_size, strides and dilation_rate; strides together with dilation are refused where Keras does."""
    window = positive(call, "kernel_size", rank)
    strides = positive(call, "strides", rank, 1)
    dilation = positive(call, "dilation_rate", rank, 1)
    if not both and max(strides) > 1 and max(dilation) > 1:
        raise call.fail(f"strides {strides} and dilation_rate {dilation} cannot both be greater than 1")
    return window, strides, dilation


def _padding(call: LayerCall, choices: tuple[str, ...]) -> str | tuple[tuple[int, int], ...]:
    """One of `choices`, or pairs of cells, which the reader of Theano's files puts there: no file can hold a tuple."""
    value = call.config.get("padding", "valid")
    if isinstance(value, tuple):
        return value
    if not isinstance(value, str) or value.lower() not in choices:
        raise call.fail(f"padding must be one of {', '.join(map(repr, choices))}; received {value!r}")
    return value.lower()


def _filters(call: LayerCall) -> int:
    return positive(call, "filters", 1)[0]


def _groups(call: LayerCall) -> int:
    return positive(call, "groups", 1, 1)[0]


def _only_one_group(call: LayerCall) -> None:
    if _groups(call) != 1:
        raise call.fail(f"groups must be 1; received {call.config['groups']}")


def _bias(call: LayerCall, size: int) -> Tensor | None:
    return call.weight("bias", (size,)) if call.config.get("use_bias", True) else None

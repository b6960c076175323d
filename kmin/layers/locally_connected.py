"""LocallyConnected1D and LocallyConnected2D of Keras 2, whose kernels come in three layouts."""

from __future__ import annotations

import math

import numpy as np

from kmin.formats.spec import Array
from kmin.layers.activation import lower_activation_of
from kmin.layers.call import LayerCall, Tensor
from kmin.layers.core import cast_to_compute
from kmin.layers.layout import channels_of, is_channels_first, positive, spatial_input, spatial_output, spatial_rank
from kmin.ops.binary import BinaryAttrs
from kmin.ops.local_conv import LocalConvAttrs


def lower_locally_connected(call: LayerCall) -> Tensor:
    """LocallyConnected1D/2D with implementation 1, 2 or 3. Sources: locally_connected/ and backend.py, Keras 2.15."""
    config, rank = call.config, spatial_rank(call)
    x = cast_to_compute(call, spatial_input(call, rank))
    window, strides = positive(call, "kernel_size", rank), positive(call, "strides", rank, 1)
    (filters,), channels = positive(call, "filters", 1), channels_of(call, x)
    mode = call.option("implementation", (1, 2, 3), 1)
    padding = config.get("padding", "valid")
    padding = padding.lower() if isinstance(padding, str) else padding
    if padding not in (("valid",) if mode == 1 else ("valid", "same")):
        raise call.fail(f"padding must be 'valid'{'' if mode == 1 else ' or same'}; received {padding!r}")
    sizes = tuple(size for size in x.shape[1:-1] if size is not None)
    if len(sizes) != rank:
        raise call.fail(f"needs an input of known size; received {x.spec}")
    same = padding == "same"
    counts = tuple(-(-(n if same else n - w + 1) // s) for n, w, s in zip(sizes, window, strides, strict=True))
    if min(counts) < 1:
        raise call.fail(f"needs at least {window} cells; received {x.spec}")
    before = tuple(w // 2 if same else 0 for w in window)  # not TensorFlow's "same"
    attrs = LocalConvAttrs(sizes, window, strides, before, counts)
    stored = call.layer.weights.get("kernel")
    if stored is None:
        raise call.fail("needs the weight 'kernel'")
    layouts = {1: _by_window, 2: _dense, 3: _sparse}
    kernel = layouts[mode](call, stored, attrs, channels, filters)
    y = call.add("local_conv", (x, call.constant("kernel", kernel.astype(x.dtype))), attrs)
    if config.get("use_bias", True):
        bias = call.layer.weights.get("bias")
        if bias is None or bias.shape != (*counts, filters):
            raise call.fail(f"needs the weight 'bias' of shape {(*counts, filters)}")
        if is_channels_first(call):  # Keras reshapes where it should transpose (bias_add)
            bias = np.moveaxis(bias.reshape(filters, *counts), 0, -1)
        y = call.add("binary", (y, call.constant("bias", bias.astype(x.dtype))), BinaryAttrs("add"))
    return lower_activation_of(call, spatial_output(call, y, rank), config.get("activation"))


def _checked(call: LayerCall, kernel: Array, shape: tuple[int, ...]) -> Array:
    if kernel.shape != shape:
        raise call.fail(f"weight 'kernel' must have shape {shape}; received {kernel.shape}")
    return kernel


def _by_window(call: LayerCall, kernel: Array, attrs: LocalConvAttrs, channels: int, filters: int) -> Array:
    """Stored as [windows, cells and channels, filters]; channels_first has the channels before the cells."""
    cells, windows = math.prod(attrs.window), math.prod(attrs.counts)
    kernel = _checked(call, kernel, (windows, cells * channels, filters))
    if not is_channels_first(call):
        return kernel
    turned: Array = kernel.reshape(windows, channels, cells, filters).swapaxes(1, 2)
    return turned.reshape(windows, cells * channels, filters)


def _inside(attrs: LocalConvAttrs) -> tuple[list[Array], Array]:
    """Per axis the input cell of [window, cell]; and whether all are inside, [*counts, *window]."""
    rank = len(attrs.sizes)
    cells, inside = [], np.ones((1,) * (2 * rank), bool)
    for axis, (n, w, s, b) in enumerate(zip(attrs.counts, attrs.window, attrs.strides, attrs.before, strict=True)):
        places = np.arange(n)[:, None] * s + np.arange(w) - b
        shape = [1] * (2 * rank)
        shape[axis], shape[rank + axis] = n, w
        cells.append(np.clip(places, 0, attrs.sizes[axis] - 1).reshape(shape))
        inside = inside & ((places >= 0) & (places < attrs.sizes[axis])).reshape(shape)
    return cells, inside


def _dense(call: LayerCall, kernel: Array, attrs: LocalConvAttrs, channels: int, filters: int) -> Array:
    """Stored as a whole matrix from inputs to outputs, [*sizes, channels, *counts, filters]."""
    rank = len(attrs.sizes)
    if is_channels_first(call):
        kernel = _checked(call, kernel, (channels, *attrs.sizes, filters, *attrs.counts))
        kernel = np.moveaxis(np.moveaxis(kernel, rank + 1, -1), 0, rank)
    else:
        kernel = _checked(call, kernel, (*attrs.sizes, channels, *attrs.counts, filters))
    cells, inside = _inside(attrs)
    outs = [
        np.arange(n).reshape([-1 if i == axis else 1 for i in range(2 * rank)]) for axis, n in enumerate(attrs.counts)
    ]
    spread = np.moveaxis(kernel, rank, -2)  # [*sizes, *counts, channels, filters]
    places = (*cells, *outs)
    picked = spread[places] * inside[..., None, None]
    result: Array = picked.reshape(math.prod(attrs.counts), math.prod(attrs.window) * channels, filters)
    return result


def _sparse(call: LayerCall, kernel: Array, attrs: LocalConvAttrs, channels: int, filters: int) -> Array:
    """Stored as the connections alone, sorted by output, then by input."""
    rank = len(attrs.sizes)
    _, inside = _inside(attrs)  # [*counts, *window]
    _checked(call, kernel, (int(inside.sum()) * channels * filters,))
    shape = (*attrs.counts, filters, *attrs.window, channels)
    open_ = np.broadcast_to(np.expand_dims(inside, (rank, 2 * rank + 1)), shape)
    first = is_channels_first(call)
    if first:  # [filters, *counts, channels, *window]
        open_ = np.moveaxis(np.moveaxis(open_, -1, rank + 1), rank, 0)
    full = np.zeros(open_.shape, kernel.dtype)
    full[open_] = kernel
    if first:
        full = np.moveaxis(np.moveaxis(full, 0, rank), rank + 1, -1)
    turned = np.moveaxis(full, rank, -1)  # [*counts, *window, channels, filters]
    result: Array = turned.reshape(math.prod(attrs.counts), math.prod(attrs.window) * channels, filters)
    return result

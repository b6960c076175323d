"""Quantised kernels and tables of Keras 3: weights made floats again, activations quantised as Keras does (3.15)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from kmin.formats.policy import Policy, policy_of
from kmin.formats.spec import Array
from kmin.layers.call import LayerCall, Tensor
from kmin.layers.lora import change_by_factors, with_factors
from kmin.layers.projection import Projection, project
from kmin.ops.abs_max_quantize import AbsMaxQuantizeAttrs
from kmin.ops.binary import BinaryAttrs
from kmin.ops.reshape import ReshapeAttrs
from kmin.ops.round_to import RoundToAttrs, round_to_bfloat16, round_to_e4m3fn
from kmin.ops.transpose import TransposeAttrs

Terms = tuple[str, str, str]


def _stored(call: LayerCall, name: str, rank: int | None = None) -> Array:
    array = call.layer.weights.get(name)
    if array is None or (rank is not None and array.ndim != rank):
        raise call.fail(f"needs the weight '{name}'{'' if rank is None else f' with {rank} axes'}")
    return array


def unpacked(packed: Array, count: int, axis: int, signed: bool = True) -> Array:
    """Two values of four bits out of every byte along an axis, the lower half first."""
    lanes = np.moveaxis(packed.view(np.uint8), axis, 0)
    pairs = np.stack([lanes & 15, lanes >> 4], axis=1).reshape(-1, *lanes.shape[1:])[:count]
    values = ((pairs ^ 8).astype(np.int8) - 8) if signed else pairs
    return np.moveaxis(values, 0, axis)


def _grouped(levels: Array, scale: Array, zero: Array, groups: Array, axis: int) -> Array:
    """(levels - zero) * scale, the scale and zero of each place along the axis being those of its group."""
    index = groups.astype(np.int64)
    scale, zero = (np.take(array, index, axis=axis).astype(np.float32) for array in (scale, zero))
    return (levels.astype(np.float32) - zero) * scale


def quantizer_of(call: LayerCall, policy: Policy, default: bool) -> AbsMaxQuantizeAttrs | None:
    """How activations are quantised, the axes still open; None when they are not.

    Raises:
        UnsupportedError: by anything but Keras' AbsMaxQuantizer.
    """
    config = call.config.get("quantization_config")
    inner = config.get("config") if isinstance(config, Mapping) else None
    if not isinstance(inner, Mapping):
        return AbsMaxQuantizeAttrs(()) if default else None
    given = inner.get("activation_quantizer")
    if given is None:
        return None
    settings = given.get("config") if isinstance(given, Mapping) else None
    if not isinstance(settings, Mapping) or given.get("class_name") != "AbsMaxQuantizer":
        raise call.fail(f"an activation_quantizer other than AbsMaxQuantizer is not supported; received {given!r:.80}")
    low, high = settings.get("value_range", (-127, 127))
    return AbsMaxQuantizeAttrs((), int(low), int(high), float(settings.get("epsilon", 1e-7)))


def lower_quantized(call: LayerCall, x: Tensor, terms: Terms, shape: Sequence[int], bias: Array | None) -> Tensor:
    """`x` through the layer's quantised kernel, which has `shape` once it is whole, plus the bias.

    LoRA factors are floats, through which the input goes as it is.
    """
    change = change_by_factors(call, "kernel", shape)
    if change is None:
        return _through_kernel(call, x, terms, tuple(shape), bias)
    adapted = project(call, x, Projection(terms, change.astype(call.compute_dtype), bias, "lora_"))
    return call.binary(_through_kernel(call, x, terms, tuple(shape), None), adapted, "add")


def _through_kernel(
    call: LayerCall, x: Tensor, terms: Terms, kernel_shape: tuple[int, ...], bias: Array | None
) -> Tensor:
    policy = policy_of(call.config)
    if policy.mode == "float8":
        return _float8(call, x, terms, kernel_shape, bias)
    if policy.mode in ("gptq", "awq"):
        return project(call, x, Projection(terms, _calibrated(call, policy, kernel_shape), bias))
    scale = _stored(call, "kernel_scale")
    if policy.mode == "int8":
        kernel = _stored(call, "kernel").astype(np.float32)
        if kernel.shape != kernel_shape:
            raise call.fail(f"weight 'kernel' must have shape {kernel_shape}; received {kernel.shape}")
        attrs = quantizer_of(call, policy, True)
        return product(call, x, Projection(terms, kernel, bias), attrs, scale)
    columns = scale.shape[-1]
    rows = math.prod(kernel_shape) // max(1, columns)
    levels = unpacked(_stored(call, "kernel", 2), columns, -1)
    if levels.shape != (rows, columns):
        raise call.fail(f"weight 'kernel' must hold {rows} x {columns} values; received {levels.shape}")
    if policy.block is None:
        whole = (levels.astype(np.float32) / scale).reshape(kernel_shape)
        return product(call, x, Projection(terms, whole, bias), quantizer_of(call, policy, False), None)
    whole = _grouped(levels, scale, _stored(call, "kernel_zero"), _stored(call, "g_idx"), 0)
    return project(call, x, Projection(terms, whole.reshape(kernel_shape), bias))


def _calibrated(call: LayerCall, policy: Policy, shape: tuple[int, ...]) -> Array:
    """The kernel of GPTQ or AWQ: stored [columns, rows], groups along the rows."""
    groups = _stored(call, "g_idx", 1)
    rows = len(groups)
    columns = math.prod(shape) // max(1, rows)
    levels = _stored(call, "kernel", 2)
    levels = unpacked(levels, columns, 0, False) if policy.bits == 4 else levels
    if levels.shape != (columns, rows):
        raise call.fail(f"weight 'kernel' must hold {columns} x {rows} values; received {levels.shape}")
    place = "zero_point" if "zero_point" in call.layer.weights else "kernel_zero"
    scale, zero = _stored(call, "kernel_scale", 2), _stored(call, place, 2)
    whole = _grouped(levels, scale, zero, groups, -1).T
    if policy.mode == "awq":
        whole = whole / _stored(call, "awq_scales", 1)[:, None]
    result: Array = whole.reshape(shape)
    return result


def product(
    call: LayerCall, x: Tensor, by: Projection, quantizer: AbsMaxQuantizeAttrs | None, scale: Array | None
) -> Tensor:
    """`x`, quantised when there is a quantizer, through the projection; divided by its scales; plus the bias."""
    given, _, result = by.terms
    divisor = None if scale is None else call.made("kernel_scale", scale.astype(call.compute_dtype))
    if quantizer is not None:
        axes = tuple(axis for axis, letter in enumerate(given) if letter not in result)
        attrs = AbsMaxQuantizeAttrs(axes, quantizer.low, quantizer.high, quantizer.epsilon)
        x, steps = call.add_all("abs_max_quantize", (x,), attrs)
        steps = _aligned(call, steps, given, result)
        divisor = steps if divisor is None else call.add("binary", (steps, divisor), BinaryAttrs("multiply"))
    if divisor is None:
        return project(call, x, by)
    y = project(call, x, by._replace(bias=None))
    y = call.add("binary", (y, divisor), BinaryAttrs("divide"))
    if by.bias is None:
        return y
    bias = call.made("bias", by.bias.astype(call.compute_dtype))
    return call.add("binary", (y, bias), BinaryAttrs("add"))


def _aligned(call: LayerCall, scale: Tensor, given: str, result: str) -> Tensor:
    """The scale of the input with its axes where the result has them, 1 where it has others."""
    kept = [letter for letter in result if letter in given]
    order = [given.index(letter) for letter in kept] + [at for at, letter in enumerate(given) if letter not in result]
    if order != sorted(order):
        scale = call.add("transpose", (scale,), TransposeAttrs(tuple(order)))
        given = "".join(given[at] for at in order)
    target = tuple(("x", given.index(letter)) if letter in kept else 1 for letter in result)
    if target == tuple(("x", axis) for axis in range(scale.rank)):
        return scale
    return call.add("reshape", (scale,), ReshapeAttrs(target))


def _float8(call: LayerCall, x: Tensor, terms: Terms, shape: tuple[int, ...], bias: Array | None) -> Tensor:
    """Input and kernel rounded to float8, each by its scale; a float32 bias rounded to bfloat16."""
    kernel = _stored(call, "kernel", len(shape)).astype(np.float32)
    steps = _stored(call, "kernel_scale").astype(np.float32)
    kernel = round_to_e4m3fn(kernel / steps) * steps
    scale = _stored(call, "inputs_scale").astype(call.compute_dtype)
    factor = None if scale == 1 else call.made("inputs_scale", scale)
    if factor is not None:
        x = call.add("binary", (x, factor), BinaryAttrs("divide"))
    x = call.add("round_to", (x,), RoundToAttrs("e4m3fn"))
    if factor is not None:
        x = call.add("binary", (x, factor), BinaryAttrs("multiply"))
    if bias is not None and call.compute_dtype == "float32":
        bias = round_to_bfloat16(bias)
    return project(call, x, Projection(terms, kernel, bias))


def whole_table(call: LayerCall, policy: Policy, rows: int, size: int) -> Array:
    """The quantised table of an Embedding, with LoRA factors merged, as floats [rows, size]."""
    levels, scale = _levels(call, "embeddings", policy, (rows, size), 1), _stored(call, "embeddings_scale")
    if policy.block is None or policy.mode == "int8":
        table = levels / scale[:, None]
    else:
        table = _grouped(levels, scale, _stored(call, "embeddings_zero"), _stored(call, "g_idx"), -1)
    adapted = with_factors(call, "embeddings", table)
    return table if adapted is None else adapted.astype(table.dtype)


def _levels(call: LayerCall, name: str, policy: Policy, shape: tuple[int, int], axis: int) -> Array:
    levels = _stored(call, name, 2)
    levels = unpacked(levels, shape[axis], axis) if policy.mode == "int4" else levels
    if levels.shape != shape:
        raise call.fail(f"weight '{name}' must hold {shape[0]} x {shape[1]} values; received {levels.shape}")
    return levels.astype(np.float32)


def lower_quantized_reverse(call: LayerCall, x: Tensor, rows: int, size: int) -> Tensor:
    """The product with ReversibleEmbedding's quantised table: [..., size] -> [..., rows]."""
    policy = policy_of(call.config)
    tied = bool(call.config.get("tie_weights", True))
    name = "embeddings" if tied else "reverse_embeddings"
    levels = _levels(call, name, policy, (rows, size) if tied else (size, rows), 1 if tied else 0)
    levels, scale = (levels.T if tied else levels), _stored(call, f"{name}_scale")
    if policy.block is not None and policy.mode == "int4":
        zero = _stored(call, f"{name}_zero")
        scale, zero = (scale.T, zero.T) if tied else (scale, zero)
        levels, scale = _grouped(levels, scale, zero, _stored(call, "g_idx"), 0), np.ones((), np.float32)
    lead = "abcdefgh"[: x.rank - 1]
    by = Projection((f"{lead}y", "yz", f"{lead}z"), levels, None, "reverse_")
    return product(call, x, by, quantizer_of(call, policy, True), scale)

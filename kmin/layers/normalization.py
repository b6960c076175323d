"""BatchNormalization, LayerNormalization, GroupNormalization, UnitNormalization and RMSNormalization."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.batch_axis import (
    lower_groups_of_batch,
    lower_layers_of_batch,
    lower_root_of_batch,
)
from kmin.layers.batch_statistics import by_batch_before, lower_by_batch, refuse_changing
from kmin.layers.call import LayerCall, Lowered, Tensor
from kmin.layers.core import cast_to_compute
from kmin.layers.masks import mask_of
from kmin.layers.moments import batch_size_of, of_samples
from kmin.layers.training import normalises_by_batch
from kmin.layers.unit_length import of_unit_length
from kmin.ops.batch_norm import BatchNormAttrs
from kmin.ops.binary import BinaryAttrs
from kmin.ops.cast import CastAttrs
from kmin.ops.group_norm import GroupNormAttrs
from kmin.ops.layer_norm import LayerNormAttrs
from kmin.ops.rms_norm import RmsNormAttrs


def lower_batch_normalization(call: LayerCall) -> Tensor:
    """BatchNormalization with its moving statistics, whatever `renorm`, `fused` or `virtual_batch_size` say.

    A Keras 2 file may call it with training=True: then by the statistics of what is predicted together.
    """
    x = cast_to_compute(call, call.input)
    axes = _axes(call, x, _unshifted(call, x))
    epsilon = _epsilon(call)
    if normalises_by_batch(call.layer, call.kwargs, call.dialect):
        fused = len(axes) == 1 and _fused(call, x, axes[0])
        return lower_by_batch(call, x, axes, epsilon, fused)
    if by_batch_before(call):
        refuse_changing(call)
    names = ["moving_mean", "moving_variance"]
    names += ["gamma"] if call.config.get("scale", True) else []
    names += ["beta"] if call.config.get("center", True) else []
    if len(axes) > 1 or 0 in axes:
        return _over_axes(call, x, axes, epsilon)
    (axis,) = axes
    weights = {name: _vector(call, name, x.shape[axis]) for name in names}
    return call.add(
        "batch_norm",
        (x, weights.get("gamma"), weights.get("beta"), weights["moving_mean"], weights["moving_variance"]),
        BatchNormAttrs(axis, epsilon),
    )


def lower_layer_normalization(call: LayerCall) -> Tensor:
    """LayerNormalization over `axis`; half precision in float32. Keras 3 cuts what it makes of integers to such."""
    x = given = call.input
    axes = tuple(sorted(set(_axes(call, x, call.config.get("axis", -1)))))
    rms = bool(call.config.get("rms_scaling", False))
    gamma = call.weight("gamma", cast=False) if call.config.get("scale", True) or rms else None
    beta = call.weight("beta", cast=False) if call.config.get("center", True) and not rms else None
    if not x.dtype.startswith("float"):
        x = call.add("cast", (x,), CastAttrs("float32"))
    if axes[0] == 0:
        names = [name for name, weight in (("gamma", gamma), ("beta", beta)) if weight is not None]
        y = lower_layers_of_batch(call, x, axes, _epsilon(call), names, not rms)
        return cast_to_compute(call, _as_given(call, y, given))
    y = call.add("layer_norm", (x, gamma, beta), LayerNormAttrs(axes, _epsilon(call), not rms))
    return cast_to_compute(call, _as_given(call, y, given))


def lower_group_normalization(call: LayerCall) -> Tensor:
    """GroupNormalization: per sample and group of channels; -1 groups are as many as channels."""
    x = _floats(call)
    (axis,) = _axes(call, x, call.config.get("axis", -1))
    size, groups = x.shape[axis], call.config.get("groups", 32)
    if axis == 0 and isinstance(groups, int) and groups and mask_of(call) is None and call.config.get("axis") == 0:
        names = [name for name, key in (("gamma", "scale"), ("beta", "center")) if call.config.get(key, True)]
        return _as_given(call, lower_groups_of_batch(call, x, groups, _epsilon(call), names), call.input)
    if size is None or isinstance(groups, bool) or not isinstance(groups, int) or groups == 0 or groups < -1:
        raise call.fail(f"needs a known axis {axis} and groups of at least 1 or -1; received {x.spec} and {groups!r}")
    mask = mask_of(call) if call.dialect < 3 else None
    if mask is not None and mask.rank != x.rank:
        raise call.fail(f"needs a mask with one value per value of {x.spec}, as Keras does; received {mask.spec}")
    gamma = call.weight("gamma", (size,), cast=False) if call.config.get("scale", True) else None
    beta = call.weight("beta", (size,), cast=False) if call.config.get("center", True) else None
    attrs = GroupNormAttrs(axis, size if groups == -1 else groups, _epsilon(call))
    y = call.add("group_norm", (x, gamma, beta, mask), attrs)
    return cast_to_compute(call, _as_given(call, y, call.input))


def lower_unit_normalization(call: LayerCall) -> Tensor:
    """UnitNormalization: each sample's values along `axis` scaled to length one."""
    x = cast_to_compute(call, call.input)
    axes = tuple(sorted(set(_axes(call, x, call.config.get("axis", -1)))))
    call.mix_samples(x, axes)
    smallest = 1e-12 if call.dialect >= 3 else 1e-6  # Keras 2 bounds the squared length
    return of_unit_length(call, x, axes[0] if len(axes) == 1 else axes, smallest)


def lower_rms_normalization(call: LayerCall) -> Tensor:
    """RMSNormalization: divided by the root mean square over `axis`; the scale broadcasts from the last axis."""
    x = _floats(call)
    axis = call.config.get("axis", -1)
    listed = sorted(axis) if isinstance(axis, (list, tuple)) else axis
    axes = _axes(call, x, listed)
    if 0 in axes:
        return _as_given(call, lower_root_of_batch(call, x, axes, _epsilon(call, 1e-6)), call.input)
    sizes = [x.shape[a] for a in axes]
    scale = call.weight("scale", [size if size is not None else -1 for size in sizes])
    y = call.add("rms_norm", (x, scale), RmsNormAttrs(tuple(sorted(set(axes))), _epsilon(call, 1e-6)))
    return _as_given(call, y, call.input)


def lower_spectral_normalization(call: LayerCall) -> Lowered:
    """SpectralNormalization: at inference the wrapped layer, whose kernel was normalised while it was trained."""
    layer = call.layer.children.get("layer")
    if layer is None:
        raise call.fail("needs a layer in its config")
    x, y = call.input, call.sub(layer, (call.input,))
    if call.dialect < 3 or not isinstance(y, Tensor) or y.dtype in (x.dtype, "unknown"):
        return y
    return call.add("cast", (y,), CastAttrs(x.dtype))


def _as_given(call: LayerCall, y: Tensor, x: Tensor) -> Tensor:
    """Keras 3 casts what it normalised to the input's dtype, integers too."""
    return y if call.dialect < 3 or x.dtype.startswith("float") else call.add("cast", (y,), CastAttrs(x.dtype))


def _floats(call: LayerCall) -> Tensor:
    x = call.input
    if not x.dtype.startswith("float") and call.dialect >= 3:
        return call.add("cast", (x,), CastAttrs("float32"))
    if not x.dtype.startswith("float"):
        raise call.fail(f"needs a floating input; received {x.spec}")
    return x


def _unshifted(call: LayerCall, x: Tensor) -> Any:
    """The config's axis; with virtual_batch_size Keras 2 saves it one too high, and its weights with one axis more."""
    axis = call.config.get("axis", -1)
    mean = call.layer.weights.get("moving_mean")
    if call.config.get("virtual_batch_size") is None or mean is None or mean.ndim != x.rank + 1:
        return axis
    return [a - 1 for a in axis] if isinstance(axis, (list, tuple)) else axis - 1


def _epsilon(call: LayerCall, default: float = 1e-3) -> float:
    value = call.config.get("epsilon", default)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise call.fail(f"epsilon must be a number; received {value!r}")
    return float(value)


def _axes(call: LayerCall, x: Tensor, axis: Any) -> list[int]:
    """One axis or several, positive, in the file's order."""
    axes = list(axis) if isinstance(axis, (list, tuple)) else [axis]
    if not axes or any(isinstance(a, bool) or not isinstance(a, int) or not -x.rank <= a < x.rank for a in axes):
        raise call.fail(f"axis must name axes of {x.spec}; received {axis!r}")
    return [a % x.rank for a in axes]


def _fused(call: LayerCall, x: Tensor, axis: int) -> bool:
    """Whether Keras 2.15 takes TensorFlow's fused kernel."""
    if (
        call.config.get("renorm")
        or call.config.get("virtual_batch_size") is not None
        or call.config.get("fused") is False
        or call.class_name == "SyncBatchNormalization"
    ):
        return False
    return call.compute_dtype != "float64" and ((x.rank == 4 and axis in (1, 3)) or (x.rank == 5 and axis in (1, 4)))


def _vector(call: LayerCall, name: str, size: int | None) -> Tensor:
    """A weight as a vector; with virtual_batch_size Keras 2 stores it with axes of 1 around."""
    if size is not None and call.config.get("virtual_batch_size") is None:
        return call.weight(name, (size,), cast=False)
    shape = tuple(call.weight(name, cast=False).shape)
    if size is None or shape != (size,):
        if size is None or call.config.get("virtual_batch_size") is None or int(np.prod(np.asarray(shape))) != size:
            raise call.fail(f"weight '{name}' must have shape ({size},); received {shape}")
        return call.constant(f"{name}_vector", call.layer.weights[name].reshape(-1))
    return call.weight(name, (size,), cast=False)


def _over_axes(call: LayerCall, x: Tensor, axes: list[int], epsilon: float) -> Tensor:
    """Statistics per position of several axes (Keras 2 only), or per sample: scale and shift, computed here."""
    call.mix_samples(x, axes)
    sizes = [size if size is not None else -1 for size in x.shape]
    if 0 in axes:
        sizes[0] = batch_size_of(call)
        x = of_samples(call, x, sizes[0])
    spread = [size if axis in axes else 1 for axis, size in enumerate(sizes)]
    wanted = spread if len(axes) > 1 else [sizes[axes[0]]]
    arrays = {}
    for name in ("moving_mean", "moving_variance", "gamma", "beta"):
        if name in call.layer.weights or name.startswith("moving"):
            call.weight(name, wanted, cast=False)
            arrays[name] = call.layer.weights[name].astype(np.float64).reshape(spread)
    scale = arrays.get("gamma", np.ones(())) / np.sqrt(arrays["moving_variance"] + epsilon)
    shift = arrays.get("beta", np.zeros(())) - arrays["moving_mean"] * scale
    dtype = "float64" if x.dtype == "float64" else "float32"
    work = x if x.dtype == dtype else call.add("cast", (x,), CastAttrs(dtype))
    for kind, array in (("multiply", scale), ("add", shift)):
        constant = call.constant("scale" if kind == "multiply" else "shift", array.astype(dtype))
        work = call.add("binary", (work, constant), BinaryAttrs(kind))
    return cast_to_compute(call, work)

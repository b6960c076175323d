"""CategoryEncoding and Discretization: numbers as categories, categories as vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from kmin.formats.policy import is_mixed
from kmin.layers.call import LayerCall, Tensor, tensors
from kmin.layers.core import cast_to_compute
from kmin.layers.layout import positive
from kmin.ops.bucketize import BucketizeAttrs
from kmin.ops.cast import CastAttrs
from kmin.ops.encode_categories import EncodeCategoriesAttrs
from kmin.ops.reshape import ReshapeAttrs
from kmin.ops.unary import UnaryAttrs

_MODES = {"binary": "multi_hot", "count": "count", "int": "int", "multi_hot": "multi_hot", "one_hot": "one_hot"}


def lower_category_encoding(call: LayerCall) -> Tensor:
    """CategoryEncoding: one_hot, multi_hot or count, of numbers without what is behind the point.

    Only Keras 2 refuses numbers outside [0, num_tokens).
    """
    key = "num_tokens" if call.config.get("num_tokens") is not None else "max_tokens"
    (depth,) = positive(call, key, 1)
    mode = output_mode(call, "multi_hot")
    if mode == "int":
        raise call.fail("output_mode must be 'count', 'one_hot' or 'multi_hot'; received 'int'")
    x = call.input
    if x.dtype == "bool" and call.dialect < 3:
        raise call.fail(f"needs numbers, as in Keras 2; received {x.spec}")
    if x.dtype == "bool" or x.dtype.startswith("float"):
        if call.dialect < 3:  # which looks for numbers below 0 before it leaves out what is behind the point
            x = call.add("unary", (x,), UnaryAttrs("floor"))
        x = call.add("cast", (x,), CastAttrs("int64"))
    weights = tensors(call.kwargs.get("count_weights"))
    if weights and mode != "count":
        raise call.fail(f"count_weights are for output_mode 'count'; received {mode!r}")
    attrs = EncodeCategoriesAttrs(depth, mode != "count", 1, variable_dtype(call), call.dialect < 3)
    return encoded(call, x, attrs, mode, weights)


def lower_discretization(call: LayerCall) -> Tensor:
    """Discretization with the boundaries of its config, or those that Keras 2 has learnt."""
    boundaries = call.config.get("bin_boundaries")
    if boundaries is None and "summary" in call.layer.weights:
        boundaries = _learnt_boundaries(call)
    if not isinstance(boundaries, (list, tuple)) or not all(isinstance(b, (int, float)) for b in boundaries):
        raise call.fail(f"needs bin_boundaries in its config; received {boundaries!r:.80}")
    mode = output_mode(call, "int")
    x = call.input
    if x.dtype.startswith("float"):
        if call.dialect >= 3:
            keeps = x.dtype == "float32" or call.config.get("autocast") is False
            x = x if keeps else call.add("cast", (x,), CastAttrs("float32"))
        elif mode != "int":
            x = cast_to_compute(call, x)
    buckets = call.add("bucketize", (x,), BucketizeAttrs(tuple(float(b) for b in boundaries)))
    if mode == "int":
        wanted = "int32" if call.dialect >= 3 else call.compute_dtype
        if wanted.startswith("float"):
            wanted = "int64"
        return buckets if wanted == "int32" else call.add("cast", (buckets,), CastAttrs(wanted))
    attrs = EncodeCategoriesAttrs(len(boundaries) + 1, mode != "count", 1, call.compute_dtype)
    return encoded(call, buckets, attrs, mode)


def _learnt_boundaries(call: LayerCall) -> list[float]:
    """The boundaries of an adapted layer: `_compress_summary_numpy` in Keras 2.15."""
    values = call.layer.weights["summary"]
    (bins,) = positive(call, "num_bins", 1)
    if values.ndim != 2 or len(values) != 2 or not np.all(np.isfinite(values)):
        raise call.fail(f"weight 'summary' must be two rows of finite numbers; received shape {values.shape}")
    share = 1.0 / bins
    if values.shape[1] * share >= 1:
        total = values[1].cumsum()
        percents = share + np.arange(0.0, 1.0, share)
        values = np.interp(percents, total / total[-1], values[0])[None].astype(np.float32)
    return [float(boundary) for boundary in values[0, :-1]]


def encoded(
    call: LayerCall, x: Tensor, attrs: EncodeCategoriesAttrs, mode: str, weights: Sequence[Tensor] = ()
) -> Tensor:
    """Integers encoded as Keras does. Sources: encode_categorical_inputs in Keras 2.15 and 3.15.

    Keras 3 counts along axis 1, whatever the number of axes. With sparse=True the result is what Keras' is when made
    dense.
    """
    if x.rank > 2 and call.dialect < 3:
        raise call.fail(f"needs one or two axes, as in Keras 2; received {x.spec}")
    if mode != "one_hot":
        parts = [x, *weights[:1]]
        if x.rank < 2:  # one row of all samples
            call.mix_samples(x, (0,))
            parts = [call.add("reshape", (part,), ReshapeAttrs((1, ("x", 0)))) for part in parts]
        y = call.add("encode_categories", (parts[0], parts[1] if weights else None), attrs)
        return y if x.rank > 1 else call.add("reshape", (y,), ReshapeAttrs((attrs.depth,)))
    if x.rank == 1 or x.shape[-1] != 1:
        if x.rank > 1 and (call.dialect < 3 or x.shape[-1] is None):
            raise call.fail(f"output_mode 'one_hot' needs a last axis of size 1; received {x.spec}")
        x = call.add("reshape", (x,), ReshapeAttrs((*(("x", axis) for axis in range(x.rank)), 1)))
    return call.add("encode_categories", (x, None), replace(attrs, axis=x.rank - 1))


def variable_dtype(call: LayerCall) -> str:
    """The dtype that Keras 3 gives encoded categories: of the layer's variables."""
    return "float32" if call.dialect >= 3 and is_mixed(call.config) else call.compute_dtype


def output_mode(call: LayerCall, default: str) -> str:
    """The way in which the config wants categories."""
    value = call.config.get("output_mode", default)
    if value not in _MODES:
        raise call.fail(f"output_mode must be one of {', '.join(_MODES)}; received {value!r}")
    return _MODES[value]

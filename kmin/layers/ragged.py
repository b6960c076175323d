"""Ragged tensors: dense ones with a mask of the steps that a row really has, until a layer makes them dense."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from kmin.layers.call import LayerCall, Lowered, Tensor, tensors
from kmin.layers.layout import is_channels_first
from kmin.layers.operations import RAGGED_READERS
from kmin.ops.crop import CropAttrs
from kmin.ops.reshape import ReshapeAttrs
from kmin.ops.where import WhereAttrs

_STEP_BY_STEP = frozenset(
    {
        "Activation",
        "Dropout",
        "Embedding",
        "GaussianNoise",
        "LayerNormalization",
        "LeakyReLU",
        "ReLU",
        "Rescaling",
        "Softmax",
        "SpatialDropout1D",
    }
)
_WORD_BY_WORD = frozenset({"Hashing", "IntegerLookup", "StringLookup"})
# Classes that compute each step alone and that Keras applies to ragged tensors (2.15, 3.15).
KEEPS_RAGGED: dict[int, frozenset[str]] = {
    2: _STEP_BY_STEP | _WORD_BY_WORD | {"ActivityRegularization", "Dense"},
    3: _STEP_BY_STEP | {"BatchNormalization"},
}
# Classes of Keras 2 that read rows step by step.
_RECURRENT = frozenset({"Bidirectional", "GRU", "LSTM", "SimpleRNN"})


def lower_ragged(call: LayerCall, rule: Callable[[LayerCall], Lowered]) -> Lowered:
    """The layer over its one ragged input.

    Raises:
        UnsupportedError: Keras does not apply the layer to ragged tensors, or kmin does not.
    """
    name, config = call.class_name, call.config
    if name == "InstanceMethod" or config.get("function") in RAGGED_READERS:
        return rule(call)
    given = [*call.inputs, *tensors(call.kwargs)]
    x = given[0]
    if len(given) != 1 or x.ragged is None:
        raise call.fail("takes no ragged tensors beside others")
    if x.ragged.rank != 2 and name not in _WORD_BY_WORD:
        raise call.fail(
            f"rows of rows of unequal length arrive (a ragged tensor {x.spec}), which is not supported here"
        )
    rows, dense = x.ragged, replace(x, ragged=None, mask=None)
    inner = config.get("layer")
    settings = inner.get("config", {}) if isinstance(inner, dict) else config
    plain = config.get("axis", -1) in (-1, [-1], (-1,), 2, [2]) and not config.get("mask_zero")
    plain = plain and config.get("output_mode", "int") == "int"
    if name in KEEPS_RAGGED[3 if call.dialect >= 3 else 2] and plain:
        return _kept(_one(rule, _over(call, dense)), rows)
    if name == "CategoryEncoding" and config.get("output_mode") != "one_hot" and not call.is_operation:
        return _encoded(call, rule, dense, rows)
    if name == "GlobalMaxPooling1D" and not is_channels_first(call):
        wide = call.add("reshape", (rows,), ReshapeAttrs((("x", 0), ("x", 1), 1)))
        least = call.constant("least", np.asarray(np.finfo(dense.dtype).min, dense.dtype))
        return _one(rule, _over(call, call.add("where", (wide, dense, least), WhereAttrs())))
    simple = not settings.get("unroll") and not settings.get("return_state") and not settings.get("stateful")
    if name == "GlobalAveragePooling1D" and not is_channels_first(call):
        return _one(rule, _over(call, dense.masked(rows)))
    if name in _RECURRENT and call.dialect < 3 and simple:
        found = _one(rule, _over(call, dense.masked(rows)))
        return _kept(found, rows) if settings.get("return_sequences") else found
    raise call.fail(f"rows of unequal length arrive (a ragged tensor {x.spec}), which is not supported here")


def _one(rule: Callable[[LayerCall], Lowered], call: LayerCall) -> Tensor:
    result = rule(call)
    assert isinstance(result, Tensor)
    return result


def _over(call: LayerCall, x: Tensor) -> LayerCall:
    return replace(call, args=(x, *call.args[1:]))


def _kept(y: Tensor, rows: Tensor) -> Tensor:
    return replace(y, mask=None, ragged=rows)


def _encoded(call: LayerCall, rule: Callable[[LayerCall], Lowered], ids: Tensor, rows: Tensor) -> Tensor:
    """Categories of the steps that exist: the others count as a category before the first, which is cut off."""
    key = "num_tokens" if call.config.get("num_tokens") is not None else "max_tokens"
    depth = call.config.get(key)
    wider = replace(call.layer, config={**call.config, key: depth + 1 if isinstance(depth, int) else depth})
    one, none = (call.constant(name, np.asarray(n, ids.dtype)) for name, n in (("one", 1), ("none", 0)))
    shifted = call.add("where", (rows, call.binary(ids, one, "add"), none), WhereAttrs())
    y = _one(rule, replace(_over(call, shifted), layer=wider))
    return call.add("crop", (y,), CropAttrs(((0, 0), (1, 0))))

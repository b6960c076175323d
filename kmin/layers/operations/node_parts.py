"""The parts of a TensorFlow node in a file: attributes in protobuf's JSON, and inputs that no layer computes."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np

from kmin.layers.call import LayerCall

_DTYPES = {
    "DT_BFLOAT16": "bfloat16",
    "DT_BOOL": "bool",
    "DT_DOUBLE": "float64",
    "DT_FLOAT": "float32",
    "DT_HALF": "float16",
    **{f"DT_{sign}INT{bits}": f"{sign}int{bits}".lower() for sign in ("", "U") for bits in (8, 16, 32, 64)},
}
_KINDS = frozenset({"b", "f", "i", "list", "s", "shape", "type"})


def constants_of(call: LayerCall) -> list[tuple[int, Any]]:
    """The inputs that no layer computes, by place."""
    stored = call.config.get("constants")
    if stored is None:
        return []
    if not isinstance(stored, Mapping) or not all(str(key).isdecimal() and len(str(key)) < 4 for key in stored):
        raise call.fail(f"constants must be numbers by place; received {stored!r:.80}")
    return sorted((int(key), _constant(call, value)) for key, value in stored.items())


def _constant(call: LayerCall, value: Any) -> Any:
    """A number, an array with its dtype (Keras 2.12 and later), or lists of numbers."""
    dtype = None
    if isinstance(value, Mapping):
        config = value.get("config")
        if value.get("class_name") != "__numpy__" or not isinstance(config, Mapping):
            raise call.fail(f"a constant {value!r:.80} is not supported")
        value, dtype = config.get("value"), str(config.get("dtype"))
        if dtype not in _DTYPES.values() or dtype == "bfloat16":
            raise call.fail(f"a constant must have a dtype of numbers; received {dtype!r:.40}")
    if dtype is None and not isinstance(value, list):
        return value
    try:
        array = np.asarray(value)
        array = array if dtype is None else array.astype(dtype)
    except (OverflowError, TypeError, ValueError):
        array = np.asarray(None)
    if array.dtype.kind not in "fiub":
        raise call.fail(f"a constant must be numbers; received {value!r:.80}")
    return array.tolist() if dtype is None else array


def attribute_of(call: LayerCall, key: str, value: Any) -> Any:
    """The value of one attribute, out of protobuf's JSON."""
    if not isinstance(value, Mapping) or len(value) != 1 or not _KINDS.issuperset(value):
        raise call.fail(f"the attribute {key} must be one value of a known kind; received {value!r:.80}")
    ((kind, inner),) = value.items()
    if kind == "list":
        if not isinstance(inner, Mapping) or len(inner) > 1:
            raise call.fail(f"the attribute {key} must be a list of one kind; received {inner!r:.80}")
        return [attribute_of(call, key, {part: item}) for part, items in inner.items() for item in items]
    try:
        if kind == "i":
            return int(inner)
        if kind == "f":
            return float(inner)
        if kind == "s":
            return base64.b64decode(inner).decode()
    except (TypeError, ValueError):
        raise call.fail(f"the attribute {key} does not make sense: {value!r:.80}") from None
    return _DTYPES.get(inner, str(inner)) if kind == "type" else inner

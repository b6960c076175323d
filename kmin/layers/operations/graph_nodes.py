"""TensorFlowOpLayer: a node of a TensorFlow graph as a layer (tf.keras 2.1 to 2.3; later without eager execution)."""

from __future__ import annotations

import base64
import difflib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Lowered
from kmin.layers.operations.arguments import apply_row
from kmin.layers.operations.node_table import GRAPH_NODES

# Attributes that say nothing that the inputs do not say: types of tensors, their number, and what serves gradients.
_SILENT = frozenset(
    {"Index", "N", "SrcT", "T", "TI", "Ta", "Targmax", "Taxis", "Tb", "Tdim", "Tidx", "Tindex", "Tindices", "Tk"}
    | {"Tlen", "Tmultiples", "Tpaddings", "Tparams", "Tperm", "Tshape", "Tshift", "Truncate", "U", "dtype", "grad_a"}
    | {"grad_b", "incompatible_shape_error", "index_type", "message", "use_cudnn_on_gpu", "validate_indices"}
)
_DTYPES = {
    "DT_BFLOAT16": "bfloat16",
    "DT_BOOL": "bool",
    "DT_DOUBLE": "float64",
    "DT_FLOAT": "float32",
    "DT_HALF": "float16",
    **{f"DT_{sign}INT{bits}": f"{sign}int{bits}".lower() for sign in ("", "U") for bits in (8, 16, 32, 64)},
}
_KINDS = frozenset({"b", "f", "i", "list", "s", "shape", "type"})


def lower_graph_node(call: LayerCall) -> Lowered:
    """The node's operation over the call's tensors and the constants that its config holds. Source: Keras 2.15."""
    node = call.config.get("node_def")
    if not isinstance(node, Mapping) or not isinstance(node.get("op"), str):
        raise call.fail("node_def must be an object that names its op, as tf.keras 2.1 and later write it")
    name = node["op"]
    row = GRAPH_NODES.get(name)
    if row is None:
        near = difflib.get_close_matches(name[:80], GRAPH_NODES, n=2)
        hint = f"; the nearest supported: {', '.join(near)}" if near else ""
        raise call.fail(f"the TensorFlow op {name!r:.80} is not supported{hint}")
    attributes = node.get("attr", {})
    if not isinstance(attributes, Mapping):
        raise call.fail(f"the attributes of {name} must be an object; received {attributes!r:.60}")
    inputs: list[Any] = list(call.inputs)
    for place, value in _constants(call):
        inputs.insert(place, value)
    named = {key: _decoded(call, key, value) for key, value in attributes.items() if not key.startswith("_")}
    accepted = {part.partition("=")[0].lstrip("*") for part in row[0].split()}
    settings = {key: value for key, value in named.items() if key in accepted or key not in _SILENT}
    return apply_row(replace(call, args=tuple(inputs), kwargs={}), row, settings)


def _constants(call: LayerCall) -> list[tuple[int, Any]]:
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


def _decoded(call: LayerCall, key: str, value: Any) -> Any:
    """The value of one attribute, out of protobuf's JSON."""
    if not isinstance(value, Mapping) or len(value) != 1 or not _KINDS.issuperset(value):
        raise call.fail(f"the attribute {key} must be one value of a known kind; received {value!r:.80}")
    ((kind, inner),) = value.items()
    if kind == "list":
        if not isinstance(inner, Mapping) or len(inner) > 1:
            raise call.fail(f"the attribute {key} must be a list of one kind; received {inner!r:.80}")
        return [_decoded(call, key, {part: item}) for part, items in inner.items() for item in items]
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

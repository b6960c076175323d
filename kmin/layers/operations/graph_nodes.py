"""TensorFlowOpLayer: a node of a TensorFlow graph as a layer (tf.keras 2.1 to 2.3; later without eager execution)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kmin.layers.call import LayerCall, Lowered
from kmin.layers.nearest import nearest
from kmin.layers.operations.arguments import apply_row
from kmin.layers.operations.node_parts import attribute_of, constants_of
from kmin.layers.operations.node_table import GRAPH_NODES
from kmin.layers.operations.reasons import why_node_is_refused

# Attributes that say nothing that the inputs do not say: types of tensors, their number, and what serves gradients.
_SILENT = frozenset(
    {
        "Index",
        "N",
        "SrcT",
        "T",
        "T_threshold",
        "TI",
        "Ta",
        "Targmax",
        "Taxis",
        "Tb",
        "Tdim",
        "Tidx",
        "Tindex",
        "Tindices",
        "Tk",
    }
    | {
        "Tlen",
        "Tmultiples",
        "Tnumsegments",
        "Tpaddings",
        "Tparams",
        "Tperm",
        "Tshape",
        "Tshift",
        "Truncate",
        "U",
        "dtype",
        "grad_a",
    }
    | {"grad_b", "incompatible_shape_error", "index_type", "message", "use_cudnn_on_gpu", "validate_indices"}
)


def lower_graph_node(call: LayerCall) -> Lowered:
    """The node's operation over the call's tensors and the constants that its config holds. Source: Keras 2.15."""
    node = call.config.get("node_def")
    if not isinstance(node, Mapping) or not isinstance(node.get("op"), str):
        raise call.fail("node_def must be an object that names its op, as tf.keras 2.1 and later write it")
    name = node["op"]
    row = GRAPH_NODES.get(name)
    if row is None:
        why = why_node_is_refused(name)
        if why is not None:
            raise call.fail(f"the TensorFlow op {name!r:.80} is not supported: {why}")
        raise call.fail(f"the TensorFlow op {name!r:.80} is not supported{nearest(name[:80], GRAPH_NODES)}")
    attributes = node.get("attr", {})
    if not isinstance(attributes, Mapping):
        raise call.fail(f"the attributes of {name} must be an object; received {attributes!r:.60}")
    inputs: list[Any] = list(call.inputs)
    for place, value in constants_of(call):
        inputs.insert(place, value)
    named = {key: attribute_of(call, key, value) for key, value in attributes.items() if not key.startswith("_")}
    accepted = {part.partition("=")[0].lstrip("*") for part in row[0].split()}
    settings = {key: value for key, value in named.items() if key in accepted or key not in _SILENT}
    return apply_row(replace(call, args=tuple(inputs), kwargs={}), row, settings)

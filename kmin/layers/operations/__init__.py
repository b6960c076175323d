"""Functions as graph nodes: keras.ops of Keras 3, TensorFlow functions of Keras 2. One table each, few ops."""

from __future__ import annotations

from collections.abc import Mapping

from kmin.formats.spec import LayerSpec
from kmin.layers.call import Complex, LayerCall, Lowered, Tensor, tensors
from kmin.layers.nearest import nearest
from kmin.layers.operations.arguments import Row, apply_row
from kmin.layers.operations.complex_functions import COMPLEX_FUNCTIONS, COMPLEX_OPERATIONS
from kmin.layers.operations.graph_nodes import lower_graph_node
from kmin.layers.operations.keras_functions import PLAIN_OPERATIONS
from kmin.layers.operations.keras_making_functions import MAKING_OPERATIONS
from kmin.layers.operations.node_table import GRAPH_NODES
from kmin.layers.operations.ragged_functions import RAGGED_FUNCTIONS, RAGGED_READERS, lower_class_method, lower_method
from kmin.layers.operations.reasons import why_function_is_refused
from kmin.layers.operations.tensorflow_functions import TENSORFLOW_FUNCTIONS
from kmin.layers.operations.text_functions import MOVING, TEXT_FUNCTIONS
from kmin.layers.operations.text_nodes import MOVING_NODES, TEXT_NODES

__all__ = [
    "GRAPH_NODES",
    "KERAS_FUNCTIONS",
    "RAGGED_READERS",
    "TENSORFLOW_FUNCTIONS",
    "judges_texts",
    "lower_class_method",
    "lower_graph_node",
    "lower_method",
    "lower_operation",
    "lower_tensorflow_function",
    "reads_complex",
]

_TEXTS: dict[str, Row] = {**{name: TENSORFLOW_FUNCTIONS[name] for name in MOVING}, **RAGGED_FUNCTIONS, **TEXT_FUNCTIONS}
KERAS_FUNCTIONS: dict[str, Row] = dict(sorted({**PLAIN_OPERATIONS, **MAKING_OPERATIONS}.items()))


def lower_operation(call: LayerCall) -> Lowered:
    """A function of keras.ops: part of its arguments are in the config, part in the call."""
    name = call.class_name.removeprefix("ops.")
    known = COMPLEX_OPERATIONS if any(isinstance(x, Complex) for x in _given(call)) else KERAS_FUNCTIONS
    return apply_row(call, known[name], call.config)


def _given(call: LayerCall) -> list[Tensor]:
    return [*tensors(call.args), *tensors(call.kwargs)]


def lower_tensorflow_function(call: LayerCall) -> Lowered:
    """TFOpLambda and SlicingOpLambda: the function by its exported name, such as `math.multiply`."""
    name = call.config.get("function")
    if not isinstance(name, str):
        raise call.fail(f"function must be the name of a TensorFlow function; received {name!r:.80}")
    row = TENSORFLOW_FUNCTIONS.get(name)
    if any(isinstance(x, Complex) for x in _given(call)):
        row = COMPLEX_FUNCTIONS[name]
    words = name == "where" and isinstance(call.kwargs.get("x"), str)
    if words or (name in _TEXTS and any(x.dtype == "string" for x in _given(call))):
        row = _TEXTS[name]
    if any(x.ragged is not None for x in _given(call)):
        row = RAGGED_READERS[name]
    if row is None:
        why = why_function_is_refused(name)
        if why is not None:
            raise call.fail(f"the function tf.{name:.80} is not supported: {why}")
        raise call.fail(f"the function tf.{name} is not supported{nearest(name, TENSORFLOW_FUNCTIONS)}")
    return apply_row(call, row, {})


def reads_complex(layer: LayerSpec) -> bool:
    """Whether a layer is a function of complex numbers."""
    if layer.class_name.startswith("ops."):
        return layer.class_name.removeprefix("ops.") in COMPLEX_OPERATIONS
    return layer.class_name in ("SlicingOpLambda", "TFOpLambda") and layer.config.get("function") in COMPLEX_FUNCTIONS


def judges_texts(layer: LayerSpec) -> bool:
    """Whether a layer itself says what becomes of texts: a function of texts, or one refused with its own reason."""
    if layer.class_name == "TensorFlowOpLayer":
        node = layer.config.get("node_def")
        name = node.get("op") if isinstance(node, Mapping) else None
        return isinstance(name, str) and (name in TEXT_NODES or name in MOVING_NODES or name not in GRAPH_NODES)
    name = layer.config.get("function")
    known = layer.class_name in ("SlicingOpLambda", "TFOpLambda") and isinstance(name, str)
    return known and (name in _TEXTS or name not in TENSORFLOW_FUNCTIONS)

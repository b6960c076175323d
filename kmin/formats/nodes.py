"""Inbound nodes of a Functional config, old and new style, turned into Calls over TensorRefs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np

from kmin.errors import FormatError
from kmin.formats.spec import Call, TensorRef

KEEPS_LIST = frozenset({"TFOpLambda", "SlicingOpLambda", "ClassMethod", "InstanceMethod", "InstanceProperty"})
_CONSTANT = "_CONSTANT_VALUE"
_NUMBERS = frozenset(
    {"bool", "float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"}
)


def is_ref(value: Any, names: Collection[str]) -> bool:
    """Whether `value` is `[layer, node, tensor]` or `[layer, node, tensor, kwargs]`."""
    return (
        isinstance(value, list)
        and len(value) in (3, 4)
        and isinstance(value[0], str)
        and value[0] in names
        and all(isinstance(index, int) and not isinstance(index, bool) for index in value[1:3])
        and (len(value) == 3 or isinstance(value[3], Mapping))
    )


def read_structure(value: Any, names: Collection[str], what: str) -> Any:
    """`input_layers` or `output_layers`: lists and dicts whose leaves are `[layer, node, tensor]`.

    Raises:
        FormatError: a leaf is something else, or names a layer that is not in the model.
    """
    if is_ref(value, names):
        return TensorRef(value[0], value[1], value[2])
    if isinstance(value, list) and not (value and isinstance(value[0], str)):
        return [read_structure(item, names, what) for item in value]
    if isinstance(value, Mapping):
        return {str(key): read_structure(item, names, what) for key, item in value.items()}
    raise FormatError(f"{what} must name tensors as [layer, node, tensor]; received {_short(value)}")


def read_node(node: Any, class_name: str, names: Collection[str], layer: str) -> Call:
    """One inbound node, list style (Keras 1 and 2) or dict style (Keras 3).

    Raises:
        FormatError: the node is neither.
    """
    if isinstance(node, Mapping) and isinstance(node.get("args"), list) and isinstance(node.get("kwargs"), Mapping):
        args = tuple(_value(item) for item in node["args"])
        return Call(args, {str(key): _value(item) for key, item in node["kwargs"].items()})
    where = f"layer '{layer}': inbound node"
    kwargs: dict[str, Any] = {}

    def leaf(value: Any) -> Any:
        if len(value) == 4 and isinstance(value[3], Mapping):
            kwargs.clear()
            kwargs.update({str(key): _kwarg(item, names) for key, item in value[3].items()})
        return value[2] if value[0] == _CONSTANT else TensorRef(value[0], value[1], value[2])

    arguments = _inputs(node, names, leaf, where)
    if isinstance(arguments, list) and len(arguments) == 1 and class_name not in KEEPS_LIST:
        arguments = arguments[0]
    return Call((arguments,), kwargs)


def _inputs(node: Any, names: Collection[str], leaf: Callable[[Any], Any], where: str) -> Any:
    if isinstance(node, list) and len(node) in (3, 4) and node[0] == _CONSTANT:
        return leaf(node)
    if is_ref(node, names):
        return leaf(node)
    if isinstance(node, list) and not (node and isinstance(node[0], str)):
        return [_inputs(item, names, leaf, where) for item in node]
    if isinstance(node, Mapping):
        return {str(key): _inputs(item, names, leaf, where) for key, item in node.items()}
    raise FormatError(f"{where} must list [layer, node, tensor] of layers in the model; received {_short(node)}")


def _kwarg(value: Any, names: Collection[str]) -> Any:
    """A keyword argument of a list-style node: JSON with `[layer, node, tensor]` among the leaves."""
    if is_ref(value, names):
        return TensorRef(value[0], value[1], value[2])
    if isinstance(value, list):
        return [_kwarg(item, names) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _kwarg(item, names) for key, item in value.items()}
    return value


def _value(value: Any) -> Any:
    """An argument of a dict-style node: serialised Keras tensors become TensorRefs, arrays become arrays."""
    if isinstance(value, list):
        return [_value(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    kind, config = value.get("class_name"), value.get("config")
    if kind == "__keras_tensor__" and isinstance(config, Mapping):
        history = config.get("keras_history")
        if not isinstance(history, list) or len(history) != 3 or not isinstance(history[0], str):
            raise FormatError(f"a keras_history must be [layer, node, tensor]; received {_short(history)}")
        if not all(isinstance(index, int) for index in history[1:]):
            raise FormatError(f"a keras_history must be [layer, node, tensor]; received {_short(history)}")
        return TensorRef(history[0], history[1], history[2])
    if kind in ("__numpy__", "__tensor__") and isinstance(config, Mapping):
        if str(config.get("dtype")) not in _NUMBERS:
            raise FormatError(
                f"a constant argument must have a dtype of numbers; received {_short(config.get('dtype'))}"
            )
        try:
            return np.asarray(config.get("value"), dtype=str(config.get("dtype")))
        except (ArithmeticError, TypeError, ValueError) as error:
            raise FormatError(f"a constant argument cannot be read: {error}") from None
    return {str(key): _value(item) for key, item in value.items()}


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."

"""The arguments of a function call in a graph: bound to parameter names, constants made tensors of the right dtype."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from kmin.formats.spec import Array
from kmin.layers.call import COMPUTE_DTYPES, LayerCall, Lowered, Tensor, dtype_of, round_tensor, tensors
from kmin.ops.binary import BinaryAttrs
from kmin.ops.cast import CastAttrs
from kmin.ops.promote import promote_dtypes
from kmin.ops.reshape import ReshapeAttrs
from kmin.ops.unary import UnaryAttrs

# One function: its parameters as in Python's def ("x axis=None"), positional ones first, and what they are handed to.
Lowering = Callable[..., Lowered]
Row = tuple[str, Lowering]
_REQUIRED = object()
_NAMES = frozenset({"name", "trainable", "dtype", "function"})


@functools.cache
def _parameters(text: str) -> tuple[tuple[str, Any], ...]:
    pairs = [item.partition("=") for item in text.split()]
    return tuple((name, ast.literal_eval(default) if default else _REQUIRED) for name, _, default in pairs)


def apply_row(call: LayerCall, row: Row, settings: Mapping[str, Any]) -> Lowered:
    """The row's function over the call's arguments; `settings` are arguments that the config holds.

    Raises:
        UnsupportedError: an argument is missing, or none of the parameters.
    """
    text, function = row
    parameters = _parameters(text)
    given = [_bare(value) for value in call.args]
    if parameters and parameters[0][0].startswith("*"):
        given = [given]
    names = [name.removeprefix("*") for name, _ in parameters]
    if len(given) > len(names):
        raise call.fail(f"takes {len(names)} arguments; received {len(given)}")
    values = dict(zip(names, given, strict=False))
    for key, value in {**settings, **call.kwargs}.items():
        if key in names:
            values[key] = _bare(value)
        elif value is not None and key not in _NAMES:
            raise call.fail(f"the argument {key}={value!r:.60} is not supported")
    arguments = []
    for name, (_, default) in zip(names, parameters, strict=True):
        value = values.get(name, default)
        if value is _REQUIRED:
            raise call.fail(f"needs the argument '{name}', which the file does not hold")
        arguments.append(value)
    return as_rounded(call, function(call, *arguments), dict(zip(names, arguments, strict=True)))


def as_rounded(call: LayerCall, result: Lowered, given: Mapping[str, Any]) -> Lowered:
    """The result with its floats rounded to bfloat16 where that is their dtype: asked for, or that of all operands."""
    rounded = call.builder.rounded
    dtype = given.get("dtype", given.get("out_type"))
    if dtype is None:
        floats = [x.name in rounded for x in tensors(list(given.values())) if is_float(x.dtype)]
        arrays = [value for value in given.values() if isinstance(value, np.ndarray) and value.dtype.kind == "f"]
        if not floats or not all(floats) or arrays:
            return result
    elif "bfloat16" not in str(dtype):
        if isinstance(result, Tensor) and result.name in rounded:
            return call.add("cast", (result,), CastAttrs(result.dtype))
        return result
    return _rounded(call, result)


def _rounded(call: LayerCall, value: Lowered) -> Lowered:
    if isinstance(value, Tensor):
        return Tensor(name := round_tensor(call.builder, value.name, call.path), call.builder.specs[name])
    return [_rounded(call, item) for item in value]


def _bare(value: Any) -> Any:
    """The value, its tensors without masks: functions neither read nor pass any (Keras 2.15 and 3.15)."""
    if isinstance(value, Tensor):
        return value.masked(None)
    if isinstance(value, (list, tuple)):
        return type(value)(_bare(item) for item in value)
    if isinstance(value, Mapping):
        return {key: _bare(item) for key, item in value.items()}
    return value


def is_number(value: Any) -> bool:
    """Whether a value is a Python number (bool included)."""
    return isinstance(value, (bool, int, float))


def is_float(dtype: str) -> bool:
    """Whether a dtype name means floats."""
    return dtype.startswith("float")


def array_of(call: LayerCall, value: Any, dtype: str | None = None) -> Array:
    """A constant argument as an array: as stored, Python floats as float32 and integers as int32."""
    try:
        array = np.asarray(value)
        if not isinstance(value, np.ndarray):
            array = array.astype({"f": "float32", "i": "int32"}.get(array.dtype.kind, array.dtype))
        if array.dtype.kind not in "fiub":
            raise TypeError
        return array if dtype is None else np.asarray(value).astype(dtype)
    except (TypeError, ValueError, OverflowError):
        raise call.fail(f"needs tensors or numbers; received {value!r:.80}") from None


def tensor_of(call: LayerCall, value: Any, dtype: str | None = None) -> Tensor:
    """A tensor, or a constant of a dtype that the value itself or `dtype` tells."""
    return value if isinstance(value, Tensor) else call.constant("value", array_of(call, value, dtype))


def operands(call: LayerCall, values: Sequence[Any]) -> list[Tensor]:
    """Tensors and constants that meet in one operation; constants take the dtype that Keras gives them.

    Keras 3 (backend/common/dtypes.py, 3.15): a Python number is weak, it only turns integers into float32; arrays keep
    their dtype. TensorFlow: a constant takes the tensor's dtype.
    """
    known = [value for value in values if isinstance(value, Tensor)]
    if not known:
        raise call.fail("needs a tensor among its arguments")
    if call.dialect < 3:
        dtype = known[0].dtype
        for value in values:
            if not isinstance(value, Tensor) and not is_float(dtype) and array_of(call, value).dtype.kind == "f":
                raise call.fail(f"a constant must fit {dtype}; received {value!r:.60}")
        return [tensor_of(call, value, dtype) for value in values]
    strong = [v.dtype if isinstance(v, Tensor) else array_of(call, v).dtype.name for v in values if not is_number(v)]
    dtype = promote_dtypes(strong)
    if any(isinstance(v, float) for v in values) and not is_float(dtype):
        dtype = "float32"
    if dtype == "bool" and any(isinstance(v, int) and not isinstance(v, bool) for v in values):
        dtype = "int32"
    return [tensor_of(call, v, dtype if is_number(v) else None) for v in values]


def cast(call: LayerCall, x: Tensor, dtype: str) -> Tensor:
    """`x` in another dtype."""
    return x if x.dtype == dtype else call.add("cast", (x,), CastAttrs(dtype))


def floating(call: LayerCall, x: Tensor) -> Tensor:
    """`x` as floats: Keras 3 makes float32 of integers, TensorFlow refuses them."""
    return x if is_float(x.dtype) else cast(call, x, "float32")


def binary(call: LayerCall, a: Any, b: Any, kind: str) -> Tensor:
    """One binary op over two operands."""
    return call.add("binary", operands(call, (a, b)), BinaryAttrs(kind))


def unary(call: LayerCall, x: Tensor, kind: str) -> Tensor:
    """One unary op."""
    return call.add("unary", (x,), UnaryAttrs(kind))


def one_tensor(call: LayerCall, value: Any) -> Tensor:
    """The value, which must be a tensor or numbers."""
    return tensor_of(call, value)


def tensor_list(call: LayerCall, values: Any) -> list[Tensor]:
    """A list of tensors and constants, as operands."""
    if isinstance(values, Tensor):
        return [values]
    if not isinstance(values, (list, tuple)) or not values:
        raise call.fail(f"needs a list of tensors; received {values!r:.80}")
    return operands(call, values)


def integer(call: LayerCall, value: Any, what: str) -> int:
    """An integer argument."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, int):
        raise call.fail(f"{what} must be an integer; received {value!r:.80}")
    return value


def integers(call: LayerCall, value: Any, what: str) -> tuple[int, ...]:
    """An integer or a list of them."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    return tuple(integer(call, item, what) for item in (value if isinstance(value, (list, tuple)) else (value,)))


def axis_of(call: LayerCall, axis: Any, rank: int) -> int:
    """One axis, counted from the front."""
    if isinstance(axis, (list, tuple)) and len(axis) == 1:
        axis = axis[0]
    found = integer(call, axis, "axis")
    if not -rank <= found < rank:
        raise call.fail(f"axis must be within {rank} axes; received {axis!r}")
    return found % rank


def axes_of(call: LayerCall, axis: Any, rank: int) -> tuple[int, ...]:
    """Axes counted from the front, sorted; None means all."""
    if axis is None:
        return tuple(range(rank))
    return tuple(sorted({axis_of(call, item, rank) for item in integers(call, axis, "axis")}))


def dtype_named(call: LayerCall, value: Any, default: str) -> str:
    """A dtype argument; TensorFlow's may be written as numbers or `tf.float32`."""
    if value is None:
        return default
    name = dtype_of(value) if isinstance(value, (str, Mapping)) else str(value)
    name = name.removeprefix("tf.")
    name = "float32" if name == "bfloat16" else name  # see `as_rounded`
    if name not in COMPUTE_DTYPES:
        raise call.fail(f"dtype must be one of {', '.join(sorted(COMPUTE_DTYPES))}; received {value!r}")
    return name


def flattened(call: LayerCall, x: Tensor) -> Tensor:
    """All values in one axis."""
    if x.rank == 1:
        return x
    call.mix_samples(x, range(x.rank))
    return call.add("reshape", (x,), ReshapeAttrs((-1,)))

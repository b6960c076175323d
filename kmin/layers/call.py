"""LayerCall: what a lowering function is given, and Tensor, what it takes and returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kmin.errors import UnsupportedError
from kmin.formats.policy import policy_of
from kmin.formats.spec import Array, LayerSpec
from kmin.graph.builder import GraphBuilder
from kmin.ops.binary import BinaryAttrs
from kmin.ops.round_to import RoundToAttrs, round_to_bfloat16
from kmin.ops.tensor import Shape, TensorSpec


@dataclass(frozen=True)
class Tensor:
    """A symbolic tensor while lowering.

    Attributes:
        name: tensor name in the graph.
        spec: its shape and dtype.
        mask: the Keras mask that travels with it (bool, shape = leading axes), or None.
        ragged: which steps its rows really have (bool [N, T]), or None when it is no ragged tensor.
    """

    name: str
    spec: TensorSpec
    mask: Tensor | None = None
    ragged: Tensor | None = None

    @property
    def shape(self) -> Shape:
        return self.spec.shape

    @property
    def rank(self) -> int:
        return len(self.spec.shape)

    @property
    def dtype(self) -> str:
        return self.spec.dtype

    def masked(self, mask: Tensor | None) -> Tensor:
        """The same tensor carrying `mask`."""
        return replace(self, mask=mask)


@dataclass(frozen=True)
class Withheld(Tensor):
    """An output that must not be read, and why; name and spec are another output's."""

    reason: str = ""


@dataclass(frozen=True)
class Complex(Tensor):
    """Complex numbers: name and spec are those of their real part; only few functions read them."""

    imaginary: Tensor | None = None


# What a lowering function returns: one Tensor or a list/tuple/dict of them.
Lowered = Any
Lower = Callable[["LayerCall"], Lowered]
LowerLayer = Callable[[GraphBuilder, LayerSpec, str, tuple[Any, ...], Mapping[str, Any], int], Lowered]


@dataclass(frozen=True)
class LayerCall:
    """One application of one layer.

    Attributes:
        builder: the graph being built.
        layer: the layer's spec (config, weights, children).
        path: unique path for names and messages, such as `encoder/dense_1`.
        args: the call's positional arguments with TensorRefs replaced by Tensors.
        kwargs: same for keyword arguments.
        dialect: 1, 2 or 3: whose meaning the config has.
        lower_layer: lowers another layer in place (for wrappers); see `sub`.
    """

    builder: GraphBuilder
    layer: LayerSpec
    path: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    dialect: int
    lower_layer: LowerLayer

    @property
    def config(self) -> Mapping[str, Any]:
        return self.layer.config

    @property
    def class_name(self) -> str:
        return self.layer.class_name

    @property
    def is_operation(self) -> bool:
        """Whether the file means a function of keras.ops, not the layer of the same name."""
        return self.class_name.startswith("ops.")

    @property
    def inputs(self) -> list[Tensor]:
        """The tensors of the first argument, flat (constants among them are not tensors: see args)."""
        return tensors(self.args[0]) if self.args else []

    @property
    def input(self) -> Tensor:
        """The one tensor the layer is applied to; the layer is refused when there are others."""
        found = self.inputs
        if len(found) != 1:
            raise self.fail(f"takes one input; received {len(found)}")
        return found[0]

    def fail(self, reason: str) -> UnsupportedError:
        """The error that says where and what: raise it."""
        return UnsupportedError(f"layer '{self.path}' ({self.class_name}): {reason}")

    def option(self, key: str, choices: Sequence[Any], default: Any) -> Any:
        """The config value under `key`, refused when it is none of `choices`."""
        value = self.config.get(key, default)
        if value not in choices:
            wanted = ", ".join(repr(choice) for choice in choices)
            raise self.fail(f"{key} must be one of {wanted}; received {value!r}")
        return value

    def numbers(self, key: str, count: int, default: Any = None) -> tuple[int, ...]:
        """The config value under `key` as `count` integers; a single number is repeated."""
        value = self.config.get(key)
        if value is None:
            value = default
        if isinstance(value, int) and not isinstance(value, bool):
            value = (value,) * count
        if not isinstance(value, (list, tuple)) or len(value) != count or not all(isinstance(v, int) for v in value):
            raise self.fail(f"{key} must be {count} integers; received {value!r}")
        return tuple(value)

    @property
    def compute_dtype(self) -> str:
        """The dtype the layer computes in, from its dtype or dtype policy: float32 for bfloat16 (see `rounds`)."""
        dtype = policy_of(self.config).compute
        return "float32" if dtype == "bfloat16" else dtype

    @property
    def rounds(self) -> bool:
        """Whether everything that the layer computes is rounded to bfloat16, which NumPy does not have."""
        return not self.is_operation and policy_of(self.config).compute == "bfloat16"

    def weight(self, name: str, shape: Sequence[int] | None = None, cast: bool = True) -> Tensor:
        """The layer's weight as a constant, shared by all calls of the layer: in the compute dtype, or as stored.

        Raises:
            UnsupportedError: the file has no such weight, or (when `shape` is given) another shape.
        """
        array = self.layer.weights.get(name)
        if self.builder.asked is not None and shape is not None and -1 not in shape:
            array = self._asked(name, tuple(shape), array)
        if array is None:
            have = ", ".join(self.layer.weights) if self.layer.weights else "none"
            raise self.fail(f"needs the weight '{name}'; the file has {have}")
        if shape is not None and tuple(array.shape) != tuple(shape):
            raise self.fail(f"weight '{name}' must have shape {tuple(shape)}; received {tuple(array.shape)}")
        key = f"{self.path}.{name}"
        if key not in self.builder.constants:
            if cast and np.issubdtype(array.dtype, np.floating) and array.dtype != self.compute_dtype:
                array = array.astype(self.compute_dtype)
            if cast and self.rounds and array.dtype.kind == "f":
                array = round_to_bfloat16(array)
            self.builder.constants[key] = array
            self.builder.specs[key] = TensorSpec(tuple(array.shape), array.dtype.name)
        return Tensor(key, self.builder.specs[key])

    def _asked(self, name: str, shape: tuple[int, ...], array: Array | None) -> Array:
        """Notes the shape asked for; returns a stand-in when the layer has no weight of that shape."""
        assert self.builder.asked is not None
        held = None if array is None else tuple(array.shape)
        self.builder.asked.setdefault(self.path, {})[name] = (shape, held)
        return array if array is not None and held == shape else np.broadcast_to(np.zeros((), "float32"), shape)

    def made(self, name: str, array: Array) -> Tensor:
        """A constant made of the layer's weights, shared by all calls of the layer."""
        key = f"{self.path}.{name}"
        if key in self.builder.constants:
            return Tensor(key, self.builder.specs[key])
        return self.constant(name, round_to_bfloat16(array) if self.rounds and array.dtype.kind == "f" else array)

    def constant(self, name: str, array: Array) -> Tensor:
        """A constant that is not a weight of the layer."""
        tensor = self.builder.constant(f"{self.path}.{name}", array)
        return Tensor(tensor, self.builder.specs[tensor])

    def mix_samples(self, x: Tensor, axes: Sequence[int]) -> None:
        """Notes, when one of the axes is the batch, that results depend on what is predicted together."""
        if 0 in axes and x.rank and x.shape[0] is None:
            self.builder.mixes_samples = True

    def add(self, op: str, inputs: Sequence[Tensor | None], attrs: Any) -> Tensor:
        """A node with one output."""
        (result,) = self.add_all(op, inputs, attrs)
        return result

    def binary(self, left: Tensor, right: Tensor, kind: str) -> Tensor:
        """Arithmetic or comparison of two tensors, broadcasting."""
        return self.add("binary", (left, right), BinaryAttrs(kind))

    def add_all(self, op: str, inputs: Sequence[Tensor | None], attrs: Any) -> tuple[Tensor, ...]:
        """A node with any number of outputs."""
        names = [None if tensor is None else tensor.name for tensor in inputs]
        outputs = self.builder.add(op, names, attrs, self.path)
        if self.rounds and op not in NEVER_ROUNDED:
            outputs = tuple(round_tensor(self.builder, name, self.path) for name in outputs)
        elif self.rounds and all(name in self.builder.rounded for name in names if name is not None):
            self.builder.rounded.update(outputs)
        return tuple(Tensor(name, self.builder.specs[name]) for name in outputs)

    def sub(self, layer: LayerSpec, args: tuple[Any, ...], kwargs: Mapping[str, Any] | None = None) -> Lowered:
        """Lowers a wrapped layer at `<path>/<its name>` applied to `args`."""
        path = f"{self.path}/{layer.name}"
        return self.lower_layer(self.builder, layer, path, args, kwargs if kwargs is not None else {}, self.dialect)


def tensors(structure: Any) -> list[Tensor]:
    """The Tensors in nested lists, tuples and dicts, in order; other leaves are passed over.

    Raises:
        UnsupportedError: one of them is withheld.
    """
    if isinstance(structure, Withheld):
        raise UnsupportedError(structure.reason)
    if isinstance(structure, Tensor):
        return [structure]
    if isinstance(structure, (list, tuple)):
        return [tensor for item in structure for tensor in tensors(item)]
    if isinstance(structure, Mapping):
        return [tensor for item in structure.values() for tensor in tensors(item)]
    return []


# What an array can be here; bfloat16 is float32 whose values are rounded after every operation.
COMPUTE_DTYPES = frozenset(
    {"bool", "float16", "float32", "float64", "int16", "int32", "int64", "int8", "uint16", "uint32", "uint64", "uint8"}
)
# Ops whose results need no rounding when their inputs are rounded, beside those that compute in float32 anyway.
NEVER_ROUNDED = frozenset(
    {"cast", "concat", "crop", "gather", "pad", "repeat", "reshape", "round_to", "slice", "transpose"}
)


def round_tensor(builder: GraphBuilder, name: str, path: str) -> str:
    """The tensor rounded to bfloat16, if it holds floats that are not."""
    if name in builder.rounded or not builder.specs[name].dtype.startswith("float"):
        return name
    (rounded,) = builder.add("round_to", [name], RoundToAttrs("bfloat16"), path)
    builder.rounded.add(rounded)
    return rounded


def dtype_of(policy: Any) -> str:
    """Compute dtype of a Keras dtype, policy name or serialised policy; float32 when absent.

    A policy that kmin does not know comes back as its name, which is none of COMPUTE_DTYPES.
    """
    return policy_of({"dtype": policy}).compute

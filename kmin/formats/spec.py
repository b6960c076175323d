"""ModelSpec: what a model file says, as plain values. Names, configs and arrays, no meaning yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class TensorRef:
    """One tensor of a model: output `tensor` of call number `node` of layer `layer`.

    `node` indexes `LayerSpec.calls` of the named layer in the same model; the readers have already
    removed the off-by-one numbering that Keras uses for nested models.
    """

    layer: str
    node: int = 0
    tensor: int = 0


@dataclass(frozen=True)
class Call:
    """One application of a layer.

    Attributes:
        args: positional arguments. Leaves are `TensorRef` or plain JSON values, nested in lists,
            tuples and dicts. The tensors that the layer is applied to are in `args[0]`.
        kwargs: keyword arguments, same leaves (`mask`, `initial_state`, ...).
    """

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LayerSpec:
    """One layer as the file describes it.

    Attributes:
        name: the layer's name, unique inside its model.
        class_name: bare Keras class name in the spelling of Keras 2/3, such as `Conv2D`.
        config: the layer's own JSON config, unmodified apart from dialect clean-up.
        weights: canonical Keras variable name (`kernel`, `recurrent_kernel`, `moving_mean`, ...) to array;
            for a class that kmin does not know, the names found in the file or `"0"`, `"1"`, ...
        calls: the layer's applications, in node order.
        module: Python module the file names for the class (shown, never imported).
        registered_name: the `package>name` of a custom class, or None.
        model: the nested model when this layer is one (`Sequential`, `Functional`).
        children: wrapped layers by config key: `layer` for TimeDistributed, `forward_layer` and
            `backward_layer` for Bidirectional, `cell` for RNN, ...
        missing: why the layer's weights were left out (a weights file that does not fit); None when they were not.
    """

    name: str
    class_name: str
    config: Mapping[str, Any]
    weights: Mapping[str, Array] = field(default_factory=dict)
    calls: tuple[Call, ...] = ()
    module: str | None = None
    registered_name: str | None = None
    model: ModelSpec | None = None
    children: Mapping[str, LayerSpec] = field(default_factory=dict)
    missing: str | None = None

    def walk(self) -> Iterator[LayerSpec]:
        """This layer, then every layer inside it (nested models and wrapped layers)."""
        yield self
        for child in self.children.values():
            yield from child.walk()
        if self.model is not None:
            for layer in self.model.layers:
                yield from layer.walk()

    def own_parameters(self) -> int:
        """Number of scalars in the layer's own weights, children not included."""
        return sum(int(np.size(array)) for array in self.weights.values())

    def parameters(self) -> int:
        """Number of scalars in the weights of this layer and everything inside it."""
        return sum(layer.own_parameters() for layer in self.walk())


@dataclass(frozen=True)
class LayerWeights:
    """What became of one layer's weights when a weights file was matched with a model.

    Attributes:
        layer: the layer's path; of a layer in the file when the model has no place for it.
        class_name: the layer's class; empty when the model has no such layer.
        outcome: `loaded`, `skipped` (the layer has no weights and cannot run), `initial` (skipped, too, but Keras
            starts such a layer with fixed values, and it has those) or `unused` (in the file, but not in the model).
        reason: why it is not `loaded`; empty when it is.
    """

    layer: str
    class_name: str
    outcome: str
    reason: str = ""


@dataclass(frozen=True)
class FileFacts:
    """What the container says about itself.

    Attributes:
        container: `h5`, `keras` (zip archive), `folder` (an archive unpacked), `json` (architecture) or `bundle`.
        dialect: 1, 2 or 3, the Keras generation whose meaning applies.
        keras_version: as written in the file, or None.
        backend: as written in the file, or None.
        size: bytes on disk.
        optimizer_size: bytes of optimizer state in the file.
        training_config: whether a compile/optimizer configuration is stored.
        weights: layout of a separate weights file: `h5` (legacy), `weights.h5`, `weights.json` (sharded) or `keras`;
            None when the model's own weights are used.
    """

    container: str
    dialect: int
    keras_version: str | None = None
    backend: str | None = None
    size: int = 0
    optimizer_size: int = 0
    training_config: bool = False
    weights: str | None = None


@dataclass(frozen=True)
class ModelSpec:
    """A whole model, or a nested one.

    Attributes:
        name: the model's name.
        class_name: `Sequential`, `Functional`, or what the file says for anything else.
        layers: every layer in file order; a Sequential is spelled out as a chain of calls
            starting at an InputLayer, so that readers of the spec meet one form only.
        inputs: `TensorRef` leaves in the file's structure: one, a list or a dict of them.
        outputs: same for the outputs.
        dialect: 1, 2 or 3.
        file: the container's facts; None for a nested model.
        loading: what became of each layer's weights.
    """

    name: str
    class_name: str
    layers: tuple[LayerSpec, ...]
    inputs: Any
    outputs: Any
    dialect: int
    file: FileFacts | None = None
    loading: tuple[LayerWeights, ...] = ()

    def walk(self) -> Iterator[LayerSpec]:
        """Every layer of the model, nested ones included, outermost first."""
        for layer in self.layers:
            yield from layer.walk()

    def parameters(self) -> int:
        """Number of scalars in all weights."""
        return sum(layer.own_parameters() for layer in self.walk())


def leaves(structure: Any) -> list[Any]:
    """The leaves of nested lists, tuples and dicts, in order (dicts in their own order)."""
    if isinstance(structure, (list, tuple)):
        return [leaf for item in structure for leaf in leaves(item)]
    if isinstance(structure, Mapping):
        return [leaf for item in structure.values() for leaf in leaves(item)]
    return [structure]

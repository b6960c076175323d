"""Slots: every variable of a layer and of the layers inside it, in the order of the legacy .h5 format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from kmin.formats.spec import Array, LayerSpec, ModelSpec
from kmin.formats.variables import own_variables

# Where a layer sits: `/name` steps into a nested model, `.key` into a wrapped layer.
Path = tuple[str, ...]


class Slot(NamedTuple):
    """A place for one variable.

    Attributes:
        path: the owning layer, seen from the layer asked about.
        layer: the owner's name.
        name: canonical variable name; empty when the owner's class is not known.
    """

    path: Path
    layer: str
    name: str


class Slots(NamedTuple):
    """Trainable slots and the others; the file has the first, then the second."""

    trainable: list[Slot]
    frozen: list[Slot]


def is_known(layer: LayerSpec) -> bool:
    """Whether the variables of the layer and of everything inside it are known by class."""
    return all(own_variables(item) is not None for item in layer.walk())


def legacy_order(layer: LayerSpec, dialect: int, flags: bool = True) -> list[Slot]:
    """`trainable_weights + non_trainable_weights` of the layer.

    Args:
        layer: every class in it is known.
        dialect: Keras 2 nests the rule (a frozen model lists its sub-layers' trainable weights first); Keras 3 sorts
            one flat list by flag. Sources: keras 2.15 base_layer.py and training.py, keras 3.15 layer.py.
        flags: whether `trainable: false` in the configs counts.
    """
    slots = _split(layer, (), dialect, flags, True)
    if dialect >= 3 and flags and not _flag(layer):
        return _flat(layer, ())
    return slots.trainable + slots.frozen


def _flag(layer: LayerSpec) -> bool:
    return layer.config.get("trainable") is not False


def _inside(layer: LayerSpec) -> list[tuple[str, LayerSpec]]:
    if layer.model is not None:
        return [(f"/{item.name}", item) for item in layer.model.layers]
    return [(f".{key}", child) for key, child in layer.children.items()]


def _own(layer: LayerSpec, path: Path) -> Slots:
    rows = own_variables(layer)
    rows = rows if rows is not None else ()
    return Slots(
        [Slot(path, layer.name, row.name) for row in rows if row.trainable],
        [Slot(path, layer.name, row.name) for row in rows if not row.trainable],
    )


def _split(layer: LayerSpec, path: Path, dialect: int, flags: bool, outer: bool) -> Slots:
    own = _own(layer, path)
    trainable, frozen = list(own.trainable), list(own.frozen)
    is_on = _flag(layer) or not flags
    if dialect >= 3:
        if not is_on:
            return Slots([], _flat(layer, path))
        for step, item in _inside(layer):
            inner = _split(item, (*path, step), dialect, flags, False)
            trainable += inner.trainable
            frozen += inner.frozen
        return Slots(trainable, frozen)
    children = [_split(item, (*path, step), dialect, flags, False) for step, item in _inside(layer)]
    inner_trainable = [slot for child in children for slot in child.trainable]
    inner_frozen = [slot for child in children for slot in child.frozen]
    if is_on:
        return Slots(trainable + inner_trainable, frozen + inner_frozen)
    if layer.model is not None:
        return Slots([], inner_trainable + inner_frozen)
    return Slots([], trainable + frozen + [slot for child in children for slot in child.trainable + child.frozen])


def _flat(layer: LayerSpec, path: Path) -> list[Slot]:
    """Keras 3 `weights`: the layer's own, then those of its sub-layers."""
    own = _own(layer, path)
    slots = own.trainable + own.frozen
    for step, item in _inside(layer):
        slots += _flat(item, (*path, step))
    return slots


def with_weights(layer: LayerSpec, weights: Mapping[Path, Mapping[str, Array]], path: Path = ()) -> LayerSpec:
    """The layer with the arrays put where `weights` says."""
    model = layer.model
    if model is not None:
        model = replace(
            model, layers=tuple(with_weights(item, weights, (*path, f"/{item.name}")) for item in model.layers)
        )
    children = {key: with_weights(child, weights, (*path, f".{key}")) for key, child in layer.children.items()}
    return replace(layer, weights=dict(weights.get(path, {})), model=model, children=children)


def model_with_weights(model: ModelSpec, weights: Mapping[Path, Mapping[str, Array]]) -> ModelSpec:
    """Same for a whole model; paths start with `/name` of its layers."""
    return replace(model, layers=tuple(with_weights(layer, weights, (f"/{layer.name}",)) for layer in model.layers))

"""sample_places: the values of a tensor at places between its own."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec

SAMPLE_MODES = ("constant", "mirror", "nearest", "reflect", "wrap")


@dataclass(frozen=True)
class SamplePlacesAttrs:
    """linear: between neighbours, or else the nearest value; mode: what lies outside; value: of `constant`."""

    linear: bool
    mode: str = "constant"
    value: float = 0.0


def infer_sample_places(specs: Specs, attrs: SamplePlacesAttrs) -> tuple[TensorSpec, ...]:
    x, places = specs
    if attrs.mode not in SAMPLE_MODES:
        raise InputError(f"sample_places needs a mode of {', '.join(SAMPLE_MODES)}; received {attrs.mode}")
    if places.rank < 2 or places.shape[0] != x.rank or not places.dtype.startswith(("float", "int")):
        raise InputError(f"sample_places needs a place on each of the {x.rank} axes of {x}; received {places}")
    return (TensorSpec(places.shape[1:], x.dtype),)


def run_sample_places(arrays: Arrays, attrs: SamplePlacesAttrs) -> tuple[Array, ...]:
    """x [n1, n2, ...], places [rank of x, ...] -> a value per place.

    Source: map_coordinates in backend/tensorflow/image.py, Keras 3.15.
    """
    x, places = arrays
    if not x.size:
        raise InputError(f"sample_places needs a tensor with values; received shape {x.shape}")
    nodes = [_sample_nodes(place, size, attrs) for place, size in zip(places, x.shape, strict=True)]
    total: Array | None = None
    for corner in np.ndindex(*map(len, nodes)):
        index, inside, weights = zip(*(axis[side] for axis, side in zip(nodes, corner, strict=True)), strict=True)
        found = x[index].astype(weights[0].dtype)
        if attrs.mode == "constant":
            found = np.where(np.logical_and.reduce(inside), found, found.dtype.type(attrs.value))
        part = math.prod(weights[1:], start=weights[0]) * found
        total = part if total is None else total + part
    assert total is not None
    return (np.asarray(np.round(total) if x.dtype.kind in "iu" else total).astype(x.dtype),)


def _sample_nodes(place: Array, size: int, attrs: SamplePlacesAttrs) -> list[tuple[Array, Array, Array]]:
    """(index, whether it is inside, weight) of each neighbour along one axis."""
    if not attrs.linear:
        near = np.round(place)
        return [(*_sample_index(near.astype(np.int32), size, attrs.mode), np.ones_like(near))]
    lower = np.floor(place)
    upper = place - lower
    index = lower.astype(np.int32)
    return [
        (*_sample_index(index, size, attrs.mode), (1 - upper).astype(place.dtype)),
        (*_sample_index(index + 1, size, attrs.mode), upper),
    ]


def _sample_index(index: Array, size: int, mode: str) -> tuple[Array, Array]:
    everywhere = np.ones(index.shape, bool)
    if mode == "constant":
        return np.clip(index, 0, size - 1), (index >= 0) & (index < size)
    if mode == "nearest":
        return np.clip(index, 0, size - 1), everywhere
    if mode == "wrap":
        return index % size, everywhere
    turn = np.abs(index) % (2 * size)
    back = 2 * size - turn - (1 if mode == "reflect" else 0)
    found = np.where(turn < size, turn, back)
    if (found >= size).any():
        raise InputError(f"mode {mode} meets index {int(found.max())} of {size} values, as Keras 3.15 counts")
    return found, everywhere


OP = Op(SamplePlacesAttrs, infer_sample_places, run_sample_places)

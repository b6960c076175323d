"""Random inputs that suit a model: seeded, in pieces, whole numbers inside the vocabulary where it looks things up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError, KminError
from kmin.graph.ir import Graph
from kmin.model import Model
from kmin.ops.tensor import Array

# Ops behind which an index is still an index.
CARRIERS = frozenset({"activation", "cast", "concat", "pad", "reshape", "slice", "transpose"})
FREE_SIZES = (32, 16, 64, 128, 224, 299)  # tried in this order for axes of any size
INTEGERS = 10  # plain integer inputs take 0 ... 9


@dataclass(frozen=True)
class Recipe:
    """How to draw one input.

    Attributes:
        name: the input's name.
        shape: shape of one sample.
        dtype: NumPy dtype name.
        limit: whole numbers 0 ... limit - 1; None for normally distributed numbers.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    limit: int | None

    def draw(self, random: np.random.Generator, rows: int) -> Array:
        """The next `rows` samples; the same stream whatever the size of the pieces."""
        shape = (rows, *self.shape)
        if self.limit is not None:
            # One 64-bit draw per number, so that the stream does not depend on how it is cut.
            return (random.random(shape) * self.limit).astype(np.int64).astype(self.dtype)
        return random.standard_normal(shape).astype(self.dtype)


def recipes_of(model: Model) -> list[Recipe]:
    """A recipe per input; axes of any size get the first size in FREE_SIZES that the model accepts.

    Raises:
        InputError: it accepts none of them.
    """
    limits = lookup_limits(model.graph)
    free = any(size is None for info in model.inputs for size in info.shape[1:])
    reason: KminError | None = None
    for size in FREE_SIZES:
        recipes = [
            Recipe(info.name, tuple(size if axis is None else axis for axis in info.shape[1:]), info.dtype, limit)
            for info, limit in zip(model.inputs, limits, strict=True)
        ]
        if not free:
            return recipes
        try:
            model([recipe.draw(np.random.default_rng(0), 1) for recipe in recipes])
        except (KminError, ValueError, IndexError, ZeroDivisionError) as error:
            reason = reason if isinstance(reason, KminError) else InputError(str(error))
            continue
        return recipes
    raise InputError(f"found no input size that suits the model; give real inputs instead ({reason})")


def draw_chunks(recipes: list[Recipe], samples: int, rows: int, seed: int) -> Iterator[list[Array]]:
    """`samples` samples in pieces of at most `rows` rows: one array per recipe."""
    streams = [np.random.default_rng([seed, position]) for position in range(len(recipes))]
    for at in range(0, samples, rows):
        count = min(rows, samples - at)
        yield [recipe.draw(stream, count) for recipe, stream in zip(recipes, streams, strict=True)]


def lookup_limits(graph: Graph) -> list[int | None]:
    """For each input, the bound of the whole numbers it must hold; None where any number will do."""
    limits: list[int | None] = []
    for tensor in graph.inputs:
        found = _table_sizes(graph, tensor)
        kind = np.dtype(graph.specs[tensor].dtype).kind
        if found:
            limits.append(min(found))
        else:
            limits.append(2 if kind == "b" else INTEGERS if kind in "iu" else None)
    return limits


def _table_sizes(graph: Graph, tensor: str) -> list[int]:
    """Rows of every table in which the values of `tensor` are looked up."""
    reached, sizes = {tensor}, []
    for node in graph.nodes:
        if not reached.intersection(name for name in node.inputs if name is not None):
            continue
        if node.op in CARRIERS:
            reached.update(node.outputs)
        elif node.op in ("gather", "one_hot"):
            sizes += [size for size in [_table_size(graph, node.inputs, node.attrs)] if size is not None]
    return sizes


def _table_size(graph: Graph, inputs: tuple[str | None, ...], attrs: object) -> int | None:
    for name in inputs:
        if name is not None and name in graph.constants and graph.constants[name].ndim == 2:
            return int(graph.constants[name].shape[0])
    return getattr(attrs, "num_classes", None)

"""Random inputs that suit a model: seeded, in pieces, whole numbers inside the vocabulary where it looks things up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from kmin.errors import InputError, KminError
from kmin.graph.ir import Graph
from kmin.model import Model
from kmin.ops.tensor import Array, array_dtype

# Ops behind which an index is still an index.
CARRIERS = frozenset({"activation", "cast", "concat", "pad", "reshape", "slice", "transpose"})
FREE_SIZES = (32, 16, 64, 128, 224, 299)  # tried in this order for axes of any size
MOST_WORDS = 200  # of a vocabulary that strings are drawn from
INTEGERS = 10  # plain integer inputs take 0 ... 9


@dataclass(frozen=True)
class Recipe:
    """How to draw one input.

    Attributes:
        name: the input's name.
        shape: shape of one sample.
        dtype: NumPy dtype name.
        limit: whole numbers 0 ... limit - 1; None for normally distributed numbers.
        width, centre: of that distribution, in shapes that broadcast to one sample.
        texts: what strings are drawn from.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    limit: int | None
    width: Array = field(default_factory=lambda: np.ones(()), compare=False)
    centre: Array = field(default_factory=lambda: np.zeros(()), compare=False)
    texts: tuple[bytes, ...] = ()

    def draw(self, random: np.random.Generator, rows: int) -> Array:
        """The next `rows` samples; the same stream whatever the size of the pieces."""
        shape = (rows, *self.shape)
        if self.texts:
            return np.array(self.texts)[(random.random(shape) * len(self.texts)).astype(np.int64)]
        if self.limit is not None:
            # One 64-bit draw per number, so that the stream does not depend on how it is cut.
            return (random.random(shape) * self.limit).astype(np.int64).astype(self.dtype)
        if self.dtype.startswith("complex"):
            parts = random.standard_normal((rows, 2, *self.shape))
            return (parts[:, 0] + 1j * parts[:, 1]).astype(self.dtype)
        return (random.standard_normal(shape) * self.width + self.centre).astype(self.dtype)


def recipes_of(model: Model, graph: Graph) -> list[Recipe]:
    """A recipe per input; axes of any size get the first size in FREE_SIZES that the model accepts.

    Args:
        graph: the model before simplification, where its own scaling of inputs is still to be seen.

    Raises:
        InputError: it accepts none of them.
    """
    limits = lookup_limits(graph)
    scalings = [input_scaling(graph, tensor) for tensor in graph.inputs]
    texts = [known_texts(graph, tensor) for tensor in graph.inputs]
    free = any(size is None for info in model.inputs for size in info.shape[1:])
    reason: KminError | None = None
    for size in FREE_SIZES:
        recipes = [
            Recipe(
                info.name,
                tuple(size if axis is None else axis for axis in info.shape[1:]),
                info.dtype,
                limit,
                *scaling,
                words,
            )
            for info, limit, scaling, words in zip(model.inputs, limits, scalings, texts, strict=True)
        ]
        if not free:
            return recipes
        try:
            rows = model.batch_size if model.batch_size is not None else 1
            model([recipe.draw(np.random.default_rng(0), rows) for recipe in recipes])
            model.reset_states()
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
        kind = array_dtype(graph.specs[tensor].dtype).kind
        if found:
            limits.append(min(found))
        else:
            limits.append(2 if kind == "b" else INTEGERS if kind in "iu" else None)
    return limits


def known_texts(graph: Graph, tensor: str) -> tuple[bytes, ...]:
    """Texts for an input of strings: words of the vocabularies behind it, an unknown one, and some of them joined."""
    if graph.specs[tensor].dtype != "string":
        return ()
    reached, words, joined = {tensor}, {b"unknown"}, False
    for node in graph.nodes:
        if not reached.intersection(name for name in node.inputs if name is not None):
            continue
        if node.op in CARRIERS or node.op == "split_text":
            reached.update(node.outputs)
            joined = joined or node.op == "split_text"
        elif node.op == "lookup":
            words.update(word for word in graph.constants[str(node.inputs[1])].tolist() if word)
    chosen = sorted(words)[:MOST_WORDS]
    if joined:
        random = np.random.default_rng(0)
        chosen = [b" ".join(random.choice(chosen, 1 + at % 9).tolist()) for at in range(MOST_WORDS)]
    return tuple(chosen)


def input_scaling(graph: Graph, tensor: str) -> tuple[Array, Array]:
    """Width and centre that a model's own Normalization or Rescaling of an input turns into 1 and 0.

    Numbers drawn without regard to it would reach the first layer hundreds of times too large, where every float32
    engine answers with noise.
    """
    slope, offset = np.ones(()), np.zeros(())
    while True:
        readers = [node for node in graph.nodes if tensor in node.inputs]
        if len(readers) != 1 or readers[0].op not in ("binary", "cast"):
            break
        node = readers[0]
        if node.op == "binary":
            other = node.inputs[1]
            if node.inputs[0] != tensor or other is None or other not in graph.constants:
                break
            value = np.asarray(graph.constants[other], np.float64)
            value = value[0] if value.ndim and len(value) == 1 and value.ndim == graph.specs[tensor].rank else value
            if node.attrs.kind in ("add", "subtract"):
                offset = offset + value if node.attrs.kind == "add" else offset - value
            elif node.attrs.kind in ("multiply", "divide"):
                factor = value if node.attrs.kind == "multiply" else 1 / np.where(value == 0, 1, value)
                slope, offset = slope * factor, offset * factor
            else:
                break
        (tensor,) = node.outputs
    width = 1 / np.where(slope == 0, 1, slope)
    return np.abs(width), -offset * width


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
        elif node.op == "encode_categories":
            sizes.append(node.attrs.depth)
    return sizes


def _table_size(graph: Graph, inputs: tuple[str | None, ...], attrs: object) -> int | None:
    for name in inputs:
        if name is not None and name in graph.constants and graph.constants[name].ndim == 2:
            return int(graph.constants[name].shape[0])
    return getattr(attrs, "num_classes", None)

"""Vocabularies of adapted lookup layers: text files beside the weights of a .keras archive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kmin.errors import FormatError
from kmin.formats.shards import Files
from kmin.formats.slots import Path
from kmin.formats.spec import LayerSpec, ModelSpec
from kmin.formats.store import Parts

MAX_VOCABULARY = 256 << 20
MAX_WORDS = 20_000_000


class Assets:
    """The text files of an archive, by the place of the layer that they belong to."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def words(self, layer: LayerSpec, at: Parts, dialect: int) -> list[Any] | None:
        """The vocabulary of a layer as Keras' `load_assets` reads it (IndexLookup, Keras 2.15 and 3.15).

        Returns:
            Words, or integers for an IntegerLookup; None when the archive has no such file.

        Raises:
            FormatError: the file is too long, no UTF-8 or does not hold integers where they are wanted.
        """
        name = "/".join(("assets", *at, "vocabulary.txt"))
        if name not in self._files.names:
            return None
        try:
            text = self._files.read(name, MAX_VOCABULARY).decode("utf-8")
        except UnicodeDecodeError:
            raise FormatError(f"'{name}' must be text in UTF-8") from None
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        lines = text.splitlines() if dialect >= 3 else text.split("\n")
        while dialect >= 3 and lines and not lines[-1]:
            lines.pop()
        if len(lines) > MAX_WORDS:
            raise FormatError(f"'{name}' must have at most {MAX_WORDS} words; it has {len(lines)}")
        if layer.class_name != "IntegerLookup":
            return list(lines)
        try:
            return [int(line[:32]) for line in lines]
        except ValueError:
            raise FormatError(f"'{name}' must hold one integer per line") from None


def with_words(model: ModelSpec, words: Mapping[Path, list[Any]], path: Path = ()) -> ModelSpec:
    """The model with vocabularies put into the configs of their layers."""
    return replace(model, layers=tuple(_layer(item, words, (*path, f"/{item.name}")) for item in model.layers))


def _layer(layer: LayerSpec, words: Mapping[Path, list[Any]], path: Path) -> LayerSpec:
    if path in words:
        layer = replace(layer, config={**layer.config, "vocabulary": words[path]})
    inner = with_words(layer.model, words, path) if layer.model is not None else None
    children = {key: _layer(child, words, (*path, f".{key}")) for key, child in layer.children.items()}
    return replace(layer, model=inner, children=children)

"""The arrays of a .keras archive put into a ModelSpec, following the walk in which Keras saves its objects."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kmin.errors import FormatError
from kmin.formats.entry import bare_class
from kmin.formats.missing import mark_missing
from kmin.formats.slots import Path, model_with_weights
from kmin.formats.spec import Array, LayerSpec, LayerWeights, ModelSpec
from kmin.formats.store import Parts, Store, snake_case
from kmin.formats.variables import FREE, LOOKUPS, own_variables
from kmin.formats.vocabularies import Assets, with_words

# Classes whose variables sit in a cell of their own.
_CELLED = frozenset({"ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "GRU", "LSTM", "SimpleRNN"})
# Part of a canonical name before the slash -> the attribute that holds the sub-layer.
_PARTS = {
    "attention_output": "output_dense",
    "gate": "gate_dense",
    "key": "key_dense",
    "query": "query_dense",
    "value": "value_dense",
}
# Public class name -> Python class name, where they differ.
_PYTHON_NAMES = {"GroupQueryAttention": "GroupedQueryAttention"}


def place_store(model: ModelSpec, store: Store, skip_mismatch: bool = False, assets: Assets | None = None) -> ModelSpec:
    """The model with its weights.

    Args:
        model: as read from the config, weights empty.
        store: the weights file.
        skip_mismatch: layers with another number of weights are marked as missing theirs, and weights that belong to
            no layer are passed over.
        assets: the archive's text files, for the vocabularies of adapted layers.

    Raises:
        FormatError: a layer's arrays are missing, their number does not fit the class, or some belong to no layer.
    """
    placing = _Placing(store, skip_mismatch, assets)
    if len(model.layers) == 1 and model.layers[0].name == model.name and model.layers[0].model is None:
        placing.found[(f"/{model.layers[0].name}",)] = store.below(())
    else:
        placing.model(model, (), ())
        if not skip_mismatch:
            store.check_all_read()
    rows = []
    for path, class_name in placing.classes.items():
        reason = placing.missing.get(path, "")
        rows.append(LayerWeights(placing.labels[path], class_name, "skipped" if reason else "loaded", reason))
    placed = with_words(mark_missing(model_with_weights(model, placing.found), placing.missing), placing.words)
    return replace(placed, loading=tuple(rows))


class _Placing:
    """One pass over a model: where its arrays were found."""

    def __init__(self, store: Store, skip_mismatch: bool, assets: Assets | None) -> None:
        self.store = store
        self.skip_mismatch = skip_mismatch
        self.found: dict[Path, dict[str, Array]] = {}
        self.classes: dict[Path, str] = {}  # of every layer with weights of its own, met first or again
        self.missing: dict[Path, str] = {}
        self.assets = assets
        self.words: dict[Path, list[Any]] = {}  # the vocabularies of adapted layers
        self.dialect = 3
        self.labels: dict[Path, str] = {}  # every layer's path as users read it: `encoder/dense_1`
        # Where each layer was met first: an object that stands in several models is stored there only.
        self.met: dict[str, Path] = {}

    def model(self, model: ModelSpec, at: Parts, path: Path) -> None:
        self.dialect = model.dialect
        layers = [layer for layer in model.layers if not layer.class_name.startswith("ops.")]
        container = (*at, self.store.layers)
        for layer, name in zip(layers, self._places(layers, container, model.dialect), strict=True):
            self.layer(layer, (*container, name), (*path, f"/{layer.name}"))

    def _places(self, layers: Sequence[LayerSpec], container: Parts, dialect: int) -> list[str]:
        """The group name of each layer: by the layer names in the file where it has them, else by counting."""
        kinds = [snake_case(_PYTHON_NAMES.get(layer.class_name, bare_class(layer.class_name))) for layer in layers]
        counted = _unique(kinds)
        again, owning = self._mentions(layers)
        by_name = {self.store.name((*container, place)): place for place in self.store.names(container)}
        if all(layers[i].name in by_name for i in owning if i not in again):
            return [by_name.get(layer.name, place) for layer, place in zip(layers, counted, strict=True)]
        if self._all_there(container, [counted[i] for i in owning if dialect < 3 or i not in again]):
            return counted
        # Keras 2 does not even count an object that it has already saved.
        fresh = iter(_unique([kind for i, kind in enumerate(kinds) if i not in again]))
        skipping = ["" if i in again else next(fresh) for i in range(len(kinds))]
        if again and self._all_there(container, [skipping[i] for i in owning if i not in again]):
            return skipping
        return self._in_order(kinds, counted, owning, container)

    def _mentions(self, layers: Sequence[LayerSpec]) -> tuple[set[int], list[int]]:
        """Which layers were met before, in earlier models or earlier in this one; and which have arrays to find."""
        seen = set(self.met)
        again: set[int] = set()
        owning: list[int] = []
        for i, layer in enumerate(layers):
            inside = {_signature(item): own_variables(item, True) != () for item in layer.walk()}
            if _signature(layer) in seen:
                again.add(i)
                owning += [i] if _owns(layer) else []
            elif any(owns for signature, owns in inside.items() if signature not in seen):
                owning.append(i)
            seen |= set(inside)
        return again, owning

    def _all_there(self, container: Parts, places: Sequence[str]) -> bool:
        return all(self.store.has_arrays((*container, place)) for place in places)

    def _in_order(self, kinds: list[str], counted: list[str], owning: list[int], container: Parts) -> list[str]:
        """Groups and layers of one class paired in order, for archives whose counters have gaps (Keras 2.12)."""
        places = list(counted)
        for kind in dict.fromkeys(kinds):
            needing = [i for i in owning if kinds[i] == kind]
            stored = [name for name in self.store.names(container) if re.fullmatch(rf"{re.escape(kind)}(_\d+)?", name)]
            stored = [name for name in stored if self.store.has_arrays((*container, name))]
            if len(stored) == len(needing):
                stored.sort(key=lambda name: int(name[len(kind) + 1 :] or 0))
                for i, name in zip(needing, stored, strict=True):
                    places[i] = name
        return places

    def layer(self, layer: LayerSpec, at: Parts, path: Path) -> None:
        above = self.labels.get(path[:-1])
        self.labels[path] = layer.name if above is None else f"{above}/{layer.name}"
        signature = _signature(layer)
        if signature in self.met and _owns(layer) and not self.store.has_arrays(at):
            self._copy(self.met[signature], path)
            return
        self.met.setdefault(signature, path)
        if layer.model is not None:
            self.model(layer.model, at, path)
            if layer.class_name not in FREE and self.store.has_arrays(at):
                self.found[path] = self.store.below(at)
            return
        listed = [key for key in layer.children if "/" in key]
        names = _unique([snake_case(bare_class(layer.children[key].class_name)) for key in listed])
        places = {key: (key.split("/")[0], name) for key, name in zip(listed, names, strict=True)}
        for key, child in layer.children.items():
            self.layer(child, (*at, *places.get(key, (key,))), (*path, f".{key}"))
        if layer.class_name in LOOKUPS:
            self._lookup(layer, at, path, self.met[signature])
            return
        rows = own_variables(layer, True)
        if rows is None:
            self.found[path] = self.store.below(at)
        elif rows:
            self.classes[path] = layer.class_name
            try:
                self.found[path] = self._named(layer, [row.name for row in rows], at)
            except FormatError as error:
                if not self.skip_mismatch:
                    raise
                self.missing[path] = str(error).removeprefix(f"layer '{layer.name}' ({layer.class_name}): ")

    def _lookup(self, layer: LayerSpec, at: Parts, path: Path, first: Path) -> None:
        """The words of a lookup layer, and what they weigh."""
        weights = [self.store.named(place, "idf_weights") for place in (at, (*at, "_lookup_layer"))]
        if weights[0] is not None:
            self.found[path] = {"idf_weights": weights[0]}
        if layer.config.get("vocabulary") or self.assets is None:
            return
        words = self.assets.words(layer, at, self.dialect)
        if words is None and first in self.words:
            self._copy(first, path)
            words = self.words[first]
        if words is not None:
            self.words[path] = words

    def _copy(self, source: Path, target: Path) -> None:
        for place, arrays in list(self.found.items()):
            if place[: len(source)] == source:
                self.found[target + place[len(source) :]] = arrays

    def _named(self, layer: LayerSpec, names: list[str], at: Parts) -> dict[str, Array]:
        if any("/" in name for name in names):
            return self._parts(layer, names, at)
        arrays = self.store.arrays((*at, "cell")) if layer.class_name in _CELLED else []
        arrays = arrays or self.store.arrays(at)
        if layer.class_name == "SpectralNormalization" and len(arrays) == 2:
            arrays = arrays[1:]  # the first is the wrapped layer's kernel once more
        return _zipped(layer, names, arrays, at)

    def _parts(self, layer: LayerSpec, names: list[str], at: Parts) -> dict[str, Array]:
        weights: dict[str, Array] = {}
        for part in dict.fromkeys(name.split("/")[0] for name in names):
            wanted = [name for name in names if name.split("/")[0] == part]
            place = (*at, _PARTS[part])
            arrays = self.store.arrays(place) or self.store.arrays((*at, f"_{_PARTS[part]}"))
            weights.update(_zipped(layer, wanted, arrays, place))
        return weights


def _signature(layer: LayerSpec) -> str:
    """Equal for two mentions of one object: name, class, plain settings and the layers inside."""
    settings = {key: value for key, value in layer.config.items() if isinstance(value, (bool, int, float, str))}
    inside = [_signature(item) for item in layer.model.layers] if layer.model is not None else []
    whole = repr((layer.name, layer.class_name, sorted(settings.items()), inside))
    # A digest, because repr doubles the backslashes of what is inside at every level.
    return hashlib.sha256(whole.encode("utf-8", "backslashreplace")).hexdigest()


def _owns(layer: LayerSpec) -> bool:
    """Whether anything in the layer has (or may have) variables."""
    return any(own_variables(item, True) != () for item in layer.walk())


def _unique(names: Sequence[str]) -> list[str]:
    """`dense`, `dense_1`, ... as Keras numbers the members of a list."""
    counts: dict[str, int] = {}
    result = []
    for name in names:
        count = counts.get(name, 0)
        counts[name] = count + 1
        result.append(name if count == 0 else f"{name}_{count}")
    return result


def _zipped(layer: LayerSpec, names: list[str], arrays: list[Array], at: Parts) -> dict[str, Array]:
    if len(names) != len(arrays):
        raise FormatError(
            f"layer '{layer.name}' ({layer.class_name}): needs {len(names)} weights ({', '.join(names)}); "
            f"the file has {len(arrays)} at '{'/'.join(at)}'"
        )
    return dict(zip(names, arrays, strict=True))

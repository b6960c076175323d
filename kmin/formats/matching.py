"""Arrays of the legacy .h5 order put into a layer's slots, cross-checked with the names that the file gives them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from kmin.errors import FormatError
from kmin.formats.slots import Path, Slot, is_known, legacy_order
from kmin.formats.spec import Array, LayerSpec
from kmin.formats.variables import OWNERS

NamedArrays = Sequence[tuple[str, Array]]

# Variable names of older Keras versions -> canonical names.
_SPELLINGS = {
    "b": "bias",
    "depthwise_kernel": "depthwise_kernel",
    "running_mean": "moving_mean",
    "running_std": "moving_variance",
    "sn_u": "vector_u",
    "W": "kernel",
    "U": "recurrent_kernel",
    "layer_norm_scale": "gamma",
    "layer_norm_offset": "beta",
    "attention_score_weight": "scale",
}
_KNOWN_NAMES = frozenset(
    {row.name.rsplit("/", 1)[-1] for rows in OWNERS.values() if not callable(rows) for row in rows}
    | {"moving_mean", "moving_variance", "moving_stddev", "renorm_mean", "renorm_stddev", "depthwise_kernel"}
    | {"mean", "variance", "count", "concat_score_weight", "real_kernel", "imag_kernel", "reverse_embeddings"}
)
_COUNTER = re.compile(r"_\d+$")


class _Label(NamedTuple):
    """A file name taken apart: the variable's canonical name and the path before it."""

    name: str
    scopes: tuple[str, ...]


def assign(layer: LayerSpec, arrays: NamedArrays, dialect: int, path: str) -> dict[Path, dict[str, Array]]:
    """Weights per layer inside `layer`, keyed by their path from it.

    Raises:
        FormatError: the number of arrays or their names do not fit the layer.
    """
    if not is_known(layer):
        return _by_file_names(layer, arrays)
    slots = legacy_order(layer, dialect)
    if len(slots) != len(arrays):
        raise FormatError(
            f"layer '{path}' ({layer.class_name}): needs {len(slots)} weights; the file has {len(arrays)}"
        )
    if not slots:
        return {}
    labels = [_label(name) for name, _ in arrays]
    best = slots
    if len(layer.children) or layer.model is not None:
        best = _best_order(layer, slots, labels, dialect)
    if not all(_fits(slot, label) for slot, label in zip(best, labels, strict=True)):
        named = _by_label(slots, labels)
        if named is None:
            wrong = next((s, n) for s, lb, (n, _) in zip(slots, labels, arrays, strict=True) if not _fits(s, lb))
            raise FormatError(
                f"layer '{path}' ({layer.class_name}): the weights in the file are not in a known order; "
                f"expected '{wrong[0].name}' of '{wrong[0].layer}', found '{wrong[1]}'"
            )
        best = named
    placed: dict[Path, dict[str, Array]] = {}
    for slot, (_, array) in zip(best, arrays, strict=True):
        placed.setdefault(slot.path, {})[slot.name] = array
    return placed


def _label(name: str) -> _Label:
    *scopes, last = name.split("/")
    last = last.split(":")[0]
    last = _COUNTER.sub("", last)
    return _Label(_SPELLINGS.get(last, last), tuple(scopes))


def _fits(slot: Slot, label: _Label) -> bool:
    """Whether the name in the file may belong to the slot; unknown names may."""
    name = slot.name.rsplit("/", 1)[-1]
    if label.name == name or label.name not in _KNOWN_NAMES:
        return True
    return label.name == "depthwise_kernel" and name == "kernel"


def _best_order(layer: LayerSpec, usual: list[Slot], labels: list[_Label], dialect: int) -> list[Slot]:
    """The legacy order whose layer and variable names agree best with the file; the usual one wins ties."""
    others = [
        legacy_order(layer, dialect, flags=False),
        legacy_order(layer, 5 - dialect if dialect in (2, 3) else 3),
    ]
    best, score = usual, _score(usual, labels)
    for order in others:
        other = _score(order, labels)
        if other > score:
            best, score = order, other
    return best


def _score(slots: list[Slot], labels: list[_Label]) -> tuple[int, int, int]:
    fits = exact = similar = 0
    for slot, label in zip(slots, labels, strict=True):
        fits += _fits(slot, label)
        exact += slot.layer in label.scopes
        similar += _COUNTER.sub("", slot.layer) in {_COUNTER.sub("", scope) for scope in label.scopes}
    return fits, exact, similar


def _by_label(slots: list[Slot], labels: list[_Label]) -> list[Slot] | None:
    """Slots in file order, found by (layer name, variable name); None when that is not one to one."""
    table: dict[tuple[str, str], Slot] = {}
    for slot in slots:
        key = (slot.layer, slot.name.rsplit("/", 1)[-1])
        if key in table:
            return None
        table[key] = slot
    found = []
    for label in labels:
        hits = [table.pop((scope, label.name)) for scope in label.scopes if (scope, label.name) in table]
        if len(hits) != 1:
            return None
        found.append(hits[0])
    return found


def _by_file_names(layer: LayerSpec, arrays: NamedArrays) -> dict[Path, dict[str, Array]]:
    """For layers of unknown classes: everything under the outer layer, by the names in the file."""
    names: dict[str, Array] = {}
    for i, (name, array) in enumerate(arrays):
        key = name.split(":")[0] if name else str(i)
        names[key if key not in names else f"{key}#{i}"] = array
    inside = [item for item in layer.walk() if item is not layer]
    if not inside and layer.class_name in OWNERS:
        return {(): names}
    return {(): names}

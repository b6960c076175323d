"""What in a model's JSON config is known to make Keras run code, open other files or run out of memory."""

from __future__ import annotations

import builtins
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kmin.errors import plain_text
from kmin.formats.dialect import KERAS1_CLASSES
from kmin.formats.entry import MODELS, RENAMED, is_official
from kmin.formats.nodes import KEEPS_LIST
from kmin.formats.variables import FREE, OWNERS

CVE_CODE = ("CVE-2024-3660", "CVE-2025-9905")
CVE_MODULE = ("CVE-2025-1550", "CVE-2025-8747", "CVE-2025-9906")
CVE_PATH = ("CVE-2025-12060", "CVE-2026-12479")
CVE_PICKLE = ("CVE-2025-49655",)
CVE_SAVED_MODEL = ("CVE-2026-1462",)
CVE_SIZE = ("CVE-2026-0897",)
CVE_STORAGE = ("CVE-2026-1669",)
CVE_VOCABULARY = ("CVE-2025-12058",)


@dataclass(frozen=True)
class Finding:
    """One thing in a file that a loader should not be trusted with.

    Attributes:
        kind: a stable slug, such as `code` or `outside-storage`.
        where: the place in the file: a member, a path of groups, or keys and layer names of the config.
        text: what is there.
        cve: published vulnerabilities of Keras that work this way; may be empty.
    """

    kind: str
    where: str
    text: str
    cve: tuple[str, ...] = ()

    def __str__(self) -> str:
        known = f" ({', '.join(self.cve)})" if self.cve else ""
        return plain_text(f"{self.where}: {self.text}{known}")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Class name -> (kind, what it does when Keras opens the file, its CVEs).
_DANGEROUS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "Lambda": ("code", "holds a Python function that Keras unpacks and calls", CVE_CODE),
    "TFSMLayer": ("outside-model", "loads a SavedModel from another place", CVE_SAVED_MODEL),
    "TorchModuleWrapper": ("pickle", "unpickles a PyTorch module", CVE_PICKLE),
    "__class__": ("import", "names a Python class to import", CVE_MODULE),
    "__lambda__": ("code", "holds the bytecode of a Python function", CVE_CODE),
    "__typespec__": ("import", "names a TensorFlow type to import", CVE_MODULE),
}
# Packages of Keras whose names in a config are parts of models.
_PARTS = _words(
    """
    activations applications constraints dtype_policies initializers layers losses metrics models ops optimizers
    quantizers random regularizers
    """
)
_DIMENSIONS = _words(
    """
    batch_input_shape batch_shape cropping dilation_rate depth_multiplier filters head_dim height input_dim
    input_length input_shape kernel_size key_dim max_tokens n num_bins num_heads num_tokens output_dim
    output_sequence_length output_shape padding pool_size size strides target_shape units value_dim width
    """
)
_LAYER_CLASSES = frozenset(OWNERS) | FREE | MODELS | KEEPS_LIST | KERAS1_CLASSES | frozenset(RENAMED)
# TensorFlow 2.11 wrote Keras' own optimizers as `Custom>Adam`.
_OPTIMIZERS = _words("Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl Lion Nadam RMSprop SGD")
_LARGEST = 10**9
_ABSOLUTE = re.compile(r"^([/\\~]|[A-Za-z]:[/\\])|(^|[/\\])\.\.([/\\]|$)")


def escapes(name: str) -> bool:
    """Whether a name, taken as a path, would lead out of the folder it is joined to."""
    return _ABSOLUTE.search(name) is not None


def suspects(config: Any, where: str) -> Iterator[Finding]:
    """Findings in a JSON value, nested models and wrapped layers included; nothing in it is decoded."""
    stack = [(config, where, False)]
    while stack:
        value, place, is_layer = stack.pop()
        if isinstance(value, Mapping):
            inner = value.get("config")
            name = value.get("name", inner.get("name") if isinstance(inner, Mapping) else None)
            if "class_name" in value and isinstance(name, str):
                place = f"{place}/{name}"[:300]
            yield from _object(value, place, is_layer)
            yield from _settings(value, place)
            for key, item in reversed(list(value.items())):
                stack.append((item, place if key == "config" else f"{place}.{key}"[:300], key in ("layer", "cell")))
        elif isinstance(value, list):
            of_layers = place.endswith((".layers", ".cells")) or (is_layer and bool(value))
            whole = place.removesuffix(".layers")
            stack += [(item, whole, of_layers) for item in reversed(value) if isinstance(item, (Mapping, list))]


def _object(value: Mapping[str, Any], place: str, is_layer: bool) -> Iterator[Finding]:
    """Findings about a serialised object: its class, module and registered name."""
    name, module, registered = (value.get(key) for key in ("class_name", "module", "registered_name"))
    if not isinstance(name, str):
        if "class_name" in value:
            yield Finding("damaged", place, "class_name is not text")
        return
    label = name.rpartition(">")[2]
    if label in _DANGEROUS:
        kind, text, cve = _DANGEROUS[label]
        yield Finding(kind, place, f"{label} {text}", cve)
    elif isinstance(module, str):
        yield from _module(value, name, module, place)
    elif module is not None:
        yield Finding("damaged", place, "module is not text")
    elif (is_layer and name not in _LAYER_CLASSES) or ">" in name or (module is None and "module" in value):
        custom = registered if isinstance(registered, str) else name
        known = custom in _LAYER_CLASSES and "module" in value
        if not known and not (custom.startswith("Custom>") and label in _OPTIMIZERS):
            yield Finding("custom", place, f"'{custom}' is not a class of Keras", CVE_MODULE)
    if isinstance(registered, str) and ">" in registered and module is not None and not is_official(module):
        yield Finding("custom", place, f"'{registered}' is registered by other code than Keras'", CVE_MODULE)


def _module(value: Mapping[str, Any], name: str, module: str, place: str) -> Iterator[Finding]:
    if module == "builtins":
        function = value.get("config") if name == "function" else name
        if name not in ("function", "slice", "tuple") or (name == "function" and not _is_harmless(function)):
            yield Finding("import", place, f"'{function}' of Python's builtins is called", CVE_MODULE)
        return
    if not is_official(module):
        yield Finding("import", place, f"'{name}' is imported from the module '{module}'", CVE_MODULE)
        return
    parts = module.split(".")
    inside = [part for part in parts if part not in ("keras", "keras_core", "tf_keras", "src", "api", "_tf_keras")]
    if parts[0] == "tensorflow":
        inside = parts[parts.index("keras") + 1 :] if "keras" in parts else parts
    if inside and inside[0] not in _PARTS and inside[0] not in ("engine", "mixed_precision", "optimizer_v2"):
        yield Finding("import", place, f"'{name}' of '{module}' is called, which is no part of a model", CVE_MODULE)


def _is_harmless(function: Any) -> bool:
    return isinstance(function, str) and function.isidentifier() and not hasattr(builtins, function)


def _settings(value: Mapping[str, Any], place: str) -> Iterator[Finding]:
    """Findings about plain settings: paths, and sizes that no model has."""
    for key in ("vocabulary", "vocabulary_file", "idf_weights"):
        if isinstance(value.get(key), str) and value[key]:
            yield Finding("outside-file", place, f"{key} is the path of a file that Keras opens", CVE_VOCABULARY)
    for key in ("name", "layer_name"):
        if isinstance(value.get(key), str) and escapes(value[key]):
            yield Finding("path", place, f"the name {value[key]!r:.80} is a path out of the archive", CVE_PATH)
    for key, item in value.items():
        if key in _DIMENSIONS and _product(item) >= _LARGEST:
            yield Finding("size", place, f"{key} is {item!r:.60}", CVE_SIZE)


def _product(value: Any) -> float:
    """The magnitude that a number or a nested list of numbers declares."""
    if isinstance(value, (int, float)):
        return abs(value) if math.isfinite(value) else math.inf
    if isinstance(value, list) and len(value) <= 16:
        result = 1.0
        for item in value:
            result *= max(1.0, float(min(_product(item), 1e30)))
        return result
    return 0.0

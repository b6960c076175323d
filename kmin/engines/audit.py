"""audit: what in a model file must not be handed to Keras, because Keras would import or run it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kmin.errors import UnsupportedError
from kmin.formats.spec import LayerSpec, ModelSpec
from kmin.layers import LAYERS

RUNS_CODE = frozenset({"__class__", "__lambda__", "__typespec__", "Lambda", "TFSMLayer", "TorchModuleWrapper"})
BUILTINS = frozenset({"function", "slice", "tuple"})


def audit(spec: ModelSpec) -> list[str]:
    """One sentence per finding: unknown classes, code in configs, modules that are not Keras' own."""
    findings: dict[str, None] = {}
    for layer in spec.walk():
        if layer.model is None and layer.class_name not in LAYERS:
            findings[f"layer '{layer.name}' ({layer.class_name}): not a layer that kmin knows"] = None
        for reason in (*_module_findings(layer), *_config_findings(layer.config)):
            findings[f"layer '{layer.name}' ({layer.class_name}): {reason}"] = None
    return list(findings)


def refuse_findings(spec: ModelSpec) -> None:
    """Raises UnsupportedError when `audit` finds anything."""
    findings = audit(spec)
    if findings:
        raise UnsupportedError([f"{finding}; kmin does not hand such a file to Keras" for finding in findings])


def _module_findings(layer: LayerSpec) -> Iterator[str]:
    if layer.module is not None and not _is_keras(layer.module):
        yield f"its class is from the module '{layer.module}'"


def _config_findings(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        name, module = value.get("class_name"), value.get("module")
        if isinstance(name, str) and name in RUNS_CODE:
            yield f"its config holds a {name}"
        elif isinstance(module, str) and not (_is_keras(module) or (module == "builtins" and name in BUILTINS)):
            yield f"its config holds {name!r} from the module '{module}'"
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _config_findings(item)


def _is_keras(module: str) -> bool:
    return module.split(".")[0] in ("keras", "keras_core", "tf_keras") or module.startswith("tensorflow.python.keras.")

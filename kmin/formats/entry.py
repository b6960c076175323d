"""One serialised layer object: who it is (bare class name, module, registered name) and its config."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kmin.errors import FormatError
from kmin.formats.keras1 import translate
from kmin.formats.variables import FREE, OWNERS

MODELS = frozenset({"Functional", "Model", "Sequential"})
# Names that are both a layer and an operation in Keras 3.15.
_ALSO_OPERATIONS = frozenset(
    {
        "Add",
        "Average",
        "Concatenate",
        "Dot",
        "Maximum",
        "Minimum",
        "Multiply",
        "Reshape",
        "Softmax",
        "Subtract",
    }
)
# Class names that TensorFlow 1.13 to 2.x wrote for what is one class today.
RENAMED = {
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "GroupedQueryAttention": "GroupQueryAttention",
    "UnifiedGRU": "GRU",
    "UnifiedLSTM": "LSTM",
}
MAX_NAME = 1000
# Control characters, which a terminal may obey, and halves of surrogate pairs, which no file can hold.
_UNFIT = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")
_ROOTS = frozenset({"keras", "keras_core", "tf_keras"})
_PREFIXES = ("tensorflow.keras", "tensorflow.python.keras", "tf.keras", "keras.api", "tensorflow_core.python.keras")


@dataclass(frozen=True)
class Entry:
    """A layer as serialised, its identity settled.

    Attributes:
        name: the layer's name.
        class_name: `Dense` for Keras' own, `ops.Add` for a Keras 3 operation used as a layer, `keras1.Merge` for
            what Keras 1 wrote, `package>Name` or `module.Name` for anything else, so that a stranger is never taken
            for the Keras class of that name.
        config: the layer's config; `{}` when it is not an object.
        items: the config when it is a list (Sequential before Keras 2.2.3), else None.
        module: as written, or None.
        registered_name: as written when it names a package, else None.
        nodes: inbound nodes as written.
        build_shape: input shape recorded when the layer was built, or None.
        written: class name as written.
    """

    name: str
    class_name: str
    config: Mapping[str, Any]
    items: list[Any] | None = None
    module: str | None = None
    registered_name: str | None = None
    nodes: tuple[Any, ...] = ()
    build_shape: Any = None
    written: str = ""

    @property
    def is_model(self) -> bool:
        """Whether the config describes layers inside (custom subclasses of Functional included)."""
        if self.class_name in MODELS:
            return True
        return isinstance(self.config.get("layers"), list) and "output_layers" in self.config


def read_entry(data: Any, where: str, dialect: int) -> Entry:
    """The identity of a serialised layer.

    The .h5 files of Keras 3 name no modules, so an operation (`x + y`) and a layer (`Add`) look alike there but for the
    `trainable` that every layer has in its config.

    Raises:
        FormatError: `data` is not a `{"class_name": ..., "config": ...}` object.
    """
    if not isinstance(data, Mapping) or not isinstance(data.get("class_name"), str):
        kind = f"an object with {', '.join(map(str, data)):.80}" if isinstance(data, Mapping) else type(data).__name__
        raise FormatError(f"{where}: a layer must be an object with class_name and config; received {kind}")
    written: str = data["class_name"]
    config = data.get("config")
    items = config if isinstance(config, list) else None
    if not isinstance(config, Mapping):
        if items is None and config is not None:
            raise FormatError(f"{where} ({written}): config must be an object; received {type(config).__name__}")
        config = {}
    module = data.get("module")
    registered = data.get("registered_name")
    module = module if isinstance(module, str) else None
    registered = registered if isinstance(registered, str) and ">" in registered else None
    bare = _identity(written, module, registered, "module" in data, data.get("registered_name"))
    if dialect >= 3 and "module" not in data and "trainable" not in config and _may_be_operation(bare):
        bare = f"ops.{bare}"
    if dialect == 1 and bare not in MODELS:
        bare, config = translate(bare, config)
    name = data.get("name")
    if not isinstance(name, str):
        name = config.get("name")
    name = name if isinstance(name, str) else written.lower()
    for label in (name, written):
        if _UNFIT.search(label) or len(label) > MAX_NAME:
            raise FormatError(
                f"{where}: names must be plain text of at most {MAX_NAME} characters; received {label!r:.60}"
            )
    nodes = data.get("inbound_nodes")
    build = data.get("build_config")
    return Entry(
        name=name,
        class_name=RENAMED.get(bare, bare),
        written=written,
        config=config,
        items=items,
        module=module,
        registered_name=registered,
        nodes=tuple(nodes) if isinstance(nodes, list) else (),
        build_shape=build.get("input_shape") if isinstance(build, Mapping) else None,
    )


def _identity(written: str, module: str | None, registered: str | None, has_module: bool, label: Any) -> str:
    if registered is not None:
        package, _, name = registered.rpartition(">")
        return name if package.lower() == "keras" and is_official(module) else f"{package}>{written}"
    if module is not None:
        if module.startswith(("keras.src.ops", "keras.ops", "keras_core.src.ops")):
            return f"ops.{written}"
        return written if is_official(module) else f"{module}.{written}"
    if has_module and isinstance(label, str):
        return f"custom>{label}"
    return written


def _may_be_operation(class_name: str) -> bool:
    if class_name in MODELS or class_name == "InputLayer" or ">" in class_name:
        return False
    return class_name in _ALSO_OPERATIONS or (class_name not in OWNERS and class_name not in FREE)


def is_official(module: str | None) -> bool:
    """Whether a module is one of Keras'."""
    if module is None:
        return False
    return module.split(".")[0] in _ROOTS or module.startswith(_PREFIXES)


def bare_class(layer_class: str) -> str:
    """The Python class name alone: what Keras turns into a path in a `.keras` archive."""
    return layer_class.rsplit(">", 1)[-1].rsplit(".", 1)[-1]

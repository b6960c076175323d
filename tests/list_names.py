"""Notes what the installed Keras exports, for the coverage page: writes tests/names/keras<2|3>.json.

    python tests/list_names.py

Run once under Keras 2.15 and once under Keras 3.15 (the environments of `tests/layers/make_goldens.py`).
"""

from __future__ import annotations

import inspect
import json
import os
import re
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_USE_LEGACY_KERAS", "0")

import keras

HERE = Path(__file__).resolve().parent / "names"


def layers() -> list[str]:
    """Exported layer classes."""
    found = vars(keras.layers).items()
    return sorted(name for name, value in found if inspect.isclass(value) and not name.startswith("_"))


def operations() -> dict[str, str]:
    """Functions of keras.ops -> the class of their nodes; empty for those that make none."""
    rows: dict[str, str] = {}
    for place, module in (
        ("", keras.ops),
        ("image.", keras.ops.image),
        ("linalg.", keras.ops.linalg),
        ("nn.", keras.ops.nn),
    ):
        for name in dir(module):
            function = getattr(module, name)
            if name.startswith("_") or not inspect.isfunction(function) or (place and hasattr(keras.ops, name)):
                continue
            made = re.findall(r"(\w+)\([^()]*(?:\([^()]*\)[^()]*)*\)\.symbolic_call", inspect.getsource(function))
            rows[place + name] = made[-1] if made else ""
    return rows


def tensorflow_functions() -> list[str]:
    """Functions that a TFOpLambda can name: exported ones that dispatch on symbolic tensors."""
    import tensorflow as tf
    from tensorflow.python.util import tf_export

    found: set[str] = set()
    seen: set[int] = set()

    def visit(module: Any, place: str) -> None:
        if id(module) in seen or place.count(".") > 3:
            return
        seen.add(id(module))
        for name in dir(module):
            if name.startswith("_"):
                continue
            value = getattr(module, name, None)
            if inspect.ismodule(value) and value.__name__.startswith(("tensorflow", "keras")) and name not in SKIPPED:
                visit(value, f"{place}{name}.")
            elif callable(value) and hasattr(value, "_tf_fallback_dispatchers"):
                exported = tf_export.get_canonical_name_for_symbol(value, add_prefix_to_v1_names=True)
                if exported:
                    found.add(exported)

    visit(tf, "")
    return sorted(found)


SKIPPED = frozenset(
    {"keras", "raw_ops", "python", "core", "tools", "dtensor", "lite", "tpu", "summary", "data", "saved_model"}
)


def main() -> None:
    generation = int(keras.__version__.split(".")[0])
    names: dict[str, Any] = {"version": keras.__version__, "layers": layers()}
    if generation >= 3:
        names["operations"] = operations()
    else:
        names["functions"] = tensorflow_functions()
    HERE.mkdir(exist_ok=True)
    path = HERE / f"keras{generation}.json"
    path.write_text(json.dumps(names, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()

"""Writes docs/coverage.md: every Keras class, keras.ops function and TensorFlow function, and the test that proves it.

    python tests/coverage_page.py

Names come from `tests/names/` (see `list_names.py`), proofs from the configs in the stored goldens: no Keras is needed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "coverage.md"
sys.path += [str(HERE), str(HERE.parent)]  # an installed kmin comes first

from coverage_reasons import (  # noqa: E402
    ALIASES,
    KERAS_1,
    OTHER_PROOFS,
    REFUSED_LAYERS,
    REFUSED_PARTS,
    WRITTEN_AS_OTHERS,
)

from kmin.formats.keras1 import translate  # noqa: E402
from kmin.layers import LAYERS  # noqa: E402
from kmin.layers.operations import GRAPH_NODES, KERAS_FUNCTIONS, TENSORFLOW_FUNCTIONS  # noqa: E402
from kmin.layers.operations.reasons import (  # noqa: E402
    REFUSED_FUNCTIONS,
    REFUSED_OPERATIONS,
    why_function_is_refused,
)
from layers.cases import cases_of, families  # noqa: E402
from layers.test_function_names import KERAS, TENSORFLOW  # noqa: E402

Proofs = dict[str, dict[int, str]]
_AT_REST = ("lower_identity", "lower_augmentation", "lower_random_crop", "lower_stochastic_depth")


@cache
def names(generation: int) -> dict[str, Any]:
    """What one Keras exports."""
    found: dict[str, Any] = json.loads((HERE / "names" / f"keras{generation}.json").read_text())
    return found


def _classes(value: Any) -> Iterator[str]:
    """Classes in a serialised model; operations as `ops.X`, TensorFlow functions as `tf.x`."""
    if isinstance(value, dict):
        kind = value.get("class_name")
        if isinstance(kind, str) and "config" in value:
            module = str(value.get("module", ""))
            yield f"ops.{kind}" if module.startswith("keras.src.ops") else kind
            config = value["config"]
            if isinstance(config, dict) and kind in ("TFOpLambda", "SlicingOpLambda"):
                yield f"tf.{config.get('function')}"
            if isinstance(config, dict) and kind == "TensorFlowOpLayer":
                yield f"node.{config['node_def']['op']}"
        for item in value.values():
            yield from _classes(item)
    elif isinstance(value, list):
        for item in value:
            yield from _classes(item)


@cache
def proofs() -> Proofs:
    """Name -> generation -> the golden case that shows it best: one of its own name, else the first."""
    found: Proofs = {}
    for family in families():
        for generation in (2, 3):
            rows = [row.name for row in cases_of(family) if generation in row.dialects]
            path = HERE / "layers" / "goldens" / f"{family}.keras{generation}.npz"
            if not rows or not path.exists():
                continue
            with np.load(path, allow_pickle=False) as archive:
                for row in rows:
                    for name in dict.fromkeys(_classes(json.loads(archive[f"{row}/config"].tobytes()))):
                        case = f"{family}-{row}"
                        best = found.setdefault(name, {}).get(generation)
                        if best is None or (_is_named(row, name) and not _is_named(best.partition("-")[2], name)):
                            found[name][generation] = case
    return found


def _is_named(row: str, name: str) -> bool:
    plain = name.removeprefix("ops.").removeprefix("node.").removeprefix("tf.").rpartition(".")[2]
    return row.replace("_", "").lower().startswith(plain.replace("_", "").lower())


def proof(name: str) -> str:
    """The tests for a table cell, by generation."""
    rows = dict(proofs().get(name, {}))
    cells = [f"`{case}` (Keras {generation})" for generation, case in sorted(rows.items())]
    if name in OTHER_PROOFS:
        cells.append(f"`{OTHER_PROOFS[name]}`")
    if name.removeprefix("tf.") in TENSORFLOW or name.removeprefix("ops.") in KERAS:
        cells.append("`tests/layers/test_function_names.py`")
    return ", ".join(cells)


def _status(name: str) -> str:
    rule = LAYERS.get(name)
    if rule is None:
        return "refused"
    return "at rest" if getattr(rule, "__name__", "") in _AT_REST and name not in ("Identity", "InputLayer") else "runs"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    head = list(head)
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows] + [""]


def _layer_rows(listed: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    for name in listed:
        if name in ALIASES:
            yield name, f"as {ALIASES[name]}", "Keras writes the other name"
        elif name in REFUSED_PARTS:
            yield name, REFUSED_PARTS[name], proof(name) or "-"
        elif name in LAYERS:
            yield name, _status(name), proof(name)
        else:
            yield name, "refused", REFUSED_LAYERS.get(name, "")


def layer_section() -> list[str]:
    three, two = names(3)["layers"], names(2)["layers"]
    lines = [f"## Layers of Keras {names(3)['version']}", ""]
    lines += _table(("layer", "status", "test, or why not"), _layer_rows(three))
    lines += [f"## Layers of Keras {names(2)['version']} alone", ""]
    written = (name for name in LAYERS if not name.startswith(("ops.", "keras1.", "Custom>")) and name not in three)
    extra = sorted({*(name for name in two if name not in three), *written})
    lines += _table(("layer", "status", "test, or why not"), _layer_rows(extra))
    lines += ["## Layers of Keras 1 alone", ""]
    return lines + _table(("layer", "status", "test, or why not"), [(name, *_translated(name)) for name in KERAS_1])


def _translated(name: str) -> tuple[str, str]:
    known, _ = translate(name, {"mode": "sum"} if name == "Merge" else {})
    if known not in LAYERS:
        return "refused", "not translated"
    return f"as {known}", "`tests/layers/test_keras1_goldens.py`"


def operation_section() -> list[str]:
    rows = []
    for name, kind in names(3)["operations"].items():
        shown = kind or NODES.get(name, "")
        if shown in KERAS_FUNCTIONS and name not in REFUSED_OPERATIONS:
            rows.append((f"`{name}`", "runs", proof(f"ops.{shown}")))
        else:
            rows.append((f"`{name}`", "refused" if shown else "no node", REFUSED_OPERATIONS.get(name, "")))
    count = sum(row[1] == "runs" for row in rows)
    lines = [
        f"## Functions of keras.ops ({names(3)['version']})",
        "",
        f"{count} of {len(rows)} run as nodes of a graph.",
        "",
    ]
    return lines + _table(("function", "status", "test, or why not"), rows)


# Functions whose source does not show the class of their node.
NODES = {
    "abs": "Absolute",
    "cast": "Cast",
    "conj": "Conjugate",
    "convert_to_tensor": "ConvertToTensor",
    "diff": "Diff",
    "geomspace": "Geomspace",
    "linspace": "Linspace",
    "logspace": "Logspace",
    "pad": "Pad",
    "saturate_cast": "SaturateCast",
}


def function_section() -> list[str]:
    exported = names(2)["functions"]
    rows = [(f"`{name}`", proof(f"tf.{name}")) for name in TENSORFLOW_FUNCTIONS if name not in REFUSED_FUNCTIONS]
    refused: dict[str, list[str]] = {}
    for name in exported:
        if (name not in TENSORFLOW_FUNCTIONS and name not in WRITTEN_AS_OTHERS) or name in REFUSED_FUNCTIONS:
            refused.setdefault(reason_of(name), []).append(name)
    lines = [f"## TensorFlow functions (TFOpLambda of Keras {names(2)['version']})", ""]
    lines += [f"{len(rows)} functions run, by the name that Keras writes:", ""]
    lines += _table(("function", "test"), rows)
    others = ", ".join(f"`{name}`" for name in exported if name in WRITTEN_AS_OTHERS)
    lines += [f"In place of these, Keras writes functions that they are made of, and that run: {others}.", ""]
    lines += ["The others that TensorFlow 2.15 exports are refused by name:", ""]
    for reason, found in sorted(refused.items()):
        lines += [f"- {reason}: {', '.join(f'`{name}`' for name in found)}."]
    return [*lines, ""]


def reason_of(name: str) -> str:
    """Why a TensorFlow function is refused: the longest prefix with a reason."""
    reason = why_function_is_refused(name)
    if reason is None:
        raise KeyError(name)
    return reason


INTRODUCTION = """# Coverage

Made by `python tests/coverage_page.py`; a test checks that it is up to date and that nothing exported is missing.

- **runs**: kmin computes it. The test is a case of `tests/layers/test_goldens.py` (`pytest -k CASE`), a stored result
  of real Keras, named with the Keras generation whose meaning it proves; or the test that is named.
- **at rest**: a layer for training alone, which hands its input on.
- **refused**: a file with it is refused by the layer's or function's name.

A file is read in the meaning of its own generation: Keras 1 files are translated to Keras 2, Keras 2 and Keras 3 files
keep theirs. Functions of keras.ops stand in Keras 3 files, TensorFlow's functions and ops in Keras 2 files.

Eigenvectors (`eigh`, `eig`) have the signs and phases of the algorithms that TensorFlow runs. Mathematics does not
determine them, and neither does TensorFlow beyond rounding: about 6 % of random symmetric 10 x 10 matrices of float32,
and most 40 x 40 ones, have a vector that points the other way here, and the phases of complex vectors and the order of
eigenvalues differ where the last bits decide. A v = values v and whatever signs do not change are what they must be.

A bias is added along the channels, as Keras 2 does it, and Keras 3 on JAX and PyTorch. On TensorFlow, Keras 3.7 and
newer take any `x + y` for a bias whose `y` has one axis that is not 1, and add it along the last axis when the sizes
fit (`add` in keras/src/backend/tensorflow/numpy.py, 3.15): a channels_first layer of 4 filters whose result is 4 wide
gives another result there. The file does not say what trained it; kmin goes by the channels.
"""


def page() -> str:
    """The whole page."""
    sections = (layer_section, operation_section, function_section, node_section, dialect_section)
    lines = [INTRODUCTION, *(line for section in sections for line in section())]
    return "\n".join(lines).rstrip() + "\n"


def node_section() -> list[str]:
    rows = [(f"`{name}`", proof(f"node.{name}")) for name in GRAPH_NODES]
    lines = ["## TensorFlow ops (TensorFlowOpLayer of tf.keras 2.1 to 2.3)", ""]
    lines += [f"{len(rows)} ops run, by the name in the node; others are refused by name:", ""]
    return lines + _table(("op", "test"), rows)


def dialect_section() -> list[str]:
    rows: Mapping[str, str] = {
        "Keras 1": "runs, translated; Theano's kernels and paddings, too | `tests/layers/test_keras1_goldens.py`",
        "Keras 2, tf.keras": "runs | `tests/layers/test_goldens.py -k keras2`, `tests/formats/test_goldens.py`",
        "Keras 3": "runs | `tests/layers/test_goldens.py -k keras3`, `tests/formats/test_goldens.py`",
        "keras-core": "runs, as Keras 3 | `tests/formats/test_variants.py`",
    }
    lines = ["## Dialects", "", "| dialect | status | test |", "|---|---|---|"]
    return [*lines, *(f"| {name} | {row} |" for name, row in rows.items()), ""]


if __name__ == "__main__":
    PAGE.write_text(page())

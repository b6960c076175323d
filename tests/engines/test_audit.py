"""What is never handed to Keras."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from engines.models import LOOKUP, MLP, SAMPLES, TWO, doctored

from kmin.engines.audit import audit, refuse_findings
from kmin.errors import UnsupportedError
from kmin.formats import read


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*/model.*")), ids=lambda path: path.parent.name)
def test_ordinary_files_are_clean(path: Path) -> None:
    assert audit(read(path)) == []


def test_samples_are_there() -> None:
    assert MLP.exists() and TWO.exists() and LOOKUP.exists()


@pytest.mark.parametrize("class_name", ["Lambda", "TFSMLayer", "TorchModuleWrapper", "MyLayer"])
def test_classes_that_run_code_or_are_unknown(tmp_path: Path, class_name: str) -> None:
    def change(layers: list[dict[str, Any]]) -> None:
        layers[-1]["class_name"] = class_name

    with pytest.raises(UnsupportedError, match=f"{class_name}.*does not hand"):
        refuse_findings(read(doctored(tmp_path, change)))


@pytest.mark.parametrize(
    "value",
    [
        {"module": "os", "class_name": "system", "config": "true"},
        {"module": "builtins", "class_name": "eval", "config": {}},
        {"class_name": "__lambda__", "config": {"value": "4wAAAA=="}},
        [{"deep": {"module": "keras_evil.layers", "class_name": "X"}}],
    ],
    ids=["module", "builtin", "lambda", "deep"],
)
def test_objects_hidden_in_configs(tmp_path: Path, value: Any) -> None:
    def change(layers: list[dict[str, Any]]) -> None:
        layers[-1]["config"]["kernel_regularizer"] = value

    findings = audit(read(doctored(tmp_path, change)))
    assert len(findings) == 1 and "its config holds" in findings[0]

"""Lets the tests import `benchmarks`, which is not installed; an installed kmin goes before the one beside it."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parents[2]))


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """What `prepare` would make of a sample, without the conversions."""
    sample, place = Path(__file__).parents[2] / "sample_models" / "diabetes_mlp", tmp_path / "mlp"
    place.mkdir()
    shutil.copy(sample / "model.h5", place)
    with np.load(sample / "input.npz") as inputs, np.load(sample / "expected.npz") as outputs:
        (x,), (y,) = inputs.values(), outputs.values()
    np.savez(place / "reference_1.npz", x=x[:1], y=y[:1])
    np.savez(place / "reference_32.npz", x=x[:1], y=y[:1] + 1)
    facts = {"inputs": ["patient"], "failed": {"onnx": "conversion failed: no tf2onnx"}}
    for batch in (1, 32):
        (place / f"ready_{batch}.json").write_text(json.dumps(facts))
    return tmp_path

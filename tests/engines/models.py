"""Model files for the tests of commands and engines: the samples, and samples with a doctored config."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import pytest

SAMPLES = Path(__file__).resolve().parents[2] / "sample_models"
MLP = SAMPLES / "digits_mlp" / "model.h5"  # one input (8, 8, 1) or so, ten classes
TWO = SAMPLES / "cancer_two_in_two_out" / "model.h5"  # inputs mean and error, outputs malignant and worst
LOOKUP = SAMPLES / "languages_gru" / "model.keras"  # whole numbers in, nine classes out

HAS_KERAS = all(importlib.util.find_spec(name) is not None for name in ("tensorflow", "keras", "tf_keras"))
needs_keras = pytest.mark.skipif(not HAS_KERAS, reason="the reference is not installed: pip install 'kmin[tensorflow]'")


def doctored(folder: Path, change: Callable[[list[dict[str, Any]]], None], source: Path = MLP) -> Path:
    """A copy of an .h5 sample whose layer configs have been changed."""
    target = folder / "doctored.h5"
    shutil.copy(source, target)
    with h5py.File(target, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        change(config["config"]["layers"])
        file.attrs["model_config"] = json.dumps(config)
    return target


def doctored_weights(folder: Path, source: Path = MLP) -> Path:
    """A copy of an .h5 sample in which a weight of the first layer that has any is another number."""
    target = folder / "weights.h5"
    shutil.copy(source, target)
    with h5py.File(target, "r+") as file:
        found: list[Any] = []
        file["model_weights"].visititems(lambda _, item: found.append(item) if isinstance(item, h5py.Dataset) else None)
        found[0][...] = found[0][...] + 1
    return target

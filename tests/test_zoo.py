"""Ten architectures of keras.applications, from .h5 and .keras of both Keras generations, against Keras itself.

Two run always; the others take minutes: `python -m pytest tests/test_zoo.py -m slow`.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from kmin import Model, load

SCRIPT = Path(__file__).parent / "make_zoo.py"
NAMES = (
    "DenseNet121",
    "DenseNet169",
    "DenseNet201",
    "InceptionResNetV2",
    "InceptionV3",
    "MobileNet",
    "ResNet50",
    "VGG16",
    "VGG19",
    "Xception",
)
ALWAYS = {("keras", "MobileNet"), ("tf_keras", "DenseNet121")}
ROWS = [
    pytest.param((package, name), id=f"{name}-{package}", marks=() if (package, name) in ALWAYS else pytest.mark.slow)
    for name in NAMES
    for package in ("keras", "tf_keras")
]
TOLERANCE = 1e-5  # of the largest logit
EPSILON = float(np.finfo(np.float32).eps)


@pytest.fixture(params=ROWS)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A folder with one architecture, made by Keras in a process of its own; emptied afterwards (VGG19 fills 1 GB)."""
    package, name = request.param
    if any(importlib.util.find_spec(module) is None for module in ("tensorflow", package)):
        pytest.skip(f"needs tensorflow and {package}")
    run = subprocess.run(
        [sys.executable, str(SCRIPT), package, name, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-2000:]
    yield tmp_path
    shutil.rmtree(tmp_path)


def test_architecture_predicts_like_keras(folder: Path) -> None:
    with np.load(folder / "reference.npz") as arrays:
        x, wanted = arrays["x"], arrays["y"]
    scale = np.abs(wanted).max()
    assert wanted.std() > 0.01 * scale, "logits that are all alike would hide errors"
    exact = Model.load(folder / "model.h5", dtype="float64").predict(x)
    theirs = np.abs(wanted - exact).max() / scale
    assert theirs <= TOLERANCE
    for file in ("model.h5", "model.keras"):
        got = load(folder / file).predict(x)
        assert got.shape == wanted.shape
        assert got.dtype == wanted.dtype
        assert np.abs(got - wanted).max() / scale <= TOLERANCE, file
        mine = np.abs(got - exact).max() / scale
        assert mine <= 2 * theirs + EPSILON, f"{file}: {mine:.2e} from float64, Keras {theirs:.2e}"

"""Every architecture of keras.applications, from .h5 and .keras of both Keras generations, against Keras itself.

Two run always; the others take an hour: `pytest tests/test_zoo.py -m slow --junitxml=FILE` (which notes the errors).
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from kmin import Model, load

SCRIPT = Path(__file__).parent / "make_zoo.py"
# Of Keras 2 and 3 (2.15 and 3.15).
BOTH = """
ConvNeXtBase ConvNeXtLarge ConvNeXtSmall ConvNeXtTiny ConvNeXtXLarge DenseNet121 DenseNet169 DenseNet201
EfficientNetB0 EfficientNetB1 EfficientNetB2 EfficientNetB3 EfficientNetB4 EfficientNetB5 EfficientNetB6
EfficientNetB7 EfficientNetV2B0 EfficientNetV2B1 EfficientNetV2B2 EfficientNetV2B3 EfficientNetV2L EfficientNetV2M
EfficientNetV2S InceptionResNetV2 InceptionV3 MobileNet MobileNetV2 MobileNetV3Large MobileNetV3Small NASNetLarge
NASNetMobile ResNet101 ResNet101V2 ResNet152 ResNet152V2 ResNet50 ResNet50V2 VGG16 VGG19 Xception
"""
# Of Keras 2 alone.
OLDER = """
RegNetX002 RegNetX004 RegNetX006 RegNetX008 RegNetX016 RegNetX032 RegNetX040 RegNetX064 RegNetX080 RegNetX120
RegNetX160 RegNetX320 RegNetY002 RegNetY004 RegNetY006 RegNetY008 RegNetY016 RegNetY032 RegNetY040 RegNetY064
RegNetY080 RegNetY120 RegNetY160 RegNetY320 ResNetRS101 ResNetRS152 ResNetRS200 ResNetRS270 ResNetRS350 ResNetRS420
ResNetRS50
"""
ALWAYS = {("keras", "MobileNet"), ("tf_keras", "DenseNet121")}
ROWS = [
    pytest.param((package, name), id=f"{name}-{package}", marks=() if (package, name) in ALWAYS else pytest.mark.slow)
    for name in [*BOTH.split(), *OLDER.split()]
    for package in ("keras", "tf_keras")
    if package == "tf_keras" or name in BOTH.split()
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


def test_architecture_predicts_like_keras(folder: Path, record_property: Callable[[str, object], None]) -> None:
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
        error = np.abs(got - wanted).max() / scale
        record_property(f"{file}: error, of the largest logit", f"{error:.1e}")
        assert error <= TOLERANCE, file
        mine = np.abs(got - exact).max() / scale
        assert mine <= 2 * theirs + EPSILON, f"{file}: {mine:.2e} from float64, Keras {theirs:.2e}"

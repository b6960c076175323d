"""Every layer of Keras 1 as Keras 1.2.2 saved and computed it, on TensorFlow and on Theano; Keras 2.3.1 on Theano."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

import kmin

GOLDENS = Path(__file__).parent / "goldens"


def rows() -> list[tuple[str, str]]:
    found = []
    for path in sorted(GOLDENS.glob("keras[12].*.zip")):
        with zipfile.ZipFile(path) as archive:
            found += [(path.stem, n[:-3]) for n in archive.namelist() if n.endswith(".h5")]
    return found


@pytest.mark.parametrize(("backend", "name"), rows())
def test_keras_1(tmp_path: Path, backend: str, name: str) -> None:
    with zipfile.ZipFile(GOLDENS / f"{backend}.zip") as archive:
        path = tmp_path / "m.h5"
        path.write_bytes(archive.read(f"{name}.h5"))
        with np.load(io.BytesIO(archive.read(f"{name}.npz"))) as stored:
            x, wanted = [stored[key] for key in sorted(stored.files) if key != "y"], stored["y"]
    got, exact = (kmin.load(path, dtype=dtype).predict(x) for dtype in ("float32", "float64"))
    assert got.shape == wanted.shape
    size = max(float(np.abs(wanted).max()), 1e-30)
    assert np.abs(got - wanted).max() / size <= 1e-5
    assert np.abs(exact - wanted).max() / size <= 1e-5

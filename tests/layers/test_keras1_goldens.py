"""Every layer of Keras 1 as Keras 1.2.2 saved and computed it, on TensorFlow and on Theano."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

import kmin
from kmin.errors import KminError

GOLDENS = Path(__file__).parent / "goldens"
# Why a case is refused.
BATCH = "by the statistics of the batch"
REFUSED: dict[str, str] = {"norm_mode2": BATCH, "norm_steps_mode2": BATCH}


def rows() -> list[tuple[str, str]]:
    found = []
    for path in sorted(GOLDENS.glob("keras1.*.zip")):
        with zipfile.ZipFile(path) as archive:
            found += [(path.name.split(".")[1], n[:-3]) for n in archive.namelist() if n.endswith(".h5")]
    return found


@pytest.mark.parametrize(("backend", "name"), rows())
def test_keras_1(tmp_path: Path, backend: str, name: str) -> None:
    with zipfile.ZipFile(GOLDENS / f"keras1.{backend}.zip") as archive:
        path = tmp_path / "m.h5"
        path.write_bytes(archive.read(f"{name}.h5"))
        with np.load(io.BytesIO(archive.read(f"{name}.npz"))) as stored:
            x, wanted = [stored[key] for key in sorted(stored.files) if key != "y"], stored["y"]
    if name in REFUSED:
        with pytest.raises(KminError, match=REFUSED[name]):
            kmin.load(path)
        return
    got, exact = (kmin.load(path, dtype=dtype).predict(x) for dtype in ("float32", "float64"))
    assert got.shape == wanted.shape
    size = max(float(np.abs(wanted).max()), 1e-30)
    assert np.abs(got - wanted).max() / size <= 1e-5
    assert np.abs(exact - wanted).max() / size <= 1e-5

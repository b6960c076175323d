"""Files trained on Theano: today's Keras reads their kernels as they stand, Keras up to 2.3.1 and kmin mirror them."""

from __future__ import annotations

import shutil
from pathlib import Path

import h5py
import numpy as np
from engines.models import SAMPLES, needs_keras

import kmin
from kmin.verify import verify


@needs_keras
def test_the_reference_mirrors_kernels_as_kmin_does(tmp_path: Path) -> None:
    sample = SAMPLES / "blobs_cnn" / "model.h5"
    path = tmp_path / "model.h5"
    shutil.copy(sample, path)
    with h5py.File(path, "r+") as file:
        file.attrs["backend"] = "theano"
    x = np.random.default_rng(0).random((4, 64, 64, 1), np.float32)
    assert np.abs(kmin.load(path)(x) - kmin.load(sample)(x)).max() > 1e-3
    found = verify(path, samples=20)
    assert found.passed
    assert "Theano's kernels mirrored" in found.reference

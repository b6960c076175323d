"""Files trained on Theano: today's Keras reads their kernels as they stand, Keras up to 2.3.1 and kmin mirror them."""

from __future__ import annotations

import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
from engines.models import SAMPLES, needs_keras

import kmin
from kmin.engines.theano import mirror_kernels
from kmin.errors import EngineError
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


class MaxPooling2D:
    name, weights = "pool", ()

    def get_config(self) -> dict[str, object]:
        return {"padding": "same", "pool_size": [2, 2], "strides": [2, 2]}


class PoolModel:
    def _flatten_layers(self, **_: bool) -> list[MaxPooling2D]:
        return [MaxPooling2D()]


def test_there_is_no_reference_for_the_paddings_of_theano() -> None:
    with pytest.raises(EngineError, match=r"layer 'pool' \(MaxPooling2D\) pads as Theano does"):
        mirror_kernels(PoolModel())

""".keras archives: layouts of every age, found by name or by counting, and damaged ones."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from formats.files import ARRAYS, BIAS, KERNEL, MODEL, dense, input_layer, sequential, weights_h5, write_keras
from kmin.errors import FormatError
from kmin.formats import read
from kmin.formats.store import snake_case


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("separator", ["/", "\\"])
@pytest.mark.parametrize("container", ["layers", "_layer_checkpoint_dependencies"])
def test_layouts(tmp_path: Path, compression: int, separator: str, container: str) -> None:
    """Windows wrote one group named `layers\\dense`; Keras 2.12 and 2.13 call the container something else."""
    place = f"{container}{separator}dense/vars"
    data = weights_h5({f"{place}/0": KERNEL, f"{place}/1": BIAS})
    spec = read(write_keras(tmp_path / "m.keras", weights=data, version="2.13.1", compression=compression))
    assert spec.dialect == 2
    np.testing.assert_array_equal(spec.layers[1].weights["kernel"], KERNEL)
    np.testing.assert_array_equal(spec.layers[1].weights["bias"], BIAS)


def three() -> dict[str, Any]:
    return sequential(input_layer(), *(dense(name, use_bias=False) for name in ("one", "two", "three")))


def test_gaps_in_the_counters_are_closed(tmp_path: Path) -> None:
    arrays = {f"layers/{place}/vars/0": KERNEL + i for i, place in enumerate(("dense", "dense_2", "dense_10"))}
    spec = read(write_keras(tmp_path / "m.keras", three(), weights_h5(arrays)))
    for i, layer in enumerate(spec.layers[1:]):
        np.testing.assert_array_equal(layer.weights["kernel"], KERNEL + i)


def test_names_in_the_file_beat_counting(tmp_path: Path) -> None:
    places = {"dense": "three", "dense_1": "one", "dense_2": "two"}
    arrays = {f"layers/{place}/vars/0": KERNEL + len(name) for place, name in places.items()}
    names = {f"layers/{place}/vars": name for place, name in places.items()}
    spec = read(write_keras(tmp_path / "m.keras", three(), weights_h5(arrays, names)))
    for layer in spec.layers[1:]:
        np.testing.assert_array_equal(layer.weights["kernel"], KERNEL + len(layer.name))


@pytest.mark.parametrize("noted", [True, False])
def test_bfloat16_becomes_float32(tmp_path: Path, noted: bool) -> None:
    short = (KERNEL.view(np.uint32) >> 16).astype(np.uint16)
    import io

    import h5py

    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file["layers/dense/vars/0"] = short.view("V2")
        if noted:  # not in the legacy .h5 files of Keras 3
            file["layers/dense/vars/0"].attrs["dtype"] = "bfloat16"
        file["layers/dense/vars/1"] = BIAS
    kernel = read(write_keras(tmp_path / "m.keras", weights=buffer.getvalue())).layers[1].weights["kernel"]
    assert kernel.dtype == np.float32
    np.testing.assert_array_equal(kernel, KERNEL)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"layers/dense/vars/0": KERNEL}, "layer 'dense' (Dense): needs 2 weights (kernel, bias); the file has 1"),
        ({**ARRAYS, "layers/dense_1/vars/0": KERNEL}, "'layers/dense_1' belong to no layer"),
        ({**ARRAYS, "vars/0": KERNEL}, "belong to no layer"),
        ({"layers/dense/vars/0": KERNEL, "layers/dense/vars/2": BIAS}, "'layers/dense/vars/1' is not in the file"),
    ],
)
def test_weights_that_do_not_fit(tmp_path: Path, arrays: dict[str, np.ndarray], message: str) -> None:
    with pytest.raises(FormatError) as error:
        read(write_keras(tmp_path / "m.keras", weights=weights_h5(arrays)))
    assert message in str(error.value)


def test_seeds_and_metrics_are_passed_over(tmp_path: Path) -> None:
    more = {"layers/dropout/seed_generator/vars/0": BIAS, "metrics/mean/vars/0": BIAS, "optimizer/vars/0": KERNEL}
    spec = read(write_keras(tmp_path / "m.keras", weights=weights_h5({**ARRAYS, **more})))
    assert spec.parameters() == 8
    assert spec.file is not None
    assert spec.file.optimizer_size == KERNEL.nbytes


def test_subclassed_model_is_readable_but_opaque(tmp_path: Path) -> None:
    config = {"module": "mine", "class_name": "Net", "config": {"name": "net"}, "registered_name": "Net"}
    spec = read(write_keras(tmp_path / "m.keras", config, weights_h5({"first/vars/0": KERNEL})))
    assert [layer.class_name for layer in spec.layers] == ["mine.Net"]
    assert list(spec.layers[0].weights) == ["first/0"]


def test_a_stored_member_is_checked(tmp_path: Path) -> None:
    path = write_keras(tmp_path / "m.keras")
    data = path.read_bytes()
    at = data.index(KERNEL.tobytes())
    path.write_bytes(data[:at] + b"\xff" + data[at + 1 :])
    with pytest.raises(FormatError, match="checksum"):
        read(path)


def test_snake_case() -> None:
    known = {
        "Conv2DTranspose": "conv2d_transpose",
        "LSTM": "lstm",
        "PReLU": "p_re_lu",
        "ReLU": "re_lu",
        "TFOpLambda": "tf_op_lambda",
        "BatchNormalization": "batch_normalization",
        "ConvLSTM2D": "conv_lstm2d",
    }
    assert {name: snake_case(name) for name in known} == known


def test_keras_core(tmp_path: Path) -> None:
    """keras-core, the forerunner of Keras 3, counts its versions from 0.1."""
    text = json.dumps(MODEL).replace(
        '"class_name"', '"module": "keras_core.layers", "registered_name": null, "class_name"'
    )
    spec = read(write_keras(tmp_path / "m.keras", text, version="0.1.7"))
    assert spec.dialect == 3
    assert spec.layers[1].class_name == "Dense"
    np.testing.assert_array_equal(spec.layers[1].weights["kernel"], KERNEL)


def test_sharded_weights_inside(tmp_path: Path) -> None:
    path = write_keras(tmp_path / "m.keras")
    sharded = tmp_path / "sharded.keras"
    shards = {
        "model_00000.weights.h5": {"layers/dense/vars/0": KERNEL},
        "model_00001.weights.h5": {"layers/dense/vars/1": BIAS},
    }
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(sharded, "w") as target:
        for name in ("metadata.json", "config.json"):
            target.writestr(name, source.read(name))
        for name, arrays in shards.items():
            target.writestr(name, weights_h5(arrays))
        target.writestr("model.weights.json", json.dumps({"weight_map": {"/layers/dense/vars": list(shards)}}))
    np.testing.assert_array_equal(read(sharded).layers[1].weights["bias"], BIAS)

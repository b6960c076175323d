"""A short run of what fuzz.py does at length: cut files, flipped bytes, and configs changed at random."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hostile.damage import seed_file
from hostile.fuzz import campaign, open_everything
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from formats.files import ARRAYS, dense, input_layer, sequential, weights_h5, write_keras

WEIGHTS = weights_h5(ARRAYS)


@pytest.mark.parametrize("kind", ["h5", "keras", "bundle"])
def test_cut_at_every_percent(tmp_path: Path, kind: str) -> None:
    data = seed_file(kind)
    path = tmp_path / "part"
    for percent in range(100):
        path.write_bytes(data[: len(data) * percent // 100])
        assert open_everything(path) == "refused", f"{percent}%"


def test_damaged_files(tmp_path: Path) -> None:
    outcomes, findings = campaign(0, 200, tmp_path)
    assert findings == []
    assert outcomes["opened"] > 0 and outcomes["refused"] > 0


SHAPED = (None, 8, 8, 2)
LAYERS: list[tuple[dict[str, Any], tuple[Any, ...]]] = [
    (dense(activation="relu", dtype="float32"), (None, 3)),
    *(
        ({"class_name": name, "config": {"name": name.lower(), "trainable": True, **config}}, SHAPED)
        for name, config in {
            "MaxPooling2D": {"pool_size": [2, 2], "strides": [2, 2], "padding": "same", "data_format": "channels_last"},
            "Reshape": {"target_shape": [4, 32]},
            "Permute": {"dims": [2, 1, 3]},
            "ZeroPadding2D": {"padding": [[1, 1], [1, 1]], "data_format": "channels_last"},
            "UpSampling2D": {"size": [2, 2], "interpolation": "nearest"},
            "Cropping2D": {"cropping": [[1, 1], [1, 1]]},
            "Softmax": {"axis": -1},
            "LeakyReLU": {"negative_slope": 0.1},
            "Rescaling": {"scale": 2.0, "offset": 1.0},
        }.items()
    ),
]
PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 63), 1 << 63),
    st.integers(-3, 300),
    st.floats(allow_nan=True, allow_infinity=True),
    st.text(max_size=8),
    st.sampled_from(
        ["same", "causal", "channels_first", "float16", "mixed_bfloat16", "linear", "__lambda__", "Lambda"]
    ),
)
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in items for place in places(item, (*path, key)))]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_changed_configs(tmp_path: Path, data: st.DataObject) -> None:
    layer, shape = data.draw(st.sampled_from(LAYERS))
    config = json.loads(json.dumps(sequential(input_layer(shape=shape), layer)))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(places(config)))
        if not place:
            continue
        holder = config
        for key in place[:-1]:
            holder = holder[key]
        if isinstance(holder, dict) and data.draw(st.booleans()):
            del holder[place[-1]]
        else:
            holder[place[-1]] = data.draw(VALUES)
    path = write_keras(tmp_path / "m.keras", config, WEIGHTS if layer["class_name"] == "Dense" else weights_h5({}))
    assert open_everything(path) in ("opened", "refused")

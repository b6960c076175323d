"""Masks and time: padding changes nothing, unread masks are refused, and so is what recurrent layers cannot do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kmin import Model
from kmin.errors import InputError, UnsupportedError
from kmin.formats.spec import Call, LayerSpec, ModelSpec, TensorRef
from kmin.layers import LAYERS, PASSES_MASK, masks
from kmin.layers.lower import lower
from kmin.layers.masks import HANDLES_MASK, JOINS_MASKS, PASSES_MASK_IN, READS_MASK

RNG = np.random.default_rng(5)
UNITS = 3


def array(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype("f4")


def layer(name: str, class_name: str, after: str, **config: Any) -> LayerSpec:
    """A layer applied once to the output of another."""
    return LayerSpec(name, class_name, config, calls=(Call((TensorRef(after),)),))


def recurrent(class_name: str = "LSTM", after: str = "embedding", size: int = 4, **config: Any) -> LayerSpec:
    gates = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}[class_name]
    shape = (2, gates * UNITS) if class_name == "GRU" else (gates * UNITS,)
    weights = {
        "kernel": array(size, gates * UNITS),
        "recurrent_kernel": array(UNITS, gates * UNITS),
        "bias": array(*shape),
    }
    gate = {} if class_name == "SimpleRNN" else {"recurrent_activation": "sigmoid", "reset_after": True}
    config = {"units": UNITS, "activation": "tanh", **gate, **config}
    return replace(layer("rnn", class_name, after, **config), weights=weights)


def model(*layers: LayerSpec, dialect: int = 3, outputs: Any = None) -> ModelSpec:
    """ids -> a masking embedding -> the layers."""
    start = LayerSpec("ids", "InputLayer", {"batch_shape": [None, None], "dtype": "int32"})
    table = {"embeddings": array(9, 4)}
    embedding = layer("embedding", "Embedding", "ids", input_dim=9, output_dim=4, mask_zero=True)
    everything = (start, replace(embedding, weights=table), *layers)
    last = outputs if outputs is not None else TensorRef(everything[-1].name)
    return ModelSpec("m", "Functional", everything, TensorRef("ids"), last, dialect)


@pytest.mark.parametrize("dialect", [2, 3])
@pytest.mark.parametrize("class_name", ["SimpleRNN", "GRU", "LSTM"])
def test_padding_changes_nothing(class_name: str, dialect: int) -> None:
    ready = Model(lower(model(recurrent(class_name), dialect=dialect)))
    ids = RNG.integers(1, 9, (2, 4)).astype("i4")
    wanted = ready(ids)
    assert np.abs(wanted).max() > 0.01
    for pads in [(0, 3), (5, 0), (2, 1)]:
        np.testing.assert_allclose(ready(np.pad(ids, ((0, 0), pads))), wanted, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(ready(np.insert(ids, 2, 0, axis=1)), wanted, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("class_name", ["SimpleRNN", "GRU", "LSTM"])
def test_nothing_read_gives_zeros(class_name: str) -> None:
    ready = Model(lower(model(recurrent(class_name))))
    assert not ready(np.zeros((2, 5), "i4")).any()
    assert not ready(np.zeros((2, 0), "i4")).any()
    assert ready(np.zeros((0, 5), "i4")).shape == (0, UNITS)
    sequences = Model(lower(model(recurrent(class_name, return_sequences=True))))
    assert sequences(np.zeros((2, 0), "i4")).shape == (2, 0, UNITS)
    assert sequences(np.ones((2, 1), "i4")).shape == (2, 1, UNITS)


def test_rows_do_not_disturb_each_other() -> None:
    ready = Model(lower(model(recurrent(return_sequences=True))))
    ids = RNG.integers(0, 3, (6, 5)).astype("i4")
    whole = ready(ids)
    for row in range(6):
        np.testing.assert_allclose(ready(ids[row : row + 1])[0], whole[row], rtol=1e-5, atol=1e-6)


def test_initial_state_hides_an_implicit_mask_in_keras_3_only() -> None:
    """Keras 3 fills `mask` in by itself only when one argument holds tensors (Layer.__call__, 3.15)."""
    start = LayerSpec("h", "InputLayer", {"batch_shape": [None, UNITS]})
    rnn = recurrent("GRU")
    given = replace(rnn, calls=(Call((TensorRef("embedding"),), {"initial_state": [TensorRef("h")]}),))
    outputs = {}
    for dialect in (2, 3):
        spec = model(given, dialect=dialect)
        spec = replace(spec, layers=(*spec.layers, start), inputs=[TensorRef("ids"), TensorRef("h")])
        ready = Model(lower(spec))
        state = array(2, UNITS)
        empty = ready([np.zeros((2, 4), "i4"), state])
        outputs[dialect] = empty
    assert not outputs[2].any()  # masked from the start: zeros, as no output came before
    assert outputs[3].any()


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"stateful": True}, "stateful=True"),
        ({"num_constants": 1}, "constants"),
        ({"units": 5}, "weight 'kernel' must have shape"),
        ({"activation": "unheard_of"}, "unheard_of"),
    ],
)
@pytest.mark.parametrize("class_name", ["SimpleRNN", "GRU", "LSTM"])
def test_refused(class_name: str, config: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnsupportedError, match=reason) as caught:
        lower(model(recurrent(class_name, **config)))
    assert f"layer 'rnn' ({class_name})" in str(caught.value)


def test_gates_of_an_old_file_must_be_named() -> None:
    rnn = recurrent()
    config = {key: value for key, value in rnn.config.items() if key != "recurrent_activation"}
    lower(model(replace(rnn, config=config), dialect=3))
    with pytest.raises(UnsupportedError, match="recurrent_activation"):
        lower(model(replace(rnn, config=config), dialect=2))


def test_wrong_number_of_states_is_refused() -> None:
    rnn = recurrent()
    kwargs = {"initial_state": [TensorRef("embedding")]}
    with pytest.raises(UnsupportedError, match="initial_state must be 2 tensors"):
        lower(model(replace(rnn, calls=(Call(rnn.calls[0].args, kwargs),))))


def test_a_mask_that_the_layer_would_not_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    pooling = layer("pooling", "GlobalAveragePooling1D", "embedding")
    spec = model(pooling)
    lower(spec)
    monkeypatch.setattr(masks, "HANDLES_MASK", frozenset())
    with pytest.raises(UnsupportedError, match=r"layer 'pooling' \(GlobalAveragePooling1D\): a mask arrives"):
        lower(spec)
    table = LayerSpec("embedding", "Embedding", {"input_dim": 9, "output_dim": 4}, {"embeddings": array(9, 4)})
    lower(replace(spec, layers=(spec.layers[0], replace(table, calls=spec.layers[1].calls), pooling)))


def test_bidirectional_needs_opposite_directions() -> None:
    children = {"forward_layer": recurrent(go_backwards=True), "backward_layer": recurrent(go_backwards=True)}
    both = replace(layer("both", "Bidirectional", "embedding", merge_mode="sum"), children=children)
    with pytest.raises(UnsupportedError, match="different go_backwards"):
        lower(model(both))


def test_problems_inside_wrappers_are_reported_with_their_path() -> None:
    inner = LayerSpec("strange", "Strange", {})
    timed = replace(layer("timed", "TimeDistributed", "embedding"), children={"layer": inner})
    with pytest.raises(UnsupportedError) as caught:
        lower(model(timed, recurrent(after="timed")))
    assert len(caught.value.problems) == 1
    assert "layer 'timed/strange' (Strange)" in caught.value.problems[0]


def test_unread_time_axis_is_refused_before_running() -> None:
    ready = Model(lower(model(recurrent())))
    with pytest.raises(InputError):
        ready(np.zeros((2, 3, 4, 5), "i4"))


def test_cudnn_weights_equal_the_plain_layers() -> None:
    """CuDNNLSTM keeps each gate's kernels transposed and its bias in two halves (Keras 2.15, hdf5_format)."""
    plain = recurrent(return_sequences=True, size=4)
    kernel, inner, bias = (plain.weights[key] for key in ("kernel", "recurrent_kernel", "bias"))
    stored = {
        "kernel": np.hstack([part.T.reshape(part.shape, order="C") for part in np.hsplit(kernel, 4)]),
        "recurrent_kernel": np.hstack([part.T for part in np.hsplit(inner, 4)]),
        "bias": np.concatenate([bias * 0.25, bias * 0.75]),
    }
    fast = replace(plain, class_name="CuDNNLSTM", weights=stored, config={"units": UNITS, "return_sequences": True})
    start = LayerSpec("x", "InputLayer", {"batch_shape": [None, 5, 4]})
    results = []
    x = array(2, 5, 4)
    for rnn in (plain, fast):
        applied = replace(rnn, calls=(Call((TensorRef("x"),)),))
        spec = ModelSpec("m", "Functional", (start, applied), TensorRef("x"), TensorRef("rnn"), 2)
        results.append(Model(lower(spec))(x))
    np.testing.assert_allclose(results[1], results[0], rtol=1e-5, atol=1e-6)
    with pytest.raises(UnsupportedError, match="cuDNN layers do not support masking"):
        lower(model(replace(fast, calls=plain.calls), dialect=2))


def test_mask_tables_fit_together() -> None:
    reads = READS_MASK[2] | READS_MASK[3]
    assert reads >= HANDLES_MASK
    assert set(LAYERS) >= HANDLES_MASK
    assert not (PASSES_MASK & set(JOINS_MASKS))
    assert not (PASSES_MASK & (PASSES_MASK_IN[2] | PASSES_MASK_IN[3]))
    assert set(LAYERS) >= PASSES_MASK

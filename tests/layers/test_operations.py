"""Functions as graph nodes: what is refused, and how; tables that agree with what Keras writes."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from kmin.errors import UnsupportedError
from kmin.formats.spec import Call, LayerSpec, ModelSpec, TensorRef
from kmin.layers.lower import lower
from kmin.layers.operations import KERAS_FUNCTIONS, TENSORFLOW_FUNCTIONS

from .one_layer import graph_of, run

X = (None, 4, 5)
A = TensorRef("in0")


def tensorflow(function: str, **kwargs: Any) -> Any:
    return graph_of("TFOpLambda", {"function": function}, X, args=(A,), kwargs=kwargs, dialect=2)


@pytest.mark.parametrize("table", [KERAS_FUNCTIONS, TENSORFLOW_FUNCTIONS])
def test_tables_are_sorted_and_their_parameters_readable(table: dict[str, Any]) -> None:
    assert list(table) == sorted(table)
    for name, (parameters, function) in table.items():
        assert re.fullmatch(r"\*?\w+(=\S+)?( \w+(=\S+)?)*", parameters), name
        assert callable(function)


def test_unknown_functions_are_named() -> None:
    with pytest.raises(
        UnsupportedError, match=r"the function tf\.math\.reduce_meen .*nearest supported: math\.reduce_mean"
    ):
        tensorflow("math.reduce_meen")
    with pytest.raises(UnsupportedError, match="function must be the name"):
        graph_of("TFOpLambda", {}, X, args=(A,), dialect=2)
    with pytest.raises(UnsupportedError, match=r"ops\.Lu"):
        graph_of("ops.Lu", {}, X, args=(A,))


@pytest.mark.parametrize(
    ("name", "config", "kwargs"),
    [
        ("ops.Sum", {"axis": None}, {}),
        ("ops.Mean", {"axis": [0, 1]}, {}),
        ("ops.Argmax", {"axis": 0}, {}),
        ("ops.Flip", {"axis": None}, {}),
        ("ops.Cumsum", {"axis": 0}, {}),
        ("ops.Sort", {"axis": 0}, {}),
        ("ops.GetItem", {}, {"key": 0}),
        ("ops.GetItem", {}, {"key": {"class_name": "__slice__", "config": {"start": 1, "stop": None, "step": None}}}),
        ("ops.Take", {"axis": 0}, {"indices": [0]}),
        ("ops.Softmax", {"axis": 0}, {}),
        ("ops.Tile", {"repeats": [2, 1, 1]}, {}),
        ("ops.Concatenate", {"axis": 0}, {}),
        ("ops.Einsum", {"subscripts": "bij->ij"}, {}),
    ],
)
def test_what_mixes_samples_is_known(name: str, config: dict[str, Any], kwargs: dict[str, Any]) -> None:
    graph = graph_of(name, config, X, args=(A,) if name != "ops.Concatenate" else ([A, A],), kwargs=kwargs)
    assert graph.mixes_samples


@pytest.mark.parametrize(
    ("name", "config"),
    [("ops.Sum", {"axis": [1, 2]}), ("ops.Softmax", {"axis": -1}), ("ops.Flip", {"axis": 1}), ("ops.Exp", {})],
)
def test_what_keeps_samples_apart_is_known(name: str, config: dict[str, Any]) -> None:
    assert not graph_of(name, config, X, args=(A,)).mixes_samples


def test_other_modes_of_factors_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="mode must be"):
        graph_of("ops.Qr", {"mode": "raw"}, X, args=(A,))


def test_parts_of_some_samples_mix_them() -> None:
    part = np.zeros((1, 2, 2), "f4")
    assert graph_of("ops.SliceUpdate", {}, X, args=(A, [0, 1, 1], part)).mixes_samples
    assert graph_of("ops.SearchSorted", {"side": "left"}, (None,), args=(A, A)).mixes_samples


def test_windows_that_do_not_tile_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="strategy must be 'greedy' or"):
        graph_of("ops.CTCDecode", {"strategy": "best"}, X, args=(A, [3]))
    with pytest.raises(UnsupportedError, match="not -1, with which Keras doubles"):
        graph_of("ops.CTCDecode", {"strategy": "beam_search", "mask_index": -1}, X, args=(A, [3]))
    with pytest.raises(UnsupportedError, match="windows of 4 cells"):
        graph_of("ops.Fold", {"output_size": 4, "kernel_size": 2}, X, args=(A,))


def test_einsum_of_keras_2_has_lost_its_operands() -> None:
    with pytest.raises(UnsupportedError, match="does not write the operands"):
        graph_of("TFOpLambda", {"function": "einsum"}, X, args=("bij,bjk->bik",), dialect=2)


def test_constants_that_do_not_fit_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="a constant must fit int32"):
        graph_of("TFOpLambda", {"function": "math.multiply"}, X, dtype="int32", args=(A,), kwargs={"y": 0.5}, dialect=2)
    with pytest.raises(UnsupportedError, match="needs tensors or numbers"):
        tensorflow("math.multiply", y="three")
    with pytest.raises(UnsupportedError, match="bool does not subtract"):
        graph_of("ops.Subtract", {}, X, dtype="bool", args=(A, A))


def test_a_subscript_outside_is_refused() -> None:
    full = {"start": None, "stop": None, "step": None}
    with pytest.raises(UnsupportedError, match="index 4 is outside axis 1"):
        tensorflow("__operators__.getitem", slice_spec=[full, 4])
    with pytest.raises(UnsupportedError, match="at most 3 axes"):
        tensorflow("__operators__.getitem", slice_spec=[full] * 4)


def test_shapes_that_only_a_run_can_tell() -> None:
    graph = tensorflow("reshape", shape=[-1, 20])
    assert run(graph, np.zeros((2, 4, 5))).shape == (2, 20)
    with pytest.raises(UnsupportedError, match="more than one size"):
        tensorflow("reshape", shape=[-1, 2, -1])


@pytest.mark.parametrize(
    ("function", "kwargs", "reason"),
    [
        ("compat.v1.gather_nd", {"indices": [0], "batch_dims": 1}, "tuples of a known length"),
        (
            "compat.v1.nn.fused_batch_norm",
            {"scale": [1.0], "offset": [0.0], "is_training": False},
            "a mean and a variance unless is_training",
        ),
        ("bitcast", {"type": "float64"}, "a last axis of 2"),
        ("bitcast", {"type": "bool"}, "bool and bfloat16"),
        ("nn.max_pool_with_argmax", {"ksize": 2, "strides": 2, "padding": "FULL"}, "SAME or VALID"),
        ("image.ssim", {"img2": A, "max_val": 1.0}, "two batches of images"),
        ("image.combined_non_max_suppression", {"scores": A, "max_output_size_per_class": 1}, "'max_total_size'"),
        ("image.non_max_suppression_padded", {"scores": A, "max_output_size": 1}, "boxes of an image"),
        ("image.crop_and_resize", {"boxes": A, "box_indices": A, "crop_size": [1, 1], "method": "x"}, "'bilinear'"),
        ("keras.backend.ctc_decode", {"input_length": A}, "a length for each row"),
        ("linalg.lstsq", {"rhs": A, "l2_regularizer": None}, "matrices of known size and a number"),
        ("linspace", {"stop": A, "num": 0}, "two floats of one rank and a number"),
        ("linalg.diag", {"k": 1}, "whole main diagonals"),
        ("reverse_sequence", {"seq_lengths": [1], "seq_axis": 0, "batch_axis": 1}, "batch_axis must be 0"),
        ("nn.conv1d_transpose", {"filters": np.zeros((3, 2, 5)), "output_shape": [2, 9, 2], "strides": 2}, "must fit"),
        ("signal.dct", {"type": 5}, "type 1 to 4"),
        ("image.rgb_to_yuv", {}, "3 channels"),
    ],
)
def test_what_tensorflow_functions_do_not_do(function: str, kwargs: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnsupportedError, match=reason):
        tensorflow(function, **kwargs)


@pytest.mark.parametrize(
    ("reader", "kwargs", "reason"),
    [
        ("nn.relu", {}, "takes real numbers; received complex ones"),
        ("math.add", {"y": A}, "needs complex numbers"),
        (
            "signal.inverse_stft",
            {"frame_length": 4, "frame_step": 2, "window_fn": "my_window"},
            "window_fn must be",
        ),
    ],
)
def test_complex_numbers_go_where_they_are_understood(reader: str, kwargs: dict[str, Any], reason: str) -> None:
    x = LayerSpec("in0", "InputLayer", {"batch_shape": [None, 12], "dtype": "float32"})
    settings = {"frame_length": 4, "frame_step": 2}
    pair = LayerSpec("pair", "TFOpLambda", {"function": "signal.stft"}, calls=(Call((A,), settings),))
    last = LayerSpec("last", "TFOpLambda", {"function": reader}, calls=(Call((TensorRef("pair"),), kwargs),))
    with pytest.raises(UnsupportedError, match=reason):
        lower(ModelSpec("model", "Functional", (x, pair, last), [A], TensorRef("last"), 2))
    graph = lower(ModelSpec("model", "Functional", (x, pair), [A], TensorRef("pair"), 2))
    assert graph.specs[graph.outputs[0]].dtype == "complex64"
    dense = LayerSpec("last", "Flatten", {}, calls=(Call((TensorRef("pair"),), {}),))
    with pytest.raises(UnsupportedError, match="takes real numbers"):
        lower(ModelSpec("model", "Functional", (x, pair, dense), [A], TensorRef("last"), 2))


@pytest.mark.parametrize(
    ("function", "kwargs", "reason"),
    [
        ("strings.lower", {"encoding": "latin-1"}, "encoding must be '' or 'utf-8'"),
        ("strings.regex_replace", {"pattern": "(?=a)", "rewrite": ""}, "is not supported: a group begins"),
        ("strings.regex_replace", {"pattern": "a", "rewrite": r"\1"}, "the rewrite holds"),
        ("strings.regex_full_match", {"pattern": 3}, "needs a pattern"),
        ("strings.reduce_join", {"axis": 2}, "axis must be within"),
        ("strings.ngrams", {"ngram_width": 4}, "ngram_width must be up to 3"),
        ("strings.split", {"sep": 3}, "needs a separator"),
        ("strings.split", {}, "gives rows of unequal length"),
        ("strings.unicode_split", {"input_encoding": "UTF-16-BE"}, "only UTF-8"),
        ("strings.to_number", {"out_type": "int8"}, "parse_number makes"),
        ("strings.unicode_transcode", {"input_encoding": "UTF-8", "output_encoding": "UTF-16-BE"}, "only UTF-8"),
        ("strings.length", {"unit": "LETTER"}, "unit must be"),
        ("strings.join", {"separator": 3}, "a list of texts"),
        ("math.equal", {"y": 3}, "needs texts of the model"),
        ("nn.relu", {}, "takes numbers"),
    ],
)
def test_what_functions_of_texts_do_not_do(function: str, kwargs: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnsupportedError, match=reason):
        graph_of("TFOpLambda", {"function": function}, (None, 3), dtype="string", args=(A,), kwargs=kwargs, dialect=2)

"""What is refused says why, in one sentence that names the layer."""

from __future__ import annotations

import pytest

from kmin.errors import UnsupportedError
from kmin.layers.operations import GRAPH_NODES, KERAS_FUNCTIONS, TENSORFLOW_FUNCTIONS
from kmin.layers.operations.reasons import (
    REFUSED_NODES,
    REFUSED_OPERATIONS,
    why_function_is_refused,
    why_node_is_refused,
    why_operation_is_refused,
)
from layers.one_layer import graph_of


@pytest.mark.parametrize(
    ("class_name", "reason"),
    [
        ("ops.ElasticTransform", "random"),
        ("ops.Histogram", "cannot run the node on a batch"),
        ("ops.LuFactor", "cannot run the node on a batch"),
        ("ops.VectorizedMap", "its arguments are Python functions"),
    ],
)
def test_operations(class_name: str, reason: str) -> None:
    with pytest.raises(
        UnsupportedError, match=rf"^layer 'it' \({class_name}\): this function is not supported: .*{reason}"
    ):
        graph_of(class_name, {}, (None, 4))


@pytest.mark.parametrize(
    ("name", "dtype", "reason"),
    [
        ("compat.v1.scan", "float32", "takes Python functions"),
        ("io.decode_jpeg", "string", "reads or writes encoded data"),
        ("nn.ctc_greedy_decoder", "float32", "gives sparse tensors"),
        ("random.normal", "float32", "random"),
    ],
)
def test_functions(name: str, dtype: str, reason: str) -> None:
    with pytest.raises(UnsupportedError, match=rf"^layer 'it' .*the function tf.{name} is not supported: {reason}"):
        graph_of("TFOpLambda", {"function": name}, (None, 4), dialect=2, dtype=dtype)


@pytest.mark.parametrize(
    ("op", "reason"), [("DecodeJpeg", "encoded data"), ("RandomUniform", "random"), ("StatelessWhile", "functions")]
)
def test_nodes(op: str, reason: str) -> None:
    config = {"node_def": {"name": "node", "op": op}, "constants": {}}
    with pytest.raises(UnsupportedError, match=rf"^layer 'it' .*the TensorFlow op '{op}' is not supported: .*{reason}"):
        graph_of("TensorFlowOpLayer", config, (None, 4), dialect=2)


def test_what_runs_has_no_reason() -> None:
    assert not [name for name in KERAS_FUNCTIONS if why_operation_is_refused(name) is not None]
    assert not [op for op in GRAPH_NODES if why_node_is_refused(op) is not None]
    assert why_function_is_refused("math.sin") is None
    assert "math.sin" in TENSORFLOW_FUNCTIONS
    assert list(REFUSED_NODES) == sorted(REFUSED_NODES)
    assert list(REFUSED_OPERATIONS) == sorted(REFUSED_OPERATIONS)

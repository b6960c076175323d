"""What the core, merging, reshaping, normalisation and embedding layers refuse, and configs of other days."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kmin.errors import InputError, UnsupportedError
from kmin.formats.spec import TensorRef
from layers.one_layer import graph_of, run

ONE = np.ones
DENSE = {"kernel": ONE((3, 2), "f4"), "bias": ONE(2, "f4")}
VECTORS = {name: np.arange(1.0, 4.0, dtype="f4") for name in ("gamma", "beta", "moving_mean", "moving_variance")}
FLAT, IMAGE = (None, 3), (None, 4, 4, 3)
REFUSED: list[tuple[str, dict[str, Any], list[tuple[int | None, ...]], dict[str, np.ndarray], str]] = [
    ("Dense", {"units": 2}, [FLAT], {}, "needs the weight 'kernel'; the file has none"),
    ("Dense", {"units": 2}, [FLAT], {"kernel": ONE((3, 2), "f4")}, "needs the weight 'bias'"),
    ("Dense", {"units": 4}, [FLAT], DENSE, "weight 'kernel' must have shape (3, 4); received (3, 2)"),
    ("Dense", {"units": 2}, [(None, None)], DENSE, "a known last axis"),
    ("Dense", {"units": 2}, [(None,)], DENSE, "a batch axis"),
    ("Dense", {"units": 2}, [FLAT, FLAT], DENSE, "takes one input; received 2"),
    ("Reshape", {"target_shape": [5]}, [FLAT], {}, "3 values per row, 5 wanted"),
    ("Reshape", {"target_shape": [-1, -1]}, [FLAT], {}, "-1 at most once"),
    ("Reshape", {"target_shape": "flat"}, [FLAT], {}, "target_shape must be a list"),
    ("Permute", {"dims": [1, 1]}, [(None, 3, 4)], {}, "each of the 3 axes"),
    ("Permute", {"dims": [1]}, [(None, 3, 4)], {}, "dims must be 2 integers"),
    ("RepeatVector", {"n": 0}, [FLAT], {}, "n of at least 1"),
    ("RepeatVector", {"n": 2}, [IMAGE], {}, "a vector per sample"),
    ("Flatten", {"data_format": "middle"}, [IMAGE], {}, "data_format must be one of"),
    ("Subtract", {}, [FLAT, FLAT, FLAT], {}, "takes two inputs; received 3"),
    ("Add", {}, [FLAT, (None, 4)], {}, "do not broadcast"),
    ("Concatenate", {"axis": 1}, [FLAT, IMAGE], {}, "equal ranks"),
    ("Dot", {"axes": [1, 1]}, [FLAT, (None, 4)], {}, "equal sizes"),
    ("Dot", {"axes": 0}, [FLAT, FLAT], {}, "axes after the batch"),
    ("Dot", {"axes": [1, 1, 1]}, [FLAT, FLAT], {}, "one or two integers"),
    ("BatchNormalization", {"axis": 1}, [(None, 4)], VECTORS, "must have shape (4,); received (3,)"),
    ("BatchNormalization", {"axis": 1, "epsilon": None}, [FLAT], VECTORS, "epsilon must be a number"),
    ("LayerNormalization", {"axis": [3]}, [FLAT], VECTORS, "axis must name axes"),
    ("LayerNormalization", {"axis": -1}, [(None, 4)], VECTORS, "needs 4 weights"),
    ("PReLU", {"shared_axes": [1]}, [FLAT], {"alpha": ONE(3, "f4")}, "must have shape (1,); received (3,)"),
    ("Embedding", {"input_dim": 4, "output_dim": 2}, [FLAT], {"embeddings": ONE((3, 2))}, "must have shape (4, 2)"),
    ("Embedding", {"input_dim": 4, "output_dim": 2, "sparse": True}, [FLAT], {}, "sparse=True"),
    ("Normalization", {"axis": -1}, [FLAT], {}, "needs mean of shape (3,)"),
    ("Normalization", {"mean": [1, 2], "variance": [1, 2]}, [FLAT], {}, "mean must fit the axes"),
    ("Rescaling", {"scale": "half"}, [FLAT], {}, "scale must be numbers; received 'half'"),
    ("Rescaling", {"scale": [1e999]}, [FLAT], {}, "must be finite"),
]


@pytest.mark.parametrize(("class_name", "config", "shapes", "weights", "words"), REFUSED)
def test_refusals(class_name: str, config: dict, shapes: list, weights: dict, words: str) -> None:
    with pytest.raises(UnsupportedError, match=rf"layer 'it' \({class_name}\): ") as caught:
        graph_of(class_name, config, *shapes, weights=weights)
    assert words in str(caught.value)


def test_numbers_among_merged_inputs_are_refused() -> None:
    with pytest.raises(UnsupportedError, match=r"takes tensors and arrays; received 2\.0"):
        graph_of("Add", {}, FLAT, args=([TensorRef("in0"), 2.0],))


@pytest.mark.parametrize("class_name", ["BatchNormalization", "BatchNormalizationV1", "SyncBatchNormalization"])
def test_names_of_batch_normalization(class_name: str) -> None:
    graph = graph_of(class_name, {"axis": [1]}, FLAT, weights=VECTORS, dialect=2)
    v = VECTORS["gamma"].astype("f8")
    np.testing.assert_allclose(run(graph, [[1, 1, 1]]), [(1 - v) / np.sqrt(v + 1e-3) * v + v], rtol=1e-6)


@pytest.mark.parametrize(
    ("class_name", "config", "weights"),
    [
        ("BatchNormalization", {"axis": 0}, VECTORS),
        ("EinsumDense", {"equation": "ab,ac->bc", "output_shape": [2]}, {"kernel": ONE((3, 2), "f4")}),
        ("GroupNormalization", {"axis": 0, "groups": 1}, VECTORS),
        ("LayerNormalization", {"axis": 0}, VECTORS),
        ("RMSNormalization", {"axis": 0}, {"scale": ONE(3, "f4")}),
    ],
)
def test_weights_along_the_batch_need_as_many_samples(class_name: str, config: dict[str, Any], weights: Any) -> None:
    graph = graph_of(class_name, config, FLAT, weights=weights)
    assert graph.mixes_samples and run(graph, ONE((3, 3))).shape == (3, 2 if class_name == "EinsumDense" else 3)
    for rows in (1, 4):
        with pytest.raises(InputError, match=rf"reshape of \({rows}, 3\)"):
            run(graph, ONE((rows, 3)))


def test_ids_outside_the_vocabulary() -> None:
    weights = {"embeddings": np.arange(8, dtype="f4").reshape(4, 2)}
    config = {"input_dim": 4, "output_dim": 2}
    for dialect in (2, 3):
        graph = graph_of("Embedding", config, (None, 1), weights=weights, dialect=dialect, dtype="int32")
        with pytest.raises(InputError, match=r"layer 'it': ids must be in .*; received 4"):
            run(graph, [[4]])
        if dialect == 3:
            np.testing.assert_array_equal(run(graph, [[-1]]), [[[6, 7]]])
        else:
            with pytest.raises(InputError, match="received -1"):
                run(graph, [[-1]])


def test_functions_of_keras_ops_are_not_the_layers_of_their_name() -> None:
    graph = graph_of("ops.Subtract", {}, FLAT, FLAT, args=(TensorRef("in0"), TensorRef("in1")))
    np.testing.assert_array_equal(run(graph, [[5, 5, 5]], [[1, 2, 3]]), [[4, 3, 2]])
    graph = graph_of("ops.Multiply", {}, FLAT, args=(TensorRef("in0"), 2.5))
    np.testing.assert_array_equal(run(graph, [[1, 2, 3]]), [[2.5, 5, 7.5]])
    graph = graph_of("ops.Subtract", {}, FLAT, args=(1, TensorRef("in0")))
    np.testing.assert_array_equal(run(graph, [[1, 2, 3]]), [[0, -1, -2]])
    graph = graph_of("ops.Add", {}, FLAT, dtype="int32", args=(TensorRef("in0"), 0.5))
    np.testing.assert_array_equal(run(graph, [[1, 2, 3]]), [[1.5, 2.5, 3.5]])
    for args, problem in [
        ((TensorRef("in0"),), "needs the argument 'x2'"),
        (([TensorRef("in0"), TensorRef("in1")],), "needs the argument 'x2'"),
        ((TensorRef("in0"), "two"), "needs tensors or numbers"),
        ((TensorRef("in0"), 1, 2), "takes 2 arguments; received 3"),
    ]:
        with pytest.raises(UnsupportedError, match=problem):
            graph_of("ops.Add", {}, FLAT, FLAT, args=args)
    graph = graph_of("ops.Concatenate", {"axis": 1}, FLAT, FLAT)
    assert run(graph, [[1, 2, 3]], [[4, 5, 6]]).shape == (1, 6)
    assert graph_of("ops.Concatenate", {}, FLAT, FLAT).mixes_samples
    with pytest.raises(UnsupportedError, match="the argument surprise=3 is not supported"):
        graph_of("ops.Exp", {"surprise": 3}, FLAT)
    for name in ("Dense", "Flatten", "Mystery"):
        with pytest.raises(UnsupportedError, match="not supported"):
            graph_of(f"ops.{name}", {}, FLAT)


@pytest.mark.parametrize(
    "scale",
    [
        [1.0, 2.0, 3.0],
        {"class_name": "__numpy__", "config": {"value": [1.0, 2.0, 3.0], "dtype": "float32"}},
        {"class_name": "__tensor__", "config": {"value": [1.0, 2.0, 3.0], "dtype": "float32"}},
    ],
)
def test_serialised_arrays(scale: Any) -> None:
    graph = graph_of("Rescaling", {"scale": scale, "offset": 0.5}, FLAT)
    np.testing.assert_array_equal(run(graph, [[1, 1, 1]]), [[1.5, 2.5, 3.5]])


@pytest.mark.parametrize(
    ("policy", "inside"),
    [
        ("mixed_float16", "float16"),
        ({"class_name": "DTypePolicy", "config": {"name": "mixed_float16"}}, "float16"),
        ({"class_name": "Policy", "config": {"name": "float64"}}, "float64"),
        ({"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float16"}}, "float16"),
        ("float64", "float64"),
        ({"class_name": "DTypePolicyMap", "config": {"default_policy": "mixed_float16"}}, "float16"),
        (None, "float32"),
    ],
)
def test_dtype_policies(policy: Any, inside: str) -> None:
    config = {"units": 2, **({} if policy is None else {"dtype": policy})}
    graph = graph_of("Dense", config, FLAT, weights=DENSE)
    assert graph.specs[graph.outputs[0]].dtype == inside
    assert run(graph, [[1, 2, 3]]).dtype == inside


@pytest.mark.parametrize(
    ("policy", "name"),
    [
        ("float8", "float8"),
        (
            {"class_name": "QuantizedDTypePolicy", "config": {"mode": "int2", "source_name": "float32"}},
            "int2_from_float32",
        ),
        ({"class_name": "DTypePolicyMap", "config": {"policy_map": {"a": "float16"}}}, "DTypePolicyMap"),
    ],
)
def test_other_dtypes_are_refused(policy: Any, name: str) -> None:
    with pytest.raises(UnsupportedError, match=rf"layer 'it' \(Dense\): computes in '{name}'"):
        graph_of("Dense", {"units": 2, "dtype": policy}, FLAT, weights=DENSE)
    with pytest.raises(UnsupportedError, match=r"\(Dropout\): takes numbers; received string"):
        graph_of("Dropout", {}, FLAT, dtype="string")


def test_quantised_policies_belong_to_layers_with_kernels() -> None:
    with pytest.raises(UnsupportedError, match="a layer of this class cannot be quantised"):
        graph_of("Dropout", {"dtype": "int8_from_float32"}, FLAT)
    with pytest.raises(UnsupportedError, match="needs the weight 'kernel_scale'"):
        graph_of("Dense", {"units": 2, "dtype": "int8_from_float32"}, FLAT, weights=DENSE)

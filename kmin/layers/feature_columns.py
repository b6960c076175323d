"""DenseFeatures: numbers, buckets, counted categories and embeddings side by side (TensorFlow 2.15)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.category_columns import category_ids
from kmin.layers.core import cast_to_compute
from kmin.layers.number_columns import numbers_of
from kmin.ops.activation import ActivationAttrs
from kmin.ops.bucketize import BucketizeAttrs
from kmin.ops.cast import CastAttrs
from kmin.ops.concat import ConcatAttrs
from kmin.ops.encode_categories import EncodeCategoriesAttrs
from kmin.ops.gather import GatherAttrs
from kmin.ops.one_hot import OneHotAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.reshape import ReshapeAttrs
from kmin.ops.unary import UnaryAttrs
from kmin.ops.where import WhereAttrs


def lower_dense_features(call: LayerCall) -> Tensor:
    """The columns of the config in its order, which is that of their names; inputs by key."""
    columns, tables = call.config.get("feature_columns"), iter(call.layer.weights)
    if not isinstance(columns, list) or not columns or not call.args or not isinstance(call.args[0], Mapping):
        raise call.fail("needs feature_columns and inputs with names")
    parts = [cast_to_compute(call, _column(call, c["class_name"], c["config"], tables)) for c in columns]
    return parts[0] if len(parts) == 1 else call.add("concat", parts, ConcatAttrs(1))


def _input(call: LayerCall, key: Any) -> Tensor:
    x = call.args[0].get(key) if isinstance(key, str) else None
    if not isinstance(x, Tensor):
        raise call.fail(f"needs an input named {key!r:.60}")
    return call.add("reshape", (x,), ReshapeAttrs((("x", 0), 1))) if x.rank == 1 else x


def _column(call: LayerCall, kind: str, config: Mapping[str, Any], tables: Any) -> Tensor:
    def take(key: Any) -> Tensor:
        return _input(call, key)

    if kind == "NumericColumn":
        return numbers_of(call, config, take)
    if kind == "BucketizedColumn":
        source = config["source_column"]
        x = _column(call, source["class_name"], source["config"], tables)
        edges = tuple(float(edge) for edge in config["boundaries"])
        places = call.add("bucketize", (x,), BucketizeAttrs(edges))
        rows = call.add("one_hot", (places,), OneHotAttrs(len(edges) + 1, 2, "float32", 1.0, 0.0))
        return call.add("reshape", (rows,), ReshapeAttrs((("x", 0), int(x.shape[1] or 1) * (len(edges) + 1))))
    if kind not in ("EmbeddingColumn", "IndicatorColumn"):
        raise call.fail(f"the column {kind!r:.60} is not supported")
    categories, weights = config["categorical_column"], None
    if categories["class_name"] == "WeightedCategoricalColumn":
        weights = take(categories["config"]["weight_feature_key"])
        weights = call.add("cast", (weights,), CastAttrs("float32"))
        categories = categories["config"]["categorical_column"]
    ids, depth = category_ids(call, categories, take)
    if kind == "IndicatorColumn":
        return call.add("encode_categories", (ids, weights), EncodeCategoriesAttrs(depth, False))
    name = next(tables, "embedding_weights")
    table = call.weight(name, (depth, int(config["dimension"])))
    if config.get("max_norm") is not None:
        table = _shortened(call, name, table, float(config["max_norm"]))
    return _embedded(call, config, ids, weights, table)


def _shortened(call: LayerCall, name: str, table: Tensor, longest: float) -> Tensor:
    """The table with rows that are too long cut to `longest`."""
    rows = call.builder.constants[table.name]
    length = np.sqrt(np.sum(np.square(rows.astype("f8")), axis=1, keepdims=True))
    return call.made(f"{name}_shortened", (rows * longest / np.maximum(length, longest)).astype(rows.dtype))


def _embedded(call: LayerCall, config: Mapping[str, Any], ids: Tensor, weights: Tensor | None, table: Tensor) -> Tensor:
    """The rows of a sample's ids together, each by its weight; 0 where there are none."""
    combiner = config.get("combiner")
    if combiner not in ("mean", "sqrtn", "sum"):
        raise call.fail(f"an embedding needs a combiner; received {combiner!r:.40}")
    zero, one = call.constant("zero", np.asarray(0)), call.constant("one", np.asarray(1, table.dtype))
    rows = call.add("gather", (table, call.binary(ids, zero, "maximum")), GatherAttrs(False, f"layer '{call.path}'"))
    there = call.add("cast", (call.binary(ids, zero, "greater_equal"),), CastAttrs(table.dtype))
    if weights is not None:
        heavy = weights if combiner == "sum" else call.add("activation", (weights,), ActivationAttrs("relu"))
        there = call.binary(there, heavy, "multiply")
    there = call.add("reshape", (there,), ReshapeAttrs((("x", 0), ("x", 1), 1)))
    total = call.add("reduce", (call.binary(rows, there, "multiply"),), ReduceAttrs("sum", (1,)))
    if combiner == "sum":
        return total
    part = there if combiner == "mean" else call.binary(there, there, "multiply")
    count = call.add("reduce", (part,), ReduceAttrs("sum", (1,)))
    if combiner == "sqrtn":
        count = call.add("unary", (count,), UnaryAttrs("sqrt"))
    none = call.binary(count, call.constant("none", np.asarray(0, table.dtype)), "equal")
    return call.binary(total, call.add("where", (none, one, count), WhereAttrs()), "divide")

"""The numbers of DenseFeatures, and their buckets as categories (feature_column_v2.py of TensorFlow 2.15)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.ops.bucketize import BucketizeAttrs
from kmin.ops.cast import CastAttrs
from kmin.ops.reshape import ReshapeAttrs

Config = Mapping[str, Any]
Take = Callable[[Any], Tensor]


def bucketized(call: LayerCall, config: Config, take: Take, missing: int) -> tuple[Tensor, int]:
    """The ids of a BucketizedColumn [B, n] and their number: every value has buckets of its own."""
    source = config["source_column"]["config"]
    x, edges = numbers_of(call, source, take), tuple(float(edge) for edge in config["boundaries"])
    places = call.add("cast", (call.add("bucketize", (x,), BucketizeAttrs(edges)),), CastAttrs("int64"))
    size, depth = int(x.shape[1] or 1), len(edges) + 1
    return call.binary(places, call.constant("first", np.arange(size) * depth), "add"), size * depth


def numbers_of(call: LayerCall, config: Config, take: Take) -> Tensor:
    """The values of a NumericColumn [B, n], as floats."""
    size, x = int(np.prod(config["shape"])), take(config["key"])
    if config.get("normalizer_fn") is not None or x.dtype == "string":
        raise call.fail(f"the column '{config['key']}' needs numbers, and no normalizer_fn, which is code")
    x = x if x.dtype.startswith("float") else call.add("cast", (x,), CastAttrs("float32"))
    return call.add("reshape", (x,), ReshapeAttrs((("x", 0), size)))

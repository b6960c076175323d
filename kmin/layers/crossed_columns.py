"""The crossed columns of DenseFeatures (feature_column_v2.py of TensorFlow 2.15)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.ops.hash_cross import CROSS_SEED, HashCrossAttrs
from kmin.ops.reshape import ReshapeAttrs
from kmin.ops.where import WhereAttrs


def crossed_keys(keys: Any) -> Iterator[Any]:
    """The keys of a cross, those of crosses among them in their place."""
    for key in keys:
        if isinstance(key, Mapping) and key.get("class_name") == "CrossedColumn":
            yield from crossed_keys(key["config"]["keys"])
        else:
            yield key


def crossed(
    call: LayerCall, config: Mapping[str, Any], columns: list[Tensor], plain: list[Tensor], gap: tuple[int, int]
) -> tuple[Tensor, int]:
    """Every combination of ids [B, n], hashed together; columns go before plain inputs, as TensorFlow has it.

    A combination with the first number of `gap` gives the second. Source: CrossedColumn.transform_feature.
    """
    parts = [*columns, *plain]
    if len(parts) < 2 or any(x.rank != 2 for x in parts):
        raise call.fail(f"a cross needs two keys of one row per sample; received {[str(x.spec) for x in parts]}")
    wide = []
    for at, x in enumerate(parts):
        target = [1] * len(parts)
        lead: tuple[int | tuple[str, int], ...] = (("x", 0), *target[:at], ("x", 1), *target[at + 1 :])
        wide.append(call.add("reshape", (x,), ReshapeAttrs(lead)))
    bins, key = int(config["hash_bucket_size"]), config.get("hash_key")
    ids = call.add("hash_cross", wide, HashCrossAttrs(bins, int(key) if key else CROSS_SEED))
    nothing = call.constant("nothing", np.asarray(gap[0]))
    for x in wide[: len(columns)]:
        gone = call.binary(x, nothing, "equal")
        ids = call.add("where", (gone, call.constant("missing", np.asarray(gap[1])), ids), WhereAttrs())
    return call.add("reshape", (ids,), ReshapeAttrs((("x", 0), -1))), bins

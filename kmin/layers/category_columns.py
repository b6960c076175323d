"""The categories of DenseFeatures: texts and integers as ids, -1 for none (feature_column_v2.py of TensorFlow 2.15)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from kmin.formats.spec import Array
from kmin.layers.call import LayerCall, Tensor
from kmin.ops.cast import CastAttrs
from kmin.ops.hash_bucket import HashBucketAttrs
from kmin.ops.lookup import LookupAttrs
from kmin.ops.where import WhereAttrs

Config = Mapping[str, Any]
_UNKNOWN = -2
MAX_IDENTITIES = 1 << 24


def category_ids(call: LayerCall, column: Any, take: Callable[[Any], Tensor]) -> tuple[Tensor, int]:
    """int64 ids like the input, which `take` gives by key, and their number; empty texts and -1 are missing values."""
    kind, config = column.get("class_name"), column.get("config")
    if kind not in _KINDS or not isinstance(config, Mapping):
        raise call.fail(f"the categorical column {kind!r:.60} is not supported; supported are {', '.join(_KINDS)}")
    x = take(config.get("key"))
    if x.dtype != "string":
        x = call.add("cast", (x,), CastAttrs("int64"))
    return _KINDS[kind](call, config, x)


def _missing(x: Tensor) -> Array:
    return np.array([b""]) if x.dtype == "string" else np.array([-1])


def _table(call: LayerCall, x: Tensor, keys: Array, values: Array, default: int, strict: bool = False) -> Tensor:
    order = np.argsort(keys, kind="stable")
    parts = (("keys", keys[order]), ("values", values[order].astype("int64")), ("default", np.asarray(default)))
    return call.add("lookup", (x, *(call.constant(name, array) for name, array in parts)), LookupAttrs(strict))


def _where_is(call: LayerCall, ids: Tensor, value: int, then: Tensor) -> Tensor:
    found = call.binary(ids, call.constant("sought", np.asarray(value)), "equal")
    return call.add("where", (found, then, ids), WhereAttrs())


def _hashed(call: LayerCall, config: Config, x: Tensor) -> tuple[Tensor, int]:
    bins = int(config["hash_bucket_size"])
    marked = _table(call, x, _missing(x), np.array([-1]), _UNKNOWN)
    return _where_is(call, marked, _UNKNOWN, call.add("hash_bucket", (x,), HashBucketAttrs(bins))), bins


def _identity(call: LayerCall, config: Config, x: Tensor) -> tuple[Tensor, int]:
    count, default = int(config["number_buckets"]), config.get("default_value")
    if count > MAX_IDENTITIES:
        raise call.fail(f"number_buckets must be at most {MAX_IDENTITIES}; received {count}")
    keys = np.arange(-1, count)
    return _table(call, x, keys, keys, -1 if default is None else int(default), default is None), count


def _listed(call: LayerCall, config: Config, x: Tensor) -> tuple[Tensor, int]:
    words = [word.encode() if isinstance(word, str) else word for word in config["vocabulary_list"]]
    missing, oov, default = _missing(x), int(config.get("num_oov_buckets", 0)), int(config.get("default_value", -1))
    known = [(word, at) for at, word in enumerate(words) if word != missing[0]]
    keys = np.array([*(word for word, _ in known), missing[0]], None if x.dtype == "string" else "int64")
    values = np.array([*(at for _, at in known), -1])
    ids = _table(call, x, keys, values, _UNKNOWN if oov else default)
    if not oov:
        return ids, len(words)
    other = call.add("hash_bucket", (x,), HashBucketAttrs(oov))
    other = call.binary(other, call.constant("words", np.asarray(len(words))), "add")
    return _where_is(call, ids, _UNKNOWN, other), len(words) + oov


_KINDS: dict[str, Callable[[LayerCall, Config, Tensor], tuple[Tensor, int]]] = {
    "HashedCategoricalColumn": _hashed,
    "IdentityCategoricalColumn": _identity,
    "VocabularyListCategoricalColumn": _listed,
}

"""The categories of DenseFeatures: texts and integers as ids, -1 for none (feature_column_v2.py of TensorFlow 2.15)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from kmin.formats.spec import Array
from kmin.layers.call import LayerCall, Tensor
from kmin.layers.crossed_columns import crossed, crossed_keys
from kmin.layers.number_columns import Config, Take, bucketized
from kmin.ops.cast import CastAttrs
from kmin.ops.hash_bucket import HashBucketAttrs
from kmin.ops.lookup import LookupAttrs
from kmin.ops.where import WhereAttrs

MISSING, _UNKNOWN, _NOTHING = -1, -2, -3
MAX_IDENTITIES = 1 << 24


def category_ids(call: LayerCall, column: Any, take: Take, missing: int = MISSING) -> tuple[Tensor, int]:
    """int64 ids [B, n] of the input, which `take` gives by key, and their number.

    Empty texts and -1 give `missing`; -1 is an id that no category has.
    """
    kind, config = column.get("class_name"), column.get("config")
    if kind == "VocabularyFileCategoricalColumn":
        raise call.fail(
            "a column's words are in a file beside the model, which is not read: save it with vocabulary_list"
        )
    if kind not in _KINDS or not isinstance(config, Mapping):
        raise call.fail(f"the categorical column {kind!r:.60} is not supported; supported are {', '.join(_KINDS)}")
    return _KINDS[kind](call, config, take, missing)


def _taken(call: LayerCall, config: Config, take: Take) -> Tensor:
    x = take(config.get("key"))
    return x if x.dtype == "string" else call.add("cast", (x,), CastAttrs("int64"))


def _blank(x: Tensor) -> Array:
    return np.array([b""]) if x.dtype == "string" else np.array([-1])


def _table(call: LayerCall, x: Tensor, keys: Array, values: Array, default: int, strict: bool = False) -> Tensor:
    order = np.argsort(keys, kind="stable")
    parts = (("keys", keys[order]), ("values", values[order].astype("int64")), ("default", np.asarray(default)))
    return call.add("lookup", (x, *(call.constant(name, array) for name, array in parts)), LookupAttrs(strict))


def _where_is(call: LayerCall, ids: Tensor, value: int, then: Tensor) -> Tensor:
    found = call.binary(ids, call.constant("sought", np.asarray(value)), "equal")
    return call.add("where", (found, then, ids), WhereAttrs())


def _hashed(call: LayerCall, config: Config, take: Take, missing: int) -> tuple[Tensor, int]:
    x, bins = _taken(call, config, take), int(config["hash_bucket_size"])
    marked = _table(call, x, _blank(x), np.array([missing]), _UNKNOWN)
    return _where_is(call, marked, _UNKNOWN, call.add("hash_bucket", (x,), HashBucketAttrs(bins))), bins


def _identity(call: LayerCall, config: Config, take: Take, missing: int) -> tuple[Tensor, int]:
    x = _taken(call, config, take)
    count, default = int(config["number_buckets"]), config.get("default_value")
    if count > MAX_IDENTITIES:
        raise call.fail(f"number_buckets must be at most {MAX_IDENTITIES}; received {count}")
    keys = np.arange(-1, count)
    values = np.where(keys < 0, missing, keys)
    return _table(call, x, keys, values, -1 if default is None else int(default), default is None), count


def _listed(call: LayerCall, config: Config, take: Take, missing: int) -> tuple[Tensor, int]:
    x = _taken(call, config, take)
    words = [word.encode() if isinstance(word, str) else word for word in config["vocabulary_list"]]
    blank, oov, default = _blank(x), int(config.get("num_oov_buckets", 0)), int(config.get("default_value", -1))
    known = [(word, at) for at, word in enumerate(words) if word != blank[0]]
    keys = np.array([*(word for word, _ in known), blank[0]], None if x.dtype == "string" else "int64")
    values = np.array([*(at for _, at in known), missing])
    ids = _table(call, x, keys, values, _UNKNOWN if oov else default)
    if not oov:
        return ids, len(words)
    other = call.add("hash_bucket", (x,), HashBucketAttrs(oov))
    other = call.binary(other, call.constant("words", np.asarray(len(words))), "add")
    return _where_is(call, ids, _UNKNOWN, other), len(words) + oov


def _crossed(call: LayerCall, config: Config, take: Take, missing: int) -> tuple[Tensor, int]:
    keys = list(crossed_keys(config["keys"]))
    columns = [category_ids(call, key, take, _NOTHING)[0] for key in keys if not isinstance(key, str)]
    plain = [_taken(call, {"key": key}, take) for key in keys if isinstance(key, str)]
    return crossed(call, config, columns, plain, (_NOTHING, missing))


_KINDS: dict[str, Callable[[LayerCall, Config, Take, int], tuple[Tensor, int]]] = {
    "BucketizedColumn": bucketized,
    "CrossedColumn": _crossed,
    "HashedCategoricalColumn": _hashed,
    "IdentityCategoricalColumn": _identity,
    "VocabularyListCategoricalColumn": _listed,
}

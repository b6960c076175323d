"""Hashing and HashedCrossing: categories without a vocabulary."""

from __future__ import annotations

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.categories import encoded, output_mode, variable_dtype
from kmin.layers.layout import positive
from kmin.ops.cast import CastAttrs
from kmin.ops.encode_categories import EncodeCategoriesAttrs
from kmin.ops.hash_bucket import HashBucketAttrs
from kmin.ops.hash_cross import HashCrossAttrs
from kmin.ops.where import WhereAttrs


def lower_hashing(call: LayerCall) -> Tensor:
    """Hashing: strings and integers (Keras 3: numbers) into bins. Source: hashing.py, Keras 2.15 and 3.15."""
    x = call.input
    (bins,) = positive(call, "num_bins", 1)
    mask = call.config.get("mask_value") if bins > 1 else None
    if mask is not None and (isinstance(mask, bool) or not isinstance(mask, str if x.dtype == "string" else int)):
        raise call.fail(f"mask_value must be {'text' if x.dtype == 'string' else 'an integer'}; received {mask!r:.60}")
    if x.dtype.startswith("float"):
        if call.dialect < 3:
            raise call.fail(f"needs strings or integers; received {x.spec}")
        whole = call.add("cast", (x,), CastAttrs("int64"))
        if mask is not None:  # what is behind the point counts for the mask alone
            ids = call.add("hash_bucket", (whole,), HashBucketAttrs(bins - 1, salt_of(call)))
            masked = call.binary(x, call.constant("mask", np.asarray(mask, x.dtype)), "equal")
            ids = call.binary(ids, call.constant("one", np.asarray(1, ids.dtype)), "add")
            none = call.constant("none", np.asarray(0, ids.dtype))
            return _encoded(call, call.add("where", (masked, none, ids), WhereAttrs()), bins)
        x = whole
    attrs = HashBucketAttrs(bins if mask is None else bins - 1, salt_of(call), mask)
    return _encoded(call, call.add("hash_bucket", (x,), attrs), bins)


def lower_hashed_crossing(call: LayerCall) -> Tensor:
    """HashedCrossing: two or more features as one. Source: hashed_crossing.py, Keras 2.15 and 3.15."""
    inputs = call.inputs
    shapes = {x.shape for x in inputs}
    if len(inputs) < 2 or len(shapes) > 1 or any(len(s) > 2 or (len(s) == 2 and s[1] != 1) for s in shapes):
        raise call.fail(f"needs at least two inputs of one value per row; received {[str(x.spec) for x in inputs]}")
    (bins,) = positive(call, "num_bins", 1)
    return _encoded(call, call.add("hash_cross", inputs, HashCrossAttrs(bins)), bins)


def _encoded(call: LayerCall, ids: Tensor, bins: int) -> Tensor:
    mode, dtype = output_mode(call, "int"), variable_dtype(call)
    if mode != "int":
        return encoded(call, ids, EncodeCategoriesAttrs(bins, mode != "count", 1, dtype), mode)
    return ids if dtype == "int64" or not dtype.startswith("int") else call.add("cast", (ids,), CastAttrs(dtype))


def salt_of(call: LayerCall) -> tuple[int, ...]:
    """The key of SipHash, or () for FarmHash."""
    salt = call.config.get("salt")
    if salt is None:
        return ()
    words = [salt, salt] if isinstance(salt, int) else salt
    if not isinstance(words, (list, tuple)) or len(words) != 2 or not all(isinstance(word, int) for word in words):
        raise call.fail(f"salt must be one or two integers; received {salt!r:.60}")
    return tuple(int(word) for word in words)

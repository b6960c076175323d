"""Dtype policies: what a layer computes in and how its weights are quantised, from whatever form Keras wrote."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

MODES = ("awq", "float8", "gptq", "int4", "int8")
_SUB_LAYERS = {
    "GroupQueryAttention": ("query", "key", "value", "attention_output"),
    "MultiHeadAttention": ("query", "key", "value", "gate", "attention_output"),
}


class Policy(NamedTuple):
    """A dtype policy.

    Attributes:
        compute: the dtype of the computation; the policy's own name when it is not known here.
        mode: one of MODES, or None for weights that are not quantised.
        block: group of input values that share a scale; None for the whole axis.
        bits: of a stored weight.
    """

    compute: str
    mode: str | None = None
    block: int | None = None
    bits: int = 8


def policy_of(config: Mapping[str, Any]) -> Policy:
    """The policy of a layer from its config; float32 when it names none."""
    value = config.get("dtype")
    quantization = config.get("quantization_config")
    own = quantization.get("config") if isinstance(quantization, Mapping) else None
    own = own if isinstance(own, Mapping) else {}
    policy = _policy(value)
    if policy.mode == "int4" and isinstance(own.get("block_size"), int):
        block = own["block_size"]
        policy = policy._replace(block=block if block > 0 else None)
    return policy


def is_mixed(config: Mapping[str, Any]) -> bool:
    """Whether a layer keeps its weights in float32 and computes in another dtype."""
    value = config.get("dtype")
    if isinstance(value, Mapping):
        inner = value.get("config")
        value = inner.get("name") if isinstance(inner, Mapping) else None
    return isinstance(value, str) and value.startswith("mixed_")


def _policy(value: Any) -> Policy:
    if isinstance(value, Mapping):
        config = value.get("config")
        config = config if isinstance(config, Mapping) else {}
        if value.get("class_name") == "DTypePolicyMap":
            return Policy("DTypePolicyMap") if config.get("policy_map") else _policy(config.get("default_policy"))
        if "mode" in config:
            return _quantized(str(config["mode"]), config.get("source_name"))
        return _policy(config.get("name"))
    if not isinstance(value, str) or value == "floatx":
        return Policy("float32")
    mode, joint, source = value.partition("_from_")
    if joint:
        return _quantized(mode, source)
    return Policy(value.removeprefix("mixed_").removeprefix("<dtype: '").removesuffix("'>"))


def _quantized(text: str, source: Any) -> Policy:
    """`int8`, `int4/128`, `gptq/4/128`, ... of a source policy."""
    mode, *numbers = text.split("/")
    sizes = [int(n) for n in numbers if re.fullmatch(r"-?\d{1,9}", n)]
    if mode not in MODES or len(sizes) != len(numbers):
        return Policy(f"{text}_from_{source}")
    block = sizes[-1] if sizes and sizes[-1] > 0 else None
    bits = sizes[0] if len(sizes) == 2 else 4 if mode in ("int4", "awq") else 8
    return Policy(_policy(source).compute, mode, block, bits)


def settled(config: Mapping[str, Any], class_name: str, paths: Iterable[str]) -> Mapping[str, Any]:
    """The config with the one policy that a DTypePolicyMap has for the layer, which may go by any of the paths.

    Unchanged where the paths, or sub-layers, differ in their policies, or where a pattern is more than text and `.*`.
    """
    value = config.get("dtype")
    if not isinstance(value, Mapping) or value.get("class_name") != "DTypePolicyMap":
        return config
    inner = value.get("config")
    table = inner.get("policy_map") if isinstance(inner, Mapping) else None
    if not isinstance(inner, Mapping) or not isinstance(table, Mapping):
        return config
    keys = [path + end for path in paths for end in ("", *(f"/{n}" for n in _SUB_LAYERS.get(class_name, ())))]
    found = [_looked_up(table, key, inner.get("default_policy")) for key in keys]
    if any(item is None for item in found) or any(item != found[0] for item in found):
        return config
    return {**config, "dtype": found[0]}


def _looked_up(table: Mapping[str, Any], key: str, default: Any) -> Any:
    """Keras' look-up (DTypePolicyMap.__getitem__, 3.15); None when it cannot be told."""
    if key in table:
        return table[key]
    hits = []
    for pattern in table:
        parts = pattern.split(".*")
        if not all(re.fullmatch(r"[\w/-]*", part) for part in parts):
            return None
        if len(parts) > 1 and _fits(key, parts):
            hits.append(pattern)
    if len(hits) > 1:
        return None
    return table[hits[0]] if hits else (default if default is not None else "float32")


def _fits(key: str, parts: list[str]) -> bool:
    """Whether the parts stand in the key in order, the first at its start and the last at its end."""
    first, *middle, last = parts
    if not key.startswith(first) or not key.endswith(last) or len(key) < len(first) + len(last):
        return False
    at, end = len(first), len(key) - len(last)
    for part in middle:
        found = key.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True

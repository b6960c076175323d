"""TEXT_NODES: TensorFlow ops that take or give texts -> their inputs and attributes, and what lowers them."""

from __future__ import annotations

from kmin.layers.operations import texts
from kmin.layers.operations.arguments import Row
from kmin.layers.operations.text_functions import TEXT_FUNCTIONS

_SAME_AS = {
    "AsString": "strings.as_string",
    "StaticRegexFullMatch": "strings.regex_full_match",
    "StaticRegexReplace": "strings.regex_replace",
    "StringLength": "strings.length",
    "StringLower": "strings.lower",
    "StringStrip": "strings.strip",
    "StringToHashBucket": "strings.to_hash_bucket",
    "StringToHashBucketFast": "strings.to_hash_bucket_fast",
    "StringToHashBucketStrong": "strings.to_hash_bucket_strong",
    "StringToNumber": "strings.to_number",
    "StringUpper": "strings.upper",
    "Substr": "strings.substr",
}
TEXT_NODES: dict[str, Row] = {
    **{op: TEXT_FUNCTIONS[name] for op, name in _SAME_AS.items()},
    "ReduceJoin": ('inputs reduction_indices keep_dims=False separator=""', texts.reduce_joined),
    "StringJoin": ('*inputs separator=""', texts.joined),
}
# Ops that move values around, whatever they are.
MOVING_NODES = frozenset(
    {
        *("ConcatV2", "ExpandDims", "GatherV2", "Identity", "Pack", "Reshape", "ReverseV2", "Shape", "Slice", "Split"),
        *("Squeeze", "StridedSlice", "Tile", "Transpose", "Unpack"),
    }
)

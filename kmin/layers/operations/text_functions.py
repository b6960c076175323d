"""TEXT_FUNCTIONS: TensorFlow's functions that take texts, where they do not take numbers (TensorFlow 2.15)."""

from __future__ import annotations

from typing import Any

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations import texts
from kmin.layers.operations.arguments import Row, unary


def _not_equal(call: LayerCall, x: Any, y: Any, _: Any = None) -> Tensor:
    return unary(call, texts.equal(call, x, y), "logical_not")


def _older(function: Any) -> Any:
    """The same with the texts by their older name."""
    return lambda call, x, *rest: function(call, rest[-1] if x is None else x, *rest[:-1])


_EQUAL: Row = ("x y incompatible_shape_error=True", lambda call, x, y, _: texts.equal(call, x, y))
_NOT_EQUAL: Row = ("x y incompatible_shape_error=True", _not_equal)
_MURMUR: Any = lambda call, x, count: texts.bucket(call, x, count, None, True)  # noqa: E731

TEXT_FUNCTIONS: dict[str, Row] = {
    "__operators__.add": ("x y", lambda call, x, y: texts.joined(call, [x, y], "")),
    "__operators__.eq": _EQUAL,
    "__operators__.ne": _NOT_EQUAL,
    "compat.v1.strings.length": ('input name=None unit="BYTE"', lambda call, x, _, unit: texts.length(call, x, unit)),
    "compat.v1.strings.substr": (
        'input pos len name=None unit="BYTE"',
        lambda call, x, start, count, _, unit: texts.part(call, x, start, count, unit),
    ),
    "compat.v1.strings.to_hash_bucket": ("string_tensor=None num_buckets=None input=None", _older(_MURMUR)),
    "compat.v1.strings.to_number": ('string_tensor=None out_type="float32" input=None', _older(texts.number)),
    "convert_to_tensor": ("value dtype=None dtype_hint=None", lambda call, x, *_: texts.text_of(call, x)),
    "math.add": ("x y", lambda call, x, y: texts.joined(call, [x, y], "")),
    "math.equal": _EQUAL,
    "math.not_equal": _NOT_EQUAL,
    "strings.as_string": (
        'input precision=-1 scientific=False shortest=False width=-1 fill=""',
        texts.written,
    ),
    "strings.join": ('inputs separator=""', texts.joined),
    "strings.length": ('input unit="BYTE"', texts.length),
    "strings.lower": ('input encoding=""', texts.changed("lower")),
    "strings.ngrams": (
        'data ngram_width separator="\\x20" pad_values=None padding_width=None preserve_short_sequences=False',
        texts.runs,
    ),
    "strings.reduce_join": ('inputs axis=None keepdims=False separator=""', texts.reduce_joined),
    "strings.regex_full_match": ("input pattern", texts.matched),
    "strings.regex_replace": ("input pattern rewrite replace_global=True", texts.replaced),
    "strings.strip": ("input", texts.stripped),
    "strings.substr": ('input pos len unit="BYTE"', texts.part),
    "strings.to_hash_bucket": ("input num_buckets", _MURMUR),
    "strings.to_hash_bucket_fast": ("input num_buckets", texts.bucket),
    "strings.to_hash_bucket_strong": ("input num_buckets key", texts.bucket),
    "strings.to_number": ('input out_type="float32"', texts.number),
    "strings.unicode_transcode": (
        'input input_encoding output_encoding errors="replace" replacement_char=65533 replace_control_characters=False',
        texts.transcoded,
    ),
    "strings.unsorted_segment_join": ('inputs segment_ids num_segments separator=""', texts.segments_joined),
    "strings.upper": ('input encoding=""', texts.changed("upper")),
    "where": ("condition x=None y=None", texts.chosen),
}
# Functions that move values around, whatever they are.
MOVING = (
    "__operators__.getitem",
    "broadcast_to",
    "compat.v1.expand_dims",
    "compat.v1.gather",
    "compat.v1.shape",
    "compat.v1.squeeze",
    "compat.v1.transpose",
    "concat",
    "ensure_shape",
    "expand_dims",
    "gather",
    "identity",
    "repeat",
    "reshape",
    "reverse",
    "roll",
    "slice",
    "split",
    "squeeze",
    "stack",
    "stop_gradient",
    "strided_slice",
    "tile",
    "transpose",
    "unstack",
)

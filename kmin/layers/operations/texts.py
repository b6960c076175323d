"""Texts joined, cut, searched, hashed, and made of numbers or read as such, as TensorFlow's functions do it."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import Lowering, axis_of, dtype_named, integer, integers, tensor_of
from kmin.layers.operations.patterns import UnlikeError, python_pattern, rewrite_parts
from kmin.layers.operations.shaping import cut, reshaped
from kmin.layers.operations.sizes import number_of
from kmin.ops.change_text import ChangeTextAttrs
from kmin.ops.concat import ConcatAttrs
from kmin.ops.cut_text import CutTextAttrs
from kmin.ops.hash_bucket import HashBucketAttrs
from kmin.ops.join_segments import JoinSegmentsAttrs
from kmin.ops.join_text import JoinTextAttrs
from kmin.ops.parse_number import ParseNumberAttrs
from kmin.ops.rewrite_text import RewriteTextAttrs
from kmin.ops.where import WhereAttrs
from kmin.ops.write_number import WriteNumberAttrs


def text_of(call: LayerCall, x: Any) -> Tensor:
    """A tensor of texts."""
    if not isinstance(x, Tensor) or x.dtype != "string":
        raise call.fail("needs texts of the model")
    return x


def _operand(call: LayerCall, x: Any, rank: int) -> Tensor:
    """Texts of the model, or one of the file."""
    if isinstance(x, str):
        return call.constant("text", np.array(x.encode()).reshape((1,) * rank))
    return text_of(call, x)


def changed(kind: str) -> Lowering:
    """strings.lower and strings.upper: letters of ASCII, or with encoding='utf-8' all."""

    def lower(call: LayerCall, x: Any, encoding: Any) -> Tensor:
        if encoding not in ("", "utf-8"):
            raise call.fail(f"encoding must be '' or 'utf-8'; received {encoding!r:.40}")
        return call.add("change_text", (text_of(call, x),), ChangeTextAttrs(f"{kind}_all" if encoding else kind))

    return lower


def stripped(call: LayerCall, x: Any) -> Tensor:
    """strings.strip."""
    return call.add("change_text", (text_of(call, x),), ChangeTextAttrs("strip"))


def length(call: LayerCall, x: Any, unit: Any) -> Tensor:
    """strings.length."""
    return call.add(
        "change_text",
        (text_of(call, x),),
        ChangeTextAttrs("characters" if _counts_characters(call, unit) else "bytes"),
    )


def _counts_characters(call: LayerCall, unit: Any) -> bool:
    if unit not in ("BYTE", "UTF8_CHAR"):
        raise call.fail(f"unit must be 'BYTE' or 'UTF8_CHAR'; received {unit!r:.40}")
    return bool(unit == "UTF8_CHAR")


def equal(call: LayerCall, x: Any, y: Any) -> Tensor:
    """Whether texts are the same."""
    if isinstance(x, str):
        x, y = y, x
    if isinstance(y, str):
        return call.add("change_text", (text_of(call, x),), ChangeTextAttrs("equal", y))
    return call.add("change_text", (text_of(call, x), text_of(call, y)), ChangeTextAttrs("equal"))


def joined(call: LayerCall, values: Any, separator: Any) -> Tensor:
    """strings.join: texts side by side."""
    ranks = [x.rank for x in values if isinstance(x, Tensor)] if isinstance(values, (list, tuple)) else []
    if not ranks or not isinstance(separator, str):
        raise call.fail(f"needs a list of texts and a separator; received {separator!r:.40}")
    return call.add("change_text", [_operand(call, x, max(ranks)) for x in values], ChangeTextAttrs("join", separator))


def chosen(call: LayerCall, condition: Any, x: Any, y: Any) -> Tensor:
    """where."""
    test = tensor_of(call, condition)
    return call.add("where", (test, *(_operand(call, value, test.rank) for value in (x, y))), WhereAttrs())


def reduce_joined(call: LayerCall, x: Any, axis: Any, keepdims: Any, separator: Any) -> Tensor:
    """strings.reduce_join: the texts along axes as one, axis after axis as they are listed (None: the last first)."""
    value = text_of(call, x)
    given = range(value.rank)[::-1] if axis is None else integers(call, axis, "axis")
    axes = [axis_of(call, item, value.rank) for item in given]
    if not isinstance(separator, str) or len(set(axes)) != len(axes):
        raise call.fail(f"needs axes and a separator; received {axis!r:.40} and {separator!r:.40}")
    call.mix_samples(value, axes)
    for at in axes:
        value = call.add("join_text", (value,), JoinTextAttrs(at, True, separator))
    return value if keepdims else reshaped(call, value, tuple(("x", at) for at in range(value.rank) if at not in axes))


def segments_joined(call: LayerCall, x: Any, ids: Any, count: Any, separator: Any) -> Tensor:
    """strings.unsorted_segment_join: the texts of one id as one, in their order."""
    if not isinstance(separator, str):
        raise call.fail(f"separator must be a text; received {separator!r:.40}")
    call.builder.mixes_samples = True
    parts = (text_of(call, x), tensor_of(call, ids), number_of(call, count, "num_segments"))
    return call.add("join_segments", parts, JoinSegmentsAttrs(separator))


def runs(call: LayerCall, x: Any, widths: Any, separator: Any, pads: Any, width: Any, short: Any) -> Tensor:
    """strings.ngrams of dense texts: neighbours along the last axis joined."""
    value = text_of(call, x)
    count, sizes = value.shape[-1] if value.rank > 1 else None, integers(call, widths, "ngram_width")
    if count is None or pads is not None or width is not None or not isinstance(separator, str):
        raise call.fail(f"needs rows of texts of known number, without pads; received {value.spec} and {pads!r:.40}")
    if min(sizes) < 1 or max(sizes) > count or short:
        raise call.fail(f"ngram_width must be up to {count}, without preserve_short_sequences; received {widths!r:.40}")
    at, parts = value.rank - 1, []
    for size in sizes:
        pieces = [cut(call, value, at, start, count - size + 1 + start) for start in range(size)]
        parts.append(call.add("change_text", pieces, ChangeTextAttrs("join", separator)))
    return parts[0] if len(parts) == 1 else call.add("concat", parts, ConcatAttrs(at))


def part(call: LayerCall, x: Any, start: Any, count: Any, unit: Any) -> Tensor:
    """strings.substr."""
    places = [tensor_of(call, value) for value in (start, count)]
    return call.add("cut_text", (text_of(call, x), *places), CutTextAttrs(_counts_characters(call, unit)))


def _pattern(call: LayerCall, pattern: Any) -> str:
    if not isinstance(pattern, str):
        raise call.fail("needs a pattern from the file")
    try:
        return python_pattern(pattern)
    except UnlikeError as error:
        raise call.fail(f"the pattern {pattern!r:.60} is not supported: {error}") from None


def matched(call: LayerCall, x: Any, pattern: Any) -> Tensor:
    """strings.regex_full_match."""
    return call.add("rewrite_text", (text_of(call, x),), RewriteTextAttrs(_pattern(call, pattern)))


def replaced(call: LayerCall, x: Any, pattern: Any, rewrite: Any, every: Any) -> Tensor:
    """strings.regex_replace."""
    found = _pattern(call, pattern)
    if not isinstance(rewrite, str):
        raise call.fail("needs a rewrite from the file")
    try:
        parts = rewrite_parts(rewrite, found)
    except UnlikeError as error:
        raise call.fail(str(error)) from None
    return call.add("rewrite_text", (text_of(call, x),), RewriteTextAttrs(found, parts, bool(every)))


def bucket(call: LayerCall, x: Any, count: Any, key: Any = None, murmur: bool = False) -> Tensor:
    """strings.to_hash_bucket_fast; with a key _strong."""
    salt = () if key is None else integers(call, key, "key")
    return call.add(
        "hash_bucket", (text_of(call, x),), HashBucketAttrs(integer(call, count, "num_buckets"), salt, None, murmur)
    )


def number(call: LayerCall, x: Any, dtype: Any) -> Tensor:
    """strings.to_number."""
    return call.add("parse_number", (text_of(call, x),), ParseNumberAttrs(dtype_named(call, dtype, "float32")))


def written(call: LayerCall, x: Any, precision: Any, scientific: Any, shortest: Any, width: Any, fill: Any) -> Tensor:
    """strings.as_string: as C's printf writes numbers."""
    value = tensor_of(call, x)
    floats = value.dtype in ("float32", "float64")
    digits, room = integer(call, precision, "precision"), integer(call, width, "width")
    fits = floats or value.dtype in ("bool", "int8", "int16", "int32", "int64")
    if not fits or (not floats and (scientific or shortest or digits > -1)) or (scientific and shortest):
        raise call.fail(f"needs float32, float64, whole numbers or bools and a form for them; received {value.spec}")
    if fill not in ("", " ", "+", "-", "0", "#") or max(digits, room) > 200:
        raise call.fail(f"needs a fill that C knows and up to 200 digits; received {fill!r:.40}, {digits!r:.40}")
    letter = "d" if not floats else "g" if shortest else "e" if scientific else "f"
    form = f"%{fill}{room if room > -1 else ''}{f'.{digits}' if digits > -1 else ''}{letter}"
    return call.add("write_number", (value,), WriteNumberAttrs("%s" if value.dtype == "bool" else form))


def transcoded(call: LayerCall, x: Any, given: Any, wanted: Any, errors: Any, replacement: Any, control: Any) -> Tensor:
    """strings.unicode_transcode from UTF-8 to UTF-8: what is no UTF-8 replaced or left out."""
    if (given, wanted) != ("UTF-8", "UTF-8") or control or errors not in ("ignore", "replace"):
        raise call.fail(
            f"only UTF-8 to UTF-8 is supported, errors replaced or ignored; received {given!r:.20}, {wanted!r:.20}"
        )
    code = integer(call, replacement, "replacement_char")
    if not 0 <= code < 0x110000 or 0xD800 <= code < 0xE000:
        raise call.fail(f"replacement_char must be the number of a character; received {code}")
    instead = "" if errors == "ignore" else chr(code)
    return call.add("change_text", (text_of(call, x),), ChangeTextAttrs("clean", instead))

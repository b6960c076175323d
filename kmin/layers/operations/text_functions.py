"""TEXT_FUNCTIONS: the rows of TensorFlow's functions for texts, by the name that files have."""

from __future__ import annotations

from typing import Any

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import Row, integer, unary
from kmin.ops.change_text import ChangeTextAttrs
from kmin.ops.hash_bucket import HashBucketAttrs


def _text(call: LayerCall, x: Any) -> Tensor:
    if not isinstance(x, Tensor) or x.dtype != "string":
        raise call.fail("needs texts of the model")
    return x


def _changed(kind: str) -> Row:
    def lower(call: LayerCall, x: Any, encoding: Any) -> Tensor:
        if encoding:
            raise call.fail(f"encoding must be '': only letters of ASCII are changed; received {encoding!r:.40}")
        return call.add("change_text", (_text(call, x),), ChangeTextAttrs(kind))

    return 'input encoding=""', lower


def _length(call: LayerCall, x: Any, unit: Any) -> Tensor:
    if unit not in ("BYTE", "UTF8_CHAR"):
        raise call.fail(f"unit must be 'BYTE' or 'UTF8_CHAR'; received {unit!r:.40}")
    return call.add("change_text", (_text(call, x),), ChangeTextAttrs("bytes" if unit == "BYTE" else "characters"))


def _equal(call: LayerCall, x: Any, y: Any, _: Any) -> Tensor:
    if isinstance(y, str):
        return call.add("change_text", (_text(call, x),), ChangeTextAttrs("equal", y))
    return call.add("change_text", (_text(call, x), _text(call, y)), ChangeTextAttrs("equal"))


def _joined(call: LayerCall, values: Any, separator: Any) -> Tensor:
    if not isinstance(values, (list, tuple)) or not values or not isinstance(separator, str):
        raise call.fail(f"needs a list of texts and a separator; received {separator!r:.40}")
    return call.add("change_text", [_text(call, x) for x in values], ChangeTextAttrs("join", separator))


def _bucket(call: LayerCall, x: Any, count: Any) -> Tensor:
    return call.add("hash_bucket", (_text(call, x),), HashBucketAttrs(integer(call, count, "num_buckets")))


TEXT_FUNCTIONS: dict[str, Row] = {
    "identity": ("input", _text),
    "math.equal": ("x y incompatible_shape_error=True", _equal),
    "math.not_equal": (
        "x y incompatible_shape_error=True",
        lambda call, x, y, _: unary(call, _equal(call, x, y, _), "logical_not"),
    ),
    "strings.join": ('inputs separator=""', _joined),
    "strings.length": ('input unit="BYTE"', _length),
    "strings.lower": _changed("lower"),
    "strings.strip": ("input", lambda call, x: call.add("change_text", (_text(call, x),), ChangeTextAttrs("strip"))),
    "strings.to_hash_bucket_fast": ("input num_buckets", _bucket),
    "strings.upper": _changed("upper"),
}

"""Texts cut into rows of unequal length, and methods of TensorFlow's ragged tensors (Keras 2.15)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Lowered, Tensor
from kmin.layers.operations.arguments import Lowering, Row, cast, integer
from kmin.ops.fill_steps import FillStepsAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.slice import SliceAttrs
from kmin.ops.split_pieces import SplitPiecesAttrs


def _cut(call: LayerCall, x: Any, attrs: SplitPiecesAttrs) -> Tensor:
    if not isinstance(x, Tensor) or x.dtype != "string" or x.rank != 1 or x.ragged is not None:
        raise call.fail("needs a row of texts, one per sample")
    pieces, there = call.add_all("split_pieces", (x,), attrs)
    return replace(pieces, ragged=there)


def _split(call: LayerCall, x: Any, separator: Any, most: Any) -> Tensor:
    if not (separator is None or isinstance(separator, str)) or (not separator and most != -1):
        raise call.fail(f"needs a separator, or whitespace without maxsplit; received {separator!r:.40}")
    by = "separator" if separator else "whitespace"
    return _cut(call, x, SplitPiecesAttrs(by, separator if separator else "", integer(call, most, "maxsplit")))


def _letters(by: str) -> Lowering:
    def lower(call: LayerCall, x: Any, encoding: Any, errors: Any, replacement: Any, control: Any = False) -> Tensor:
        if encoding != "UTF-8" or errors != "replace" or replacement != 0xFFFD or control:
            raise call.fail(f"only UTF-8 with errors replaced is supported; received {encoding!r:.20}, {errors!r:.20}")
        return _cut(call, x, SplitPiecesAttrs(by))

    return lower


def _first_steps(call: LayerCall, x: Any, key: Any) -> Tensor:
    """x[:, :n] of rows."""
    parts = list(key) if isinstance(key, (list, tuple)) else []
    whole = {"start": None, "stop": None, "step": None}
    stop = parts[1].get("stop") if len(parts) == 2 and isinstance(parts[1], Mapping) else None
    if parts[:1] != [whole] or parts[1:] != [{**whole, "stop": stop}] or not isinstance(stop, int) or stop < 0:
        raise call.fail(f"rows of unequal length are cut as x[:, :n] alone; received {key!r:.80}")
    part = SliceAttrs(((None, None, None), (None, stop, None)))
    return replace(call.add("slice", (x,), part), ragged=call.add("slice", (x.ragged,), part), mask=None)


RAGGED_FUNCTIONS: dict[str, Row] = {
    "__operators__.ragged_getitem": ("rt_input key", _first_steps),
    "strings.bytes_split": ("input", lambda call, x: _cut(call, x, SplitPiecesAttrs("bytes"))),
    "strings.split": ("input sep=None maxsplit=-1", _split),
    "strings.unicode_decode": (
        'input input_encoding errors="replace" replacement_char=65533 replace_control_characters=False',
        _letters("codes"),
    ),
    "strings.unicode_split": (
        'input input_encoding errors="replace" replacement_char=65533',
        _letters("characters"),
    ),
}


def lower_method(call: LayerCall) -> Lowered:
    """InstanceMethod: `to_tensor` and `row_lengths` of a ragged tensor."""
    x, given = call.input, call.kwargs
    rows, name = x.ragged, call.config.get("attr_name")
    args, named = given.get("args", []), given.get("kwargs", {})
    if rows is None or not isinstance(args, (list, tuple)) or not isinstance(named, Mapping):
        raise call.fail(f"a method {name!r:.40} is known of ragged tensors alone; received {x.spec}")
    if name == "row_lengths" and not args and not named:
        return call.add("reduce", (cast(call, rows, "int64"),), ReduceAttrs("sum", (1,)))
    if name != "to_tensor":
        raise call.fail(f"the method {name!r:.40} of ragged tensors is not supported; to_tensor and row_lengths are")
    settings = {**dict(zip(("default_value", "name", "shape"), args, strict=False)), **named}
    shape, value = settings.get("shape"), settings.get("default_value")
    length = None
    if shape is not None:
        if not isinstance(shape, (list, tuple)) or len(shape) < 2 or shape[0] is not None or any(shape[2:]):
            raise call.fail(f"shape must tell the length of rows alone; received {shape!r:.40}")
        length = None if shape[1] is None else integer(call, shape[1], "shape")
    if length is None:
        call.builder.mixes_samples = True
    text = x.dtype == "string"
    filling: Any = value if value is not None else "" if text else 0
    if not isinstance(filling, str if text else (bool, int, float, np.ndarray)) or np.ndim(filling):
        raise call.fail(f"default_value must be one value like those of the rows; received {value!r:.40}")
    attrs = FillStepsAttrs(str(filling) if text else float(filling), length)
    return call.add("fill_steps", (replace(x, ragged=None, mask=None), rows), attrs)

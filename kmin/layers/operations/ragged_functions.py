"""Texts cut into rows of unequal length, and methods of TensorFlow's ragged tensors (Keras 2.15)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Lowered, Tensor
from kmin.layers.operations.arguments import Lowering, Row, cast, integer
from kmin.layers.operations.arithmetic import convert
from kmin.layers.operations.loss_functions import LOSS_FUNCTIONS
from kmin.layers.operations.shaping import reshaped
from kmin.ops.change_text import ChangeTextAttrs
from kmin.ops.fill_steps import FillStepsAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.slice import SliceAttrs
from kmin.ops.split_pieces import SplitPiecesAttrs


def _cut(call: LayerCall, x: Any, attrs: SplitPiecesAttrs) -> Tensor:
    if not isinstance(x, Tensor) or x.dtype != "string" or x.rank not in (1, 2):
        raise call.fail("needs a row of texts, one per sample, or as many for each")
    count = x.shape[1] if x.rank == 2 else None
    if x.rank == 2 and count is None:
        raise call.fail(f"needs a known number of texts per sample; received {x.spec}")
    flat = x if x.rank == 1 else reshaped(call, replace(x, ragged=None), (-1,))
    pieces, there = call.add_all("split_pieces", (flat,), attrs)
    if x.rank == 2:
        pieces, there = (reshaped(call, part, (-1, count, ("x", 1))) for part in (pieces, there))
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


def _rows(call: LayerCall, x: Any) -> Tensor:
    """A tensor of rows of unequal length, two axes deep."""
    if x.ragged is None or x.ragged.rank != 2:
        raise call.fail(f"needs rows of unequal length; received {x.spec}")
    return x.ragged  # type: ignore[no-any-return]


def _squeezed(call: LayerCall, x: Any, axis: Any) -> Tensor:
    """Rows of one text each without the axis of 1."""
    if x.rank != 3 or x.shape[1] != 1 or axis not in (1, [1]):
        raise call.fail(f"of rows of unequal length, only an axis of 1 in the middle is left out; received {x.spec}")
    first, second = (reshaped(call, part, (("x", 0), ("x", 2))) for part in (replace(x, ragged=None), x.ragged))
    return replace(first, ragged=second)


def _first_steps(call: LayerCall, x: Any, key: Any) -> Tensor:
    """x[:, :n] of rows."""
    parts = list(key) if isinstance(key, (list, tuple)) else []
    whole = {"start": None, "stop": None, "step": None}
    stop = parts[1].get("stop") if len(parts) == 2 and isinstance(parts[1], Mapping) else None
    if parts[:1] != [whole] or parts[1:] != [{**whole, "stop": stop}] or not isinstance(stop, int) or stop < 0:
        raise call.fail(f"rows of unequal length are cut as x[:, :n] alone; received {key!r:.80}")
    part = SliceAttrs(((None, None, None), (None, stop, None)))
    return replace(call.add("slice", (x,), part), ragged=call.add("slice", (_rows(call, x),), part), mask=None)


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


# Functions that take ragged tensors as such.
def _cast(call: LayerCall, x: Any, dtype: Any) -> Tensor:
    return replace(convert(call, replace(x, ragged=None), dtype), ragged=x.ragged)


RAGGED_READERS: dict[str, Row] = {
    "cast": ("x dtype", _cast),
    "compat.v1.nn.ctc_loss": LOSS_FUNCTIONS["compat.v1.nn.ctc_loss"],
    **{name: RAGGED_FUNCTIONS[name] for name in ("__operators__.ragged_getitem", "strings.bytes_split")},
    **{name: RAGGED_FUNCTIONS[name] for name in ("strings.split", "strings.unicode_split")},
    "compat.v1.squeeze": ("input axis=None", _squeezed),
}


def lower_class_method(call: LayerCall) -> Lowered:
    """ClassMethod: `RaggedTensor.from_tensor` of texts, which Keras writes where several per sample are split."""
    x, named = call.input, call.kwargs.get("kwargs", {})
    wanted = ("RaggedTensor", "from_tensor")
    if (call.config.get("cls_symbol"), call.config.get("method_name")) != wanted or named or x.rank != 2:
        raise call.fail("only RaggedTensor.from_tensor of texts in two axes is supported")
    if x.dtype != "string":
        raise call.fail(f"only texts are split into rows; received {x.spec}")
    return replace(x, ragged=call.add("change_text", (x, x), ChangeTextAttrs("equal")), mask=None)


# The methods of ragged tensors, and what each takes.
_METHODS = {"row_lengths": ("axis", "name"), "to_tensor": ("default_value", "name", "shape")}


def lower_method(call: LayerCall) -> Lowered:
    """InstanceMethod: `to_tensor` and `row_lengths` of a ragged tensor."""
    x, given = call.input, call.kwargs
    rows, name = x.ragged, call.config.get("attr_name")
    args, named = given.get("args", []), given.get("kwargs", {})
    if rows is None or not isinstance(args, (list, tuple)) or not isinstance(named, Mapping):
        raise call.fail(f"a method {name!r:.40} is known of ragged tensors alone; received {x.spec}")
    known = _METHODS.get(name) if isinstance(name, str) else None
    if known is None:
        raise call.fail(f"the method {name!r:.40} of ragged tensors is not supported; {' and '.join(_METHODS)} are")
    settings = {**dict(zip(known, args, strict=False)), **named}
    if len(args) > len(known) or not set(settings) <= set(known):
        raise call.fail(f"{name} takes {', '.join(known)}; received {settings!r:.80}")
    if name == "row_lengths":
        if rows.rank != 2 or settings.get("axis") not in (None, 1):
            raise call.fail(f"row_lengths are those of rows of one axis; received {x.spec} and {settings!r:.40}")
        return call.add("reduce", (cast(call, rows, "int64"),), ReduceAttrs("sum", (1,)))
    shape, value = settings.get("shape"), settings.get("default_value")
    whole = None if shape is None else list(shape) if isinstance(shape, (list, tuple)) else []
    deep = rows.rank - 1
    if whole is not None:
        sizes = [None, *x.shape[1:deep]]
        if (
            len(whole) <= deep
            or any(a not in (None, b) for a, b in zip(whole, sizes, strict=False))
            or any(whole[deep + 1 :])
        ):
            raise call.fail(f"shape must tell the length of rows alone; received {shape!r:.40}")
    length = None if whole is None or whole[deep] is None else integer(call, whole[deep], "shape")
    if length is None:
        call.builder.mixes_samples = True
    text = x.dtype == "string"
    filling: Any = value if value is not None else "" if text else 0
    if not isinstance(filling, str if text else (bool, int, float, np.ndarray)) or np.ndim(filling):
        raise call.fail(f"default_value must be one value like those of the rows; received {value!r:.40}")
    attrs = FillStepsAttrs(str(filling) if text else float(filling), length)
    dense = replace(x, ragged=None, mask=None)
    if rows.rank == 2:
        return call.add("fill_steps", (dense, rows), attrs)
    if x.rank != 3 or x.shape[1] is None:
        raise call.fail(f"needs a known number of rows per sample; received {x.spec}")
    flat = (reshaped(call, part, (-1, ("x", 2))) for part in (dense, rows))
    return reshaped(call, call.add("fill_steps", tuple(flat), attrs), (-1, x.shape[1], ("x", 1)))

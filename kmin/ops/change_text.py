"""change_text: texts in small or capital letters, without blanks around, measured, compared or joined."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec

TEXT_KINDS = {"bytes": "int32", "characters": "int32", "equal": "bool"}
TEXT_KINDS |= {"join": "string", "lower": "string", "strip": "string", "upper": "string"}
TEXT_KINDS |= {"clean": "string", "lower_all": "string", "upper_all": "string"}


@dataclass(frozen=True)
class ChangeTextAttrs:
    """What to do with texts.

    Attributes:
        kind: one of TEXT_KINDS; `lower` and `upper` change letters of ASCII, `lower_all` and `upper_all` all.
        text: what stands between joined texts, what one text is compared with, or what takes the place of bytes that
            are no UTF-8 (`clean`).
    """

    kind: str
    text: str = ""


def infer_change_text(specs: Specs, attrs: ChangeTextAttrs) -> tuple[TensorSpec, ...]:
    most = {"equal": 2, "join": len(specs)}.get(attrs.kind, 1)
    if attrs.kind not in TEXT_KINDS or not 1 <= len(specs) <= most or any(x.dtype != "string" for x in specs):
        raise InputError(f"change_text '{attrs.kind}' needs texts; received {', '.join(map(str, specs))}")
    if any(x.rank != specs[0].rank for x in specs):
        raise InputError(f"change_text '{attrs.kind}' needs texts of one rank; received {', '.join(map(str, specs))}")
    shape = []
    for sizes in zip(*(x.shape for x in specs), strict=True):
        known = {size for size in sizes if size not in (None, 1)}
        if len(known) > 1:
            raise InputError(f"change_text '{attrs.kind}': shapes do not meet; received {', '.join(map(str, specs))}")
        shape.append(known.pop() if known else None if None in sizes else 1)
    return (TensorSpec(tuple(shape), TEXT_KINDS[attrs.kind]),)


def run_change_text(arrays: Arrays, attrs: ChangeTextAttrs) -> tuple[Array, ...]:
    """UTF-8 bytes -> bytes, lengths or whether they are equal; `lower` as TensorFlow's."""
    x = arrays[0]
    if attrs.kind == "equal":
        other = arrays[1] if len(arrays) > 1 else np.asarray(attrs.text.encode())
        return (np.asarray(x == other),)
    if attrs.kind == "join":
        for other in arrays[1:]:
            x = np.char.add(np.char.add(x, attrs.text.encode()), other)
        return (x.astype("S"),)
    if attrs.kind == "bytes":
        return (np.char.str_len(x).astype(np.int32),)
    if attrs.kind == "characters":
        within = np.char.translate(x, bytes(range(256)), bytes(range(128, 192)))  # type: ignore[call-overload]
        return (np.char.str_len(within).astype(np.int32),)
    if attrs.kind in ("clean", "lower_all", "upper_all"):
        return (changed_texts(x, attrs),)
    if attrs.kind == "strip":
        return (np.char.strip(x).astype("S"),)
    return ((np.char.lower(x) if attrs.kind == "lower" else np.char.upper(x)).astype("S"),)


def changed_texts(x: Array, attrs: ChangeTextAttrs) -> Array:
    """Texts as Python reads them, changed one by one.

    Raises:
        InputError: a text is no UTF-8 and not to be cleaned.
    """
    if attrs.kind == "clean":
        cleaned = [cleaned_text(text, attrs.text).encode() for text in x.reshape(-1).tolist()]
        return np.array(cleaned, "S").reshape(x.shape)
    try:
        texts = [text.decode() for text in x.reshape(-1).tolist()]
    except UnicodeDecodeError as error:
        raise InputError(f"texts must be UTF-8 here; received {error.object[:40]!r}") from None
    texts = [text.lower() if attrs.kind == "lower_all" else text.upper() for text in texts]
    return np.array([text.encode() for text in texts], "S").reshape(x.shape)


def cleaned_text(text: bytes, instead: str) -> str:
    """The text with something in place of bytes that are no UTF-8; marks of replacement that stand in it stay."""
    parts = text.split("\ufffd".encode())
    return "\ufffd".join(part.decode("utf-8", "replace").replace("\ufffd", instead) for part in parts)


OP = Op(ChangeTextAttrs, infer_change_text, run_change_text)

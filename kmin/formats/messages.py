"""Bodies of HDF5 object header messages: dataspace, datatype, layout and attribute, as h5py writes them."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kmin.errors import FormatError

# (exponent at, bits of it, mantissa at, bits of it, bias) of the IEEE formats, by size.
_IEEE = {2: (10, 5, 0, 10, 15), 4: (23, 8, 0, 23, 127), 8: (52, 11, 0, 52, 1023)}
_FIXED, _FLOAT, _STRING, _OPAQUE, _VARIABLE = 0, 1, 3, 5, 9
_REFERENCE_SIZE = 16


class Unusual(Exception):
    """The file uses what Keras never writes: only libhdf5 can read it."""


@dataclass(frozen=True)
class Storage:
    """Where a dataset's values are.

    Attributes:
        shape, dtype: of the values.
        address, size: of its bytes in the file.
        inline: its bytes, when they are in the header itself.
        refused: why they are not read (it holds text, ...); empty when they are.
        outside: whether its bytes are in another file.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]
    address: int = 0
    size: int = 0
    inline: bytes | None = None
    refused: str = ""
    outside: bool = False


@dataclass(frozen=True)
class Attribute:
    """An attribute as stored.

    Attributes:
        name: its name.
        data: its bytes; references into a heap for text of variable length.
        fixed: bytes per string, None for text of variable length.
        text: whether it holds text at all.
        count: number of values.
    """

    name: str
    data: bytes
    fixed: int | None
    text: bool
    count: int

    def places(self) -> range:
        """Offsets of the heap references in `data`."""
        return range(0, self.count * _REFERENCE_SIZE, _REFERENCE_SIZE)


def read_shape(body: bytes) -> tuple[int, ...] | None:
    """The shape in a dataspace message; None for a null dataspace.

    Raises:
        FormatError: damaged.
    """
    version, rank, _, kind = _unpack("<BBBB", body)
    if version not in (1, 2) or rank > 32:
        raise FormatError("a shape is damaged")
    if version == 2 and kind == 2:
        return None
    return _unpack(f"<{rank}Q", body, 8 if version == 1 else 4)


def read_storage(space: bytes, kind: bytes, layout: bytes) -> Storage:
    """A dataset's shape, dtype and place.

    Raises:
        Unusual: chunks, filters or exotic numbers.
        FormatError: damaged.
    """
    shape = read_shape(space)
    class_, bits, size = _class(kind)
    refused = ""
    if class_ == _FIXED:
        offset, precision = _unpack("<HH", kind, 8)
        if size not in (1, 2, 4, 8) or offset or precision != 8 * size or bits & ~0x0F:
            raise Unusual
        dtype = np.dtype(f"{'>' if bits & 1 else '<'}{'i' if bits & 8 else 'u'}{size}")
    elif class_ == _FLOAT:
        offset, precision, *fields = _unpack("<HHBBBBI", kind, 8)
        if offset or precision != 8 * size or tuple(fields) != _IEEE.get(size) or bits & 0x40:
            raise Unusual
        dtype = np.dtype(f"{'>' if bits & 1 else '<'}f{size}")
    elif class_ == _OPAQUE and size == 2:
        dtype = np.dtype("V2")
    elif class_ in (_STRING, _VARIABLE):
        dtype, refused = np.dtype("u1"), "must hold numbers; received text or sequences"
    else:
        raise Unusual
    version, place = _unpack("<BB", layout)
    if version != 3 or place > 1:
        raise Unusual
    if shape is None:
        return Storage((), dtype, refused="must have values; received an empty dataset")
    if place == 0:
        (length,) = _unpack("<H", layout, 2)
        if len(layout) < 4 + length:
            raise FormatError("the header of a dataset is damaged")
        return Storage(shape, dtype, inline=layout[4 : 4 + length], refused=refused)
    address, length = _unpack("<QQ", layout, 2)
    return Storage(shape, dtype, address, length, refused=refused)


def read_attribute(body: bytes) -> Attribute:
    """An attribute, its text not yet looked up.

    Raises:
        Unusual: a shared or unknown encoding.
        FormatError: damaged.
    """
    version, flags, name_size, kind_size, space_size = _unpack("<BBHHH", body)
    if version not in (1, 2, 3) or (version > 1 and flags):
        raise Unusual
    at = 9 if version == 3 else 8
    pieces = []
    for size in (name_size, kind_size, space_size):
        piece = body[at : at + size]
        if len(piece) < size:
            raise FormatError("an attribute is damaged")
        pieces.append(piece)
        at += (size + 7) // 8 * 8 if version == 1 else size
    name = pieces[0].split(b"\0")[0].decode("utf-8", "replace")
    class_, bits, size = _class(pieces[1])
    shape = read_shape(pieces[2])
    count = _product(shape) if shape is not None else 0
    variable = class_ == _VARIABLE and bits & 0x0F == 1
    text = variable or (class_ == _STRING and size > 0)
    length = count * (_REFERENCE_SIZE if variable else size)
    data = body[at : at + length]
    if text and len(data) < length:
        raise FormatError(f"the attribute '{name:.80}' declares {length} bytes; {len(data)} are stored")
    return Attribute(name, data if text else b"", None if variable else size, text, count)


def _class(kind: bytes) -> tuple[int, int, int]:
    """Class, bit field and size of a datatype."""
    first, low, middle, high, size = _unpack("<BBBBI", kind)
    return first & 0x0F, low | middle << 8 | high << 16, size


def _product(shape: Sequence[int]) -> int:
    result = 1
    for size in shape:
        result *= size
    return result


def _unpack(form: str, data: bytes, at: int = 0) -> tuple[int, ...]:
    try:
        return struct.unpack_from(form, data, at)
    except struct.error:
        raise FormatError("an object header is damaged") from None

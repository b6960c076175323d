"""HDF5 files of the layout that every Keras writes, read here: libhdf5 crashes and hangs on damaged ones.

Only what `h5py` writes by default is known: superblock 0 or 1, object headers 1, symbol-table groups, contiguous and
compact datasets (HDF5 file format specification, version 3). Anything else raises `Unusual` and is left to libhdf5.
Every address is checked, nothing is followed twice, and no more than the file's own size is ever unpacked.
"""

from __future__ import annotations

import math
import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from kmin.errors import FormatError
from kmin.formats.messages import Attribute, Storage, Unusual, read_attribute, read_storage
from kmin.formats.spec import Array

SIGNATURE = b"\x89HDF\r\n\x1a\n"
_NOWHERE = (1 << 64) - 1
_MOST_STEPS = 2_000_000
_MESSAGE = struct.Struct("<HHB3x")
_TREE = struct.Struct("<4sBBH16x")
_ENTRY = struct.Struct("<QQI4xI12x")
_REFERENCE = struct.Struct("<IQI")
_OBJECT = struct.Struct("<HH4xQ")
_DATASPACE, _LINK_INFO, _DATATYPE, _EXTERNAL, _LINK, _LAYOUT = 1, 2, 3, 7, 6, 8
_FILTERS, _ATTRIBUTE, _CONTINUATION, _SYMBOL_TABLE, _MANY_ATTRIBUTES = 11, 12, 16, 17, 21


@dataclass
class Object:
    """A group or dataset: its header's messages, and a group's members by name.

    Attributes:
        address: of the header; one per object.
        attributes: name -> attribute, text not yet read.
        storage: shape, dtype and place of a dataset; None for a group.
        members: name -> header address, or the kind of link that is not followed; empty for a dataset.
    """

    address: int
    attributes: dict[str, Attribute] = field(default_factory=dict)
    storage: Storage | None = None
    members: dict[str, int | str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.members)

    def __iter__(self) -> Iterator[str]:
        return iter(self.members)

    def __contains__(self, name: object) -> bool:
        return name in self.members

    def __bool__(self) -> bool:
        return True


class Classic:
    """One file in memory.

    Args:
        data: the file's bytes, mapped or read. All but the values of datasets is read at once.

    Raises:
        Unusual: libhdf5 is needed.
        FormatError: damaged.
    """

    def __init__(self, data: memoryview) -> None:
        self._data, self._size = data, len(data)
        self._steps = 0
        self._left = self._size
        self._objects: dict[int, Object] = {}
        self._heaps: dict[int, dict[int, tuple[int, int]]] = {}
        head = self.piece(0, 16)
        if head[:8] != SIGNATURE:
            raise FormatError("it does not begin like an HDF5 file")
        if head[8] > 1 or head[13] != 8 or head[14] != 8:
            raise Unusual
        shift = 4 * head[8]
        base, _, end, driver = struct.unpack("<4Q", self.piece(24 + shift, 32))
        if base != 0 or driver != _NOWHERE:
            raise Unusual
        if end > self._size:
            raise FormatError(f"it is cut short: {self._size} of {end} bytes are there")
        self.root = self.object(_ENTRY.unpack(self.piece(56 + shift, 40))[1])
        self._read_below(self.root)

    def piece(self, at: int, size: int) -> bytes:
        """A checked piece of the file."""
        if at < 0 or size < 0 or at + size > self._size:
            raise FormatError(f"an address points outside the file ({at} + {size} of {self._size} bytes)")
        return bytes(self._data[at : at + size])

    def object(self, address: int) -> Object:
        """The object whose header is at `address`, read once."""
        found = self._objects.get(address)
        if found is None:
            found = self._objects[address] = self._read_object(address)
        return found

    def array(self, storage: Storage) -> Array:
        """The values of a dataset: where they lie in a mapped file, else copied once.

        Raises:
            FormatError: its bytes are not in the file, or those of all datasets are more than the file has.
        """
        if storage.outside or storage.refused:
            raise FormatError("is stored in another file" if storage.outside else storage.refused)
        need = _need(storage)
        if not self.holds(storage):
            raise FormatError(f"declares {need} bytes; only {self._stored(storage)} are stored")
        self._left -= need if storage.inline is None else 0
        if self._left < 0:
            raise FormatError(f"declares {need} bytes; with those before it that is more than the file has")
        if not need:
            return np.empty(storage.shape, storage.dtype.newbyteorder("="))
        data, at = (self._data, storage.address) if storage.inline is None else (storage.inline, 0)
        source: Array = np.frombuffer(data, storage.dtype, math.prod(storage.shape), at).reshape(storage.shape)
        stays = isinstance(self._data.obj, mmap.mmap) and storage.inline is None and source.flags.aligned
        return source.astype(storage.dtype.newbyteorder("="), copy=not stays)

    def holds(self, storage: Storage) -> bool:
        """Whether the values that a dataset declares can be in the bytes that it has."""
        return bool(storage.refused) or _need(storage) <= self._stored(storage)

    def _stored(self, storage: Storage) -> int:
        if storage.inline is not None:
            return len(storage.inline)
        return 0 if storage.address == _NOWHERE else min(storage.size, max(0, self._size - storage.address))

    def texts(self, attribute: Attribute) -> list[str]:
        """The strings in an attribute, in order."""
        if attribute.fixed is not None:
            size = attribute.fixed
            pieces = [attribute.data[at : at + size].split(b"\0")[0] for at in range(0, len(attribute.data), size)]
        else:
            pieces = [self._heap_text(*_REFERENCE.unpack_from(attribute.data, at)) for at in attribute.places()]
        return [piece.decode("utf-8", "replace") for piece in pieces]

    def _read_below(self, root: Object) -> None:
        """Reads every object, each group through one way only."""
        stack = [root]
        groups = {root.address}
        while stack:
            for address in stack.pop().members.values():
                if not isinstance(address, int):
                    continue
                known = address in self._objects
                item = self.object(address)
                if item.storage is None:
                    if address in groups:
                        raise FormatError("a group is linked to more than once")
                    groups.add(address)
                if not known:
                    stack.append(item)

    def _step(self, count: int = 1) -> None:
        self._steps += count
        if self._steps > _MOST_STEPS:
            raise FormatError(f"it has more than {_MOST_STEPS} parts")

    def _heap_text(self, length: int, address: int, index: int) -> bytes:
        if length == 0:
            return b""
        if address not in self._heaps:
            self._heaps[address] = self._read_heap(address)
        at, size = self._heaps[address].get(index, (0, 0))
        self._left -= length
        if length > size or self._left < 0:
            raise FormatError("a text is not where it should be")
        return self.piece(at, length)

    def _read_heap(self, address: int) -> dict[int, tuple[int, int]]:
        """Place and size of every object in a global heap collection."""
        head = self.piece(address, 16)
        if head[:5] != b"GCOL\x01":
            raise FormatError("a heap of text is damaged")
        end = address + int.from_bytes(head[8:], "little")
        found: dict[int, tuple[int, int]] = {}
        at = address + 16
        while at + _OBJECT.size <= end:
            self._step()
            index, _, size = _OBJECT.unpack(self.piece(at, _OBJECT.size))
            if index == 0:
                break
            found[index] = (at + _OBJECT.size, size)
            at += _OBJECT.size + (size + 7) // 8 * 8
        if at > end or end > self._size:
            raise FormatError("a heap of text does not add up")
        return found

    def _read_object(self, address: int) -> Object:
        messages = list(self._messages(address))
        kinds = {kind for kind, _ in messages}
        if kinds & {_LINK, _LINK_INFO}:
            raise Unusual
        found = Object(address)
        for kind, body in messages:
            if kind == _MANY_ATTRIBUTES:
                raise Unusual
            if kind == _ATTRIBUTE:
                attribute = read_attribute(body)
                found.attributes[attribute.name] = attribute
        if _SYMBOL_TABLE in kinds:
            tree, heap = struct.unpack_from("<QQ", next(body for kind, body in messages if kind == _SYMBOL_TABLE))
            found.members = self._members(tree, heap)
        elif _LAYOUT in kinds:
            if _EXTERNAL in kinds:
                found.storage = Storage((), np.dtype("u1"), outside=True)
                return found
            parts = {kind: body for kind, body in messages if kind in (_DATASPACE, _DATATYPE, _LAYOUT)}
            if _FILTERS in kinds:
                raise Unusual
            if len(parts) < 3:
                raise FormatError("a dataset has no shape or dtype")
            found.storage = read_storage(parts[_DATASPACE], parts[_DATATYPE], parts[_LAYOUT])
        return found

    def _messages(self, address: int) -> Iterator[tuple[int, bytes]]:
        """Type and body of every message of an object header, those in continuation blocks included."""
        head = self.piece(address, 16)
        if head[:4] == b"OHDR":
            raise Unusual
        if head[0] != 1:
            raise FormatError("an object header is damaged")
        blocks = [(address + 16, int.from_bytes(head[8:12], "little"))]
        left = int.from_bytes(head[2:4], "little")
        for start, size in blocks:  # grows while it is read
            block = self.piece(start, size)
            at = 0
            while at + _MESSAGE.size <= len(block) and left > 0:
                self._step()
                left -= 1
                kind, length, flags = _MESSAGE.unpack_from(block, at)
                body = block[at + _MESSAGE.size : at + _MESSAGE.size + length]
                if len(body) < length:
                    raise FormatError("an object header is damaged")
                if flags & 2:
                    raise Unusual
                if kind == _CONTINUATION:
                    blocks.append(struct.unpack_from("<QQ", body))
                else:
                    yield kind, body
                at += _MESSAGE.size + length

    def _members(self, tree: int, heap: int) -> dict[str, int | str]:
        head = self.piece(heap, 32)
        if head[:5] != b"HEAP\x00":
            raise FormatError("a heap of names is damaged")
        size, _, place = struct.unpack_from("<QQQ", head, 8)
        names = self.piece(place, size)
        members: dict[str, int | str] = {}
        for entry in self._entries(tree):
            offset, address, cached, _ = entry
            end = names.find(b"\0", offset)
            if offset >= size or end < 0:
                raise FormatError("a name is not where it should be")
            name = names[offset:end].decode("utf-8", "replace")
            if name in members:
                raise FormatError(f"the name '{name:.80}' is in a group twice")
            members[name] = address if cached < 2 else "soft"
        return members

    def _entries(self, tree: int) -> Iterator[tuple[int, int, int, int]]:
        """Symbol table entries below a B-tree node, in order."""
        stack = [(tree, 1 << 8)]
        seen: set[int] = set()
        while stack:
            address, above = stack.pop()
            self._step()
            if address in seen:
                raise FormatError("a group lists itself")
            seen.add(address)
            mark = self.piece(address, 8)
            if mark[:4] == b"SNOD" and above != 1 << 8:
                count = int.from_bytes(mark[6:8], "little")
                self._step(count)
                yield from _ENTRY.iter_unpack(self.piece(address + 8, count * _ENTRY.size))
                continue
            signature, kind, level, count = _TREE.unpack(self.piece(address, _TREE.size))
            if signature != b"TREE" or kind != 0 or level >= above:
                raise FormatError("a group is damaged")
            pairs = struct.unpack(f"<{2 * count + 1}Q", self.piece(address + _TREE.size, 16 * count + 8))
            stack += [(child, level) for child in reversed(pairs[1::2])]


def _need(storage: Storage) -> int:
    return math.prod(storage.shape) * storage.dtype.itemsize

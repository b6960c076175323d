"""Arrays in a .npz archive: plain .npy members, every array's data on a 64-byte boundary, nothing pickled."""

from __future__ import annotations

import io
import math
import mmap
import os
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any, BinaryIO

import numpy as np

from kmin.errors import FormatError
from kmin.export.naming import member_names
from kmin.graph.mapped import forget
from kmin.graph.rewrite import same_array
from kmin.ops.tensor import Array

ALIGNMENT = 64
# Id of the padding in a member's extra field, as zipalign uses it.
PADDING_ID = 0xD935
# A compressed archive may hold this many times its own size; more is a bomb, not a model.
MOST_EXPANSION = 250
LOCAL_HEADER = 30
# What zipfile, zlib and NumPy raise on bytes that make no sense to them.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    ValueError,
    EOFError,
    KeyError,
    IndexError,
    RuntimeError,
    SyntaxError,
    struct.error,
    tokenize.TokenError,
)
ZIP64_EXTRA = 20
# Smaller arrays are read, as are all where a mapped file cannot be replaced by another one.
LEAST_MAPPED = 1 << 16
MAPS = os.name != "nt"


def write_npz(file: BinaryIO, members: Iterable[tuple[str, Array]], *, compress: bool = False) -> None:
    """Writes (member name without `.npy`, array) pairs as `numpy.load` reads them.

    Args:
        file: opened for writing.
        members: in the order in which they are to lie in the file.
        compress: deflate the members; they then cannot be memory-mapped.
    """
    method = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, array in members:
            info = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))  # a fixed date: same model, same bytes
            info.compress_type = method
            info.external_attr = 0o644 << 16
            info.file_size = array.nbytes
            zip64 = array.nbytes * 1.05 > zipfile.ZIP64_LIMIT
            taken = file.tell() + LOCAL_HEADER + len(info.filename.encode()) + (ZIP64_EXTRA if zip64 else 0)
            size = -(taken + 4) % ALIGNMENT
            info.extra = PADDING_ID.to_bytes(2, "little") + size.to_bytes(2, "little") + bytes(size)
            with archive.open(info, "w", force_zip64=zip64) as member:
                native = np.asarray(array, array.dtype.newbyteorder("="), order="C")
                np.lib.format.write_array(member, native, allow_pickle=False)


def pack_npy(path: str | os.PathLike[str], files: Mapping[str, Path]) -> None:
    """Writes an .npz archive of .npy files that are already on disk, by member name, without reading them whole."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, file in files.items():
            archive.write(file, f"{name}.npy")


class NpzReader:
    """Members of an open .npz file, checked against a promised shape and dtype before anything is allocated.

    Raises:
        FormatError: not a complete .npz archive.
    """

    def __init__(self, file: BinaryIO, path: str) -> None:
        self.path = path
        self._file = file
        self._mapped: mmap.mmap | None = None  # lives as long as arrays in it
        try:
            self._archive = zipfile.ZipFile(file)
        except DAMAGE as error:
            raise FormatError(f"'{path}': the archive is damaged or cut short ({error})") from error
        self._infos: Mapping[str, zipfile.ZipInfo] = {info.filename: info for info in self._archive.infolist()}
        size = file.seek(0, io.SEEK_END)
        if sum(info.file_size for info in self._infos.values()) > MOST_EXPANSION * size:
            raise FormatError(f"'{path}': its members would unpack to more than {MOST_EXPANSION} times the file's size")

    def __contains__(self, name: str) -> bool:
        return f"{name}.npy" in self._infos

    def read(self, name: str, shape: tuple[int, ...] | None, dtype: str) -> Array:
        """The array called `name`; `shape` None accepts any one-dimensional array.

        A large one that is stored as it is, on a 64-byte boundary, stays in the mapped file and cannot be written to.

        Raises:
            FormatError: missing, damaged, or not of this shape and dtype.
        """
        info = self._infos.get(f"{name}.npy")
        if info is None:
            raise FormatError(f"'{self.path}': the array '{name}' is missing")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise FormatError(f"'{self.path}': array '{name}' must be stored or deflated")
        try:
            with self._archive.open(info) as member:
                version = np.lib.format.read_magic(member)
                if version != (1, 0):
                    raise FormatError(f"'{self.path}': array '{name}' has .npy version {version}; (1, 0) is required")
                found, fortran, kind = np.lib.format.read_array_header_1_0(member)
                spelled = "string" if kind.kind == "S" else kind.name
                promised = found if shape is None and len(found) == 1 else shape
                if fortran or found != promised or kind.hasobject or spelled != dtype:
                    raise FormatError(
                        f"'{self.path}': array '{name}' must be {dtype}{promised}; received {kind}{found}"
                    )
                size = math.prod(found) * kind.itemsize
                if size > info.file_size:
                    raise FormatError(f"'{self.path}': array '{name}' is cut short")
                mapped = self._map(info, member.tell(), size, kind)
                if mapped is not None:
                    return mapped.reshape(found)
                buffer: Any = np.empty(size, np.uint8)
                _fill(member, memoryview(buffer))
        except DAMAGE as error:
            raise FormatError(f"'{self.path}': array '{name}' is damaged ({error})") from error
        array = buffer.view(kind).reshape(found) if size else np.empty(found, kind)
        return array.astype(kind.newbyteorder("="), copy=False)

    def _map(self, info: zipfile.ZipInfo, head: int, size: int, kind: np.dtype[Any]) -> Array | None:
        """The values of a member where they lie in the file, its checksum verified; None when they must be read.

        Args:
            head: bytes of the member before them.
        """
        if info.compress_type != zipfile.ZIP_STORED or size < LEAST_MAPPED or not MAPS or not kind.isnative:
            return None
        if self._mapped is None:
            self._mapped = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        name, extra = struct.unpack_from("<HH", self._mapped, info.header_offset + LOCAL_HEADER - 4)
        start = info.header_offset + LOCAL_HEADER + name + extra
        if (start + head) % ALIGNMENT or head + size != info.file_size or start + info.file_size > len(self._mapped):
            return None
        if zlib.crc32(memoryview(self._mapped)[start : start + info.file_size]) != info.CRC:
            raise zipfile.BadZipFile("its checksum does not match")
        whole: Array = np.frombuffer(self._mapped, np.uint8, info.file_size, start)
        forget(whole)
        return whole[head:].view(kind)


def _fill(member: IO[bytes], view: memoryview) -> None:
    """Reads exactly `view`, then the end of the member, where its checksum is compared."""
    at = 0
    while at < len(view):
        piece = member.read(min(len(view) - at, 1 << 24))
        if not piece:
            raise EOFError("cut short")
        view[at : at + len(piece)] = piece
        at += len(piece)
    if member.read(1):
        raise ValueError("longer than its header says")


def distinct_members(
    constants: Mapping[str, Array], reserved: tuple[str, ...] = ()
) -> tuple[dict[str, Array], dict[str, str]]:
    """Arrays by member name, equal ones kept once, and the member of every constant.

    Args:
        constants: arrays by tensor name.
        reserved: member names that are taken.
    """
    names = member_names([*reserved, *constants])
    stored: dict[str, Array] = {}
    members: dict[str, str] = {}
    similar: dict[tuple[Any, ...], list[str]] = {}
    for name, array in constants.items():
        flat = array.reshape(-1)
        group = similar.setdefault((array.dtype.name, array.shape, flat[:4].tobytes(), flat[-4:].tobytes()), [])
        twin = next((member for member in group if same_array(stored[member], array)), None)
        if twin is None:
            twin = names[name]
            group.append(twin)
            stored[twin] = array
        members[name] = twin
    return stored, members

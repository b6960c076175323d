"""Members of a zip archive, read by exact name with caps on size and expansion; nothing is ever extracted."""

from __future__ import annotations

import io
import mmap
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kmin.errors import FormatError
from kmin.formats.heaps import check_heaps

MAX_MEMBER = 64 << 30
# A member may unpack to at most this many times its packed size, beyond an allowance that any member has.
EXPANSION = 100
ALLOWANCE = 128 << 20
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")


@contextmanager
def opened(path: str) -> Iterator[Archive]:
    """An Archive; every error of zipfile inside the block becomes a FormatError."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield Archive(archive, path)
    except (FormatError, RecursionError):
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, struct.error) as error:
        raise FormatError(f"the zip archive is damaged or truncated ({str(error)[:160]})") from None


class Archive:
    """A zip archive with unique member names, forward slashes only.

    Attributes:
        names: the members.
    """

    def __init__(self, archive: zipfile.ZipFile, path: str) -> None:
        self._archive = archive
        self._path = path
        self._infos: dict[str, zipfile.ZipInfo] = {}
        for info in archive.infolist():
            name = info.filename.replace("\\", "/")
            if name in self._infos:
                raise FormatError(f"the archive has the member '{name}' twice")
            self._infos[name] = info
        self.names = frozenset(self._infos)

    def size(self, name: str) -> int:
        """Bytes of a member as stored in the archive."""
        return self._infos[name].compress_size

    def read(self, name: str, limit: int) -> bytes:
        """The unpacked bytes of a member, at most `limit`."""
        info = self._checked(name, limit)
        with self._archive.open(info) as member:
            return member.read()

    @contextmanager
    def file(self, name: str) -> Iterator[Any]:
        """A member as a seekable file; a stored one is read in place, its checksum verified."""
        info = self._checked(name, MAX_MEMBER)
        if info.compress_type != zipfile.ZIP_STORED or not info.file_size:
            data = self.read(name, MAX_MEMBER)
            check_heaps(data, 0, len(data))
            yield io.BytesIO(data)
            return
        with open(self._path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:  # noqa: PTH123
            header = _LOCAL_HEADER.unpack_from(mapped, info.header_offset)
            start = info.header_offset + _LOCAL_HEADER.size + header[9] + header[10]
            with memoryview(mapped) as whole, whole[start : start + info.file_size] as view:
                if header[0] != b"PK\x03\x04" or len(view) != info.file_size or zlib.crc32(view) != info.CRC:
                    raise FormatError(f"the member '{name}' is damaged: its checksum does not match")
                check_heaps(mapped, start, start + info.file_size)
                yield _Window(view)

    def _checked(self, name: str, limit: int) -> zipfile.ZipInfo:
        info = self._infos[name]
        if info.flag_bits & 1:
            raise FormatError(f"the member '{name}' is encrypted")
        if info.file_size > limit:
            raise FormatError(f"the member '{name}' must be at most {limit} bytes; it declares {info.file_size}")
        if info.file_size > EXPANSION * info.compress_size + ALLOWANCE:
            raise FormatError(f"the member '{name}' would unpack from {info.compress_size} to {info.file_size} bytes")
        return info


class _Window(io.RawIOBase):
    """A read-only, seekable file over a piece of memory; reads copy straight into the caller's buffer."""

    def __init__(self, view: memoryview) -> None:
        self._view = view
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._view)}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        piece = self._view[self._at : self._at + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

"""Members of a zip archive, read by exact name with caps on size and expansion; nothing is ever extracted."""

from __future__ import annotations

import mmap
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kmin.errors import FormatError

MAX_MEMBER = 64 << 30
MAX_MEMBERS = 100_000
# A member may unpack to at most this many times its packed size, beyond an allowance that any member has.
EXPANSION = 100
ALLOWANCE = 32 << 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    ArithmeticError,
    AssertionError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
)


@contextmanager
def opened(path: str, strict: bool = True) -> Iterator[Archive]:
    """An Archive; every error of zipfile inside the block becomes a FormatError.

    Args:
        path: the file.
        strict: whether a name that comes twice is an error; else the first of that name is meant.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            yield Archive(archive, path, strict)
    except (FormatError, RecursionError):
        raise
    except MemoryError:
        raise FormatError("the zip archive needs more memory than there is") from None
    except _DAMAGE as error:
        raise FormatError(f"the zip archive is damaged or truncated ({str(error)[:160]})") from None


class Archive:
    """A zip archive with unique member names, forward slashes only.

    Attributes:
        names: the members.
        twice: those that came more than once (only when not strict).
    """

    def __init__(self, archive: zipfile.ZipFile, path: str, strict: bool) -> None:
        self._archive = archive
        self._path = path
        self._infos: dict[str, zipfile.ZipInfo] = {}
        infos = archive.infolist()
        if len(infos) > MAX_MEMBERS:
            raise FormatError(f"the archive must have at most {MAX_MEMBERS} members; it has {len(infos)}")
        twice = set()
        for info in infos:
            name = info.filename.replace("\\", "/")
            if name in self._infos and strict:
                raise FormatError(f"the archive has the member '{name}' twice")
            if name in self._infos:
                twice.add(name)
            self._infos.setdefault(name, info)
        self.names = frozenset(self._infos)
        self.twice = frozenset(twice)

    def size(self, name: str) -> int:
        """Bytes of a member as stored in the archive."""
        return self._infos[name].compress_size

    def mode(self, name: str) -> int:
        """The Unix file mode that a member claims, 0 when it claims none."""
        return self._infos[name].external_attr >> 16

    def read(self, name: str, limit: int) -> bytes:
        """The unpacked bytes of a member, at most `limit`."""
        info = self.check(name, limit)
        with self._archive.open(info) as member:
            data = member.read(info.file_size)
            if member.read(1):
                raise FormatError(f"the member '{name}' is longer than it declares")
        return data

    def head(self, name: str, size: int) -> bytes:
        """The first unpacked bytes of a member."""
        with self._archive.open(self.check(name)) as member:
            return member.read(size)

    def content(self, name: str) -> memoryview:
        """All bytes of a member: in place when it is stored, its checksum verified; else unpacked."""
        info = self.check(name)
        if info.compress_type != zipfile.ZIP_STORED or not info.file_size:
            return memoryview(self.read(name, MAX_MEMBER))
        with Path(self._path).open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)  # unmapped when the view is gone
        header = _LOCAL_HEADER.unpack_from(mapped, info.header_offset)
        start = info.header_offset + _LOCAL_HEADER.size + header[9] + header[10]
        view = memoryview(mapped)[start : start + info.file_size]
        if header[0] != b"PK\x03\x04" or len(view) != info.file_size or zlib.crc32(view) != info.CRC:
            raise FormatError(f"the member '{name}' is damaged: its checksum does not match")
        return view

    def check(self, name: str, limit: int = MAX_MEMBER) -> zipfile.ZipInfo:
        """What the archive says about a member.

        Raises:
            FormatError: encrypted, packed in an unusual way, or larger than `limit` or than its packed size can hold.
        """
        info = self._infos[name]
        if info.flag_bits & 1:
            raise FormatError(f"the member '{name}' is encrypted")
        if info.compress_type not in _METHODS:
            raise FormatError(f"the member '{name}' must be stored or deflated; it has method {info.compress_type}")
        if info.file_size > limit:
            raise FormatError(f"the member '{name}' must be at most {limit} bytes; it declares {info.file_size}")
        if info.file_size > EXPANSION * info.compress_size + ALLOWANCE:
            raise FormatError(f"the member '{name}' would unpack from {info.compress_size} to {info.file_size} bytes")
        return info

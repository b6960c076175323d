"""Files in one folder, by exact name: an unpacked .keras archive with its assets, or the shards of a weights file."""

from __future__ import annotations

import mmap
import os
from collections.abc import Collection
from pathlib import Path

from kmin.errors import FormatError

ASSETS = "assets"
MAX_ASSETS = 10_000


class Folder:
    """A folder with the interface of `members.Archive`; links and sub-folders are not followed.

    Args:
        path: the folder.
        trusted: names that the user has given, and which may be links.
        assets: the files below its own sub-folder `assets` count too.

    Attributes:
        names: its regular files.
    """

    def __init__(self, path: str, trusted: Collection[str] = (), assets: bool = False) -> None:
        self._path = Path(path)
        try:
            with os.scandir(self._path) as entries:
                found = [(entry.name, entry.is_symlink(), entry.is_file(follow_symlinks=False)) for entry in entries]
        except OSError as error:
            raise FormatError(f"the folder cannot be read ({error.strerror})") from None
        self._links = frozenset(name for name, link, _ in found if link and name not in trusted)
        below = self._below(ASSETS) if assets and ASSETS not in self._links else []
        self.names = frozenset([*(name for name, _, regular in found if regular or name in trusted), *below])

    def _below(self, name: str) -> list[str]:
        """The regular files of a sub-folder and of the folders in it, links left out."""
        found: list[str] = []
        for place, _, files in os.walk(self._path / name):  # links to folders are not walked
            inner = Path(place).relative_to(self._path)
            found += [(inner / file).as_posix() for file in files if not (self._path / inner / file).is_symlink()]
            if len(found) > MAX_ASSETS:
                raise FormatError(f"the folder '{name}' must have at most {MAX_ASSETS} files")
        return [file for file in found if (self._path / file).is_file()]

    def size(self, name: str) -> int:
        """Bytes of a file."""
        return (self._path / name).stat().st_size

    def read(self, name: str, limit: int) -> bytes:
        """The bytes of a file.

        Raises:
            FormatError: no such file, or longer than `limit`.
        """
        self.check(name)
        with (self._path / name).open("rb") as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            raise FormatError(f"'{name}' must be at most {limit} bytes")
        return data

    def content(self, name: str) -> memoryview:
        """All bytes of a file, mapped into memory.

        Raises:
            FormatError: no such file, or an empty one.
        """
        self.check(name)
        with (self._path / name).open("rb") as file:
            if not os.fstat(file.fileno()).st_size:
                raise FormatError(f"'{name}' is empty")
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))  # unmapped when the view is gone

    def check(self, name: str) -> None:
        """Refuses a name that is not that of a regular file in this very folder."""
        if name in self._links:
            raise FormatError(f"'{name}' is a symbolic link; only files in the folder itself are read")
        if name not in self.names:
            raise FormatError(f"the folder has no file '{name}'")

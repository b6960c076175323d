"""Written and Staged: output files that appear whole and together, or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple

from kmin.errors import KminError


class Written(NamedTuple):
    """A file that was written, and its size in bytes."""

    path: Path
    size: int


class Staged:
    """Files written beside their final places and moved there together at the end of the `with` block.

    An exception inside the block leaves the directory as it was.

    Raises:
        KminError: a file cannot be written; says which and why.
    """

    def __init__(self) -> None:
        self._moves: list[tuple[Path, Path]] = []
        self._open: list[BinaryIO] = []
        self.written: list[Written] = []

    def open(self, path: str | os.PathLike[str]) -> BinaryIO:
        """A new binary file that becomes `path`; existing files are replaced."""
        target = Path(path)
        if target.is_dir():
            raise KminError(f"cannot write '{target}': it is a directory")
        if not target.parent.is_dir():
            raise KminError(f"cannot write '{target}': the folder {target.parent} does not exist")
        part = target.with_name(f".{target.name}.{os.urandom(4).hex()}.part")
        file = part.open("xb")
        self._moves.append((part, target))
        self._open.append(file)
        return file

    def __enter__(self) -> Staged:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        fresh: list[Path] = []
        try:
            for file in self._open:
                file.close()
            if kind is None:
                for part, target in self._moves:
                    existed = target.exists()
                    size = part.stat().st_size
                    part.replace(target)
                    self.written.append(Written(target, size))
                    if not existed:
                        fresh.append(target)
        except OSError as failure:
            _remove(fresh)
            raise _explained(failure) from failure
        finally:
            _remove([part for part, _ in self._moves])
        if isinstance(error, OSError):
            raise _explained(error) from error


def _remove(paths: list[Path]) -> None:
    for path in paths:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def _explained(error: OSError) -> KminError:
    return KminError(
        f"cannot write '{error.filename}': {error.strerror}" if error.filename else f"cannot write: {error}"
    )

"""What kind of file this is, by its first bytes; everything that is not a Keras model is named and refused."""

from __future__ import annotations

import stat
from pathlib import Path

from kmin.errors import FormatError

_HDF5 = b"\x89HDF\r\n\x1a\n"
# Magic bytes (at an offset) -> what such a file is.
_STRANGERS: tuple[tuple[int, bytes, str], ...] = (
    (4, b"TFL3", "a TensorFlow Lite model"),
    (0, b"\x93NUMPY", "a NumPy .npy array"),
    (0, b"\x1f\x8b", "a gzip archive; unpack it first"),
    (0, b"BZh", "a bzip2 archive; unpack it first"),
    (0, b"\xfd7zXZ", "an xz archive; unpack it first"),
    (0, b"Rar!", "a rar archive; unpack it first"),
    (0, b"7z\xbc\xaf", "a 7z archive; unpack it first"),
    (257, b"ustar", "a tar archive; unpack it first"),
    (0, b"\x89PNG", "an image"),
    (0, b"\xff\xd8\xff", "an image"),
    (0, b"GIF8", "an image"),
    (0, b"%PDF", "a PDF document"),
    (0, b"SQLite format 3", "an SQLite database"),
    (0, b"\x7fELF", "a program"),
    (0, b"MZ", "a program"),
    (0, b"GGUF", "a GGUF language model"),
    (0, b"version https://git-lfs", "a Git LFS pointer, not the file itself; fetch it with `git lfs pull`"),
)


def sniff(path: str) -> str:
    """`h5` or `zip`.

    Raises:
        FormatError: the path is no readable file, or a file of another kind (named in the message).
    """
    place = Path(path)
    try:
        mode = place.stat().st_mode
        if stat.S_ISDIR(mode):
            raise FormatError(f"{path}: {_directory(place)}")
        if not stat.S_ISREG(mode):
            raise FormatError(f"{path}: must be a regular file")
        with place.open("rb") as file:
            head = file.read(4096)
    except FileNotFoundError:
        raise FormatError(f"{path}: no such file") from None
    except (OSError, ValueError) as error:
        raise FormatError(f"{path}: cannot be opened ({getattr(error, 'strerror', None) or error})") from None
    if not head:
        raise FormatError(f"{path}: the file is empty")
    if head.startswith(_HDF5):
        return "h5"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    raise FormatError(f"{path}: must be a Keras .h5 or .keras file; this is {_stranger(head)}")


def is_pickle(path: str) -> bool:
    """Whether a file begins like a Python pickle (protocols 2 to 5)."""
    try:
        if not Path(path).is_file():
            return False
        with Path(path).open("rb") as file:
            return _starts_pickle(file.read(2))
    except (OSError, ValueError):
        return False


def _starts_pickle(head: bytes) -> bool:
    return head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05")


def _stranger(head: bytes) -> str:
    for offset, magic, kind in _STRANGERS:
        if head[offset : offset + len(magic)] == magic:
            return kind
    if _starts_pickle(head):
        return "a Python pickle, which kmin never opens; load it in Keras and save it with model.save"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] in (b"{", b"["):
        if b'"class_name"' in head:
            return "a model's architecture as JSON, without weights"
        if b"modelTopology" in head:
            return "a TensorFlow.js model"
        return "a JSON file"
    if b"onnx" in head[:64].lower() or (head[:1] == b"\x08" and b"\x12" in head[1:4]):
        return "an ONNX model"
    if b"saved_model" in head or b"\x12\x04serve" in head:
        return "a TensorFlow SavedModel graph"
    if start[:1] == b"<":
        return "a web page or XML file"
    try:
        head[:-4].decode("utf-8") if len(head) == 4096 else head.decode("utf-8")
    except UnicodeDecodeError:
        return "not a format kmin knows"
    return "a text file"


def _directory(place: Path) -> str:
    if (place / "saved_model.pb").exists():
        return "this is a TensorFlow SavedModel directory; load it in TensorFlow and save the model as .keras or .h5"
    if (place / "config.json").exists() and (place / "metadata.json").exists():
        return "this is an unpacked .keras archive; pack its content into a zip file first"
    if (place / "model.json").exists():
        return "this is a directory with a TensorFlow.js model or an architecture file, not a Keras model file"
    if (place / "_CHECKPOINT_METADATA").exists() or (place / "checkpoint").exists():
        return "this is a training checkpoint directory; save the model as .keras or .h5"
    return "this is a directory, not a Keras model file"

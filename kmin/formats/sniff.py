"""What kind of file this is, by its first bytes; everything that is not a Keras model is named and refused."""

from __future__ import annotations

import stat
from pathlib import Path

from kmin.errors import FormatError

_HDF5 = b"\x89HDF\r\n\x1a\n"
# Magic bytes (at an offset) -> what such a file is.
_STRANGERS: tuple[tuple[int, bytes, str], ...] = (
    (4, b"TFL3", "a TensorFlow Lite model; use the Keras model that it was converted from"),
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


# Marks of TensorFlow.js, of an Orbax checkpoint (3.15 orbax_util.py; the file names of Orbax itself).
_TFJS = (b"modelTopology", b"weightsManifest")
_ORBAX = frozenset(
    {
        "_CHECKPOINT_METADATA",
        "_METADATA",
        "checkpoint_metadata",
        "manifest.ocdbt",
        "orbax.checkpoint",
        "pytree.orbax-checkpoint",
    }
)
# How a file becomes one that kmin reads.
SAVE = "save it with model.save('model.keras')"
RESAVE = f"load it with tf_keras.models.load_model (Keras 2; Keras 3 no longer reads it) and {SAVE}"


def sniff(path: str) -> str:
    """`h5`, `zip`, `json` (an architecture, or a map of sharded weights) or `folder` (an unpacked archive).

    Raises:
        FormatError: the path is no readable file, or a file of another kind (named in the message).
    """
    if not path:
        raise FormatError("the path of a model file is required; received ''")
    place = Path(path)
    try:
        mode = place.stat().st_mode
        if stat.S_ISDIR(mode):
            if _is_archive(place):
                return "folder"
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
    if _is_config(head):
        return "json"
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
        return f"a Python pickle, which kmin never opens; load it where it was made and {SAVE}"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] in (b"{", b"["):
        if any(mark in head for mark in _TFJS):
            return "a TensorFlow.js model; convert it back with tensorflowjs_converter and save it as .keras or .h5"
        return "a JSON file"
    if b"class_name:" in head:
        return "a model's architecture as YAML; load it in Keras 2 and save it with model.to_json()"
    if head.startswith(b"\x08\x01\x12") or b"saved_model" in head or b"_tf_keras_" in head or b"\x12\x04serve" in head:
        return f"part of a TensorFlow SavedModel; {RESAVE}"
    if b"_CHECKPOINTABLE_OBJECT_GRAPH" in head:
        return f"part of a TensorFlow checkpoint; load it into the model that wrote it and {SAVE}"
    if b"onnx" in head[:64].lower() or (head[:1] == b"\x08" and b"\x12" in head[1:4]):
        return "an ONNX model; use the Keras model that it was converted from"
    if start[:1] == b"<":
        return "a web page or XML file"
    try:
        head[:-4].decode("utf-8") if len(head) == 4096 else head.decode("utf-8")
    except UnicodeDecodeError:
        return "not a format kmin knows"
    return "a text file"


def _is_config(head: bytes) -> bool:
    """Whether JSON begins like an architecture or a map of shards; JSON inside a JSON string, too."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    start = start[1:] if start[:1] == b'"' else start
    marks = (b"class_name", b"weight_map", b'"config', b'"layers')
    return start[:1] == b"{" and any(mark in head for mark in marks) and not any(mark in head for mark in _TFJS)


def _is_archive(place: Path) -> bool:
    """Whether a folder is an unpacked .keras archive."""
    return (place / "config.json").exists() and any(
        (place / f"model.weights.{kind}").exists() for kind in ("h5", "json", "npz")
    )


def _directory(place: Path) -> str:
    names = {entry.name for entry in place.iterdir()}
    if "saved_model.pb" in names or "saved_model.pbtxt" in names:
        return f"this is a TensorFlow SavedModel directory, which only TensorFlow runs; {RESAVE}"
    steps = [name for name in names if name.isdigit() and (place / name).is_dir()]
    if steps or names & _ORBAX or any(".orbax-checkpoint-tmp" in name for name in names):
        return f"this is an Orbax checkpoint directory; load it with Keras into the model that wrote it and {SAVE}"
    if "checkpoint" in names or any(name.endswith(".index") for name in names):
        return f"this is a TensorFlow checkpoint directory; load it into the model that wrote it and {SAVE}"
    if "model.json" in names:
        return "this is a directory with a TensorFlow.js model or an architecture file, not a Keras model file"
    if "config.json" in names:
        return "this directory has a config.json but no model.weights.h5, so it is not an unpacked .keras archive"
    return "this is a directory, not a Keras model file"

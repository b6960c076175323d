"""audit_file: what in a model file must not be handed to a loader that trusts it, whether kmin can read it or not."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from kmin.errors import FormatError, UnsupportedError
from kmin.formats import members
from kmin.formats.folder import Folder
from kmin.formats.hdf5 import Reader, opened
from kmin.formats.jsontext import MAX_TEXT, parse_json
from kmin.formats.shards import shard_names
from kmin.formats.sniff import is_pickle, sniff
from kmin.formats.suspects import CVE_PATH, CVE_PICKLE, CVE_SIZE, CVE_STORAGE, Finding, escapes, suspects

_CONFIGS = ("model_config", "training_config")
_PICKLES = (".pkl", ".pickle", ".pt", ".pth", ".joblib")
_PROGRAMS = (".py", ".pyc", ".so", ".dll", ".dylib", ".exe", ".sh")
MOST_FINDINGS = 1000


def audit_file(path: str | os.PathLike[str]) -> list[Finding]:
    """Findings in a Keras file or a bundle, outermost first; a part that cannot be read is a finding, too.

    Nothing is lowered, decoded, imported or unpickled, and no other file is opened but the shards of a map.

    Raises:
        FormatError: there is no such file, or it is of a kind that kmin does not know.
    """
    place = os.fspath(path)
    if is_pickle(place):
        return [Finding("pickle", place, "a Python pickle, which runs code when it is opened", CVE_PICKLE)]
    container = sniff(place)
    findings: dict[Finding, None] = {}
    try:
        for finding in _READERS[container](place):
            findings[finding] = None
            if len(findings) >= MOST_FINDINGS:
                break
    except (FormatError, RecursionError) as error:
        findings[Finding("damaged", place, str(error) or "nested too deeply")] = None
    return list(findings)


def refuse_findings(path: str | os.PathLike[str]) -> None:
    """For whoever is about to hand the file to Keras.

    Raises:
        UnsupportedError: the audit finds anything.
    """
    findings = audit_file(path)
    if findings:
        raise UnsupportedError([f"{finding}; handed to Keras only with --trust" for finding in findings])


def _h5(path: str) -> Iterator[Finding]:
    with opened(path) as reader:
        yield from _hdf5(reader, "")


def _hdf5(reader: Reader, member: str) -> Iterator[Finding]:
    """The configs in attributes, and every link and dataset."""
    for path, node in reader.places():
        place = f"{member}{path}"
        if escapes(path):
            yield Finding("path", place, "its name is a path out of the archive", CVE_PATH)
        if isinstance(node, str):
            yield Finding("outside-storage", place, f"is a link of kind {node}", CVE_STORAGE)
            continue
        if reader.is_group(node):
            for name in _CONFIGS:
                if reader.has_attribute(node, name):
                    yield from _attribute(reader, node, name, f"{place}@{name}" if place else name)
            continue
        try:
            if reader.size_of(node) is None:
                yield Finding("outside-storage", place, "its values are in another file", CVE_STORAGE)
            elif not reader.is_credible(node):
                yield Finding("size", place, "declares more values than its bytes can hold", CVE_SIZE)
        except FormatError as error:
            yield Finding("damaged", place, str(error))


def _attribute(reader: Reader, node: Any, name: str, place: str) -> Iterator[Finding]:
    try:
        text = reader.text(node, name)
    except FormatError as error:
        yield Finding("damaged", place, str(error))
        return
    if text is None:
        yield Finding("damaged", place, "is not one text")
    else:
        yield from _config(text, place)


def _config(text: str, where: str) -> Iterator[Finding]:
    try:
        yield from suspects(parse_json(text, where), where)
    except FormatError as error:
        yield Finding("damaged", where, str(error))


def _json(path: str) -> Iterator[Finding]:
    """An architecture, or a map of shards with the shards beside it."""
    name = Path(path).name
    folder = Folder(str(Path(path).parent), (name,))
    text = folder.read(name, MAX_TEXT).decode("utf-8-sig", "replace")
    content = parse_json(text, name)
    yield from _config(content if isinstance(content, str) else text, name)
    for shard in shard_names(folder, name) if isinstance(content, dict) and "weight_map" in content else ():
        with opened(folder.content(shard)) as reader:
            yield from _hdf5(reader, f"{shard}:")


def _folder(path: str) -> Iterator[Finding]:
    """The files of an unpacked archive that a loader may open."""
    folder = Folder(path, assets=True)
    for name in sorted(folder.names):
        lower = name.lower()
        if lower.endswith(_PICKLES) or lower.endswith("weights.npz"):
            yield Finding("pickle", name, "is a pickle, which runs code when it is opened", CVE_PICKLE)
        elif lower.endswith(_PROGRAMS):
            yield Finding("program", name, "is a program inside a model file")
        elif lower.endswith(".json"):
            yield from _config(folder.read(name, MAX_TEXT).decode("utf-8", "replace"), name)
        elif lower.endswith((".h5", ".hdf5")):
            with opened(folder.content(name)) as reader:
                yield from _hdf5(reader, f"{name}:")


def _archive(path: str) -> Iterator[Finding]:
    with members.opened(path, strict=False) as archive:
        for name in sorted(archive.twice):
            yield Finding("twice", name, "is in the archive twice")
        for name in sorted(archive.names):
            yield from _member(archive, name)


def _member(archive: members.Archive, name: str) -> Iterator[Finding]:
    if escapes(name):
        yield Finding("path", name, "would be extracted outside the archive's own folder", CVE_PATH)
    if stat.S_ISLNK(archive.mode(name)):
        yield Finding("path", name, "is a symbolic link", CVE_PATH)
    lower = name.lower()
    if lower.endswith(_PICKLES) or lower.endswith("weights.npz"):
        yield Finding("pickle", name, "is a pickle, which runs code when it is opened", CVE_PICKLE)
    elif lower.endswith(_PROGRAMS) or lower.endswith("saved_model.pb"):
        yield Finding("program", name, "is a program inside a model file")
    try:
        if lower.endswith(".npy"):
            if b"'O'" in archive.head(name, 256) or b"|O" in archive.head(name, 256):
                yield Finding("pickle", name, "holds pickled Python objects", CVE_PICKLE)
        elif lower.endswith(".json"):
            text = archive.read(name, MAX_TEXT).decode("utf-8", "replace")
            yield from _config(text, name)
        elif lower.endswith((".h5", ".hdf5")):
            with opened(archive.content(name)) as reader:
                yield from _hdf5(reader, f"{name}:")
        else:
            archive.check(name)
    except FormatError as error:
        yield Finding("damaged", name, str(error))


# What the bytes are -> how they are gone through.
_READERS: Mapping[str, Callable[[str], Iterator[Finding]]] = {
    "folder": _folder,
    "h5": _h5,
    "json": _json,
    "zip": _archive,
}

"""Source: a model file, and the weights file that goes with it when there is one."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from kmin.errors import FormatError
from kmin.formats.spec import LayerWeights

Path = str | os.PathLike[str]


@dataclass(frozen=True)
class Source:
    """Where a model comes from. Whatever takes a path to a model takes a Source.

    Attributes:
        path: a model file, or an architecture as JSON (Keras' `to_json`).
        weights: the file that the weights come from, whatever weights the model file holds; None for its own.
        by_name: weights go to the layers of the same name, and layers without any are left out; else they go to the
            layers in order, and every layer must get its own. Legacy .h5 files only.
        skip_mismatch: layers whose weights do not fit (in number, rank or size) are left out instead of refused.
        report: is given what became of each layer's weights, when `by_name` or `skip_mismatch` allows to leave any out.
    """

    path: Path
    weights: Path | None = None
    by_name: bool = False
    skip_mismatch: bool = False
    report: Callable[[tuple[LayerWeights, ...]], None] | None = None

    def __fspath__(self) -> str:
        return os.fspath(self.path)

    @property
    def is_lenient(self) -> bool:
        """Whether layers may be left without their weights."""
        return self.by_name or self.skip_mismatch


def source_of(path: Path) -> Source:
    """`path` as a Source, whether or not it is one already."""
    return path if isinstance(path, Source) else Source(path)


def refuse_weights(path: Path) -> None:
    """For a bundle, whose weights cannot be replaced.

    Raises:
        FormatError: a Source that names a weights file.
    """
    if source_of(path).weights is not None:
        raise FormatError(f"{os.fspath(path)}: a bundle has its own weights; give the model that it was made from")

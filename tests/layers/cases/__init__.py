"""Golden cases: one row per layer configuration, grouped by family. Imports nothing but the standard library.

A row is written with `case(name, make, *shapes, ...)`: `make` gets the keras module and returns a layer (applied to
inputs of the given shapes) or a whole model; `shapes` are those of the data, batch first. `make_goldens.py` runs the
rows under a real Keras and stores config, weights, inputs and outputs; `test_goldens.py` replays them in kmin.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Case:
    """One golden.

    Attributes:
        name: unique in its family.
        make: keras module -> layer or model.
        shapes: data shape per input, batch first.
        dialects: Keras generations that can build it.
        vocab: None for normal data, else inputs are integers in [0, vocab).
        low: smallest integer of integer data.
        texts: what the strings of dtype `string` are drawn from.
        scale: factor on normal data (large values for saturating functions).
        pad: fraction of time steps that are set to 0, per row growing from none (rows of padded ids or features).
        left: the padding is at the start of the rows instead of their end.
        dtype: dtype of the input data and of the Input layers made for a bare layer.
        tolerance: largest allowed error relative to the output's largest magnitude.
        float64_factor: how many times Keras' own error against float64 kmin's may be.
        after: called with keras and the model once its weights are random (quantises it).
        traced: the outputs are those of `predict`, which runs the model as a graph; the eager call gives others.
        reason: why tolerance or factor are loosened.
    """

    name: str
    make: Callable[[Any], Any]
    shapes: tuple[tuple[int, ...], ...]
    dialects: tuple[int, ...] = (2, 3)
    vocab: int | None = None
    low: int = 0
    texts: tuple[str, ...] = ()
    scale: float = 1.0
    pad: float = 0.0
    left: bool = False
    dtype: str = "float32"
    tolerance: float = 1e-5
    float64_factor: float = 2.0
    after: Callable[[Any, Any], None] | None = None
    traced: bool = False
    reason: str = ""


def case(name: str, make: Callable[[Any], Any], *shapes: tuple[int, ...], **options: Any) -> Case:
    """A Case; see its attributes for the options."""
    return Case(name, make, shapes, **options)


def families() -> list[str]:
    """Names of the modules in this package; those with a leading underscore hold no rows."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))


def cases_of(family: str) -> list[Case]:
    """The rows of one family (its module's CASES)."""
    rows: list[Case] = importlib.import_module(f"{__name__}.{family}").CASES
    names = [row.name for row in rows]
    assert len(names) == len(set(names)), (
        f"{family}: duplicate names {sorted({n for n in names if names.count(n) > 1})}"
    )
    return rows

"""Difference: how far one run of arrays is from another, summed up as they stream by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.ops.tensor import Array

TOLERANCE = 1e-5
HALF_TOLERANCE = 2e-2  # float16 and bfloat16 keep 11 and 8 bits; frameworks round between layers in different places


def default_tolerance(dtypes: set[str]) -> float:
    """Largest error, as a share of the output's magnitude, that rounding explains in these dtypes."""
    return HALF_TOLERANCE if dtypes & {"float16", "bfloat16"} else TOLERANCE


@dataclass
class Difference:
    """Running comparison of results with reference results.

    NaN beside NaN and equal infinities count as equal; any other pair with a NaN or infinity as infinitely far apart.
    Texts are equal or 1 apart; complex numbers are as far apart as they are in their plane.

    Attributes:
        rows: samples compared.
        elements: numbers compared.
        absolute: sum of |result - reference|.
        square: sum of squares of the same.
        largest: the largest of them.
        magnitude: largest finite |reference|.
        same_argmax, argmax_rows: last axes of more than one element: with the largest at the same place, and all
    """

    rows: int = 0
    elements: int = 0
    absolute: float = 0.0
    square: float = 0.0
    largest: float = 0.0
    magnitude: float = 0.0
    same_argmax: int = 0
    argmax_rows: int = 0

    def add(self, result: Array, reference: Array) -> None:
        """Counts in one more piece; both have the same shape (rows, ...).

        Raises:
            ValueError: the shapes differ.
        """
        if result.shape != reference.shape:
            raise ValueError(f"shape {result.shape} against {reference.shape}")
        if not result.size:
            return
        texts = "S" in (result.dtype.kind, reference.dtype.kind)
        if texts:
            result, reference = result != reference, np.zeros(reference.shape)
        complex_ = "c" in (result.dtype.kind, reference.dtype.kind)
        wide = np.complex128 if complex_ else np.float64
        ours, theirs = result.astype(wide), reference.astype(wide)
        with np.errstate(invalid="ignore"):
            error = np.abs(ours - theirs)
        same = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
        error = np.where(same, 0.0, np.where(np.isnan(error), np.inf, error))
        finite = np.abs(theirs[np.isfinite(theirs)])
        self.rows += len(result)
        self.elements += error.size
        self.absolute += float(error.sum())
        self.square += float(np.square(error).sum())
        self.largest = max(self.largest, float(error.max()))
        self.magnitude = max(self.magnitude, float(finite.max(initial=0.0)))
        if ours.ndim > 1 and ours.shape[-1] > 1 and not texts and not complex_:
            equal = ours.argmax(axis=-1) == theirs.argmax(axis=-1)
            self.same_argmax += int(equal.sum())
            self.argmax_rows += equal.size

    @property
    def mae(self) -> float:
        """Mean absolute error."""
        return self.absolute / self.elements if self.elements else 0.0

    @property
    def mse(self) -> float:
        """Mean squared error."""
        return self.square / self.elements if self.elements else 0.0

    @property
    def scaled(self) -> float:
        """The largest error as a share of the reference's largest magnitude."""
        return self.largest / self.magnitude if self.magnitude > 0 else self.largest

    @property
    def argmax_share(self) -> float | None:
        """Share of last axes whose largest element is at the same place; None when the last axis has one element."""
        return self.same_argmax / self.argmax_rows if self.argmax_rows else None

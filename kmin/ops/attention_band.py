"""attention_band: which queries may see which keys, by their places in the sequences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class AttentionBandAttrs:
    """Which pairs of places are open.

    Attributes:
        causal: a query sees the keys up to its own place.
        window: a query sees the keys less than this many places away; None for all.
        axes: the axis of places of the first and of the second input.
    """

    causal: bool
    window: int | None = None
    axes: tuple[int, int] = (1, 1)


def infer_attention_band(specs: Specs, attrs: AttentionBandAttrs) -> tuple[TensorSpec, ...]:
    query, key = specs
    if not (0 < attrs.axes[0] < query.rank and 0 < attrs.axes[1] < key.rank):
        raise InputError(f"attention_band needs axes {attrs.axes} after the batch; received {query} and {key}")
    return (TensorSpec((1, query.shape[attrs.axes[0]], key.shape[attrs.axes[1]]), "bool"),)


def run_attention_band(arrays: Arrays, attrs: AttentionBandAttrs) -> tuple[Array, ...]:
    """query [B, T, ...], key [B, S, ...], whose values are not read -> bool [1, T, S]."""
    query, key = arrays
    row = np.arange(query.shape[attrs.axes[0]])[:, None]
    column = np.arange(key.shape[attrs.axes[1]])
    open_ = row >= column if attrs.causal else np.ones((row.size, column.size), bool)
    if attrs.window is not None:
        open_ = open_ & (np.abs(row - column) < attrs.window)
    return (open_[None],)


OP = Op(AttentionBandAttrs, infer_attention_band, run_attention_band)

"""ctc_loss: minus the logarithm of how likely label sequences are, however they are spread over the steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec

# What TensorFlow takes for the logarithm of 0 where a sequence must not end.
LEAST_LOGARITHM = float(np.float32(np.log(1e-307)))


@dataclass(frozen=True)
class CtcLossAttrs:
    """blank: the class that is no label, counted from the front; strict: too few steps for labels are an error."""

    blank: int = 0
    strict: bool = False


def infer_ctc_loss(specs: Specs, attrs: CtcLossAttrs) -> tuple[TensorSpec, ...]:
    scores, labels, label_counts, step_counts = specs
    fits = scores.rank == 3 and labels.rank == 2 and label_counts.rank == step_counts.rank == 1
    if not fits or not scores.dtype.startswith("float") or not labels.dtype.startswith(("int", "uint")):
        raise InputError(f"ctc_loss needs scores of steps, labels and numbers of both; received {specs}")
    classes = scores.shape[2]
    if attrs.blank < 0 or (classes is not None and attrs.blank >= classes):
        raise InputError(f"ctc_loss needs a blank among {classes} classes; received {attrs.blank}")
    return (TensorSpec(scores.shape[:1], scores.dtype),)


def run_ctc_loss(arrays: Arrays, attrs: CtcLossAttrs) -> tuple[Array, ...]:
    """scores [N, T, C], labels [N, L], labels that count [N], steps that count [N] -> [N], computed in float64.

    Labels that there are too few steps for cost as much as LEAST_LOGARITHM tells. A label equal to the blank stands
    for the class before it. Source: the dense ctc_loss of TensorFlow 2.21.
    """
    scores, labels, label_counts, step_counts = arrays
    if attrs.strict:
        counted = np.arange(labels.shape[1]) < label_counts[:, None]
        twice = (labels[:, 1:] == labels[:, :-1]) & counted[:, 1:]  # there must be a blank between them
        if ((label_counts + twice.sum(axis=1) > step_counts) | (step_counts > scores.shape[1])).any():
            raise InputError(f"ctc_loss needs as many steps as labels; received {step_counts} for {label_counts}")
        if (counted & ((labels < 0) | (labels >= scores.shape[2]))).any():
            raise InputError(f"ctc_loss needs labels from 0 to {scores.shape[2] - 1}")
    wide = scores.astype(np.float64)
    wide = np.concatenate(
        [wide[:, :, attrs.blank, None], wide[:, :, : attrs.blank], wide[:, :, attrs.blank + 1 :]], axis=2
    )
    if attrs.blank:
        labels = np.where(labels < attrs.blank, labels + 1, labels)
    top = wide.max(axis=2, keepdims=True, initial=-np.inf)
    chance = wide - top - np.log(np.exp(wide - top).sum(axis=2, keepdims=True))
    rows, steps, classes = wide.shape
    known = (labels >= 0) & (labels < classes)
    places = np.broadcast_to(np.where(known, labels, 0)[:, None], (rows, steps, labels.shape[1]))
    seen = np.where(known[:, None], np.take_along_axis(chance, places, axis=2), 0)
    blank = chance[:, :, :1]
    may = np.where(labels[:, 1:] == labels[:, :-1], -np.inf, 0.0)
    may = np.concatenate([np.zeros((rows, min(1, labels.shape[1]))), may], axis=1)  # from one label to the next
    last = np.where(np.arange(labels.shape[1] + 1) == label_counts[:, None], 0.0, LEAST_LOGARITHM)
    after_label, after_blank, total = last, last, np.zeros(rows)  # what is to come, seen from each label and blank
    for step in range(steps - 1, -1, -1):
        on = (step < step_counts)[:, None]
        next_label, next_blank = after_label[:, 1:] + seen[:, step], after_blank + blank[:, step]
        from_label, from_blank = next_blank.copy(), next_blank.copy()
        from_label[:, 1:] = np.logaddexp(from_label[:, 1:], next_label)
        from_label[:, :-1] = np.logaddexp(from_label[:, :-1], next_label + may)
        from_blank[:, :-1] = np.logaddexp(from_blank[:, :-1], next_label)
        both = np.logaddexp.reduce(np.concatenate([from_label, from_blank], axis=1), axis=1, keepdims=True)
        total = total + np.where(on, both, 0)[:, 0]
        after_label, after_blank = np.where(on, from_label - both, last), np.where(on, from_blank - both, last)
    return ((-(after_label[:, 0] + total)).astype(scores.dtype),)


OP = Op(CtcLossAttrs, infer_ctc_loss, run_ctc_loss)

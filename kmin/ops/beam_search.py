"""beam_search: the likeliest label sequences of connectionist temporal classification, a beam of prefixes at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class BeamSearchAttrs:
    """width: prefixes kept after each step; paths: results of a row; merges: whether equal neighbours are one."""

    width: int
    paths: int = 1
    merges: bool = False


def infer_beam_search(specs: Specs, attrs: BeamSearchAttrs) -> tuple[TensorSpec, ...]:
    scores, lengths = specs
    if scores.rank != 3 or lengths.rank != 1 or scores.dtype not in ("float32", "float64"):
        raise InputError(f"beam_search needs scores of steps and a length for each row; received {scores}, {lengths}")
    if not 1 <= attrs.paths <= attrs.width:
        raise InputError(f"beam_search needs 1 to {attrs.width} paths, its width; received {attrs.paths}")
    rows, steps = scores.shape[:2]
    return TensorSpec((rows, attrs.paths, steps), "int32"), TensorSpec((rows, attrs.paths), scores.dtype)


@dataclass
class PrefixBeam:
    """Prefixes [M, W], the likeliest first, and what is known of each.

    Attributes:
        total, blank, label: logarithms of the probability, of that to end with a blank, of that to end with a label.
        own, parent: numbers of the prefix and of the one without its last label.
        last, before: the last label and the one before; -1 where there is none.
        labels: [M, W, T], -1 after the last.
        length: how many labels there are.
    """

    total: Array
    blank: Array
    label: Array
    own: Array
    parent: Array
    last: Array
    before: Array
    labels: Array
    length: Array


def first_beam(rows: int, steps: int, width: int, dtype: np.dtype[np.generic]) -> PrefixBeam:
    """The empty prefix alone."""
    shape = (rows, width)
    total = np.full(shape, -np.inf, dtype)
    total[:, 0] = 0
    places = np.broadcast_to(np.arange(width, dtype=np.uint64), shape).copy()
    none = np.full(shape, -1, np.int32)
    labels = np.full((rows, width, steps), -1, np.int32)
    return PrefixBeam(
        total, total.copy(), np.full(shape, -np.inf, dtype), places, places + np.uint64(width), none, none.copy(),
        labels, np.zeros(shape, np.int64),
    )  # fmt: skip


def prefix_numbers(parent: Array, label: Array) -> Array:
    """A number of 64 bits for each prefix and label after it: equal ones are those of equal sequences.

    Source of the mixing: Steele, Lea, Flood 2014 (splitmix64).
    """
    x = parent + (label.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Array = x ^ (x >> np.uint64(31))
    return mixed


def best_places(values: Array, count: int) -> Array:
    """Places [M, count] of the largest values of each row, largest first; of equal ones the first."""
    if values.shape[1] <= 4 * count:
        return np.argsort(-values, axis=1, kind="stable")[:, :count]
    places = np.sort(np.argpartition(-values, count - 1, axis=1)[:, :count], axis=1)
    found = np.take_along_axis(values, places, axis=1)
    places = np.take_along_axis(places, np.argsort(-found, axis=1, kind="stable"), axis=1)
    tied = (values >= found.min(axis=1, keepdims=True)).sum(axis=1) > count
    places[tied] = np.argsort(-values[tied], axis=1, kind="stable")[:, :count]
    return places


def without_stopped(grown: Array, total: Array, parent: Array, last: Array) -> Array:
    """The longer prefixes [M, W * (C - 1)], those of prefixes that TensorFlow no longer makes longer at -inf.

    It makes the likeliest prefix longer first. One that has fallen out of the beam by the time that its parent comes to
    its label is forgotten, so that it is not made longer itself: when `width` others are likelier than it by then.
    """
    rows, width = total.shape
    classes = grown.shape[1] // width
    places, order = np.arange(width), np.arange(grown.shape[1])
    best = np.sort(np.concatenate([total, grown], axis=1), axis=1)[:, -width] if classes else total[:, 0]
    late = (parent < places) & (total < best[:, None]) & np.isfinite(total)
    row, place = np.nonzero(late)
    if not len(row):
        return grown
    own = total[row, place][:, None]
    before = (total[row] > own).sum(axis=1)
    earlier = order < (parent[row, place] * classes + last[row, place])[:, None]
    likelier = (earlier & (grown[row] > own)).reshape(len(row), width, classes).sum(axis=2)
    stopped = np.zeros((rows, width), bool)
    while True:
        found = np.zeros_like(stopped)
        full = before + (likelier * ~stopped[row]).sum(axis=1) >= width
        found[row, place] = full & ~stopped[row, parent[row, place]]
        if (found == stopped).all():
            break
        stopped = found
    return np.where(np.repeat(stopped, classes, axis=1), -np.inf, grown).astype(grown.dtype)


def next_beam(beam: PrefixBeam, x: Array) -> PrefixBeam:
    """The beam after a step with logarithms of probabilities x [M, C], of which the last one is the blank's."""
    rows, width = beam.total.shape
    classes = x.shape[1] - 1
    each = np.arange(rows)[:, None]
    known = np.isfinite(beam.total)
    fits = (beam.parent[:, :, None] == beam.own[:, None, :]) & known[:, None, :] & known[:, :, None]
    has, at = fits.any(axis=2), fits.argmax(axis=2)
    previous = np.where(beam.last == beam.before, beam.blank[each, at], beam.total[each, at])
    label = np.where(has, np.logaddexp(beam.label, previous), beam.label)
    label = np.where(beam.last >= 0, label + x[each, np.maximum(beam.last, 0)], label)
    blank = beam.total + x[:, -1:]
    total = np.logaddexp(blank, label)
    same = np.arange(classes) == beam.last[:, :, None]
    grown = x[:, None, :-1] + np.where(same, beam.blank[:, :, None], beam.total[:, :, None])
    row, child = np.nonzero(has)
    grown[row, at[row, child], beam.last[row, child]] = -np.inf
    flat = without_stopped(grown.reshape(rows, -1), total, np.where(has, at, width), beam.last)
    chosen = best_places(np.concatenate([total, flat], axis=1), width)
    new = chosen >= width
    source = np.where(new, (chosen - width) // max(classes, 1), chosen)
    added = np.where(new, (chosen - width) % max(classes, 1), -1).astype(np.int32)

    def moved(old: Array) -> Array:
        return np.take_along_axis(old, source, axis=1)

    grown_to = np.take_along_axis(flat, np.where(new, chosen - width, 0), axis=1) if classes else label
    labels, length = beam.labels[each, source], moved(beam.length)
    r, w = np.nonzero(new)
    labels[r, w, length[r, w]] = added[r, w]
    return PrefixBeam(
        np.where(new, grown_to, moved(total)),
        np.where(new, -np.inf, moved(blank)).astype(x.dtype),
        np.where(new, grown_to, moved(label)),
        np.where(new, prefix_numbers(moved(beam.own), added), moved(beam.own)),
        np.where(new, moved(beam.own), moved(beam.parent)),
        np.where(new, added, moved(beam.last)),
        np.where(new, moved(beam.last), moved(beam.before)),
        labels,
        length + new,
    )


def merged_labels(labels: Array) -> Array:
    """Labels [..., T] of which those that equal the one before are left out."""
    kept = labels >= 0
    kept[..., 1:] &= labels[..., 1:] != labels[..., :-1]
    order = np.argsort(~kept, axis=-1, kind="stable")
    return np.take_along_axis(np.where(kept, labels, -1), order, axis=-1)


def run_beam_search(arrays: Arrays, attrs: BeamSearchAttrs) -> tuple[Array, ...]:
    """scores [N, T, C], lengths [N] -> labels [N, paths, T], -1 after the last, and log probabilities [N, paths].

    The last class is the blank. Scores become probabilities by softmax. Of equally likely prefixes the older one comes
    first, then that of the likelier parent and of the smaller label. Source: CTCBeamSearchDecoder of TensorFlow 2.15.
    """
    scores, lengths = arrays
    rows, steps, _ = scores.shape
    if lengths.size and int(lengths.max()) > steps:
        raise InputError(f"beam_search needs lengths of at most {steps}, the number of steps; received {lengths.max()}")
    top = scores.max(axis=2, keepdims=True)
    with np.errstate(invalid="ignore", over="ignore"):
        x = scores - (top + np.log(np.exp(scores - top).sum(axis=2, keepdims=True)))
        beam = first_beam(rows, steps, attrs.width, scores.dtype)
        for step in range(int(lengths.max(initial=0))):
            going = np.flatnonzero(lengths > step)
            part = PrefixBeam(**{name: array[going] for name, array in vars(beam).items()})
            for name, array in vars(next_beam(part, x[going, step])).items():
                getattr(beam, name)[going] = array
    if not np.isfinite(beam.total[:, : attrs.paths]).all():
        raise InputError(f"beam_search found fewer than {attrs.paths} sequences in a row")
    labels = beam.labels[:, : attrs.paths]
    labels = merged_labels(labels) if attrs.merges else labels
    return labels.copy(), beam.total[:, : attrs.paths].copy()


OP = Op(BeamSearchAttrs, infer_beam_search, run_beam_search)

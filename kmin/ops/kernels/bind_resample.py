"""How ops that take, weigh or compare a few cells along the axes of a tensor are bound to one compiled kernel."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from kmin.ops.adaptive_pool import AdaptivePoolAttrs, adaptive_windows
from kmin.ops.crop import CropAttrs
from kmin.ops.kernels.bound import Bound, Constants, Specs, served_size
from kmin.ops.pad import PadAttrs
from kmin.ops.resize import ResizeAttrs, resize_taps
from kmin.ops.resize_image import ResizeImageAttrs, image_taps
from kmin.ops.reverse import ReverseAttrs
from kmin.ops.roll import RollAttrs
from kmin.ops.tensor import Array, TensorSpec
from kmin.ops.upsample import UpsampleAttrs
from kmin.ops.window import window_pads

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier

NANOSECONDS_PER_CELL = 0.1
# Cells of the two outer axes that one result may read, and of all three.
MOST_LINES = 256
MOST_CELLS = 1 << 16
# Axes from the first to the last that is changed.
MOST_AXES = 3

# An axis of the result: the cells [results, taps] that are read, -1 for none, and their weights.
Table = tuple[Array, Array]


def plain(cells: Array) -> Table:
    """One cell per result, as it is."""
    return cells.reshape(-1, 1), np.ones((len(cells), 1), np.float32)


def served_sizes(inputs: Specs, constants: Constants) -> tuple[int, ...] | None:
    """Sizes of a sample of the first input when the kernel can read it."""
    x = inputs[0]
    if x is None or constants[0] is not None or served_size(x) is None:
        return None
    return tuple(size for size in x.shape[1:] if size is not None)


def bind_tables(
    tier: Tier, name: str, sizes: tuple[int, ...], tables: Mapping[int, Table], maximum: bool = False, fill: float = 0.0
) -> Bound | None:
    """`tables`: the axes of a sample that are changed; nothing happens to the others."""
    from kmin.ops.kernels import _resample

    if not tables:
        return Bound((), True, 0.0)
    first, last = min(tables), max(tables)
    if last - first >= MOST_AXES or any(len(cells) == 0 for cells, _ in tables.values()):
        return None
    axes = [(1, *plain(np.zeros(1, np.int64))) for _ in range(MOST_AXES - 1 - last + first)]
    axes += [(sizes[at], *tables.get(at, plain(np.arange(sizes[at])))) for at in range(first, last + 1)]
    taps = [cells.shape[1] for _, cells, _ in axes]
    if taps[0] * taps[1] > MOST_LINES or math.prod(taps) > MOST_CELLS:
        return None
    images, channels = math.prod(sizes[:first]), math.prod(sizes[last + 1 :])
    made = _resample.resample(tier, name, images, channels, axes, maximum, fill)
    results = images * channels * math.prod(len(cells) for _, cells, _ in axes)
    return Bound((made,), False, results * math.prod(taps) * NANOSECONDS_PER_CELL, image=True)


def bind_crop(tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: CropAttrs) -> Bound | None:
    sizes = served_sizes(inputs, constants)
    if sizes is None or served_size(output) is None or attrs.cuts[0] != (0, 0):
        return None
    pairs = dict(enumerate(attrs.cuts[1:]))
    tables = {at: plain(np.arange(sizes[at])[a : sizes[at] - b]) for at, (a, b) in pairs.items() if (a, b) != (0, 0)}
    return bind_tables(tier, "crop", sizes, tables)


def bind_upsample(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: UpsampleAttrs
) -> Bound | None:
    sizes = served_sizes(inputs, constants)
    if sizes is None:
        return None
    scales = {at: scale for at, scale in enumerate(attrs.scale) if scale != 1}
    return bind_tables(
        tier, "upsample", sizes, {at: plain(np.repeat(np.arange(sizes[at]), scale)) for at, scale in scales.items()}
    )


def bind_any_pad(tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: PadAttrs) -> Bound | None:
    """Every mode, over up to three neighbouring axes."""
    sizes = served_sizes(inputs, constants)
    if sizes is None or served_size(output) is None or attrs.pads[0] != (0, 0):
        return None
    modes: dict[str, dict[str, Any]] = {
        "constant": {"mode": "constant", "constant_values": -1},
        "reflect": {"mode": "reflect"},
        "symmetric": {"mode": "symmetric"},
    }
    pairs = {at: pair for at, pair in enumerate(attrs.pads[1:]) if pair != (0, 0)}
    tables = {at: plain(np.pad(np.arange(sizes[at]), pair, **modes[attrs.mode])) for at, pair in pairs.items()}
    return bind_tables(tier, f"pad_{attrs.mode}", sizes, tables, fill=attrs.value)


def bind_reverse(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: ReverseAttrs
) -> Bound | None:
    sizes = served_sizes(inputs, constants)
    if sizes is None or attrs.axis == 0:
        return None
    at = attrs.axis - 1
    return bind_tables(tier, "reverse", sizes, {at: plain(np.arange(sizes[at])[::-1])})


def bind_roll(tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: RollAttrs) -> Bound | None:
    sizes = served_sizes(inputs, constants)
    if sizes is None or attrs.axis % (len(sizes) + 1) == 0:
        return None
    at = attrs.axis % (len(sizes) + 1) - 1
    return bind_tables(tier, "roll", sizes, {at: plain(np.roll(np.arange(sizes[at]), attrs.shift))})


def bind_resize(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: ResizeAttrs
) -> Bound | None:
    sizes = served_sizes(inputs, constants)
    if sizes is None:
        return None
    scales = {at: scale for at, scale in enumerate(attrs.scale) if scale != 1 or max(attrs.scale) > 1}
    taps = {at: resize_taps(sizes[at], scale, attrs.method) for at, scale in scales.items()}
    return bind_tables(
        tier, f"resize_{attrs.method}", sizes, {at: (cells.T, weights.T) for at, (cells, weights) in taps.items()}
    )


def bind_resize_image(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: ResizeImageAttrs
) -> Bound | None:
    """The whole image, weighted; by areas it is left to NumPy."""
    sizes = served_sizes(inputs, constants)
    if sizes is None or attrs.aspect != "stretch" or attrs.method == "area":
        return None
    taps = {at: image_taps(sizes[at], count, attrs) for at, count in enumerate(attrs.size)}
    return bind_tables(
        tier, f"resize_{attrs.method}", sizes, {at: (cells.T, weights.T) for at, (cells, weights) in taps.items()}
    )


def window_table(first: Array, end: Array, mean: bool) -> Table:
    """Cells first .. end - 1 of each window, and their shares of its mean."""
    cells = first[:, None] + np.arange(int((end - first).max(initial=1)))
    inside = cells < end[:, None]
    shares = inside / np.maximum(end - first, 1)[:, None] if mean else inside.astype(np.float32)
    return np.where(inside, cells, -1), shares


def bind_any_pool(tier: Tier, kind: str, inputs: Specs, constants: Constants, attrs: Any) -> Bound | None:
    """`max` or `mean` of windows along up to three axes."""
    sizes = served_sizes(inputs, constants)
    if sizes is None:
        return None
    tables = {}
    for at, (window, stride) in enumerate(zip(attrs.window, attrs.strides, strict=True)):
        padding = attrs.padding if isinstance(attrs.padding, str) else attrs.padding[at]
        before, after = window_pads(sizes[at], window, stride, 1, padding)
        start = np.arange(0, sizes[at] + before + after - window + 1, stride) - before
        first, end = np.maximum(start, 0), np.minimum(start + window, sizes[at])
        if kind == "mean" and np.any(end <= first):
            return None
        tables[at] = window_table(first, end, kind == "mean")
    return bind_tables(tier, f"{kind}_pool", sizes, tables, kind == "max")


def bind_adaptive_pool(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: AdaptivePoolAttrs
) -> Bound | None:
    sizes = served_sizes(inputs, constants)
    if sizes is None:
        return None
    windows = {at: adaptive_windows(sizes[at], count) for at, count in enumerate(attrs.sizes)}
    tables = {at: window_table(first, end, attrs.kind == "mean") for at, (first, end) in windows.items()}
    return bind_tables(tier, f"adaptive_{attrs.kind}_pool", sizes, tables, attrs.kind == "max")

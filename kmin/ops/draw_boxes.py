"""draw_boxes: frames one pixel wide drawn into images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class DrawBoxesAttrs:
    """Nothing to say."""


def infer_draw_boxes(specs: Specs, attrs: DrawBoxesAttrs) -> tuple[TensorSpec, ...]:
    x, boxes, colours = specs
    fits = x.rank == 4 and boxes.rank == 3 and boxes.shape[2] == 4 and colours.rank == 2
    if not fits or any(np.dtype(spec.dtype).kind != "f" for spec in specs):
        raise InputError(f"draw_boxes needs images, boxes of 4 numbers, and colours; received {x}, {boxes}, {colours}")
    if None in (x.shape[3], colours.shape[1]) or (colours.shape[1] or 0) < (x.shape[3] or 0) or colours.shape[0] == 0:
        raise InputError(f"draw_boxes needs colours of all channels; received {colours} for {x}")
    return (x,)


def run_draw_boxes(arrays: Arrays, attrs: DrawBoxesAttrs) -> tuple[Array, ...]:
    """images [N, H, W, C], boxes [N, M, 4] (top, left, bottom, right from 0 to 1), colours in turns [K, C or more].

    Edges outside of the image are not drawn, and no box whose ends are swapped (TensorFlow's draw_bounding_box_op.cc).
    Ends that are not finite lie before the image, as x86 converts them.
    """
    x, boxes, colours = arrays
    y = x.copy()
    sizes = np.array([x.shape[1] - 1, x.shape[2] - 1] * 2, np.float32)
    with np.errstate(all="ignore"):
        ends = boxes.astype(np.float32) * sizes
    ends = np.where(np.abs(ends) < 2.0**62, ends, -(2.0**62)).astype(np.int64)
    rows, columns = np.arange(x.shape[1])[:, None], np.arange(x.shape[2])
    for at in range(boxes.shape[1]):
        top, left, bottom, right = (ends[:, at, side, None, None] for side in range(4))
        within = (rows >= top) & (rows <= bottom) & (columns >= left) & (columns <= right)
        edge = (rows == top) | (rows == bottom) | (columns == left) | (columns == right)
        colour = colours[at % len(colours), : x.shape[3]].astype(x.dtype)
        y = np.where((within & edge)[..., None], colour, y)
    return (y,)


OP = Op(DrawBoxesAttrs, infer_draw_boxes, run_draw_boxes)

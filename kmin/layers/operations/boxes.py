"""Boxes in images: the best ones that do not overlap, and what is in them (TensorFlow)."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import binary, cast, integer, integers, is_number, operands, tensor_of
from kmin.layers.operations.shaping import expand_dims, reshaped
from kmin.layers.operations.sizes import number_of, shaped_by
from kmin.layers.operations.slicing import cut_at
from kmin.ops.best_boxes import BestBoxesAttrs
from kmin.ops.crop_boxes import CropBoxesAttrs
from kmin.ops.kept_boxes import KeptBoxesAttrs
from kmin.ops.pick_boxes import PickBoxesAttrs


def _number(call: LayerCall, value: Any, what: str) -> float:
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if not is_number(value):
        raise call.fail(f"{what} must be a number; received {value!r:.40}")
    return float(value)


def best_boxes(
    call: LayerCall,
    boxes: Any,
    scores: Any,
    per_class: Any,
    total: Any,
    overlap: Any,
    least: Any,
    short: Any,
    clips: Any,
) -> list[Tensor]:
    """image.combined_non_max_suppression: boxes, scores, classes and how many are real."""
    places, values = operands(call, (boxes, scores))
    each, count = integer(call, per_class, "max_output_size_per_class"), integer(call, total, "max_total_size")
    if short:
        classes = values.shape[-1]
        if classes is None:
            raise call.fail(f"pad_per_class needs a known number of classes; received {values.spec}")
        count = min(count, each * classes)
    attrs = BestBoxesAttrs(
        each, count, _number(call, overlap, "iou_threshold"), _number(call, least, "score_threshold"), bool(clips)
    )
    return list(call.add_all("best_boxes", (places, values), attrs))


def kept_boxes(
    call: LayerCall,
    boxes: Any,
    scores: Any,
    count: Any,
    overlap: Any,
    least: Any,
    padded: Any,
    ordered: Any,
    cornered: Any,
    _: Any,
) -> list[Tensor]:
    """image.non_max_suppression_padded: places and how many are real."""
    places, values = operands(call, (boxes, scores))
    if places.rank == 2:
        call.mix_samples(places, (0,))
        call.mix_samples(values, (0,))
        one, score = expand_dims(call, places, 0), expand_dims(call, values, 0)
        picked, number = kept_boxes(call, one, score, count, overlap, least, True, ordered, cornered, None)
        picked, number = reshaped(call, picked, (-1,)), reshaped(call, number, ())
        return [picked if padded else cut_at(call, picked, [(None, number, None)]), number]
    if not padded or places.rank != 3:
        raise call.fail(f"needs boxes of an image, or of a batch and pad_to_max_output_size; received {places.spec}")
    if not cornered:
        call.mix_samples(places, (0,))
    limit = _number(call, least, "score_threshold")
    attrs = KeptBoxesAttrs(
        integer(call, count, "max_output_size"),
        _number(call, overlap, "iou_threshold"),
        None if limit == -float("inf") else limit,
        bool(ordered),
        bool(cornered),
    )
    return list(call.add_all("kept_boxes", (cast(call, places, "float32"), cast(call, values, "float32")), attrs))


def picked_boxes(call: LayerCall, boxes: Any, scores: Any, count: Any, overlap: Any, least: Any) -> Tensor:
    """image.non_max_suppression: the places of the best boxes, as many as there are."""
    return _picked(call, boxes, scores, count, overlap, least, 0.0, False)[0]


def filled_up(call: LayerCall, x: Tensor, number: Tensor, count: Any) -> Tensor:
    """A row of `number` values with zeros behind them, `count` in all."""
    most = cast(call, number_of(call, count, "max_output_size"), number.dtype)
    return shaped_by(call, x, "pad", [0, binary(call, most, number, "subtract")])


def picked_by_shares(call: LayerCall, shares: Any, scores: Any, count: Any, overlap: Any, least: Any) -> Tensor:
    """image.non_max_suppression_overlaps, which is told what every two boxes share."""
    return _picked(call, shares, scores, count, overlap, least, 0.0, True)[0]


def picked_with_scores(
    call: LayerCall, boxes: Any, scores: Any, count: Any, overlap: Any, least: Any, sigma: Any
) -> list[Tensor]:
    """image.non_max_suppression_with_scores: places and scores, which fall where boxes overlap better ones."""
    return _picked(call, boxes, scores, count, overlap, least, sigma, False)


def _picked(
    call: LayerCall, boxes: Any, scores: Any, count: Any, overlap: Any, least: Any, sigma: Any, given: bool
) -> list[Tensor]:
    places, values = operands(call, (boxes, scores))
    call.builder.mixes_samples = True
    most = cast(call, number_of(call, count, "max_output_size"), "int32")
    attrs = PickBoxesAttrs(
        _number(call, overlap, "iou_threshold"),
        _number(call, least, "score_threshold"),
        _number(call, sigma, "soft_nms_sigma"),
        given,
    )
    return list(call.add_all("pick_boxes", (places, values, most), attrs))


def crop_and_resize(call: LayerCall, images: Any, boxes: Any, ids: Any, size: Any, method: Any, fill: Any) -> Tensor:
    """image.crop_and_resize: a part of an image for each box."""
    pictures, places, which = (tensor_of(call, x) for x in (images, boxes, ids))
    if method not in ("bilinear", "nearest"):
        raise call.fail(f"method must be 'bilinear' or 'nearest'; received {method!r:.40}")
    rows, *rest = integers(call, size, "crop_size")
    if len(rest) != 1:
        raise call.fail(f"crop_size must be two numbers; received {size!r:.40}")
    for x in (pictures, places, which):
        call.mix_samples(x, (0,))
    attrs = CropBoxesAttrs((rows, rest[0]), method == "bilinear", _number(call, fill, "extrapolation_value"))
    return call.add("crop_boxes", (pictures, cast(call, places, "float32"), cast(call, which, "int32")), attrs)


def crop_and_resize_v1(
    call: LayerCall, images: Any, boxes: Any, old: Any, size: Any, method: Any, fill: Any, _: Any, ids: Any
) -> Tensor:
    """compat.v1.image.crop_and_resize, one of whose arguments has two names."""
    return crop_and_resize(call, images, boxes, old if ids is None else ids, size, method, fill)

"""Resizing and CenterCrop: images of another size."""

from __future__ import annotations

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.core import cast_to_compute
from kmin.layers.layout import positive, spatial_input, spatial_output
from kmin.ops.cast import CastAttrs
from kmin.ops.crop import CropAttrs
from kmin.ops.resize_image import ResizeImageAttrs

_METHODS: dict[int, tuple[str, ...]] = {
    2: ("bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"),
    3: ("bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5"),
}


def lower_resizing(call: LayerCall) -> Tensor:
    """Resizing, to the compute dtype, as Keras 3's `predict` does; its eager call keeps integers and rounds them."""
    config = call.config
    size = (positive(call, "height", 1)[0], positive(call, "width", 1)[0])
    method = config.get("interpolation", "bilinear")
    method = method.lower() if isinstance(method, str) and call.dialect < 3 else method
    known = _METHODS[3 if call.dialect >= 3 else 2]
    if method not in known:
        raise call.fail(f"interpolation must be one of {', '.join(known)}; received {method!r}")
    if config.get("fill_mode", "constant") != "constant":
        raise call.fail(f"fill_mode must be 'constant'; received {config['fill_mode']!r}")
    fill = config.get("fill_value", 0.0)
    if isinstance(fill, bool) or not isinstance(fill, (int, float)):
        raise call.fail(f"fill_value must be a number; received {fill!r}")
    crop, pad = bool(config.get("crop_to_aspect_ratio")), bool(config.get("pad_to_aspect_ratio"))
    if crop and pad:
        raise call.fail("only one of crop_to_aspect_ratio and pad_to_aspect_ratio can be true")
    attrs = ResizeImageAttrs(
        size, method, bool(config.get("antialias", False)), "crop" if crop else "pad" if pad else "stretch", float(fill)
    )
    x = spatial_input(call, 2)
    if not x.dtype.startswith("float"):
        whole = call.dialect >= 3 or method == "nearest"
        x = call.add("cast", (x,), CastAttrs(call.compute_dtype if whole else "float32"))
    return spatial_output(call, cast_to_compute(call, call.add("resize_image", (x,), attrs)), 2)


def lower_center_crop(call: LayerCall) -> Tensor:
    """CenterCrop; an image that is smaller is cut to the proportions and enlarged."""
    x = cast_to_compute(call, spatial_input(call, 2))
    size = (positive(call, "height", 1)[0], positive(call, "width", 1)[0])
    image = [n for n in x.shape[1:3] if n is not None]
    if len(image) != 2:
        raise call.fail(f"needs images of known size: what becomes of smaller ones depends on it; received {x.spec}")
    spare = [n - wanted for n, wanted in zip(image, size, strict=True)]
    if min(spare) < 0:
        y = call.add("resize_image", (x,), ResizeImageAttrs(size, "bilinear", aspect="crop"))
    else:
        cuts = tuple((n // 2, n - n // 2) for n in spare)
        y = call.add("crop", (x,), CropAttrs(((0, 0), *cuts, (0, 0))))
    return spatial_output(call, y, 2)

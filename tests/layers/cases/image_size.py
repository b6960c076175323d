"""Resizing and CenterCrop."""

from . import case

THREE = (3,)


def _resize(height, width, method="bilinear", **keywords):
    return lambda k: k.layers.Resizing(height, width, interpolation=method, **keywords)


def _crop(height, width):
    return lambda k: k.layers.CenterCrop(height, width)


X = (2, 6, 7, 2)
ROWS = []
for method in ("bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"):
    dialects = (2,) if method in ("gaussian", "mitchellcubic") else (2, 3)
    for name, size in {
        "larger": (9, 17),
        "smaller": (4, 3),
        "mixed": (3, 11),
        "twice": (12, 14),
        "same": (6, 7),
    }.items():
        ROWS.append(case(f"{method}_{name}", _resize(*size, method), X, dialects=dialects))
    ROWS.append(case(f"{method}_much_smaller", _resize(3, 2, method), (2, 19, 23, 1), dialects=dialects))
    for at, size in {"wide": (5, 8), "tall": (8, 5)}.items():
        ROWS.append(
            case(f"{method}_crop_{at}", _resize(*size, method, crop_to_aspect_ratio=True), X, dialects=dialects)
        )
    if method in ("bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5"):
        for name, size in {"smaller": (4, 3), "larger": (9, 17)}.items():
            ROWS.append(case(f"{method}_antialias_{name}", _resize(*size, method, antialias=True), X, dialects=THREE))
        for name, size in {"wide": (5, 9), "tall": (9, 4)}.items():
            padded = _resize(*size, method, pad_to_aspect_ratio=True, fill_value=1.5)
            ROWS.append(case(f"{method}_pad_{name}", padded, X, dialects=THREE))
        integers = {"vocab": 255, "dtype": "int32", "traced": True}
        ROWS.append(case(f"{method}_integers", _resize(9, 4, method), X, **integers))
        ROWS.append(case(f"{method}_first", _resize(9, 4, method, data_format="channels_first"), X, dialects=THREE))
CASES = [
    *ROWS,
    case("bilinear_any_size", lambda k: k.Sequential([k.Input((None, None, 2)), _resize(4, 5)(k)]), (2, 6, 7, 2)),
    case("bytes", _resize(9, 4, "bicubic"), X, vocab=255, dtype="uint8", traced=True),
    case("bits", _resize(9, 4, "bilinear"), X, vocab=2, dtype="bool", traced=True),
    case("center", _crop(3, 4), X),
    case("center_odd", _crop(4, 4), X),
    case("center_all", _crop(6, 7), X),
    case("center_enlarged", _crop(9, 8), X),
    case("center_half_enlarged", _crop(4, 9), X),
    case("center_integers", _crop(3, 4), X, vocab=255, dtype="int32"),
    case("center_integers_enlarged", _crop(9, 4), X, vocab=255, dtype="int32"),
]

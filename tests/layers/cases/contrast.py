"""AutoContrast and CLAHE of Keras 3, which work at inference, too."""

from . import case


def _make(name: str, **keywords):
    return lambda k: getattr(k.layers, name)(**keywords)


def _clahe(**keywords):
    return _make("ContrastLimitedAdaptiveHistogramEqualization", **keywords)


_BYTES = {"vocab": 256, "dialects": (3,)}
_IMAGE = (3, 12, 10, 3)

CASES = [
    case("auto_contrast", _make("AutoContrast"), _IMAGE, **_BYTES),
    case("auto_contrast_integers", _make("AutoContrast"), _IMAGE, dtype="uint8", **_BYTES),
    case("auto_contrast_range", _make("AutoContrast", value_range=(0, 1)), _IMAGE, dialects=(3,), scale=0.3),
    case("auto_contrast_range_signed", _make("AutoContrast", value_range=(-1, 1)), _IMAGE, dialects=(3,), scale=0.3),
    case("auto_contrast_flat", _make("AutoContrast"), (3, 4, 4, 2), vocab=8, low=7, dialects=(3,)),
    case("auto_contrast_one", _make("AutoContrast"), (1, 5, 4, 1), **_BYTES),
    case("clahe", _clahe(), (3, 16, 24, 3), **_BYTES),
    case("clahe_integers", _clahe(), (1, 16, 24, 3), dtype="uint8", **_BYTES),
    case("clahe_padded", _clahe(tile_grid_size=(4, 3), clip_limit=2.0), (3, 17, 13, 2), **_BYTES),
    case("clahe_no_limit", _clahe(tile_grid_size=(2, 2), clip_limit=0.0), (3, 12, 12, 1), **_BYTES),
    case("clahe_range", _clahe(value_range=(-1, 1), tile_grid_size=(2, 3)), (3, 9, 12, 2), dialects=(3,), scale=0.5),
    case("clahe_channels_first", _clahe(data_format="channels_first", tile_grid_size=(2, 2)), (2, 3, 8, 8), **_BYTES),
]

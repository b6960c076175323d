"""Normalization, Rescaling, and augmentation layers at rest."""

from . import case


def _make(name: str, *arguments, **keywords):
    return lambda k: getattr(k.layers, name)(*arguments, **keywords)


_IMAGE = (2, 4, 5, 3)
_BOTH = {
    "RandomBrightness": {"factor": 0.2},
    "RandomContrast": {"factor": 0.2},
    "RandomCrop": {"height": 4, "width": 5},
    "RandomFlip": {},
    "RandomRotation": {"factor": 0.2},
    "RandomTranslation": {"height_factor": 0.2, "width_factor": 0.2},
    "RandomZoom": {"height_factor": 0.2},
}
_KERAS3 = {
    "AugMix": {},
    "MaxNumBoundingBoxes": {"max_number": 5},
    "RandAugment": {},
    "RandomColorDegeneration": {"factor": 0.2},
    "RandomColorJitter": {},
    "RandomElasticTransform": {},
    "RandomErasing": {},
    "RandomGaussianBlur": {},
    "RandomGrayscale": {},
    "RandomHue": {"factor": 0.2},
    "RandomInvert": {},
    "RandomPerspective": {},
    "RandomPosterization": {"factor": 4},
    "RandomSaturation": {"factor": 0.2},
    "RandomSharpness": {"factor": 0.2},
    "RandomShear": {},
    "Solarization": {"threshold_factor": 0.5},
}


def _pipeline(k):
    x = k.Input((4, 5, 3))
    scaled = k.layers.Rescaling(0.5)
    return k.Model(
        x, k.layers.Pipeline([k.layers.Equalization(), k.layers.RandomFlip(), scaled, k.layers.Resizing(3, 3)])(x)
    )


def _pipeline_of_norms(k):
    x = k.Input((4, 3))
    inner = k.layers.Pipeline([k.layers.BatchNormalization(), k.layers.Dense(4), k.layers.BatchNormalization()])
    return k.Model(x, k.layers.Dense(2)(inner(x)))


def _pipeline_masked(k):
    x = k.Input((4, 3))
    inner = k.layers.Pipeline([k.layers.Dropout(0.5), k.layers.GRU(3, return_sequences=True)])
    return k.Model(x, k.layers.LSTM(2)(inner(k.layers.Masking()(x))))


_KERAS2 = {"RandomHeight": {"factor": 0.2}, "RandomWidth": {"factor": 0.2}}

CASES = [
    case("rescaling", _make("Rescaling", 1 / 255), (2, 3, 3), scale=100.0),
    case("rescaling_offset", _make("Rescaling", 1 / 127.5, offset=-1), (2, 3, 3), scale=100.0),
    case("rescaling_integers", _make("Rescaling", 1 / 255), (2, 3, 3), vocab=256, dtype="uint8"),
    case("rescaling_zero", _make("Rescaling", 0.0, offset=0.5), (2, 3)),
    case("rescaling_list", _make("Rescaling", [0.5, 2.0, -1.0], offset=[1.0, 0.0, 3.0]), (2, 4, 3)),
    case("normalization", _make("Normalization"), (4, 3)),
    case("normalization_rank4", _make("Normalization"), (2, 3, 4, 3)),
    case("normalization_axis1", _make("Normalization", axis=1), (2, 3, 4)),
    case("normalization_axes", _make("Normalization", axis=[1, 2]), (2, 3, 4)),
    case("normalization_axes_apart", _make("Normalization", axis=[3, 1]), (2, 3, 4, 2)),
    case("normalization_axis_none", _make("Normalization", axis=None), (2, 3, 4)),
    case("normalization_config", _make("Normalization", mean=[1.0, 2.0, -3.0], variance=[4.0, 0.5, 2.0]), (4, 3)),
    case("normalization_config_scalar", _make("Normalization", axis=None, mean=3.0, variance=2.0), (4, 3)),
    case("normalization_config_scalar_axis", _make("Normalization", mean=3.0, variance=2.0), (4, 3)),
    case("normalization_config_zero_variance", _make("Normalization", mean=[1.0, 2.0], variance=[0.0, 1.0]), (4, 2)),
    case(
        "normalization_config_axis1",
        _make("Normalization", axis=1, mean=[1.0, 2.0, -3.0], variance=[4.0, 0.5, 2.0]),
        (2, 3, 4),
    ),
    case("normalization_invert", _make("Normalization", invert=True), (4, 3)),
    case(
        "normalization_invert_config",
        _make("Normalization", mean=[1.0, 2.0, -3.0], variance=[4.0, 0.0, 2.0], invert=True),
        (4, 3),
    ),
    case("normalization_integers", _make("Normalization"), (4, 3), vocab=50, dtype="int32"),
    case("normalization_rank1", _make("Normalization", axis=None), (4,)),
    *[case(f"at_rest_{name.lower()}", _make(name, **keywords), _IMAGE) for name, keywords in _BOTH.items()],
    *[
        case(f"at_rest_{name.lower()}_integers", _make(name, **keywords), _IMAGE, vocab=256, dtype="uint8")
        for name, keywords in _BOTH.items()
    ],
    *[
        case(f"at_rest_{name.lower()}", _make(name, **keywords), _IMAGE, dialects=(3,))
        for name, keywords in _KERAS3.items()
    ],
    *[
        case(
            f"at_rest_{name.lower()}_integers", _make(name, **keywords), _IMAGE, dialects=(3,), vocab=256, dtype="uint8"
        )
        for name, keywords in _KERAS3.items()
    ],
    *[
        case(f"at_rest_{name.lower()}", _make(name, **keywords), _IMAGE, dialects=(2,))
        for name, keywords in _KERAS2.items()
    ],
    case("random_crop_larger", _make("RandomCrop", 3, 4), (2, 6, 7, 3)),
    case("random_crop_smaller", _make("RandomCrop", 6, 9), (2, 4, 5, 3)),
    case("random_crop_other_proportions", _make("RandomCrop", 3, 6), (2, 6, 5, 3), dialects=(2,)),
    case("pipeline", _pipeline, (2, 4, 5, 3), dialects=(3,)),
    case("pipeline_of_norms", _pipeline_of_norms, (2, 4, 3), dialects=(3,)),
    case("pipeline_masked", _pipeline_masked, (3, 4, 3), dialects=(3,), pad=0.8),
]

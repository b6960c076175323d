"""Layers that meet integers and bools, and those whose results are of another type than their input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import case
from ._function import tf_function

WHOLE: dict[str, Any] = {"vocab": 9, "low": -4, "dtype": "int32"}
BITS: dict[str, Any] = {"vocab": 2, "dtype": "bool"}
THREE = (3,)


def _make(name: str, *args: Any, **keywords: Any) -> Callable[[Any], Any]:
    return lambda k: getattr(k.layers, name)(*args, **keywords)


CASES = [
    *(
        case(f"{name.lower()}_{kind}", _make(name, *args), (3, 4, 6), dialects=THREE, **data)
        for name, args in {"LayerNormalization": (), "RMSNormalization": (), "GroupNormalization": (3,)}.items()
        for kind, data in {"integers": WHOLE, "bits": BITS}.items()
    ),
    *(
        case(f"{name.lower()}_{policy}", _make(name, 3, dtype=policy), (3, 4, 6), dialects=THREE, **options)
        for name in ("LSTM", "GRU", "SimpleRNN")
        for policy, options in {
            "float32": WHOLE,
            "mixed_float16": {**WHOLE, "tolerance": 2e-2, "reason": "half precision"},
        }.items()
    ),
    case("mean", _make("GlobalAveragePooling2D"), (2, 4, 5, 3), **WHOLE),
    case("mean_of_steps", _make("GlobalAveragePooling1D", keepdims=True), (2, 4, 5), **WHOLE),
    case("mean_of_bytes", _make("GlobalAveragePooling2D"), (2, 5, 6, 3), vocab=256, dtype="uint8"),
    case("share", _make("GlobalAveragePooling2D"), (2, 4, 5, 3), **BITS),
    case("any", _make("GlobalMaxPooling2D"), (2, 2, 1, 3), dialects=THREE, **BITS),
    tf_function("tf_mean", lambda tf, x: tf.reduce_mean(x, axis=[1, 2]), (3, 4, 5), **WHOLE),
    case("leaky", _make("LeakyReLU"), (3, 8), **WHOLE),
    case("enlarged", _make("UpSampling2D", 2, interpolation="bilinear"), (2, 4, 5, 3), **WHOLE),
    case("enlarged_cubic", _make("UpSampling2D", (3, 2), interpolation="bicubic"), (2, 4, 5, 3), **WHOLE),
    *(
        case(
            f"half_{method}",
            _make("UpSampling2D", 2, interpolation=method, dtype="float16"),
            (2, 4, 5, 3),
            dialects=(2,) if method == "area" else (2, 3),
            tolerance=2e-2,
            reason="half precision",
        )
        for method in ("bilinear", "nearest", "area")
    ),
]

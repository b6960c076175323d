"""lower: what is refused as a whole, and that every problem is listed."""

from __future__ import annotations

import pytest

from kmin.errors import UnsupportedError
from kmin.formats.spec import Call, LayerSpec, ModelSpec, TensorRef
from kmin.layers.lower import lower, lower_all


def chain(dialect: int, *classes: str) -> ModelSpec:
    """A model of layers one after the other, named by their position."""
    layers = [LayerSpec("0", "InputLayer", {"batch_shape": [None, 4], "dtype": "float32"}, calls=(Call(()),))]
    for i, class_name in enumerate(classes, 1):
        layers.append(LayerSpec(str(i), class_name, {"rate": 0.5}, calls=(Call((TensorRef(str(i - 1)),)),)))
    return ModelSpec("m", "Functional", tuple(layers), TensorRef("0"), TensorRef(str(len(classes))), dialect)


def test_a_keras_1_layer_without_translation_is_refused() -> None:
    """The reader names such a layer `keras1.<class>`; the others it has turned into Keras 2's."""
    assert lower(chain(1, "Dropout")).dialect == 1
    with pytest.raises(UnsupportedError, match=r"keras1\.Merge") as caught:
        lower(chain(1, "Dropout", "keras1.Merge"))
    assert len(caught.value.problems) == 1


def test_every_unknown_class_is_listed() -> None:
    lowering = lower_all(chain(3, "Lambda", "Dropout", "Flattn"))
    assert len(lowering.problems) == 2
    assert lowering.problems[0].startswith("layer '1' (Lambda): ")
    assert "nearest supported: Flatten" in lowering.problems[1]
    with pytest.raises(UnsupportedError) as caught:
        lower(chain(3, "Lambda", "Dropout", "Flattn"))
    assert caught.value.problems == lowering.problems

"""lower: what is refused as a whole, and that every problem is listed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kmin.errors import UnsupportedError
from kmin.formats.spec import Call, LayerSpec, ModelSpec, TensorRef
from kmin.graph.ir import UNSUPPORTED
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


def test_a_model_of_a_class_of_its_own_is_refused() -> None:
    own = replace(chain(3, "Dropout"), class_name="mine>Model")
    assert lower_all(own).problems == ("model 'm' (mine>Model): models of a class of their own are not supported",)
    nested = LayerSpec("1", "mine>Model", {}, calls=(Call((TensorRef("0"),)),), model=chain(3, "Dropout"))
    outer = replace(chain(3, "Dropout"), layers=(chain(3).layers[0], nested))
    with pytest.raises(UnsupportedError, match=r"layer '1' \(mine>Model\)"):
        lower(outer)


def test_calls_that_do_not_fit_together_are_a_problem_and_still_a_graph() -> None:
    broken = replace(chain(3, "Dropout"), outputs=TensorRef("9"))
    lowering = lower_all(broken)
    assert len(lowering.problems) == 1
    assert lowering.graph.nodes[-1].op == UNSUPPORTED


@pytest.mark.parametrize("units", ["four", [1], {"a": 1}, 1e400, -3, None])
def test_a_config_that_makes_no_sense_is_one_sentence(units: object) -> None:
    layer = LayerSpec("1", "Dense", {"units": units}, {"kernel": np.ones((4, 2))}, (Call((TensorRef("0"),)),))
    (problem,) = lower_all(replace(chain(3, "Dropout"), layers=(chain(3).layers[0], layer))).problems
    assert problem.startswith("layer '1' (Dense): ")

"""Sequential models of Keras 1 that begin with a Merge of other models: spelled out as one functional model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from kmin.errors import FormatError
from kmin.formats.keras1 import translate
from kmin.formats.spec import Call, LayerSpec, ModelSpec, TensorRef, leaves

MERGE = "keras1.Merge"


def merged_model(
    name: str, class_name: str, layers: Sequence[LayerSpec], read_branch: Callable[[Any], ModelSpec]
) -> ModelSpec:
    """The model whose first layer merges branches, with the layers of all branches beside its own.

    Keras 1 stores the weights of such a model layer by layer, whatever branch they are in (`flattened_layers`).

    Args:
        name: the model's.
        class_name: what the model becomes.
        layers: its own, the Merge first.
        read_branch: the model of one serialised branch.

    Raises:
        FormatError: a branch has another number of outputs than one, or a layer is in two of them.
    """
    merge = layers[0]
    branches = [read_branch(data) for data in merge.config["layers"]]
    found: dict[str, LayerSpec] = {}
    inputs: list[TensorRef] = []
    ends: list[TensorRef] = []
    for branch in branches:
        outputs = leaves(branch.outputs)
        if len(outputs) != 1:
            raise FormatError(f"layer '{merge.name}' (Merge): each branch must have one output; one has {len(outputs)}")
        for layer in branch.layers:
            if layer.name in found:
                raise FormatError(f"layer '{layer.name}': is in two branches of '{merge.name}', which is not supported")
            found[layer.name] = layer
        inputs += leaves(branch.inputs)
        ends += outputs
    settings = {key: value for key, value in merge.config.items() if key != "layers"}
    merge_class, config = translate("Merge", settings)
    end = replace(merge, class_name=merge_class, config=config, calls=(Call((ends,)),), children={})
    own = [end]
    for layer in layers[1:]:
        own.append(replace(layer, calls=(Call((TensorRef(own[-1].name),)),)))
    if any(layer.name in found for layer in own):
        raise FormatError(f"model '{name}': layer names must be unique")
    outputs_of = TensorRef(own[-1].name)
    return ModelSpec(name, class_name, (*found.values(), *own), inputs, outputs_of, 1)

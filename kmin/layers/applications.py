"""Layers that keras.applications defines for itself."""

from __future__ import annotations

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.ops.binary import BinaryAttrs


def _refuse_stranger(call: LayerCall, architecture: str) -> None:
    """Refuses a class of the same name that a file says is another module's."""
    module = call.layer.module
    if module is not None and not module.endswith(f"applications.{architecture}"):
        raise call.fail(f"only the class of keras.applications is supported; received one of module '{module}'")


def lower_layer_scale(call: LayerCall) -> Tensor:
    """LayerScale of ConvNeXt: x * gamma over the last axis."""
    _refuse_stranger(call, "convnext")
    size, config = call.config.get("projection_dim"), call.config
    if not isinstance(size, int) or not {"init_values", "projection_dim"} <= set(config):
        raise call.fail("only the class of keras.applications is supported, which has init_values and projection_dim")
    return call.add("binary", (call.input, call.weight("gamma", (size,))), BinaryAttrs("multiply"))


def lower_stochastic_depth(call: LayerCall) -> Tensor:
    """StochasticDepth of ConvNeXt, which rests at inference."""
    _refuse_stranger(call, "convnext")
    if "drop_path_rate" not in call.config:
        raise call.fail("only the class of keras.applications is supported, which has a drop_path_rate")
    return call.input.masked(None)


def lower_custom_scale(call: LayerCall) -> Tensor:
    """CustomScaleLayer of InceptionResNetV2: x[0] + x[1] * scale.

    Keras 2 registers it in the package `Custom`, where users' own classes live too: a file that names another module
    is refused.
    """
    _refuse_stranger(call, "inception_resnet_v2")
    scale, inputs = call.config.get("scale"), call.inputs
    if len(inputs) != 2 or isinstance(scale, bool) or not isinstance(scale, (int, float)):
        raise call.fail(f"needs two inputs and a number scale; received {len(inputs)} inputs and scale {scale!r}")
    if inputs[0].dtype != inputs[1].dtype:
        raise call.fail(f"needs inputs of one dtype; received {inputs[0].spec} and {inputs[1].spec}")
    factor = call.constant("scale", np.array(scale, dtype=inputs[1].dtype))
    scaled = call.add("binary", (inputs[1], factor), BinaryAttrs("multiply"))
    return call.add("binary", (inputs[0], scaled), BinaryAttrs("add"))

"""Layers that keras.applications defines for itself."""

from __future__ import annotations

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.ops.binary import BinaryAttrs


def lower_custom_scale(call: LayerCall) -> Tensor:
    """CustomScaleLayer of InceptionResNetV2: x[0] + x[1] * scale.

    Keras 2 registers it in the package `Custom`, where users' own classes live too: a file that names another module
    is refused.
    """
    module = call.layer.module
    if module is not None and not module.endswith("applications.inception_resnet_v2"):
        raise call.fail(f"only the class of keras.applications is supported; received one of module '{module}'")
    scale, inputs = call.config.get("scale"), call.inputs
    if len(inputs) != 2 or isinstance(scale, bool) or not isinstance(scale, (int, float)):
        raise call.fail(f"needs two inputs and a number scale; received {len(inputs)} inputs and scale {scale!r}")
    if inputs[0].dtype != inputs[1].dtype:
        raise call.fail(f"needs inputs of one dtype; received {inputs[0].spec} and {inputs[1].spec}")
    factor = call.constant("scale", np.array(scale, dtype=inputs[1].dtype))
    scaled = call.add("binary", (inputs[1], factor), BinaryAttrs("multiply"))
    return call.add("binary", (inputs[0], scaled), BinaryAttrs("add"))

"""Recurrent layers of Keras 2 whose sequences are (time, batch, features)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kmin.formats.spec import LayerSpec
from kmin.layers.call import LayerCall, Lower, Lowered, Tensor, tensors
from kmin.layers.masks import mask_of
from kmin.ops.transpose import TransposeAttrs


def is_time_major(layer: LayerSpec) -> bool:
    """Whether the layer, or the layer that a Bidirectional runs forwards, has time on axis 0."""
    forward = layer.children.get("forward_layer")
    return bool((layer if forward is None else forward).config.get("time_major"))


def lower_time_major(call: LayerCall, lower: Lower, sequences: bool) -> Lowered:
    """What `lower` makes of the layer with the batch on axis 0, its sequences turned back.

    Source: the uses of time_major in base_rnn.py and bidirectional.py, Keras 2.15.

    Raises:
        UnsupportedError: the two layers of a Bidirectional disagree about their axes.
    """
    inner = [child for key, child in call.layer.children.items() if key.endswith("_layer")]
    if any(is_time_major(child) != is_time_major(call.layer) for child in inner):
        raise call.fail("its two layers must agree about time_major")
    x, mask = call.input, mask_of(call)
    if x.rank < 2:
        raise call.fail(f"needs an input of shape (time, batch, features); received {x.spec}")
    if call.config.get("stateful") and x.shape[1] is None:
        raise call.fail(f"stateful=True needs a known batch size, on axis 1; received {x.spec}")
    call.mix_samples(x, (0,))  # what is a batch for everybody else is time here
    turned = exchanged(call, x).masked(None if mask is None else exchanged(call, mask))
    children = {key: replace(child, config=_batch_major(child.config)) for key, child in call.layer.children.items()}
    layer = replace(call.layer, config=_batch_major(call.config), children=children)
    kwargs = {key: value for key, value in call.kwargs.items() if key != "mask"}
    result = lower(replace(call, layer=layer, args=(turned,), kwargs=kwargs))
    if not sequences:
        return result
    found = [exchanged(call, y).masked(mask) if y.rank == x.rank else y for y in tensors(result)]
    return found[0] if isinstance(result, Tensor) else found


def exchanged(call: LayerCall, x: Tensor) -> Tensor:
    """`x` with its first two axes exchanged."""
    return call.add("transpose", (x,), TransposeAttrs((1, 0, *range(2, x.rank))))


def _batch_major(config: Mapping[str, Any]) -> dict[str, Any]:
    return {**config, "time_major": False}

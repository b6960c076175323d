"""ConvLSTM1D, ConvLSTM2D and ConvLSTM3D."""

from __future__ import annotations

from collections.abc import Sequence

from kmin.layers.activation import activation_of
from kmin.layers.call import LayerCall, Lowered, Tensor
from kmin.layers.layout import channels_of, is_channels_first, positive, spatial_input, spatial_output, spatial_rank
from kmin.layers.masks import mask_of
from kmin.layers.recurrent import initial_states
from kmin.layers.stateful import begin_states, kept_states
from kmin.ops import OPS
from kmin.ops.activation import LAST_AXIS_ACTIVATIONS
from kmin.ops.conv_lstm import ConvLstmAttrs
from kmin.ops.pad import PadAttrs
from kmin.ops.transpose import TransposeAttrs


def lower_conv_lstm(call: LayerCall) -> Lowered:
    """ConvLSTM1D/2D/3D. Sources: base_conv_lstm.py of Keras 2.15, conv_lstm.py of Keras 3.15."""
    config, rank = call.config, spatial_rank(call)
    if call.kwargs.get("constants") is not None or config.get("num_constants"):
        raise call.fail("constants need a custom cell: Keras refuses them for a built-in one, too")
    # time_major is in the config of Keras 2 and read by nothing there.
    x = spatial_input(call, rank, batch_axes=2)
    strides, dilation = positive(call, "strides", rank, 1), positive(call, "dilation_rate", rank, 1)
    if max(strides) > 1 and max(dilation) > 1:
        raise call.fail(f"strides {strides} and dilation_rate {dilation} cannot both be greater than 1")
    padding = config.get("padding", "valid")
    (filters,), window = positive(call, "filters", 1), positive(call, "kernel_size", rank)
    if isinstance(padding, tuple):  # cells, which the reader of Theano's files puts there: no file can hold a tuple
        x, padding = call.add("pad", (x,), PadAttrs(((0, 0), (0, 0), *padding, (0, 0)))), "valid"
    if not isinstance(padding, str) or padding.lower() not in ("valid", "same"):
        raise call.fail(f"padding must be 'valid' or 'same'; received {padding!r}")
    kernel = call.weight("kernel", (*window, channels_of(call, x), 4 * filters))
    recurrent = call.weight("recurrent_kernel", (*_inner_window(call, window), filters, 4 * filters))
    bias = call.weight("bias", (4 * filters,)) if config.get("use_bias", True) else None
    activation = activation_of(call, config.get("activation", "tanh"))
    if "recurrent_activation" not in config and call.dialect < 3:
        raise call.fail("needs recurrent_activation in its config")
    gate = activation_of(call, config.get("recurrent_activation", "sigmoid"))
    line = is_channels_first(call) and bool({activation.kind, gate.kind} & set(LAST_AXIS_ACTIVATIONS))
    given = initial_states(call, 2)
    mask = mask_of(call)
    used = mask if not given or call.dialect < 3 or call.kwargs.get("mask") is not None else None
    if used is not None and used.rank != 2:
        raise call.fail(f"needs a mask of shape (batch, time); received {used.spec}")
    sequences = bool(config.get("return_sequences", False))
    attrs = ConvLstmAttrs(
        strides,
        dilation,
        padding.lower(),
        activation.kind,
        activation.args,
        gate.kind,
        gate.args,
        bool(config.get("go_backwards", False)),
        sequences,
        line,
    )
    start = [_last(call, state, rank) for state in given]
    weights = (kernel, recurrent, bias)
    kept: list[Tensor] = []
    if config.get("stateful"):
        specs = [None if tensor is None else tensor.spec for tensor in (x, *weights, None, None, None)]
        shape = OPS["conv_lstm"].infer(specs, attrs)[1].shape
        if None in shape[1:]:
            raise call.fail(f"stateful=True needs images of a known size; received {x.spec}")
        kept = kept_states(call, [(f"{call.path}.state_{i}", (None, *shape[1:])) for i in range(2)], given)
    states: Sequence[Tensor | None] = begin_states(call, kept, start) or (None, None)
    results = call.add_all("conv_lstm", (x, *weights, used, *states), attrs)
    for before, after in zip(kept, results[1:], strict=bool(kept)):
        call.builder.keep(before.name, after.name)
    y, *finals = (spatial_output(call, tensor, rank) for tensor in results)
    y = y.masked(mask if sequences else None)
    return [y, *finals] if config.get("return_state") else y


def _inner_window(call: LayerCall, window: tuple[int, ...]) -> tuple[int, ...]:
    """The window over the states: odd in files of Theano, see `odd_window` in kmin/formats/theano.py."""
    held = call.layer.weights.get("recurrent_kernel")
    odd = tuple(size + 1 - size % 2 for size in window)
    return odd if call.dialect < 3 and held is not None and held.shape[: len(odd)] == odd else window


def _last(call: LayerCall, state: Tensor, rank: int) -> Tensor:
    """A state with its channels last."""
    if not is_channels_first(call):
        return state
    return call.add("transpose", (state,), TransposeAttrs((0, *range(2, rank + 2), 1)))

"""One form for the states and constants of recurrent layers: keyword arguments, as Keras 3 writes them."""

from __future__ import annotations

from kmin.formats.spec import Call, LayerSpec, TensorRef

RECURRENT = frozenset(
    {
        "Bidirectional",
        "ConvLSTM1D",
        "ConvLSTM2D",
        "ConvLSTM3D",
        "CuDNNGRU",
        "CuDNNLSTM",
        "GRU",
        "LSTM",
        "RNN",
        "SimpleRNN",
    }
)


def settle_state(layer: LayerSpec, call: Call) -> Call:
    """The call with `initial_state` and `constants` in its keyword arguments.

    Keras 1 and 2 pass them as further inputs, the last `num_constants` of which are constants; Keras 3 allows
    `initial_state` and `mask` as second and third positional arguments.
    """
    if layer.class_name not in RECURRENT:
        return call
    args, kwargs = call.args, dict(call.kwargs)
    for key, value in zip(("initial_state", "mask", "training"), args[1:], strict=False):
        if value is not None and kwargs.get(key) is None:
            kwargs[key] = value
    first = args[0] if args else None
    if not isinstance(first, (list, tuple)) or not all(isinstance(item, TensorRef) for item in first):
        return Call(args[:1], kwargs)
    rest = list(first[1:])
    count = layer.config.get("num_constants")
    split = len(rest) - count if isinstance(count, int) and 0 < count <= len(rest) else len(rest)
    if rest[split:]:
        kwargs["constants"] = rest[split:]
    if rest[:split]:
        kwargs["initial_state"] = rest[:split]
    return Call((first[0],) if first else args[:1], kwargs)

"""LoRA factors beside kernels and tables (Keras 3)."""

from . import case


def _adapted(*layers, **keywords):
    return lambda k: k.Sequential([k.Input(**keywords), *(layer(k) for layer in layers)])


def _factors(k, model):
    import numpy as np

    rng = np.random.default_rng(5)
    for layer in model.layers:
        if hasattr(layer, "enable_lora"):
            layer.enable_lora(2, lora_alpha=3)
            for weight in layer.trainable_weights:
                if "lora" in weight.name:
                    weight.assign(rng.normal(size=weight.shape) / 2)


def _quantized(mode, block=None, late=False):
    """Quantised, the factors beside it; `late` quantises what has factors, which Keras merges then."""

    def change(k, model):
        kind = {"int4": "Int4QuantizationConfig", "int8": "Int8QuantizationConfig"}[mode]
        config = getattr(k.quantizers, kind)(**({} if block is None else {"block_size": block}))
        for step in (_factors, None) if late else (None, _factors):
            if step is None:
                model.quantize(config=config)
            else:
                step(k, model)

    return change


def _row(name, shape, *layers, after=_factors, **options):
    return case(
        name,
        _adapted(*layers, shape=shape[1:], dtype=options.get("dtype", "float32")),
        shape,
        dialects=(3,),
        after=after,
        **options,
    )


IDS = {"vocab": 7, "dtype": "int32"}
CASES = [
    _row("dense", (3, 5), lambda k: k.layers.Dense(4), lambda k: k.layers.Dense(2, use_bias=False)),
    _row("einsum", (3, 4, 5), lambda k: k.layers.EinsumDense("abc,cde->abde", (None, 2, 3), bias_axes="de")),
    _row("conv1d", (2, 6, 3), lambda k: k.layers.Conv1D(4, 3, activation="relu")),
    _row("conv2d_groups", (2, 6, 5, 4), lambda k: k.layers.Conv2D(4, (3, 2), groups=2, padding="same")),
    _row("conv3d", (2, 3, 4, 5, 2), lambda k: k.layers.Conv3D(3, 2)),
    _row("embedding", (3, 5), lambda k: k.layers.Embedding(7, 4, mask_zero=True), lambda k: k.layers.LSTM(3), **IDS),
    _row("reversible", (3, 5), lambda k: k.layers.ReversibleEmbedding(7, 4), **IDS),
    _row("dense_int8", (3, 6), lambda k: k.layers.Dense(4, activation="tanh"), after=_quantized("int8")),
    _row("dense_int4", (3, 6), lambda k: k.layers.Dense(4), after=_quantized("int4", 2)),
    _row("dense_int4_channels", (3, 6), lambda k: k.layers.Dense(4), after=_quantized("int4", -1)),
    _row(
        "einsum_int8",
        (3, 4, 5),
        lambda k: k.layers.EinsumDense("abc,cde->abde", (None, 2, 3), bias_axes="de"),
        after=_quantized("int8", late=True),
    ),
    _row("embedding_int8", (3, 5), lambda k: k.layers.Embedding(7, 4), after=_quantized("int8"), **IDS),
    _row("embedding_int4", (3, 5), lambda k: k.layers.Embedding(7, 4), after=_quantized("int4", 2), **IDS),
    _row(
        "reversible_int8",
        (3, 5),
        lambda k: k.layers.ReversibleEmbedding(7, 4, tie_weights=False),
        after=_quantized("int8"),
        **IDS,
    ),
]

"""Quantised checkpoints of Keras 3: what model.quantize makes of layers and models."""

from . import case

SEQUENCE = (3, 4, 6)
# A value that lies between two steps may be rounded either way; a step is up to 1 % of what it is part of.
_STEPS = {"tolerance": 1e-4, "float64_factor": 1e9, "reason": "a float64 run rounds some values to other steps"}
_POLICIES = ("int8", "int4", "float8")


def _dense(k):
    return k.Sequential([k.Input((7,)), k.layers.Dense(9, activation="relu"), k.layers.Dense(3, use_bias=False)])


def _dense_sequence(k):
    return k.Sequential([k.Input(SEQUENCE[1:]), k.layers.Dense(5, activation="tanh")])


def _einsum(equation, shape, **options):
    return lambda k: k.Sequential([k.Input(SEQUENCE[1:]), k.layers.EinsumDense(equation, shape, **options)])


def _embedding(k):
    return k.Sequential([k.Input((5,), dtype="int32"), k.layers.Embedding(11, 7)])


def _reversible(tied):
    def make(k):
        ids = k.Input((5,), dtype="int32")
        layer = k.layers.ReversibleEmbedding(11, 7, tie_weights=tied, logit_soft_cap=3.0 if tied else None)
        return k.Model(ids, layer(k.layers.Dense(7)(layer(ids)), reverse=True))

    return make


def _mixed(k):
    """Quantised layers among others that stay as they are."""
    ids = k.Input((8,), dtype="int32")
    x = k.layers.Embedding(13, 6)(ids)
    x = k.layers.Conv1D(5, 3, activation="relu")(x)
    x = k.layers.BatchNormalization()(x)
    x = k.layers.EinsumDense("abc,cd->abd", (None, 4), bias_axes="d")(x)
    x = k.layers.GlobalAveragePooling1D()(x)
    return k.Model(ids, [k.layers.Dense(3, activation="softmax")(x), k.layers.Dense(1)(x)])


def _quantise(mode):
    return lambda _, model: model.quantize(mode)


def _with(make):
    """`make` gets keras.quantizers and returns a configuration."""
    return lambda k, model: model.quantize(config=make(k.quantizers))


def _calibrated(mode, bits, group):
    """The layers' variables as a calibration leaves them: random steps, scales, zeros and groups."""

    def after(k, model):
        import numpy as np

        rng = np.random.default_rng(7)
        named = {"dataset": ["x"], "tokenizer": lambda text: text, "group_size": group}
        config = k.quantizers.AWQConfig(**named) if mode == "awq" else None
        config = k.quantizers.GPTQConfig(weight_bits=bits, **named) if config is None else config
        for layer in model.layers:
            if hasattr(layer, "kernel"):
                layer.quantize(mode, config=config)
                del layer._kernel
                layer.quantized_kernel.assign(rng.integers(0, 256 if bits > 3 else 4, layer.quantized_kernel.shape))
                layer.kernel_scale.assign(rng.uniform(0.01, 0.05, layer.kernel_scale.shape))
                layer.kernel_zero.assign(rng.integers(0, 2**bits, layer.kernel_zero.shape))
                layer.g_idx.assign(np.arange(layer.g_idx.shape[0]) // (group if group > 0 else 1000))
                if mode == "awq":
                    layer.awq_scales.assign(rng.uniform(0.5, 2.0, layer.awq_scales.shape))
                setattr(layer, f"is_{mode}_calibrated", True)

    return after


_CALIBRATED = {
    "gptq8": _calibrated("gptq", 8, -1),
    "gptq4": _calibrated("gptq", 4, -1),
    "gptq4_groups": _calibrated("gptq", 4, 4),
    "gptq2": _calibrated("gptq", 2, 3),
    "awq": _calibrated("awq", 4, -1),
    "awq_groups": _calibrated("awq", 4, 4),
}
_INT4 = {
    "int4_blocks": lambda q: q.Int4QuantizationConfig(block_size=4),
    "int4_channels": lambda q: q.Int4QuantizationConfig(block_size=-1),
    "int4_activations": lambda q: q.Int4QuantizationConfig(
        block_size=-1, activation_quantizer=q.AbsMaxQuantizer(axis=-1)
    ),
    "int8_weights": lambda q: q.Int8QuantizationConfig(activation_quantizer=None),
    "int8_range": lambda q: q.Int8QuantizationConfig(
        activation_quantizer=q.AbsMaxQuantizer(axis=-1, value_range=(-100, 100), epsilon=1e-3)
    ),
}
_EINSUMS = {
    "plain": ("abc,cd->abd", (None, 5), {"bias_axes": "d", "activation": "relu"}),
    "heads": ("abc,cde->abde", (None, 2, 3), {"bias_axes": "de"}),
    "moved": ("abc,cd->adb", (5, None), {}),
    "two": ("abc,bcd->ad", 5, {"bias_axes": "d"}),
    "turned": ("abc,dc->abd", (None, 5), {}),
    "shared": ("abc,bcd->abd", (4, 5), {"bias_axes": "bd"}),
    "summed": ("abc,cd->ad", 5, {}),
    "second": ("abc,cd->bad", (None, 5), {"bias_axes": "d"}),
    "elementwise": ("abc,bc->abc", (4, 6), {}),
    "both": ("abc,bcd->adb", (5, 4), {}),
}
_MODES = {**{mode: _quantise(mode) for mode in _POLICIES}, **{name: _with(make) for name, make in _INT4.items()}}

CASES = [
    *[case(f"dense_{name}", _dense, (3, 7), dialects=(3,), after=after, **_STEPS) for name, after in _MODES.items()],
    *[
        case(f"sequence_{name}", _dense_sequence, SEQUENCE, dialects=(3,), after=after, **_STEPS)
        for name, after in _MODES.items()
    ],
    *[
        case(f"einsum_{kind}_{name}", _einsum(*row[:2], **row[2]), SEQUENCE, dialects=(3,), after=after, **_STEPS)
        for kind, row in _EINSUMS.items()
        for name, after in _MODES.items()
    ],
    *[
        case(f"embedding_{name}", _embedding, (3, 5), vocab=11, dtype="int32", dialects=(3,), after=after)
        for name, after in _MODES.items()
    ],
    *[
        case(
            f"reversible_{'tied' if tied else 'two'}_{name}",
            _reversible(tied),
            (3, 5),
            vocab=11,
            dtype="int32",
            dialects=(3,),
            after=after,
            **_STEPS,
        )
        for tied in (True, False)
        for name, after in _MODES.items()
        if name != "float8"
    ],
    *[
        case(f"mixed_{name}", _mixed, (3, 8), vocab=13, dtype="int32", dialects=(3,), after=after, **_STEPS)
        for name, after in _MODES.items()
    ],
    *[case(f"dense_{name}", _dense, (3, 7), dialects=(3,), after=after) for name, after in _CALIBRATED.items()],
    *[
        case(f"einsum_{kind}_{name}", _einsum(*row[:2], **row[2]), SEQUENCE, dialects=(3,), after=after)
        for kind, row in _EINSUMS.items()
        if kind in ("plain", "heads")
        for name, after in _CALIBRATED.items()
    ],
]

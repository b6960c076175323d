"""Writes goldens/keras1.<backend>.zip: layers as Keras 1.2.2 saves them (.h5), with inputs and predictions.

The environment is that of tests/make_keras1_outputs.py; once per backend (the flags make Theano run its convolutions in
Python, which needs no compiler):

    FLAGS=mode=FAST_COMPILE,cxx=,optimizer_excluding=conv_meta:AbstractConvCheck
    KERAS_BACKEND=theano THEANO_FLAGS="$FLAGS" python tests/layers/make_keras1_goldens.py
    KERAS_BACKEND=tensorflow python tests/layers/make_keras1_goldens.py
"""

# ruff: noqa

import io
import os
import shutil
import sys
import tempfile
import zipfile
import zlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if os.environ.get("KERAS_BACKEND") == "theano":
    import theano.ifelse  # Keras 1.2.2 uses it without importing it

HERE = os.path.dirname(os.path.abspath(__file__))

import keras
import numpy as np
from keras import backend as K
from keras.engine.topology import merge
from keras.layers import *
from keras.models import Model, Sequential

BACKEND = K.backend()
ROWS = {}


def row(name, layer, shape, words=0):
    ROWS[name] = (layer, shape, words)


def images(label, make, tf=(6, 7, 3), **options):
    """In both orders of axes."""
    th = (tf[-1],) + tf[:-1]
    row(label + "_tf", lambda: make(dim_ordering="tf", **options), tf)
    row(label + "_th", lambda: make(dim_ordering="th", **options), th)


for name in ("hard_sigmoid", "linear", "relu", "sigmoid", "softmax", "softplus", "softsign", "tanh"):
    row("activation_" + name, lambda name=name: Activation(name), (5,))
    row("dense_" + name, lambda name=name: Dense(4, activation=name), (5,))
row("activation_softmax_steps", lambda: Activation("softmax"), (3, 5))
row("dense_no_bias", lambda: Dense(4, bias=False), (5,))
row("time_distributed_dense", lambda: TimeDistributedDense(4, activation="relu"), (3, 5))
row("time_distributed", lambda: TimeDistributed(Dense(4, activation="tanh")), (3, 5))
row("time_distributed_conv", lambda: TimeDistributed(Convolution2D(2, 3, 3, dim_ordering="tf")), (3, 5, 6, 2))
row("maxout", lambda: MaxoutDense(4, nb_feature=3), (5,))
row("maxout_no_bias", lambda: MaxoutDense(4, bias=False), (5,))
row("highway", lambda: Highway(activation="tanh"), (5,))
row("highway_bias", lambda: Highway(activation="relu", transform_bias=-1), (5,))
for name in ("ELU", "LeakyReLU", "ThresholdedReLU", "PReLU", "SReLU", "ParametricSoftplus", "Flatten"):
    row(name.lower(), lambda name=name: globals()[name](), (3, 5))
row("elu_alpha", lambda: ELU(0.5), (5,))
row("leaky", lambda: LeakyReLU(0.1), (5,))
row("thresholded", lambda: ThresholdedReLU(0.2), (5,))
row("prelu_shared", lambda: PReLU(shared_axes=[1]), (3, 5))
row("srelu_shared", lambda: SReLU(shared_axes=[1]), (3, 5))
for name in ("Dropout", "GaussianNoise", "GaussianDropout", "SpatialDropout1D"):
    row(name.lower(), lambda name=name: globals()[name](0.3), (3, 5))
row("permute", lambda: Permute((2, 1)), (3, 5))
row("reshape", lambda: Reshape((5, -1)), (3, 10))
row("repeat", lambda: RepeatVector(3), (5,))
row("activity", lambda: ActivityRegularization(l1=0.1), (5,))
row("embedding", lambda: Embedding(7, 3, input_length=5), (5,), 7)
for mode in ("valid", "same"):
    for stride in (1, 2):
        label = "%s_%d" % (mode, stride)
        keys = dict(border_mode=mode, subsample=(stride, stride))
        row(
            "conv1d_" + label,
            lambda m=mode, s=stride: Convolution1D(4, 3, border_mode=m, subsample_length=s),
            (7, 3),
        )
        images("conv2d_" + label, lambda **k: Convolution2D(4, 3, 2, activation="relu", **k), **keys)
        row(
            "conv3d_%s" % label,
            lambda m=mode, s=stride: Convolution3D(3, 2, 3, 2, border_mode=m, subsample=(s,) * 3, dim_ordering="tf"),
            (4, 5, 6, 2),
        )
        row("maxpool1d_" + label, lambda m=mode, s=stride: MaxPooling1D(3, stride=s, border_mode=m), (7, 3))
        row("avgpool1d_" + label, lambda m=mode, s=stride: AveragePooling1D(2, stride=s, border_mode=m), (7, 3))
        pool = dict(border_mode=mode, strides=(stride, stride))
        images("maxpool2d_" + label, lambda **k: MaxPooling2D((2, 3), **k), **pool)
        images("avgpool2d_" + label, lambda **k: AveragePooling2D((3, 2), **k), **pool)
images("conv2d_same_odd", lambda **k: Convolution2D(4, 3, 3, border_mode="same", **k))
images("conv2d_no_bias", lambda **k: Convolution2D(4, 3, 3, bias=False, **k))
images("maxpool2d", lambda **k: MaxPooling2D(**k))
images("maxpool3d", lambda **k: MaxPooling3D(**k), (4, 5, 6, 2))
images("avgpool3d", lambda **k: AveragePooling3D(**k), (4, 5, 6, 2))
if BACKEND == "tensorflow":
    row("conv3d_th", lambda: Convolution3D(3, 2, 3, 2, dim_ordering="th"), (2, 4, 5, 6))
    images("separable", lambda **k: SeparableConvolution2D(4, 3, 2, **k))
    images(
        "separable_multiplied", lambda **k: SeparableConvolution2D(4, 3, 3, depth_multiplier=2, activation="relu", **k)
    )
    images("separable_same", lambda **k: SeparableConvolution2D(4, 3, 3, border_mode="same", subsample=(2, 2), **k))
    images("separable_no_bias", lambda **k: SeparableConvolution2D(4, 3, 3, bias=False, **k))
row("atrous1d", lambda: AtrousConvolution1D(4, 3, atrous_rate=2), (9, 3))
images("atrous2d", lambda **k: AtrousConvolution2D(4, 3, 3, atrous_rate=(2, 2), **k), (8, 9, 3))
row(
    "deconvolution_tf",
    lambda: Deconvolution2D(2, 3, 3, output_shape=(3, 13, 15, 2), subsample=(2, 2), dim_ordering="tf"),
    (6, 7, 3),
)
row(
    "deconvolution_th",
    lambda: Deconvolution2D(2, 3, 3, output_shape=(3, 2, 13, 15), subsample=(2, 2), dim_ordering="th"),
    (3, 6, 7),
)
if BACKEND == "theano":  # which pads in its own way
    for stride in (1, 2, 3):
        same = dict(border_mode="same", subsample=(stride, stride))
        images("conv2d_wide_%d" % stride, lambda **k: Convolution2D(2, 5, 4, **k), (8, 9, 2), **same)
        images(
            "maxpool2d_wide_%d" % stride,
            lambda n=stride, **k: MaxPooling2D((5, 4), strides=(n, n), border_mode="same", **k),
            (8, 9, 2),
        )
        images(
            "avgpool2d_wide_%d" % stride,
            lambda n=stride, **k: AveragePooling2D((3, 6), strides=(n, n), border_mode="same", **k),
            (8, 9, 2),
        )
        images(
            "maxpool3d_same_%d" % stride,
            lambda n=stride, **k: MaxPooling3D((2, 3, 4), strides=(n, n, n), border_mode="same", **k),
            (4, 5, 6, 2),
        )
    for rows, columns in ((3, 3), (2, 4)):
        keys = dict(atrous_rate=(2, 3), border_mode="same")
        images(
            "atrous2d_same_%d" % rows,
            lambda r=rows, c=columns, **k: AtrousConvolution2D(2, r, c, **k),
            (8, 9, 2),
            **keys,
        )
    for size, stride, shape in (
        (3, 2, (12, 14)),
        (3, 2, (11, 13)),
        (5, 3, (18, 21)),
        (5, 3, (16, 20)),
        (3, 1, (6, 7)),
        (1, 3, (17, 20)),
    ):
        for ordering in ("tf", "th"):
            row(
                "deconv_same_%d_%d_%d_%s" % (size, stride, shape[0], ordering),
                lambda k=size, s=stride, n=shape, o=ordering: Deconvolution2D(
                    2,
                    k,
                    k,
                    output_shape=(3,) + n + (2,) if o == "tf" else (3, 2) + n,
                    subsample=(s, s),
                    border_mode="same",
                    dim_ordering=o,
                ),
                (6, 7, 3) if ordering == "tf" else (3, 6, 7),
            )
    row(
        "deconv_valid_even",
        lambda: Deconvolution2D(2, 2, 4, output_shape=(3, 12, 16, 2), subsample=(2, 2), dim_ordering="tf"),
        (6, 7, 3),
    )
images("upsampling2d", lambda **k: UpSampling2D((2, 3), **k))
images("upsampling3d", lambda **k: UpSampling3D((2, 1, 3), **k), (2, 3, 4, 2))
row("upsampling1d", lambda: UpSampling1D(3), (4, 3))
row("padding1d", lambda: ZeroPadding1D((1, 2)), (4, 3))
images("padding2d", lambda **k: ZeroPadding2D((1, 2), **k))
images("padding2d_four", lambda **k: ZeroPadding2D((1, 0, 2, 3), **k))
images("padding3d", lambda **k: ZeroPadding3D((1, 2, 1), **k), (2, 3, 4, 2))
row("cropping1d", lambda: Cropping1D((1, 2)), (7, 3))
images("cropping2d", lambda **k: Cropping2D(((1, 2), (0, 3)), **k))
images("cropping3d", lambda **k: Cropping3D(((1, 1), (0, 2), (1, 0)), **k), (4, 5, 6, 2))
for name in ("GlobalMaxPooling1D", "GlobalAveragePooling1D"):
    row(name.lower(), lambda name=name: globals()[name](), (4, 3))
for name in ("GlobalMaxPooling2D", "GlobalAveragePooling2D"):
    images(name.lower(), lambda name=name, **k: globals()[name](**k))
row("local1d", lambda: LocallyConnected1D(4, 3, subsample_length=2), (9, 3))
images("local2d", lambda **k: LocallyConnected2D(4, 3, 2, subsample=(2, 1), **k))
for name in ("SimpleRNN", "GRU", "LSTM"):
    for label, options in (
        ("plain", {}),
        ("sequences", {"return_sequences": True}),
        ("backwards", {"go_backwards": True, "return_sequences": True}),
        ("memory", {"consume_less": "mem"}),
        ("gpu", {"consume_less": "gpu", "return_sequences": True}),
        ("unrolled", {"unroll": True}),
        ("relu", {"activation": "relu"}),
        ("dropped", {"dropout_W": 0.2, "dropout_U": 0.2}),
    ):
        row("%s_%s" % (name.lower(), label), lambda name=name, options=options: globals()[name](4, **options), (5, 3))
    if name != "SimpleRNN":
        row("%s_gates" % name.lower(), lambda name=name: globals()[name](4, inner_activation="sigmoid"), (5, 3))
    for mode in ("concat", "sum", "mul", "ave"):
        row(
            "both_%s_%s" % (name.lower(), mode),
            lambda name=name, mode=mode: Bidirectional(
                globals()[name](4, return_sequences=mode != "sum"), merge_mode=mode
            ),
            (5, 3),
        )
for mode in (0, 1, 2):
    row("norm_mode%d" % mode, lambda mode=mode: BatchNormalization(mode=mode, epsilon=1e-2), (5,))
    row("norm_steps_mode%d" % mode, lambda mode=mode: BatchNormalization(mode=mode), (3, 5))
row("norm_first", lambda: BatchNormalization(axis=1), (3, 4, 5))


def TimeImages(dim_ordering, mode="same", sequences=True):
    return ConvLSTM2D(2, 3, 3, border_mode=mode, return_sequences=sequences, dim_ordering=dim_ordering)


for ordering in ("tf", "th"):
    shape = (3, 5, 6, 2) if ordering == "tf" else (3, 2, 5, 6)
    for mode in ("same", "valid"):
        row(
            "conv_lstm_%s_%s" % (mode, ordering),
            lambda o=ordering, m=mode: TimeImages(o, m, m == "same"),
            shape,
        )


for name in ("activation_linear", "activity"):  # hand on the input itself, so that Keras writes a model without layers
    del ROWS[name]


def merged(mode, **options):
    a, b = Input((4, 3)), Input((4, 3) if mode != "dot" else (3, 4))
    return Model([a, b], merge([Dense(3)(Flatten()(a)), Dense(3)(Flatten()(b))], mode=mode, **options)), [
        (4, 3),
        (4, 3) if mode != "dot" else (3, 4),
    ]


def masked(layer):
    ids = Input((6,), dtype="int32")
    return Model(ids, layer(Embedding(7, 3, mask_zero=True)(ids)))


MODELS = {
    "merge_" + mode: (lambda mode=mode: merged(mode)) for mode in ("ave", "concat", "cos", "dot", "max", "mul", "sum")
}
MASKED = {
    "masked_lstm": lambda: masked(LSTM(4)),
    "masked_gru": lambda: masked(GRU(4, return_sequences=True)),
    "masked_rnn_backwards": lambda: masked(SimpleRNN(4, go_backwards=True)),
    "masked_both": lambda: masked(Bidirectional(LSTM(4, return_sequences=True))),
    "masked_time_distributed": lambda: masked(TimeDistributed(Dense(4))),
    "masking": lambda: Sequential([Masking(0.0, input_shape=(5, 3)), LSTM(4)]),
}


def randomise(model, rng):
    values = []
    for weight, old in zip(model.weights, model.get_weights()):
        value = (
            rng.normal(size=old.shape) / np.sqrt(max(1, int(np.prod(old.shape[:-1])))) * 1.5
            if old.ndim > 1
            else rng.uniform(-0.5, 0.9, size=old.shape)
        )
        if weight.name.split(":")[0].endswith(("running_std", "gamma")):
            value = rng.uniform(0.3, 1.5, size=old.shape)
        values.append(value.astype("float32"))
    model.set_weights(values)


def made():
    """Case -> its model and inputs."""
    for name, (layer, shape, words) in sorted(ROWS.items()):
        rng = np.random.RandomState(zlib.crc32(name.encode()) & 0xFFFFFFFF)
        K.clear_session() if BACKEND == "tensorflow" else None
        try:
            x = (
                Input(shape, batch_shape=(3,) + shape if "deconv" in name else None)
                if "deconv" in name
                else Input(shape)
            )
            y = x
            # A first layer with weights tells the backend and the order of axes, which the others do not.
            if name.startswith(("upsampling", "padding", "cropping", "maxpool", "avgpool")):
                first = {2: Convolution1D, 3: Convolution2D, 4: Convolution3D}[len(shape)]
                order = {"dim_ordering": name[-2:]} if name[-3:] in ("_tf", "_th") else {}
                y = first(2, *[1] * (len(shape) - 1), **order)(x)
            K.set_image_dim_ordering(name[-2:] if name[-3:] in ("_tf", "_th") else "tf")
            model = Model(x, layer()(y))
        except Exception as error:
            print("cannot be built:", name, type(error).__name__, str(error)[:100])
            continue
        array = rng.randint(0, words, (3,) + shape) if words else rng.normal(size=(3,) + shape)
        yield name, model, [array.astype("float32")], rng
    for name, make in sorted(MODELS.items()):
        rng = np.random.RandomState(zlib.crc32(name.encode()) & 0xFFFFFFFF)
        model, shapes = make()
        yield name, model, [rng.normal(size=(3,) + shape).astype("float32") for shape in shapes], rng
    for name, make in sorted(MASKED.items()):
        rng = np.random.RandomState(zlib.crc32(name.encode()) & 0xFFFFFFFF)
        model = make()
        if name == "masking":
            x = rng.normal(size=(3, 5, 3))
            x[1, 3:], x[2, :2] = 0, 0
        else:
            x = rng.randint(1, 7, (3, 6))
            x[1, 4:], x[2, :2] = 0, 0
        yield name, model, [x.astype("float32")], rng


def main():
    folder = tempfile.mkdtemp()
    target = os.path.join(HERE, "goldens", "keras1.%s.zip" % BACKEND)
    count = 0
    with zipfile.ZipFile(target, "w") as archive:
        for name, model, arrays, rng in made():
            randomise(model, rng)
            try:
                y = model.predict(arrays, batch_size=3)
            except Exception as error:
                print("cannot run:", name, type(error).__name__, str(error)[:100])
                continue
            path = os.path.join(folder, "m.h5")
            model.save(path)
            buffer = io.BytesIO()
            np.savez(buffer, y=y, **{"x%d" % i: x for i, x in enumerate(arrays)})
            with open(path, "rb") as file:
                archive.writestr(zipfile.ZipInfo(name + ".h5"), file.read(), zipfile.ZIP_LZMA)
            archive.writestr(zipfile.ZipInfo(name + ".npz"), buffer.getvalue(), zipfile.ZIP_LZMA)
            count += 1
    shutil.rmtree(folder)
    print(target, count, os.path.getsize(target))


main()

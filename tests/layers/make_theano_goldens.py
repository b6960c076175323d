"""Writes goldens/keras2.theano.zip: convolutions and pools as Keras 2.3.1, the last one on Theano, saves and computes them.

python -m venv .venv-theano    # of Python 3.6
.venv-theano/bin/pip install keras==2.3.1 theano==1.0.5 'numpy==1.16.*' 'h5py==2.10.*' 'scipy<1.5' 'pyyaml<6'
.venv-theano/bin/python tests/layers/make_theano_goldens.py
"""

# ruff: noqa

import io
import os
import tempfile
import zipfile
import zlib

os.environ["KERAS_BACKEND"] = "theano"
# Compiled, as everybody ran it: without a compiler, Theano 1.0.5 leaves out the dilation of transposed convolutions.
os.environ["THEANO_FLAGS"] = "mode=FAST_RUN,blas.ldflags=,base_compiledir=" + tempfile.mkdtemp()
HERE = os.path.dirname(os.path.abspath(__file__))

import theano.ifelse
from keras.layers import *
from keras.models import Model
import numpy as np

IMAGE = (7, 8, 3)
ROWS = {
    "causal": (lambda: Conv1D(4, 3, padding="causal", dilation_rate=2), (9, 3)),
    "conv_dilated": (lambda: Conv2D(4, 3, dilation_rate=2, padding="same"), IMAGE),
    "conv_lstm": (lambda: ConvLSTM2D(2, 3, padding="same"), (3, 5, 6, 2)),
    "conv_lstm_even": (lambda: ConvLSTM2D(2, (2, 3), padding="valid"), (3, 5, 6, 2)),
    "conv_lstm_even_same": (lambda: ConvLSTM2D(2, (2, 3), padding="same", return_sequences=True), (3, 5, 6, 2)),
    "conv_lstm_even_first": (
        lambda: ConvLSTM2D(2, (2, 4), padding="same", data_format="channels_first"),
        (3, 2, 5, 6),
    ),
    "conv_lstm_dilated": (lambda: ConvLSTM2D(2, (2, 3), padding="same", dilation_rate=2), (3, 5, 6, 2)),
    "conv_lstm_strided": (lambda: ConvLSTM2D(2, 3, padding="same", strides=2), (3, 5, 6, 2)),
    "conv_lstm_strided_even": (lambda: ConvLSTM2D(2, 2, padding="same", strides=(2, 3)), (3, 5, 6, 2)),
    "depthwise_same": (lambda: DepthwiseConv2D((2, 3), padding="same"), IMAGE),
    "separable_dilated": (lambda: SeparableConv2D(4, (2, 3), dilation_rate=2, padding="same"), IMAGE),
    "transposed_dilated": (lambda: Conv2DTranspose(4, 3, dilation_rate=2), IMAGE),
    "transposed_dilated_even": (lambda: Conv2DTranspose(4, 2, dilation_rate=(2, 3)), IMAGE),
    "transposed_dilated_same": (lambda: Conv2DTranspose(4, 3, dilation_rate=2, padding="same"), IMAGE),
    "transposed_dilated_strided": (lambda: Conv2DTranspose(4, 3, dilation_rate=2, strides=2), IMAGE),
    "transposed_dilated_wide": (lambda: Conv2DTranspose(4, 2, dilation_rate=2, strides=(4, 2)), IMAGE),
    "transposed_more": (lambda: Conv2DTranspose(4, 3, strides=2, output_padding=1), IMAGE),
    "transposed_more_same": (lambda: Conv2DTranspose(4, 5, strides=3, padding="same", output_padding=1), IMAGE),
}
KINDS = {
    "conv": lambda **k: Conv2D(4, (3, 2), **k),
    "depthwise": lambda **k: DepthwiseConv2D((3, 2), depth_multiplier=2, **k),
    "maxpool": lambda **k: MaxPooling2D((2, 3), **k),
    "separable": lambda **k: SeparableConv2D(4, (3, 3), depth_multiplier=2, **k),
    "separable_even": lambda **k: SeparableConv2D(4, (2, 3), **k),
    "transposed": lambda **k: Conv2DTranspose(4, 3, **k),
}
LINES = {
    "conv1d": (lambda **k: Conv1D(4, 3, **k), (9, 3)),
    "conv3d": (lambda **k: Conv3D(2, (2, 3, 2), **k), (4, 5, 6, 2)),
    "separable1d": (lambda **k: SeparableConv1D(4, 4, **k), (9, 3)),
    "transposed3d": (lambda **k: Conv3DTranspose(2, 3, **k), (3, 4, 5, 2)),
}
for padding in ("same", "valid"):
    for strides in (1, 2):
        options = dict(padding=padding, strides=strides)
        label = "_%s_%d" % (padding, strides)
        for name, (make, shape) in LINES.items():
            ROWS[name + label] = (lambda make=make, o=options: make(**o), shape)
        for name, make in KINDS.items():
            for first in (False, True):
                keys = dict(options, data_format="channels_first" if first else "channels_last")
                ROWS[name + label + ("_first" if first else "")] = (
                    lambda make=make, keys=keys: make(**keys),
                    IMAGE[-1:] + IMAGE[:-1] if first else IMAGE,
                )
with zipfile.ZipFile(os.path.join(HERE, "goldens", "keras2.theano.zip"), "w") as archive:
    path = os.path.join(tempfile.mkdtemp(), "m.h5")
    for name, (make, shape) in sorted(ROWS.items()):
        rng = np.random.RandomState(zlib.crc32(name.encode()) & 0xFFFFFFFF)
        x = Input(shape)
        model = Model(x, make()(x))
        model.set_weights([(rng.normal(size=w.shape) / 2).astype("float32") for w in model.get_weights()])
        array = rng.normal(size=(3,) + shape).astype("float32")
        buffer = io.BytesIO()
        np.savez(buffer, x0=array, y=model.predict(array))
        model.save(path, include_optimizer=False)
        with open(path, "rb") as file:
            archive.writestr(zipfile.ZipInfo(name + ".h5"), file.read(), zipfile.ZIP_LZMA)
        archive.writestr(zipfile.ZipInfo(name + ".npz"), buffer.getvalue(), zipfile.ZIP_LZMA)

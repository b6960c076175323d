"""SURVEY: networks of many kinds beside those of the table, for finding what is slower here than elsewhere.

Each builder makes a Keras 3 model with one input.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class Network(NamedTuple):
    """A network of the survey: its title, its builder, and what its inputs are below when they are whole numbers."""

    title: str
    build: Callable[[], Any]
    vocabulary: int | None = None


def unet() -> Any:
    """Segmentation, 128x128x3, five sizes."""
    from keras import Input, Model, layers

    def twice(x: Any, filters: int) -> Any:
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        return x

    inputs = Input((128, 128, 3))
    x, kept = inputs, []
    for filters in (16, 32, 64, 128):
        x = twice(x, filters)
        kept.append(x)
        x = layers.MaxPooling2D()(x)
    x = twice(x, 256)
    for filters in (128, 64, 32, 16):
        x = layers.Conv2DTranspose(filters, 2, strides=2, padding="same")(x)
        x = twice(layers.Concatenate()([x, kept.pop()]), filters)
    return Model(inputs, layers.Conv2D(1, 1, activation="sigmoid")(x))


def atrous_pyramid() -> Any:
    """The head of a DeepLab: dilations 1, 6, 12, 18 and the mean of 65x65x64, enlarged four times, 21 classes."""
    from keras import Input, Model, layers

    inputs = Input((65, 65, 64))
    branches = [layers.Conv2D(64, 1, activation="relu")(inputs)]
    for dilation in (6, 12, 18):
        x = layers.Conv2D(64, 3, dilation_rate=dilation, padding="same", use_bias=False)(inputs)
        branches.append(layers.ReLU()(layers.BatchNormalization()(x)))
    mean = layers.Reshape((1, 1, 64))(layers.GlobalAveragePooling2D()(inputs))
    branches.append(layers.UpSampling2D(65, interpolation="bilinear")(mean))
    x = layers.Conv2D(64, 1, activation="relu")(layers.Concatenate()(branches))
    x = layers.UpSampling2D(4, interpolation="bilinear")(x)
    return Model(inputs, layers.Conv2D(21, 1, activation="softmax")(x))


def grouped_residual() -> Any:
    """Residual blocks of 32 groups, as in ResNeXt, from 56x56x64."""
    from keras import Input, Model, layers

    inputs = Input((56, 56, 64))
    x = layers.Conv2D(128, 1)(inputs)
    for filters, strides in ((128, 1), (128, 1), (256, 2), (256, 1)):
        y = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(filters, 1)(x)))
        y = layers.Conv2D(filters, 3, strides=strides, groups=32, padding="same")(y)
        y = layers.Conv2D(filters, 1)(layers.ReLU()(layers.BatchNormalization()(y)))
        if strides > 1:
            x = layers.Conv2D(filters, 1, strides=2)(x)
        x = layers.ReLU()(layers.Add()([x, layers.BatchNormalization()(y)]))
    return Model(inputs, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)))


def channel_shuffle() -> Any:
    """Four blocks of a ShuffleNetV2, 28x28x116."""
    from keras import Input, Model, layers

    inputs = Input((28, 28, 116))
    x = inputs
    for _ in range(4):
        y = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(58, 1)(x[..., 58:])))
        y = layers.BatchNormalization()(layers.DepthwiseConv2D(3, padding="same")(y))
        y = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(58, 1)(y)))
        x = layers.Reshape((28, 28, 2, 58))(layers.Concatenate()([x[..., :58], y]))
        x = layers.Reshape((28, 28, 116))(layers.Permute((1, 2, 4, 3))(x))
    return Model(inputs, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)))


def large_windows() -> Any:
    """The tower of a Siamese network: windows of 10, 7, 4 and 4 over 105x105x1."""
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((105, 105, 1)),
            layers.Conv2D(64, 10, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(128, 7, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(128, 4, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(256, 4, activation="relu"),
            layers.Flatten(),
            layers.Dense(256, activation="sigmoid"),
        ]
    )


def separable() -> Any:
    """Separable convolutions and pooling, 96x96x3."""
    from keras import Input, Sequential, layers

    steps = [Input((96, 96, 3)), layers.Conv2D(32, 3, strides=2, activation="relu")]
    for filters in (64, 128, 128, 256):
        steps += [layers.SeparableConv2D(filters, 3, padding="same"), layers.BatchNormalization(), layers.ReLU()]
        steps.append(layers.MaxPooling2D(2, padding="same"))
    return Sequential([*steps, layers.GlobalAveragePooling2D(), layers.Dense(10)])


def generator() -> Any:
    """A DCGAN's, 100 numbers to 28x28."""
    from keras import Input, Sequential, layers

    steps = [Input((100,)), layers.Dense(7 * 7 * 256, use_bias=False), layers.BatchNormalization(), layers.LeakyReLU()]
    steps.append(layers.Reshape((7, 7, 256)))
    for filters, strides in ((128, 1), (64, 2)):
        steps.append(layers.Conv2DTranspose(filters, 5, strides=strides, padding="same", use_bias=False))
        steps += [layers.BatchNormalization(), layers.LeakyReLU()]
    last = layers.Conv2DTranspose(1, 5, strides=2, padding="same", use_bias=False, activation="tanh")
    return Sequential([*steps, last])


def keyword_spotting() -> Any:
    """DS-CNN: four depthwise blocks of 64 channels over 49x10."""
    from keras import Input, Sequential, layers

    steps = [Input((49, 10, 1)), layers.Conv2D(64, (10, 4), strides=2, padding="same", activation="relu")]
    for _ in range(4):
        for layer in (layers.DepthwiseConv2D(3, padding="same"), layers.Conv2D(64, 1)):
            steps += [layer, layers.BatchNormalization(), layers.ReLU()]
    return Sequential([*steps, layers.GlobalAveragePooling2D(), layers.Dense(12, activation="softmax")])


def electrodes() -> Any:
    """EEGNet: 64 electrodes, 128 moments."""
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((64, 128, 1)),
            layers.Conv2D(8, (1, 64), padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.DepthwiseConv2D((64, 1), depth_multiplier=2, use_bias=False),
            layers.BatchNormalization(),
            layers.Activation("elu"),
            layers.AveragePooling2D((1, 4)),
            layers.SeparableConv2D(16, (1, 16), padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.Activation("elu"),
            layers.AveragePooling2D((1, 8)),
            layers.Flatten(),
            layers.Dense(4, activation="softmax"),
        ]
    )


def volume_unet() -> Any:
    """Segmentation of 16x32x32, three sizes."""
    from keras import Input, Model, layers

    inputs = Input((16, 32, 32, 1))
    x, kept = inputs, []
    for filters in (8, 16):
        for _ in range(2):
            x = layers.Conv3D(filters, 3, padding="same", activation="relu")(x)
        kept.append(x)
        x = layers.MaxPooling3D()(x)
    x = layers.Conv3D(32, 3, padding="same", activation="relu")(x)
    for filters in (16, 8):
        x = layers.Concatenate()([layers.Conv3DTranspose(filters, 2, strides=2)(x), kept.pop()])
        x = layers.Conv3D(filters, 3, padding="same", activation="relu")(x)
    return Model(inputs, layers.Conv3D(2, 1, activation="softmax")(x))


def temporal() -> Any:
    """Ten causal Conv1D of 64, dilated 1 to 16, over 200 steps."""
    from keras import Input, Model, layers

    inputs = Input((200, 16))
    x = layers.Conv1D(64, 1)(inputs)
    for dilation in (1, 2, 4, 8, 16):
        y = x
        for _ in range(2):
            y = layers.Conv1D(64, 3, dilation_rate=dilation, padding="causal", activation="relu")(y)
        x = layers.Add()([x, y])
    return Model(inputs, layers.Dense(1)(layers.GlobalAveragePooling1D()(x)))


def wavenet() -> Any:
    """Gated causal Conv1D of 32, dilated 1 to 64, over 256 steps."""
    from keras import Input, Model, layers

    inputs = Input((256, 1))
    x, outs = layers.Conv1D(32, 2, padding="causal")(inputs), []
    for dilation in (1, 2, 4, 8, 16, 32, 64):
        halves = [
            layers.Conv1D(32, 2, padding="causal", dilation_rate=dilation, activation=kind)(x)
            for kind in ("tanh", "sigmoid")
        ]
        outs.append(layers.Conv1D(32, 1)(layers.Multiply()(halves)))
        x = layers.Add()([x, outs[-1]])
    y = layers.Conv1D(64, 1, activation="relu")(layers.ReLU()(layers.Add()(outs)))
    return Model(inputs, layers.Conv1D(32, 1, activation="softmax")(y))


def text_windows() -> Any:
    """Windows of 3, 4 and 5 over 100 embedded words."""
    from keras import Input, Model, layers

    inputs = Input((100,), dtype="int32")
    words = layers.Embedding(5000, 100)(inputs)
    found = [layers.GlobalMaxPooling1D()(layers.Conv1D(100, size, activation="relu")(words)) for size in (3, 4, 5)]
    return Model(inputs, layers.Dense(2, activation="softmax")(layers.Concatenate()(found)))


def text_line() -> Any:
    """Keras' example for reading captchas: two convolutions and two Bidirectional LSTM over 200x50."""
    from keras import Input, Model, layers

    inputs = Input((200, 50, 1))
    x = inputs
    for filters in (32, 64):
        x = layers.MaxPooling2D()(layers.Conv2D(filters, 3, padding="same", activation="relu")(x))
    x = layers.Dense(64, activation="relu")(layers.Reshape((50, 12 * 64))(x))
    for units in (128, 64):
        x = layers.Bidirectional(layers.LSTM(units, return_sequences=True))(x)
    return Model(inputs, layers.Dense(21, activation="softmax")(x))


def frames() -> Any:
    """ConvLSTM2D of 16 over ten frames of 32x32."""
    from keras import Input, Sequential, layers

    last = layers.Conv2D(1, 3, padding="same", activation="sigmoid")
    return Sequential([Input((10, 32, 32, 1)), layers.ConvLSTM2D(16, 3, padding="same"), last])


def vision_transformer() -> Any:
    """Keras' example: 144 patches of 6x6, four blocks of width 64."""
    from keras import Input, Model, layers

    inputs = Input((72, 72, 3))
    x = layers.Reshape((144, 64))(layers.Conv2D(64, 6, strides=6)(inputs))
    for _ in range(4):
        y = layers.LayerNormalization(epsilon=1e-6)(x)
        x = layers.Add()([x, layers.MultiHeadAttention(4, 64)(y, y)])
        y = layers.Dense(128, activation="gelu")(layers.LayerNormalization(epsilon=1e-6)(x))
        x = layers.Add()([x, layers.Dense(64, activation="gelu")(y)])
    x = layers.LayerNormalization(epsilon=1e-6)(x)
    return Model(inputs, layers.Dense(100)(layers.GlobalAveragePooling1D()(x)))


def mixer() -> Any:
    """MLP-Mixer: 64 patches, four blocks of width 128."""
    from keras import Input, Model, layers

    inputs = Input((64, 64, 3))
    x = layers.Reshape((64, 128))(layers.Conv2D(128, 8, strides=8)(inputs))
    for _ in range(4):
        y = layers.Permute((2, 1))(layers.LayerNormalization()(x))
        y = layers.Dense(64)(layers.Dense(64, activation="gelu")(y))
        x = layers.Add()([x, layers.Permute((2, 1))(y)])
        y = layers.Dense(256, activation="gelu")(layers.LayerNormalization()(x))
        x = layers.Add()([x, layers.Dense(128)(y)])
    return Model(inputs, layers.Dense(100)(layers.GlobalAveragePooling1D()(x)))


def recommender() -> Any:
    """Two ids in one input, embedded in 32 each, and four Dense."""
    from keras import Input, Model, layers

    inputs = Input((2,), dtype="int32")
    x = [layers.Flatten()(layers.Embedding(9000, 32)(ids)) for ids in (inputs[:, :1], inputs[:, 1:])]
    y = layers.Concatenate()(x)
    for units in (64, 32, 16):
        y = layers.Dense(units, activation="relu")(y)
    return Model(inputs, layers.Dense(1, activation="sigmoid")(y))


def point_cloud() -> Any:
    """PointNet without transforms: 512 points."""
    from keras import Input, Sequential, layers

    steps = [Input((512, 3))]
    for filters in (32, 32, 64, 128, 512):
        steps += [layers.Conv1D(filters, 1), layers.BatchNormalization(), layers.ReLU()]
    steps.append(layers.GlobalMaxPooling1D())
    for units in (256, 128):
        steps += [layers.Dense(units), layers.BatchNormalization(), layers.ReLU()]
    return Sequential([*steps, layers.Dense(10, activation="softmax")])


SURVEY: dict[str, Network] = {
    "atrous_pyramid": Network("DeepLab's head", atrous_pyramid),
    "channel_shuffle": Network("ShuffleNetV2 blocks", channel_shuffle),
    "electrodes": Network("EEGNet", electrodes),
    "frames": Network("ConvLSTM2D 16, 10 frames", frames),
    "generator": Network("DCGAN", generator),
    "grouped_residual": Network("ResNeXt blocks", grouped_residual),
    "keyword_spotting": Network("DS-CNN", keyword_spotting),
    "large_windows": Network("Siamese tower", large_windows),
    "mixer": Network("MLP-Mixer, 4 blocks", mixer),
    "point_cloud": Network("PointNet, 512 points", point_cloud),
    "recommender": Network("2 embeddings, 4 Dense", recommender, 9000),
    "separable": Network("separable CNN", separable),
    "temporal": Network("TCN, 10 x Conv1D 64", temporal),
    "text_line": Network("CNN + 2 x BiLSTM", text_line),
    "text_windows": Network("text CNN", text_windows, 5000),
    "unet": Network("U-Net 128x128", unet),
    "vision_transformer": Network("ViT, 4 blocks", vision_transformer),
    "volume_unet": Network("3-D U-Net", volume_unet),
    "wavenet": Network("WaveNet, 7 layers", wavenet),
}

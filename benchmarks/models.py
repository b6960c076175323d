"""MODELS: the networks that are timed, of Keras 3 with seeded weights or from the samples; TABLE: the first of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.survey import SURVEY

SAMPLES = Path(__file__).resolve().parents[1] / "sample_models"
SEED = 7
SMALL_BATCHES = (1, 32, 10_000)
BATCHES = (1, 32)


@dataclass(frozen=True)
class Case:
    """A network that is timed.

    Attributes:
        title: what it is, for tables.
        build: makes the Keras model; None for a trained sample.
        batches: numbers of rows that it is timed with.
        sample: the sample model that it is, instead of `build`.
        vocabulary: inputs are whole numbers below this; None for normally distributed numbers.
    """

    title: str
    build: Callable[[], Any] | None = None
    batches: tuple[int, ...] = BATCHES
    sample: str | None = None
    vocabulary: int | None = None

    def model(self) -> Any:
        """The Keras model with its weights."""
        import keras

        keras.utils.set_random_seed(SEED)
        if self.build is None:
            assert self.sample is not None
            return keras.models.load_model(SAMPLES / self.sample / "model.h5", compile=False)
        model = self.build()
        unsettle(model)
        return model


def unsettle(model: Any) -> None:
    """Gives biases, scales and statistics random values, so that no layer is close to an identity."""
    import numpy as np

    rng = np.random.default_rng(SEED)
    for weight in model.weights:
        shape = tuple(weight.shape)
        if "variance" in weight.path:
            weight.assign(rng.uniform(0.5, 1.5, shape))
        elif "gamma" in weight.path:
            weight.assign(rng.uniform(0.8, 1.2, shape))
        elif len(shape) == 1:
            weight.assign(rng.normal(size=shape) * 0.1)


def digits_mlp() -> Any:
    """Flatten a 28x28 image, 128-128-10."""
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((28, 28)),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def autoencoder() -> Any:
    """5x5 convolutions down and transposed ones up, ELU, 144x256x3."""
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((144, 256, 3)),
            layers.Conv2D(32, 5, padding="same", activation="elu"),
            layers.Conv2D(64, 5, strides=2, padding="same", activation="elu"),
            layers.Conv2D(128, 5, strides=2, padding="same", activation="elu"),
            layers.Conv2DTranspose(64, 5, strides=2, padding="same", activation="elu"),
            layers.Conv2DTranspose(32, 5, strides=2, padding="same", activation="elu"),
            layers.Conv2D(3, 5, padding="same", activation="sigmoid"),
        ]
    )


def text_lstm() -> Any:
    """Embedding of 20,000 words, LSTM 128 over 80 steps: Keras' example imdb_lstm."""
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((80,), dtype="int32"),
            layers.Embedding(20_000, 128),
            layers.LSTM(128),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def bidirectional_gru() -> Any:
    """Two Bidirectional GRU 64 over 100 steps of 64 features."""
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((100, 64)),
            layers.Bidirectional(layers.GRU(64, return_sequences=True)),
            layers.Bidirectional(layers.GRU(64)),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def transformer() -> Any:
    """Four encoder blocks of 128 positions, width 256, 4 heads, feed-forward 1024 with GELU."""
    from keras import Input, Model, layers

    inputs = Input((128, 256))
    x = inputs
    for _ in range(4):
        attended = layers.MultiHeadAttention(4, 64)(x, x)
        x = layers.LayerNormalization(epsilon=1e-6)(layers.Add()([x, attended]))
        wide = layers.Dense(1024, activation="gelu")(x)
        x = layers.LayerNormalization(epsilon=1e-6)(layers.Add()([x, layers.Dense(256)(wide)]))
    x = layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling1D()(x))
    return Model(inputs, x)


def application(name: str) -> Callable[[], Any]:
    """A builder of one of keras.applications at its usual size, with 1000 classes."""

    def build() -> Any:
        from keras import applications

        return getattr(applications, name)(weights=None)

    return build


TABLE: dict[str, Case] = {
    "mlp": Case("MLP 10-10-20-10-1", batches=SMALL_BATCHES, sample="diabetes_mlp"),
    "konverter": Case("MLP 1-512-512-256-128x3-64x3-1", batches=SMALL_BATCHES, sample="konverter_net"),
    "digits": Case("Flatten 28x28, 128-128-10", digits_mlp, SMALL_BATCHES),
    "cnn": Case("CNN 64x64x1", sample="blobs_cnn"),
    "autoencoder": Case("auto-encoder 144x256x3", autoencoder),
    "lstm": Case("Embedding + LSTM 128, 80 steps", text_lstm, vocabulary=20_000),
    "gru": Case("2 x Bidirectional GRU 64, 100 steps", bidirectional_gru),
    "transformer": Case("transformer, 4 blocks 128 x 256", transformer),
    "mobilenet": Case("MobileNet", application("MobileNet")),
    "mobilenetv2": Case("MobileNetV2", application("MobileNetV2")),
    "resnet50": Case("ResNet50", application("ResNet50")),
    "vgg16": Case("VGG16", application("VGG16")),
    "densenet121": Case("DenseNet121", application("DenseNet121")),
    "inceptionv3": Case("InceptionV3", application("InceptionV3")),
    "xception": Case("Xception", application("Xception")),
    "efficientnetb0": Case("EfficientNetB0", application("EfficientNetB0")),
}
MODELS = TABLE | {
    name: Case(network.title, network.build, vocabulary=network.vocabulary) for name, network in SURVEY.items()
}

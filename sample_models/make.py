"""Trains the sample models: the only script here that needs Keras.

    python sample_models/make.py [name ...]

Run once under Keras 2.15 and once under Keras 3: each run makes the samples of the generation that is installed, from
seeded data, and prints one row of README.md's table per sample. Data comes from inside scikit-learn or is computed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_USE_LEGACY_KERAS", "0")

import keras
import numpy as np
from keras import layers
from sklearn import datasets

HERE = Path(__file__).resolve().parent
GENERATION = int(keras.__version__.split(".")[0])
SEED = 7


@dataclass
class Trained:
    """A trained model with what describes it.

    Attributes:
        model: the Keras model.
        inputs: held-out inputs in the model's order; the first rows are stored.
        metric: what was reached on held-out data.
        rows: how many inputs to store.
    """

    model: keras.Model
    inputs: list[np.ndarray]
    metric: str
    rows: int = 16


def digits() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Hand-written digits, 8x8x1 in [0, 1]: train images, train labels, test images, test labels."""
    data = datasets.load_digits()
    images = (data.images / 16).astype("float32")[..., None]
    return split(images, data.target.astype("int32"))


def split(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A seeded four to one split: x train, y train, x test, y test."""
    order = np.random.default_rng(SEED).permutation(len(x))
    cut = len(x) * 4 // 5
    return x[order[:cut]], y[order[:cut]], x[order[cut:]], y[order[cut:]]


def accuracy(model: keras.Model, x: np.ndarray, y: np.ndarray) -> str:
    """Share of right answers, spelled for the table."""
    return f"accuracy {np.mean(model.predict(x, verbose=0).argmax(-1) == y):.3f}"


def classify(model: keras.Model, data: tuple, epochs: int, rate: float = 2e-3, rows: int = 16) -> Trained:
    """Trains a softmax classifier."""
    x, y, x_test, y_test = data
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, 64, epochs, verbose=0)
    return Trained(model, [x_test], accuracy(model, x_test, y_test), rows)


def konverter_net() -> Trained:
    """The ten Dense layers that Konverter was measured with, fitted to a computed curve."""
    rng = np.random.default_rng(SEED)
    x = rng.uniform(-1, 1, (8192, 1)).astype("float32")
    y = (np.sin(3 * np.pi * x) * np.exp(-(x**2)) + 0.5 * x).astype("float32")
    x, y, x_test, y_test = split(x, y)
    widths = (512, 512, 256, 128, 128, 128, 64, 64, 64)
    model = keras.Sequential([keras.Input((1,), name="x")], name="konverter_net")
    for i, width in enumerate(widths):
        model.add(layers.Dense(width, activation="relu", name=f"dense_{i}"))
    model.add(layers.Dense(1, name="y"))
    model.compile(keras.optimizers.Adam(5e-4), "mse")
    model.fit(x, y, 128, 15, verbose=0)
    error = float(np.sqrt(np.mean((model.predict(x_test, verbose=0) - y_test) ** 2)))
    return Trained(model, [x_test], f"RMSE {error:.4f}")


def digits_mlp() -> Trained:
    """Flatten and three Dense."""
    model = keras.Sequential(
        [
            keras.Input((8, 8), name="image"),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax", name="digit"),
        ],
        name="digits_mlp",
    )
    x, y, x_test, y_test = digits()
    return classify(model, (x[..., 0], y, x_test[..., 0], y_test), 20)


def digits_cnn() -> Trained:
    """Convolutions with batch normalization, both before and after the activation."""
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1), name="image"),
            layers.Conv2D(16, 3, padding="same", use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.BatchNormalization(momentum=0.9),
            layers.MaxPooling2D(2),
            layers.Dropout(0.2),
            layers.DepthwiseConv2D(3, padding="same", activation="swish"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(10, activation="softmax", name="digit"),
        ],
        name="digits_cnn",
    )
    return classify(model, digits(), 25, 5e-3)


def diabetes_mlp() -> Trained:
    """A functional 10-10-20-10-1 net: 551 parameters."""
    data = datasets.load_diabetes()
    x = (data.data / data.data.std(0)).astype("float32")
    y = ((data.target - data.target.mean()) / data.target.std()).astype("float32")[:, None]
    x, y, x_test, y_test = split(x, y)
    inputs = keras.Input((10,), name="patient")
    h = inputs
    for i, width in enumerate((10, 20, 10)):
        h = layers.Dense(width, activation=("relu", "tanh", "sigmoid")[i], name=f"hidden_{i}")(h)
    model = keras.Model(inputs, layers.Dense(1, name="progression")(h), name="diabetes_mlp")
    model.compile(keras.optimizers.Adam(3e-3), "mse")
    model.fit(x, y, 32, 40, verbose=0)
    r2 = 1 - np.mean((model.predict(x_test, verbose=0) - y_test) ** 2) / y_test.var()
    return Trained(model, [x_test], f"R² {r2:.3f}")


def blobs_cnn() -> Trained:
    """A functional CNN that says how much of a computed 64x64 picture its blobs cover."""
    rng = np.random.default_rng(SEED)
    grid = np.stack(np.meshgrid(np.arange(64), np.arange(64), indexing="ij"), -1)
    centres = rng.uniform(8, 56, (768, 3, 1, 1, 2))
    radii = rng.uniform(2, 14, (768, 3, 1, 1))
    covered = (((grid - centres) ** 2).sum(-1) < radii**2).any(1)
    y = covered.mean((1, 2), dtype="float64").astype("float32")[:, None]
    x = np.round(covered * 200.0 + rng.uniform(0, 55, covered.shape)) / 255
    x, y, x_test, y_test = split(x.astype("float32")[..., None], y)
    inputs = keras.Input((64, 64, 1), name="picture")
    h = layers.Conv2D(32, 4, activation="relu")(inputs)
    h = layers.MaxPooling2D()(h)
    h = layers.Conv2D(16, 4, activation="relu")(h)
    h = layers.MaxPooling2D()(h)
    h = layers.Dense(10, activation="relu")(layers.Flatten()(h))
    model = keras.Model(inputs, layers.Dense(1, name="covered")(h), name="blobs_cnn")
    model.compile(keras.optimizers.Adam(1e-3), "mse")
    model.fit(x, y, 32, 12, verbose=0)
    r2 = 1 - np.mean((model.predict(x_test, verbose=0) - y_test) ** 2) / y_test.var()
    return Trained(model, [x_test], f"R² {r2:.3f}", 8)


def digits_autoencoder() -> Trained:
    """Strided convolutions down, transposed convolutions up, ELU between."""
    inputs = keras.Input((8, 8, 1), name="image")
    h = layers.Conv2D(16, 3, strides=2, padding="same")(inputs)
    h = layers.ELU()(h)
    h = layers.Conv2D(24, 3, strides=2, padding="same", activation="elu")(h)
    h = layers.Conv2DTranspose(16, 3, strides=2, padding="same")(h)
    h = layers.ELU(alpha=0.5)(h)
    h = layers.Conv2DTranspose(16, 3, strides=2, padding="same", activation="elu")(h)
    outputs = layers.Conv2D(1, 3, padding="same", activation="sigmoid", name="restored")(h)
    model = keras.Model(inputs, outputs, name="digits_autoencoder")
    x, _, x_test, _ = digits()
    model.compile(keras.optimizers.Adam(3e-3), "mse")
    model.fit(x, x, 64, 25, verbose=0)
    error = float(np.sqrt(np.mean((model.predict(x_test, verbose=0) - x_test) ** 2)))
    return Trained(model, [x_test], f"RMSE {error:.3f}")


def waves_lstm() -> Trained:
    """Two LSTMs that continue a computed wave."""
    rng = np.random.default_rng(SEED)
    time = np.arange(33)
    frequency, phase = rng.uniform(0.1, 0.8, (2000, 2, 1)), rng.uniform(0, 2 * np.pi, (2000, 2, 1))
    waves = np.sin(frequency * time + phase).sum(1).astype("float32")[..., None]
    x, y, x_test, y_test = split(waves[:, :-1], waves[:, -1])
    model = keras.Sequential(
        [
            keras.Input((32, 1), name="wave"),
            layers.LSTM(24, return_sequences=True),
            layers.LSTM(16),
            layers.Dense(1, name="next"),
        ],
        name="waves_lstm",
    )
    model.compile(keras.optimizers.Adam(5e-3), "mse")
    model.fit(x, y, 64, 12, verbose=0)
    r2 = 1 - np.mean((model.predict(x_test, verbose=0) - y_test) ** 2) / y_test.var()
    return Trained(model, [x_test], f"R² {r2:.3f}")


def languages_gru() -> Trained:
    """A bidirectional GRU over padded letters that tells three computed languages apart."""
    rng = np.random.default_rng(SEED)
    chains = rng.dirichlet(np.full(26, 0.15), (3, 26)).cumsum(-1)
    y = rng.integers(0, 3, 4000).astype("int32")
    x = np.zeros((len(y), 20), "int32")
    letter, length = rng.integers(0, 26, len(y)), rng.integers(6, 21, len(y))
    for step in range(x.shape[1]):
        letter = np.minimum((chains[y, letter] < rng.uniform(size=(len(y), 1))).sum(-1), 25)
        x[:, step] = np.where(step < length, letter + 1, 0)
    model = keras.Sequential(
        [
            keras.Input((20,), dtype="int32", name="letters"),
            layers.Embedding(27, 12, mask_zero=True),
            layers.Bidirectional(layers.GRU(16, return_sequences=True)),
            layers.Bidirectional(layers.GRU(8), merge_mode="sum"),
            layers.Dense(3, activation="softmax", name="language"),
        ],
        name="languages_gru",
    )
    return classify(model, split(x, y), 12, 5e-3)


def digits_resnet() -> Trained:
    """Residual blocks joined by Add, one with a strided shortcut."""
    inputs = keras.Input((8, 8, 1), name="image")
    h = layers.Conv2D(16, 3, padding="same", activation="relu")(inputs)
    for width, stride in ((16, 1), (32, 2)):
        branch = layers.Conv2D(width, 3, strides=stride, padding="same", use_bias=False)(h)
        branch = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(branch))
        branch = layers.Conv2D(width, 3, padding="same", use_bias=False)(branch)
        branch = layers.BatchNormalization(momentum=0.9)(branch)
        if stride != 1:
            h = layers.Conv2D(width, 1, strides=stride, name="shortcut")(h)
        h = layers.Activation("relu")(layers.Add()([branch, h]))
    h = layers.GlobalAveragePooling2D()(h)
    model = keras.Model(inputs, layers.Dense(10, activation="softmax", name="digit")(h), name="digits_resnet")
    return classify(model, digits(), 15)


def digits_transfer() -> Trained:
    """A nested, partly frozen encoder below a new head: the weight order that trips readers of .h5."""
    x, y, x_test, y_test = digits()
    inputs = keras.Input((8, 8, 1), name="pixels")
    h = layers.Conv2D(12, 3, padding="same", activation="relu", name="low")(inputs)
    h = layers.BatchNormalization(momentum=0.9, name="norm")(h)
    h = layers.Conv2D(16, 3, strides=2, activation="relu", name="high")(h)
    encoder = keras.Model(inputs, layers.Flatten()(h), name="encoder")
    first = keras.Sequential([encoder, layers.Dense(2, activation="softmax")])
    classify(first, (x, (y >= 5).astype("int32"), x_test, (y_test >= 5).astype("int32")), 6)
    encoder.get_layer("low").trainable = False
    image = keras.Input((8, 8, 1), name="image")
    outputs = layers.Dense(10, activation="softmax", name="digit")(encoder(image))
    return classify(keras.Model(image, outputs, name="digits_transfer"), (x, y, x_test, y_test), 10)


def cancer_two_in_two_out() -> Trained:
    """Means and errors in, the diagnosis and the worst values out."""
    data = datasets.load_breast_cancer()
    table = data.data.astype("float32")
    order = np.random.default_rng(SEED).permutation(len(table))
    cut = len(table) * 4 // 5
    means, errors, worst = (table[order, at : at + 10] for at in (0, 10, 20))
    worst = (worst - worst[:cut].mean(0)) / worst[:cut].std(0)
    malignant = (data.target[order] == 0).astype("float32")[:, None]
    inputs = [keras.Input((10,), name="mean"), keras.Input((10,), name="error")]
    scaled = []
    for tensor, values in zip(inputs, (means, errors), strict=True):
        norm = layers.Normalization(name=f"scale_{tensor.name.split(':')[0]}")
        norm.adapt(values[:cut])
        scaled.append(norm(tensor))
    h = layers.Concatenate()([layers.Dense(16, activation="relu")(tensor) for tensor in scaled])
    h = layers.Dense(16, activation="gelu")(h)
    outputs = [layers.Dense(1, activation="sigmoid", name="malignant")(h), layers.Dense(10, name="worst")(h)]
    model = keras.Model(inputs, outputs, name="cancer_two_in_two_out")
    model.compile(keras.optimizers.Adam(3e-3), ["binary_crossentropy", "mse"])
    model.fit([means[:cut], errors[:cut]], [malignant[:cut], worst[:cut]], 32, 40, verbose=0)
    held = [means[cut:], errors[cut:]]
    diagnosis, values = model.predict(held, verbose=0)
    right = np.mean((diagnosis > 0.5) == (malignant[cut:] > 0.5))
    r2 = 1 - np.mean((values - worst[cut:]) ** 2) / worst[cut:].var()
    return Trained(model, held, f"accuracy {right:.3f}, R² {r2:.3f}")


# name -> (make, Keras generation, file name, whether the optimizer's state stays in the file)
SAMPLES: dict[str, tuple[Callable[[], Trained], int, str, bool]] = {
    "blobs_cnn": (blobs_cnn, 2, "model.h5", False),
    "cancer_two_in_two_out": (cancer_two_in_two_out, 3, "model.h5", False),
    "diabetes_mlp": (diabetes_mlp, 3, "model.h5", False),
    "digits_autoencoder": (digits_autoencoder, 3, "model.keras", False),
    "digits_cnn": (digits_cnn, 3, "model.keras", True),
    "digits_mlp": (digits_mlp, 2, "model.h5", True),
    "digits_resnet": (digits_resnet, 2, "model.keras", False),
    "digits_transfer": (digits_transfer, 2, "model.h5", False),
    "konverter_net": (konverter_net, 2, "model.h5", False),
    "languages_gru": (languages_gru, 3, "model.keras", False),
    "waves_lstm": (waves_lstm, 2, "model.h5", False),
}


def bare(model: keras.Model) -> keras.Model:
    """The same model without optimizer state, for formats that always write it."""
    copy = keras.models.model_from_json(model.to_json())
    copy.set_weights(model.get_weights())
    return copy


def save(name: str) -> str:
    """Trains one sample, writes its folder, and returns its row of the table."""
    make, _, file_name, keep = SAMPLES[name]
    keras.backend.clear_session()
    keras.utils.set_random_seed(SEED)
    trained = make()
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    path = folder / file_name
    model = trained.model if keep or file_name.endswith(".h5") else bare(trained.model)
    if file_name.endswith(".h5"):
        model.save(path, include_optimizer=keep)
    else:
        model.save(path)
    again = keras.models.load_model(path)
    inputs = [array[: trained.rows] for array in trained.inputs]
    expected = again.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
    outputs = expected if isinstance(expected, list) else [expected]
    names = [tensor.name.split(":")[0] for tensor in again.inputs]
    output_names = getattr(again, "output_names", [again.layers[-1].name])
    np.savez_compressed(folder / "input.npz", **dict(zip(names, inputs, strict=True)))
    np.savez_compressed(folder / "expected.npz", **dict(zip(output_names, outputs, strict=True)))
    size = path.stat().st_size / 1024
    state = " with optimizer" if keep else ""
    return (
        f"| `{name}/{file_name}` | {keras.__version__} | {model.count_params():,} | {size:,.0f} KiB{state} "
        f"| {trained.metric} |"
    )


def main() -> None:
    unknown = [name for name in sys.argv[1:] if name not in SAMPLES]
    if unknown:
        raise SystemExit(f"no sample named {', '.join(unknown)}; there are {', '.join(SAMPLES)}")
    for name in sys.argv[1:] if sys.argv[1:] else SAMPLES:
        if SAMPLES[name][1] == GENERATION:
            print(save(name), flush=True)


if __name__ == "__main__":
    main()

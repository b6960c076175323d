"""The models whose files stand for the variants F1 to F19, and how each Keras makes them."""

from typing import Any


def pictures(k: Any) -> Any:
    """Keras 2 and 3: kernels of three kinds, statistics, slopes, and a nested model."""
    inner = k.Sequential(
        [k.Input((4,)), k.layers.Dense(3, name="inner_a"), k.layers.Dense(4, name="inner_b")], name="inner"
    )
    return k.Sequential(
        [
            k.Input((6, 6, 2), name="image"),
            k.layers.Conv2D(3, 3, name="conv"),
            k.layers.BatchNormalization(name="norm"),
            k.layers.PReLU(shared_axes=[1, 2], name="slope"),
            k.layers.DepthwiseConv2D(2, name="depthwise"),
            k.layers.Conv2DTranspose(4, 2, name="transpose"),
            k.layers.GlobalAveragePooling2D(name="pool"),
            inner,
            k.layers.Dense(2, name="head"),
        ],
        name="pictures",
    )


def words(k: Any) -> Any:
    """Keras 2 and 3: recurrent layers over an embedding."""
    return k.Sequential(
        [
            k.Input((5,), name="tokens"),
            k.layers.Embedding(7, 4, name="embedding"),
            k.layers.Bidirectional(k.layers.LSTM(3, return_sequences=True), name="both"),
            k.layers.GRU(3, name="gru"),
            k.layers.Dense(2, name="head"),
        ],
        name="words",
    )


MODELS = {"pictures": pictures, "words": words}


def first(layers: Any, models: Any, ordering: str) -> Any:
    """Keras 1.2.2: name -> model, in one of its two axis orders."""
    shape = (2, 7, 6) if ordering == "th" else (7, 6, 2)
    image = models.Sequential(name="image")
    image.add(layers.Convolution2D(3, 3, 2, input_shape=shape, dim_ordering=ordering, activation="relu"))
    image.add(layers.BatchNormalization(axis=1 if ordering == "th" else 3))
    image.add(layers.MaxPooling2D((2, 2), dim_ordering=ordering))
    image.add(layers.Flatten())
    image.add(layers.Dense(4, activation="softmax"))
    text = models.Sequential(name="text")
    text.add(layers.Embedding(7, 4, input_length=5))
    text.add(layers.Convolution1D(4, 3, border_mode="same"))
    text.add(layers.LSTM(3, return_sequences=True))
    text.add(layers.Bidirectional(layers.GRU(3)))
    text.add(layers.Dense(2))
    even = models.Sequential(name="even")
    even.add(layers.Convolution2D(3, 2, 2, border_mode="same", input_shape=shape, dim_ordering=ordering))
    return {"even": even, "image": image, "text": text}

"""LocallyConnected1D and LocallyConnected2D of Keras 2."""

from . import case

FIRST = {"data_format": "channels_first"}


def _one(*args, **keywords):
    return lambda k: k.layers.LocallyConnected1D(*args, **keywords)


def _two(*args, **keywords):
    return lambda k: k.layers.LocallyConnected2D(*args, **keywords)


def _modes(name, make, shape, modes=(1, 2, 3), **keywords):
    return [case(f"{name}_mode{mode}", make(implementation=mode, **keywords), shape, dialects=(2,)) for mode in modes]


def one(**keywords):
    return _one(3, 4, **keywords)


def two(**keywords):
    return _two(3, (3, 2), **keywords)


CASES = [
    case("one_default", _one(3, 2), (2, 5, 2), dialects=(2,)),
    case("two_default", _two(3, 2), (2, 4, 5, 2), dialects=(2,)),
    *_modes("one", one, (2, 7, 2)),
    *_modes("one_strides", one, (2, 9, 2), strides=2, activation="tanh"),
    *_modes("one_same", one, (2, 7, 2), (2, 3), padding="same"),
    *_modes("one_same_strides", one, (2, 7, 2), (2, 3), padding="same", strides=3),
    *_modes("one_first", one, (2, 2, 7), **FIRST),
    *_modes("two", two, (2, 4, 5, 2)),
    *_modes("two_strides", two, (2, 5, 6, 2), strides=(1, 2), activation="softmax"),
    *_modes("two_same", two, (2, 4, 5, 2), (2, 3), padding="same", strides=(2, 1)),
    *_modes("two_no_bias", two, (2, 4, 5, 2), use_bias=False),
    *_modes("two_first", two, (2, 2, 4, 5), **FIRST),
    *_modes("two_first_same", two, (2, 2, 4, 5), (2, 3), padding="same", **FIRST),
]

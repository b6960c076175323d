"""RandomFourierFeatures of Keras 2."""

from . import case


def _features(*arguments, **keywords):
    def make(k):
        from keras.src.layers.kernelized import RandomFourierFeatures

        return RandomFourierFeatures(*arguments, **keywords)

    return make


CASES = [
    case("features", _features(6), (3, 4), dialects=(2,)),
    case("features_laplacian", _features(5, kernel_initializer="laplacian"), (3, 4), dialects=(2,)),
    case("features_scale", _features(6, scale=2.5, trainable=True), (1, 3), dialects=(2,)),
    case("features_float64", _features(4, dtype="float64"), (3, 4), dialects=(2,), dtype="float64", tolerance=1e-5),
]

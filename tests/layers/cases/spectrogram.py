"""STFTSpectrogram of Keras 3."""

from . import case

SIZES = {"frame_length": 6, "frame_step": 2, "fft_length": 8}


def _stft(**keywords):
    return lambda k: k.layers.STFTSpectrogram(**keywords)


CASES = [
    *[
        case(mode, _stft(mode=mode, **SIZES), (2, 21, 2), dialects=(3,))
        for mode in ("log", "magnitude", "psd", "real", "imag", "angle", "stft")
    ],
    case("defaults", _stft(frame_length=10), (2, 40, 1), dialects=(3,)),
    case("same", _stft(padding="same", mode="psd", **SIZES), (2, 21, 2), dialects=(3,)),
    case("apart", _stft(expand_dims=True, **SIZES), (2, 21, 2), dialects=(3,)),
    case("apart_stft", _stft(expand_dims=True, mode="stft", window="hamming", **SIZES), (2, 21, 2), dialects=(3,)),
]

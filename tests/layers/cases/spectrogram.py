"""STFTSpectrogram and MelSpectrogram of Keras 3."""

from . import case

SIZES = {"frame_length": 6, "frame_step": 2, "fft_length": 8}


def _stft(**keywords):
    return lambda k: k.layers.STFTSpectrogram(**keywords)


def _mel(**keywords):
    sizes = {"fft_length": 32, "sequence_stride": 8, "num_mel_bins": 5, "sampling_rate": 1000}
    return lambda k: k.layers.MelSpectrogram(**{**sizes, **keywords})


CASES = [
    *[
        case(mode, _stft(mode=mode, **SIZES), (2, 21, 2), dialects=(3,))
        for mode in ("log", "magnitude", "psd", "real", "imag", "angle", "stft")
    ],
    case("defaults", _stft(frame_length=10), (2, 40, 1), dialects=(3,)),
    case("same", _stft(padding="same", mode="psd", **SIZES), (2, 21, 2), dialects=(3,)),
    case("apart", _stft(expand_dims=True, **SIZES), (2, 21, 2), dialects=(3,)),
    case("apart_stft", _stft(expand_dims=True, mode="stft", window="hamming", **SIZES), (2, 21, 2), dialects=(3,)),
    case("mel", _mel(), (2, 100), dialects=(3,)),
    case("mel_one", _mel(top_db=5.0), (1, 100), dialects=(3,)),
    case("mel_loudest", _mel(top_db=5.0), (3, 100), dialects=(3,), pad=0.9),
    case("mel_power", _mel(power_to_db=False), (3, 100), dialects=(3,)),
    case("mel_magnitude", _mel(power_to_db=False, mag_exp=1.0, window="hamming"), (3, 77), dialects=(3,)),
    case("mel_short_frames", _mel(sequence_length=21, power_to_db=False), (3, 64), dialects=(3,)),
    case("mel_edges", _mel(min_freq=50.0, max_freq=300, power_to_db=False), (3, 64), dialects=(3,)),
    case("mel_reference", _mel(ref_power=3.0, min_power=1e-3), (3, 64), dialects=(3,)),
    case("mel_no_window", _mel(window=None, power_to_db=False), (3, 64), dialects=(3,)),
    case("mel_defaults", lambda k: k.layers.MelSpectrogram(num_mel_bins=20), (1, 3000), dialects=(3,)),
]

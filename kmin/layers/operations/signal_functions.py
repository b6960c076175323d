"""SIGNAL_FUNCTIONS: the rows of TENSORFLOW_FUNCTIONS for frames, spectra, cosine transforms and windows of signals."""

from __future__ import annotations

from kmin.layers.operations import complex_numbers, cosines, signal_windows, tensorflow_numbers
from kmin.layers.operations.arguments import Row
from kmin.layers.operations.complex_functions import COMPLEX_FUNCTIONS

_DCT = "input type=2 n=None axis=-1 norm=None"


SIGNAL_FUNCTIONS: dict[str, Row] = {
    "signal.dct": (_DCT, cosines.cosine_transform),
    "signal.fft": COMPLEX_FUNCTIONS["signal.fft"],
    "signal.fft2d": COMPLEX_FUNCTIONS["signal.fft2d"],
    "signal.fft3d": COMPLEX_FUNCTIONS["signal.fft3d"],
    "signal.fftshift": ("x axes=None", signal_windows.shifted(1)),
    "signal.frame": (
        "signal frame_length frame_step pad_end=False pad_value=0 axis=-1",
        tensorflow_numbers.frame,
    ),
    "signal.hamming_window": ("window_length periodic=True dtype=None", signal_windows.windowing("hamming_window")),
    "signal.hann_window": ("window_length periodic=True dtype=None", signal_windows.windowing("hann_window")),
    "signal.idct": (_DCT, cosines.inverse),
    "signal.ifft": COMPLEX_FUNCTIONS["signal.ifft"],
    "signal.ifft2d": COMPLEX_FUNCTIONS["signal.ifft2d"],
    "signal.ifft3d": COMPLEX_FUNCTIONS["signal.ifft3d"],
    "signal.ifftshift": ("x axes=None", signal_windows.shifted(-1)),
    "signal.inverse_mdct": ('mdcts window_fn="vorbis_window" norm=None', cosines.unlapped),
    "signal.inverse_stft": COMPLEX_FUNCTIONS["signal.inverse_stft"],
    "signal.kaiser_bessel_derived_window": (
        "window_length beta=12.0 dtype=None",
        signal_windows.windowing("kaiser_bessel_derived_window"),
    ),
    "signal.kaiser_window": ("window_length beta=12.0 dtype=None", signal_windows.windowing("kaiser_window")),
    "signal.mdct": (
        'signals frame_length window_fn="vorbis_window" pad_end=False norm=None',
        cosines.lapped,
    ),
    "signal.mfccs_from_log_mel_spectrograms": ("log_mel_spectrograms", cosines.cepstrum),
    "signal.overlap_and_add": ("signal frame_step", complex_numbers.overlapped),
    "signal.stft": (
        'signals frame_length frame_step fft_length=None window_fn="hann_window" pad_end=False',
        complex_numbers.short_time,
    ),
    "signal.vorbis_window": ("window_length dtype=None", signal_windows.windowing("vorbis_window")),
}

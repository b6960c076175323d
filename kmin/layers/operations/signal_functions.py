"""SIGNAL_FUNCTIONS: the rows of TENSORFLOW_FUNCTIONS for cosine transforms, windows and shifts of signals."""

from __future__ import annotations

from kmin.layers.operations import cosines, signal_windows
from kmin.layers.operations.arguments import Row

_DCT = "input type=2 n=None axis=-1 norm=None"

SIGNAL_FUNCTIONS: dict[str, Row] = {
    "signal.dct": (_DCT, cosines.cosine_transform),
    "signal.fftshift": ("x axes=None", signal_windows.shifted(1)),
    "signal.hamming_window": ("window_length periodic=True dtype=None", signal_windows.windowing("hamming_window")),
    "signal.hann_window": ("window_length periodic=True dtype=None", signal_windows.windowing("hann_window")),
    "signal.idct": (_DCT, cosines.inverse),
    "signal.ifftshift": ("x axes=None", signal_windows.shifted(-1)),
    "signal.inverse_mdct": ('mdcts window_fn="vorbis_window" norm=None', cosines.unlapped),
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
    "signal.vorbis_window": ("window_length dtype=None", signal_windows.windowing("vorbis_window")),
}

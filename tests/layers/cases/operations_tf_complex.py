"""Spectra and complex numbers of TensorFlow as graph nodes (Keras 2)."""

from ._function import tf_function

SIGNAL = (3, 50)
X = (3, 4, 8)


def _complex(t, x):
    return t.cast(x, t.complex64)


def _spectrum(t, x, **options):
    return t.signal.stft(x, 12, 5, **options)


def _mel(t, x):
    weights = t.signal.linear_to_mel_weight_matrix(5, 9, 8000, 100.0, 3800.0)
    return t.math.log(t.matmul(t.abs(_spectrum(t, x)) ** 2, weights) + 1e-3)


CASES = [
    tf_function("stft_abs", lambda t, x: t.abs(_spectrum(t, x)), SIGNAL),
    tf_function("stft_channels", lambda t, x: t.abs(_spectrum(t, t.transpose(x, [0, 2, 1]))), (2, 40, 3)),
    tf_function("stft_padded", lambda t, x: t.abs(_spectrum(t, x, fft_length=20, pad_end=True)), SIGNAL),
    tf_function("stft_odd", lambda t, x: t.abs(t.signal.stft(x, 9, 4, fft_length=9)), SIGNAL),
    tf_function("stft_plain", lambda t, x: t.abs(_spectrum(t, x, window_fn=None)), SIGNAL),
    tf_function("stft_hamming", lambda t, x: t.abs(_spectrum(t, x, window_fn=t.signal.hamming_window)), SIGNAL),
    tf_function(
        "stft_parts",
        lambda t, x: (t.math.real(_spectrum(t, x)), t.math.imag(_spectrum(t, x)), t.math.angle(_spectrum(t, x) + 3.0)),
        SIGNAL,
    ),
    tf_function("stft_image", lambda t, x: t.abs(t.transpose(_spectrum(t, x), [0, 2, 1])[..., t.newaxis]), SIGNAL),
    tf_function("stft_mel", _mel, SIGNAL),
    tf_function("stft_mfcc", lambda t, x: t.signal.mfccs_from_log_mel_spectrograms(_mel(t, x))[..., :3], SIGNAL),
    tf_function("inverse_stft", lambda t, x: t.signal.inverse_stft(_spectrum(t, x), 12, 5), SIGNAL),
    tf_function("inverse_stft_short", lambda t, x: t.signal.inverse_stft(_spectrum(t, x), 20, 5, 16), SIGNAL),
    tf_function(
        "filtered",
        lambda t, x: t.signal.inverse_stft(_spectrum(t, x) * _complex(t, t.sigmoid(t.abs(_spectrum(t, x)))), 12, 5),
        SIGNAL,
    ),
    *[
        tf_function(
            name,
            lambda t, x, n=name: (
                t.math.real(getattr(t.signal, n)(_complex(t, x))),
                t.math.imag(getattr(t.signal, n)(_complex(t, x))),
            ),
            (2, 3, 4, 5),
        )
        for name in ("fft", "fft2d", "fft3d", "ifft", "ifft2d", "ifft3d")
    ],
    tf_function(
        "complex",
        lambda t, x, y: (t.abs(t.complex(x, y)), t.math.angle(t.math.conj(t.complex(x, y)))),
        X,
        X,
    ),
    tf_function(
        "complex_arithmetic",
        lambda t, x, y: t.math.imag(t.complex(x, y) * t.complex(y, x) - (t.complex(x, x) + t.complex(y, y)) * 2.0),
        X,
        X,
    ),
    tf_function(
        "complex_convolved",
        lambda t, x, y: t.math.real(t.signal.ifft(t.signal.fft(_complex(t, x)) * t.signal.fft(_complex(t, y)))),
        X,
        X,
    ),
    tf_function("complex_back", lambda t, x: t.cast(t.signal.fft(_complex(t, x)), "float32"), X),
    tf_function("complex_shaped", lambda t, x: t.abs(t.reshape(t.expand_dims(_complex(t, x), 1), [-1, 32])), X),
    tf_function("overlap_and_add", lambda t, x: t.signal.overlap_and_add(x, 3), X),
    tf_function("idct", lambda t, x: (t.signal.idct(x), t.signal.idct(x, norm="ortho")), X),
]

"""TensorFlow's cosine transforms, windows and shifts of signals as graph nodes (Keras 2)."""

from ._function import tf_function

X = (3, 4, 6)
_ROUGH = {"tolerance": 3e-5, "float64_factor": 20.0, "reason": "TensorFlow goes through Fourier transforms in float32"}


def _windows(t, x):
    even, odd, one = (t.shape(x)[axis] for axis in (2, 1, 3))
    found = [t.signal.kaiser_window(even), t.signal.kaiser_window(odd, beta=4.0)]
    found += [t.signal.kaiser_bessel_derived_window(even), t.signal.vorbis_window(even)]
    for count in (even, odd, one):
        for function in (t.signal.hann_window, t.signal.hamming_window):
            found += [function(count), function(count, periodic=False)]
    return found


CASES = [
    *[
        tf_function(
            f"{name}_{kind}",
            lambda t, x, name=name, kind=kind: (
                (
                    getattr(t.signal, name)(x, type=kind),
                    *(() if kind == 1 else (getattr(t.signal, name)(x, type=kind, norm="ortho"),)),
                    getattr(t.signal, name)(x, type=kind, n=4),
                    getattr(t.signal, name)(x, type=kind, n=9),
                )
                if name == "dct"
                else (
                    getattr(t.signal, name)(x, type=kind),
                    *(() if kind == 1 else (getattr(t.signal, name)(x, type=kind, norm="ortho"),)),
                )
            ),
            X,
            **_ROUGH,
        )
        for name in ("dct", "idct")
        for kind in (1, 2, 3, 4)
    ],
    tf_function(
        "fftshift",
        lambda t, x: (
            t.signal.fftshift(x, [1]),
            t.signal.fftshift(x, -1),
            t.signal.ifftshift(x, [1, 2]),
            t.signal.ifftshift(x, axes=2),
        ),
        (3, 5, 4),
    ),
    tf_function(
        "mdct",
        lambda t, x: (
            t.signal.mdct(x, 8),
            t.signal.mdct(x, 12, window_fn=None, norm="ortho", pad_end=True),
            t.signal.mdct(x, 4, window_fn=t.signal.kaiser_bessel_derived_window, norm="ortho"),
        ),
        (2, 30),
        **_ROUGH,
    ),
    tf_function(
        "inverse_mdct",
        lambda t, x: (
            t.signal.inverse_mdct(x),
            t.signal.inverse_mdct(x, window_fn=None, norm="ortho"),
            t.signal.inverse_mdct(x, window_fn=t.signal.kaiser_bessel_derived_window),
        ),
        (2, 5, 4),
        **_ROUGH,
    ),
    tf_function("windows", lambda t, x: tuple(x[:, 0, :1, 0] * 0 + y for y in _windows(t, x)), (3, 5, 6, 1)),
]

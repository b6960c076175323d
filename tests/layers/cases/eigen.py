"""Eigenvalues and vectors, and complex numbers as results (keras.ops, and TensorFlow's functions in Keras 2).

Signs and phases of vectors are not determined beyond the algorithm, so matrices here are small and what follows larger
ones does not see them.
"""

from __future__ import annotations

import numpy as np

from ._function import function, tf_function

APART = np.diag([1.0, 3, -7]).astype("float32")
TURNING = np.array([[0.2, -1.0], [1.0, 0.3]], "float32")


def _symmetric(o, x):
    return (x + o.transpose(x, (0, 2, 1))) / 2


def _eigh(o, x):
    return o.linalg.eigh(_symmetric(o, x)) if hasattr(o, "linalg") else o.eigh(_symmetric(o, x))


def _function_of(o, x):
    """V exp(values) V', which no sign of V changes."""
    values, vectors = _eigh(o, x)
    return o.matmul(vectors * o.exp(values)[:, None], o.transpose(vectors, (0, 2, 1)))


def _unmoved(o, x):
    """|A V - V values| and |V' V - 1|, zeros but for rounding, added to the values."""
    values, vectors = _eigh(o, x)
    turned = o.transpose(vectors, (0, 2, 1))
    rest = o.matmul(_symmetric(o, x), vectors) - vectors * values[:, None]
    return values + o.abs(rest)[:, 0], o.matmul(turned, vectors)


def _apart(x):
    """Small matrices whose eigenvalues are real and far apart."""
    return x * 0.1 + APART


def _turning(x):
    """Matrices of two columns whose eigenvalues are not real."""
    return x * 0.1 + TURNING


def _paired(t, x):
    return t.complex(x, x * 0.5 - 0.2)


BOTH = [
    ("symmetric_2", lambda o, x: tuple(_eigh(o, x)), (3, 2, 2)),
    ("symmetric_3", lambda o, x: tuple(_eigh(o, x)), (2, 3, 3)),
    ("symmetric_3_one_row", lambda o, x: tuple(_eigh(o, x)), (1, 3, 3)),
    ("symmetric_4_open", lambda o, x: tuple(_eigh(o, x)), (1, 4, 4)),
    ("symmetric_10_function", _function_of, (2, 10, 10)),
    ("symmetric_40_function", lambda o, x: _function_of(o, x * 0.2), (1, 40, 40)),
    ("symmetric_10_unmoved", _unmoved, (2, 10, 10)),
    ("symmetric_40_unmoved", _unmoved, (1, 40, 40)),
]
LOOSE = {"symmetric_10_unmoved", "symmetric_40_unmoved", "symmetric_40_function", "symmetric_10_function"}
OPTIONS = {"tolerance": 1e-4, "reason": "Keras' own vectors are as far from orthogonal"}


def _options(name):
    return (OPTIONS if name in LOOSE else {}) | ({"free": (1, 2)} if name.endswith("_open") else {})


CASES = [
    *(function(name, body, shape, **_options(name)) for name, body, shape in BOTH),
    *(
        tf_function(f"tf_{name}", body, shape, **_options(name))
        for name, body, shape in BOTH
        if name not in ("symmetric_40_function",)
    ),
    function("general_real", lambda o, x: o.eig(_apart(x)), (3, 3, 3)),
    function("general_pairs", lambda o, x: o.eig(_turning(x)), (3, 2, 2)),
    function("general_values_10", lambda o, x: o.sort(o.abs(o.eig(x)[0]), axis=-1), (2, 10, 10)),
    function(
        "general_parts", lambda o, x: (o.real(o.eig(_apart(x))[0]), o.imag(o.eig(_turning(x[:, :2, :2]))[0])), (2, 3, 3)
    ),
    tf_function("tf_general_real", lambda t, x: t.linalg.eig(_apart(x)), (3, 3, 3)),
    tf_function("tf_general_pairs", lambda t, x: t.linalg.eig(_turning(x)), (1, 2, 2)),
    tf_function("tf_general_values", lambda t, x: t.linalg.eigvals(_apart(x)), (2, 3, 3)),
    function("polar", lambda o, x: o.polar(x, x * 2), (3, 4)),
    function("polar_read", lambda o, x: (o.real(o.polar(x, x)), o.angle(o.polar(o.abs(x), x))), (3, 4), free=(1,)),
    function("cast", lambda o, x: o.cast(x, "complex64"), (3, 4)),
    function("conjugate", lambda o, x: (o.conj(o.polar(x, x)), o.conjugate(o.polar(x, x))), (1, 4)),
    function(
        "arithmetic",
        lambda o, x: [
            o.polar(x, x) + o.polar(x, x * 2),
            o.polar(x, x) - x,
            x - o.polar(x, x),
            o.polar(x, x) * o.polar(x, x * 2),
            o.polar(x, x) * 2.0,
            o.polar(x, x) / o.polar(x * 0 + 1, x * 2),
            o.polar(x, x) / 3.0,
            -o.polar(x, x),
            o.square(o.polar(x, x)),
            o.exp(o.polar(x, x)),
            o.abs(o.polar(x, x)),
        ],
        (3, 4),
    ),
    function(
        "moved",
        lambda o, x: [
            o.transpose(o.polar(x, x), (0, 2, 1)),
            o.reshape(o.polar(x, x), (-1, 6)),
            o.swapaxes(o.polar(x, x), 1, 2),
            o.polar(x, x)[:, 0],
            o.take(o.polar(x, x), [1, 0, 1], axis=1),
            o.squeeze(o.expand_dims(o.polar(x, x), 1), 1),
            o.concatenate([o.polar(x, x), o.polar(x, -x)], axis=1),
            o.matmul(o.polar(x, x), o.polar(o.transpose(x, (0, 2, 1)), o.transpose(x, (0, 2, 1)))),
            o.sum(o.polar(x, x), axis=1),
            o.mean(o.polar(x, x), axis=-1),
            o.view_as_real(o.polar(x, x)),
        ],
        (2, 2, 3),
    ),
    tf_function("tf_complex", lambda t, x: _paired(t, x), (3, 4)),
    tf_function(
        "tf_arithmetic",
        lambda t, x: [
            _paired(t, x) / _paired(t, x + 3.0),
            t.exp(_paired(t, x)),
            -_paired(t, x),
            t.square(_paired(t, x)),
            t.reduce_sum(_paired(t, x), axis=1),
            t.reduce_mean(_paired(t, x), axis=-1),
            t.matmul(_paired(t, x), _paired(t, t.transpose(x, (0, 2, 1)))),
            t.concat([_paired(t, x), _paired(t, -x)], axis=1),
        ],
        (2, 2, 3),
    ),
]

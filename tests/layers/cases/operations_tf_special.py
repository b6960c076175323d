"""TensorFlow's Bessel functions, integrals with names and gamma's family as graph nodes (Keras 2)."""

from ._function import tf_function
from ._node import node

X = (5, 12)
_ODD = ("bessel_j0", "bessel_j1", "dawsn", "fresnel_cos", "fresnel_sin")
_POSITIVE = ("bessel_k0", "bessel_k0e", "bessel_k1", "bessel_k1e", "bessel_y0", "bessel_y1", "expint", "spence")
_EXACT = {"dtype": "float64", "tolerance": 1e-12}


def _places(t, x, *names):
    """The functions near zero and far away."""
    near, far = t.abs(x) + 0.01, t.abs(x) * 9 + 2
    return [getattr(t.math.special, name)(value) for name in names for value in (near, far)]


def _family(t, x, y):
    a, b, part = t.exp(x), t.exp(y), t.sigmoid(x + y)
    return [
        t.math.igamma(a, b),
        t.math.igamma(a * 20, a * 20 + y),
        t.math.igammac(a, b),
        t.math.igammac(b, a * 9),
        t.math.betainc(a, b, part),
        t.math.betainc(a * 20, b * 9, part),
        t.math.lbeta(a),
        t.math.polygamma(t.floor(a), b),
        t.math.zeta(a + 1, b),
        t.math.zeta(a * 4 + 1, b * 3),
    ]


def _all(name, kinds):
    return [
        tf_function(name, lambda t, x: tuple(_places(t, x, *kinds)), X, scale=1.5),
        tf_function(f"{name}_double", lambda t, x: tuple(_places(t, x, *kinds)), (2, 9), **_EXACT),
    ]


CASES = [
    *_all("waves_and_integrals", _ODD),
    *_all("positive", _POSITIVE),
    tf_function("below_zero", lambda t, x: tuple(getattr(t.math.special, name)(x) for name in _ODD), X, scale=3.0),
    tf_function("edges", lambda t, x: tuple(getattr(t.math.special, n)(t.round(x)) for n in (*_ODD, *_POSITIVE)), X),
    tf_function(
        "family",
        lambda t, x, y: tuple(_family(t, x, y)),
        X,
        X,
        tolerance=1e-4,
        reason="of TensorFlow in float32",
    ),
    tf_function("family_double", lambda t, x, y: tuple(_family(t, x, y)), (2, 9), (2, 9), **_EXACT),
    tf_function(
        "family_edges",
        lambda t, x, y: (
            t.math.igamma(t.round(x), t.round(y)),
            t.math.igammac(t.round(x), t.round(y)),
            t.math.betainc(t.round(x), t.abs(y) + 0.1, t.round(y)),
            t.math.polygamma(t.round(x), t.abs(y) + 0.1),
            t.math.zeta(t.round(x) + 1, t.abs(y) + 0.1),
            t.math.zeta(3.0, y - 2),
            t.math.zeta(2.0, t.round(y)),
        ),
        X,
        X,
    ),
    node("nodes", lambda t, x: _places(t, x, *_ODD, *_POSITIVE), (2, 5)),
    node(
        "nodes_family",
        lambda t, x, y: [
            t.math.igamma(t.exp(x), t.exp(y)),
            t.math.igammac(t.exp(x), t.exp(y)),
            t.math.betainc(t.exp(x), t.exp(y), t.sigmoid(x)),
            t.math.polygamma(t.round(t.exp(x)), t.exp(y)),
            t.math.zeta(t.exp(x) + 1, t.exp(y)),
        ],
        (2, 5),
        (2, 5),
    ),
]

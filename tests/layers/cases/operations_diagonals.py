"""einsum over diagonals, as keras.ops (Keras 3) and as a node of a TensorFlow graph (Keras 2)."""

from ._function import function
from ._node import node

X = (3, 4, 4)

CASES = [
    *[
        function(f"einsum_{at}", lambda k, x, term=term: k.einsum(term, x), shape)
        for at, (term, shape) in enumerate(
            (
                ("bii->bi", X),
                ("bii->b", X),
                ("biji->bj", (3, 4, 5, 4)),
                ("biii->bi", (2, 3, 3, 3)),
                ("bijij->bji", (2, 2, 3, 2, 3)),
            )
        )
    ],
    function("einsum_of_two", lambda k, x, y: k.einsum("bii,bij->bj", x, y), X, (3, 4, 5)),
    node("node_einsum", lambda t, x, y: [t.einsum("bii->bi", x), t.einsum("bii,bij->bj", x, y)], X, (3, 4, 5)),
]

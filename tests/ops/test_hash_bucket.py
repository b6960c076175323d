"""hash_bucket against numbers that TensorFlow 2.21 gave."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.hash_bucket import OP, HashBucketAttrs
from kmin.ops.tensor import TensorSpec

LARGEST = 2**63 - 1
# tf.strings.to_hash_bucket_fast and to_hash_bucket_strong (key 3, 7) of each text, modulo 2^63 - 1.
KNOWN = [
    (b"", 1936946117179621456, 4260434136022711674),
    (b"a", 3694432073954588132, 1834374123143231496),
    (b"abc", 2640714258260161385, 656949922964986924),
    (b"abcdefg", 4341691227789030229, 8204906782558231176),
    (b"abcdefgh", 9145071594317031690, 1168332015709806289),
    (b"x" * 16, 3320895591121647644, 2883603522978542428),
    (b"y" * 17, 426471879119003573, 3339917839204814537),
    (b"z" * 32, 5529242935250131553, 7625964848041873216),
    (b"q" * 33, 337133943010535268, 2863342498559577370),
    (b"w" * 64, 4555407945498560506, 1533335688399037777),
    (b"e" * 65, 8492481647093572336, 2998798153357397047),
    (bytes(range(1, 200)), 4522601712579422618, 396216371017768609),
]


def test_values() -> None:
    texts = np.array([text for text, _, _ in KNOWN]).reshape(3, 4)
    for salt, column in (((), 1), ((3, 7), 2)):
        (got,) = OP.run([texts], HashBucketAttrs(LARGEST, salt))
        assert got.dtype == np.int64
        assert got.reshape(-1).tolist() == [row[column] for row in KNOWN]


def test_integers_are_hashed_as_text() -> None:
    numbers = np.array([[-5, 0], [7, -(2**63)]])
    texts = np.array([[str(n).encode() for n in row] for row in numbers.tolist()])
    np.testing.assert_array_equal(*(OP.run([x], HashBucketAttrs(1000))[0] for x in (numbers, texts)))


def test_mask() -> None:
    (plain,) = OP.run([np.array([b"a", b"", b"b"])], HashBucketAttrs(9))
    (masked,) = OP.run([np.array([b"a", b"", b"b"])], HashBucketAttrs(9, mask=""))
    assert masked.tolist() == [plain[0] + 1, 0, plain[2] + 1]


def test_nothing_to_hash() -> None:
    assert OP.run([np.zeros((0, 2), "S3")], HashBucketAttrs(3))[0].shape == (0, 2)


def test_refusals() -> None:
    with pytest.raises(InputError, match="needs strings or integers"):
        OP.infer([TensorSpec((None, 2))], HashBucketAttrs(3))
    with pytest.raises(InputError, match="mask of the kind"):
        OP.infer([TensorSpec((None, 2), "string")], HashBucketAttrs(3, mask=1))

"""Difference: the figures, against NumPy over the whole."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.difference import Difference, default_tolerance


def test_pieces_add_up_to_the_whole() -> None:
    random = np.random.default_rng(0)
    ours, theirs = random.normal(size=(2, 50, 4)).astype(np.float32)
    found = Difference()
    for at in range(0, 50, 7):
        found.add(ours[at : at + 7], theirs[at : at + 7])
    error = np.abs(ours.astype(float) - theirs)
    assert found.rows == 50 and found.elements == 200
    assert found.mae == pytest.approx(error.mean())
    assert found.mse == pytest.approx((error**2).mean())
    assert found.largest == error.max()
    assert found.scaled == error.max() / np.abs(theirs).max()
    assert found.argmax_share == (ours.argmax(1) == theirs.argmax(1)).mean()


def test_a_lone_column_has_no_argmax() -> None:
    found = Difference()
    found.add(np.ones((3, 1)), np.ones((3, 1)))
    assert found.argmax_share is None and found.scaled == 0


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_must_be_the_same(value: float) -> None:
    same, other = Difference(), Difference()
    same.add(np.array([[value, 1.0]]), np.array([[value, 1.0]]))
    other.add(np.array([[value, 1.0]]), np.array([[2.0, 1.0]]))
    assert same.largest == 0 and same.scaled == 0
    assert other.largest == np.inf and other.scaled == np.inf


def test_a_reference_of_zeros_is_not_divided_by() -> None:
    found = Difference()
    found.add(np.array([[1e-3]]), np.array([[0.0]]))
    assert found.scaled == 1e-3


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match=r"\(2, 3\) against \(2, 1\)"):
        Difference().add(np.zeros((2, 3)), np.zeros((2, 1)))


def test_empty_pieces_change_nothing() -> None:
    found = Difference()
    found.add(np.zeros((0, 3)), np.zeros((0, 3)))
    assert (found.rows, found.mae, found.mse, found.scaled, found.argmax_share) == (0, 0, 0, 0, None)


def test_half_precision_is_judged_more_loosely() -> None:
    assert default_tolerance({"float32", "int32"}) == 1e-5
    assert default_tolerance({"float32", "float16"}) == default_tolerance({"bfloat16"}) == 2e-2


def test_complex_numbers_are_apart_in_their_plane() -> None:
    difference = Difference()
    difference.add(np.array([[1 + 1j, complex("nan")]], "c8"), np.array([[4 + 5j, complex("nan")]], "c8"))
    assert (difference.largest, difference.magnitude) == (5.0, abs(4 + 5j))
    assert difference.argmax_share is None


def test_texts_are_equal_or_not() -> None:
    difference = Difference()
    difference.add(np.array([[b"a", b"b"], [b"c", b"d"]]), np.array([[b"a", b"bb"], [b"c", b"d"]]))
    assert (difference.largest, difference.mae, difference.argmax_share) == (1.0, 0.25, None)

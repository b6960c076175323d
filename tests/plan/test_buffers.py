"""Buffers never overlap while both are alive, and a chain needs two of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kmin.plan.buffers import ALIGNMENT, Lifetime, aligned, assign_buffers

LIFETIMES = st.lists(
    st.builds(
        lambda first, length, size: Lifetime(first, first + length, size),
        st.integers(0, 20),
        st.integers(0, 8),
        st.integers(0, 500),
    ),
    max_size=25,
)


@given(LIFETIMES)
def test_live_buffers_are_apart_and_inside(lifetimes: list[Lifetime]) -> None:
    offsets, total = assign_buffers(lifetimes)
    for number, (offset, life) in enumerate(zip(offsets, lifetimes, strict=True)):
        assert offset % ALIGNMENT == 0
        assert offset + life.size <= total
        for other in range(number):
            if lifetimes[other].first <= life.last and life.first <= lifetimes[other].last:
                before, after = sorted([(offset, life.size), (offsets[other], lifetimes[other].size)])
                assert before[0] + before[1] <= after[0] or 0 in (before[1], after[1])


def test_a_chain_needs_its_two_largest_neighbours() -> None:
    sizes = [64, 512, 256, 128, 128]
    lifetimes = [Lifetime(step, step + 1, size) for step, size in enumerate(sizes)]
    assert assign_buffers(lifetimes)[1] == 512 + 256


def test_nothing_to_assign() -> None:
    assert assign_buffers([]) == ([], 0)


def test_aligned() -> None:
    assert [aligned(size) for size in (0, 1, 64, 65)] == [0, 64, 64, 128]


def test_a_long_chain_needs_as_much_as_a_short_one() -> None:
    lifetimes = [Lifetime(step, step + 1, 100) for step in range(20_000)]
    offsets, total = assign_buffers(lifetimes)
    assert total == 2 * aligned(100)
    assert set(offsets) == {0, aligned(100)}

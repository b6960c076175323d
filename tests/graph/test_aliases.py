"""aliased_outputs: which results must be copied before they are handed out."""

from __future__ import annotations

from graph.toy import Toy
from kmin.graph.aliases import aliased_outputs


def test_inputs_weights_and_views_of_them_are_aliased() -> None:
    toy = Toy()
    x = toy.input(2, 6)
    view = toy.add("transpose", toy.add("reshape", x, target=(("x", 0), 3, 4)), perm=(0, 2, 1))
    weight = toy.weight(2, 6)
    fresh = toy.dense(x, 3)
    assert aliased_outputs(toy.graph(x, view, weight, fresh)) == (0, 1, 2)


def test_of_results_that_share_memory_the_first_is_free() -> None:
    toy = Toy()
    y = toy.dense(toy.input(6), 4)
    flat = toy.add("reshape", y, target=(("x", 0), 2, 2))
    assert aliased_outputs(toy.graph(y, flat, y)) == (1, 2)
    assert aliased_outputs(toy.graph(flat, y)) == (1,)


def test_a_linear_activation_hands_on_its_input() -> None:
    toy = Toy()
    x = toy.input(6)
    linear, relu = toy.add("activation", x, kind="linear"), toy.add("activation", x, kind="relu")
    assert aliased_outputs(toy.graph(linear, relu)) == (0,)


def test_a_long_chain_of_views() -> None:
    toy = Toy()
    x = toy.input(6)
    fresh = toy.dense(x, 6)
    early = late = fresh
    for count in range(5000):
        late = toy.add("reverse", late, axis=1)
        early = late if count == 10 else early
    assert aliased_outputs(toy.graph(late, toy.dense(x, 2), early)) == (2,)

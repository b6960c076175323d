"""Images over time, from frames to answers, as one native call."""

from __future__ import annotations

import pytest
from plan.beside_numpy import TIERS, planned

from graph.toy import Toy
from kmin.graph.ir import Graph
from kmin.ops import OPS


def frames(backwards: bool) -> Graph:
    """Two layers, the second of which begins with the states of the first, and a convolution."""
    toy = Toy()
    x, states = toy.input(4, 5, 6, 2), (None, None)
    for channels, sequences in ((2, True), (3, False)):
        weights = (toy.weight(3, 3, channels, 12), toy.weight(3, 3, 3, 12), toy.weight(12))
        attrs = OPS["conv_lstm"].attrs((1, 1), (1, 1), "same", go_backwards=backwards, return_sequences=sequences)
        x, *states = toy.builder.add("conv_lstm", (x, *weights, None, *states), attrs, "conv_lstm")
    further = {"strides": (1, 1), "dilation": (1, 1), "padding": "same"}
    return toy.graph(toy.add("conv", x, toy.weight(3, 3, 3, 2), None, **further), *states)


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("tier", TIERS)
def test_frames_are_one_native_call(tier: str, backwards: bool) -> None:
    plan = planned(frames(backwards), tier, (0, 1, 5))
    assert [step.kernel for step in plan.steps] == ["native"]

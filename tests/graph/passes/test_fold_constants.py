"""fold_constants: fires, does not fire, same output, twice changes nothing."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from graph.toy import Toy
from kmin.graph.passes.fold_constants import fold_constants


def test_chains_of_constants_are_computed() -> None:
    toy = Toy()
    kernel = toy.add("cast", toy.constant(np.arange(8.0).reshape(2, 4)), dtype="float32")
    kernel = toy.add("activation", kernel, kind="relu")
    graph = toy.graph(toy.add("dense", toy.input(2), kernel, None))
    folded = fold_constants(graph)
    assert [node.op for node in folded.nodes] == ["dense"]
    assert set(folded.constants) == {kernel}
    toy.assert_same(graph, folded)
    assert fold_constants(folded) is folded


def test_a_constant_output_stays_computed() -> None:
    toy = Toy()
    toy.input(2)
    graph = toy.graph(toy.add("cast", toy.constant(np.arange(3)), dtype="float32"))
    assert fold_constants(graph) is graph


def test_what_reads_an_input_stays() -> None:
    toy = Toy()
    graph = toy.graph(toy.dense(toy.input(2), 3))
    assert fold_constants(graph) is graph


def test_large_results_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    toy = Toy()
    kernel = toy.add("cast", toy.constant(np.ones((2, 4), np.float16)), dtype="float32")
    graph = toy.graph(toy.add("dense", toy.input(2), kernel, None))
    monkeypatch.setattr(sys.modules[fold_constants.__module__], "RESULT_BYTES", 31)
    assert fold_constants(graph) is graph
    monkeypatch.setattr(sys.modules[fold_constants.__module__], "RESULT_BYTES", 32)
    assert len(fold_constants(graph).nodes) == 1

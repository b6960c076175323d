"""The table of engines, and how names choose from it."""

from __future__ import annotations

import importlib

import pytest

from kmin.engines import ENGINES, choose_engines
from kmin.errors import EngineError


def test_the_table_is_sorted_and_every_adapter_offers_its_two_functions() -> None:
    assert list(ENGINES) == sorted(ENGINES)
    for engine in ENGINES.values():
        adapter = importlib.import_module(engine.module)
        assert callable(adapter.start) and callable(adapter.open_session)


def test_families_and_names() -> None:
    assert choose_engines(["kmin"]) == ["kmin-native", "kmin-numpy"]
    assert choose_engines(["kmin-numpy", "keras", "kmin"]) == [
        "kmin-numpy",
        "keras-call",
        "keras-predict",
        "kmin-native",
    ]


@pytest.mark.parametrize("name", ["", "kmin-", "k", "torch"])
def test_unknown_names_are_refused(name: str) -> None:
    with pytest.raises(EngineError, match="engines are keras-call, keras-predict, kmin-native, kmin-numpy"):
        choose_engines([name])


def test_a_near_miss_is_suggested() -> None:
    with pytest.raises(EngineError, match="did you mean kmin-numpy"):
        choose_engines(["kmin-nunpy"])

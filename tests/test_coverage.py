"""The coverage page: up to date, nothing exported left out, everything that runs proved by a test."""

from __future__ import annotations

from pathlib import Path

import pytest
from coverage_page import NODES, PAGE, names, page
from coverage_reasons import OTHER_PROOFS, WRITTEN_AS_OTHERS

from kmin.layers import LAYERS
from kmin.layers.operations import KERAS_FUNCTIONS, TENSORFLOW_FUNCTIONS
from kmin.layers.operations.reasons import REFUSED_OPERATIONS

HERE = Path(__file__).resolve().parent


def rows() -> list[list[str]]:
    lines = page().splitlines()
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| ")]


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == page(), "run: python tests/coverage_page.py"


def test_nothing_exported_is_left_out() -> None:
    listed = {row[0].strip("`") for row in rows()}
    text = page()
    for generation in (2, 3):
        assert set(names(generation)["layers"]) <= listed
    assert set(names(3)["operations"]) <= listed
    plain = {name for name in LAYERS if not name.startswith(("ops.", "Custom>"))}
    assert {name.removeprefix("keras1.") for name in plain} <= listed
    assert all(f"`{name}`" in text for name in names(2)["functions"])
    assert set(TENSORFLOW_FUNCTIONS) <= listed


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_each_row_says_why(row: list[str]) -> None:
    assert all(row), f"{row[0]}: neither a test that proves it nor a reason"


def test_every_name_in_the_tables_is_known() -> None:
    made = {kind for kind in names(3)["operations"].values() if kind}
    assert set(KERAS_FUNCTIONS) <= made | set(NODES.values()) | {"Abs", "Conj"}
    assert set(REFUSED_OPERATIONS) <= set(names(3)["operations"])
    assert set(names(2)["functions"]) >= WRITTEN_AS_OTHERS
    assert not WRITTEN_AS_OTHERS & set(TENSORFLOW_FUNCTIONS)
    for proof in OTHER_PROOFS.values():
        assert (HERE.parent / proof).exists()

"""Published files, when their folder is there: every one is read, or named for what it is."""

from __future__ import annotations

import csv
import os
from collections import Counter
from pathlib import Path

import pytest

from kmin.errors import FormatError
from kmin.formats import read

FOLDER = Path(os.environ.get("KMIN_REAL_MODELS", Path(__file__).resolve().parents[3] / "shared" / "real_models"))


@pytest.mark.skipif(not FOLDER.exists(), reason="the folder of published models is not there")
def test_published_files() -> None:
    outcome: Counter[str] = Counter()
    refused = []
    with (FOLDER / "INDEX.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            try:
                spec = read(FOLDER / "files" / row["file"])
            except FormatError as error:
                if row["kind"] == "model":
                    refused.append(str(error))
                outcome["refused"] += 1
                continue
            assert spec.layers, row["file"]
            assert row["kind"] == "model", row["file"]
            outcome["read"] += 1
    assert refused == []
    assert outcome["read"] > 200

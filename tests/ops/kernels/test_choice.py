"""Which tier is used: by the machine, by KMIN_KERNELS, and without any compiled module."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import kmin
from kmin.errors import KminError
from kmin.ops import OPS, kernels

WITHOUT_COMPILED = """
import sys
sys.modules["kmin.ops.kernels._tiers"] = sys.modules["kmin.plan._runner"] = None
from kmin.ops import kernels
import kmin.plan.compile
print(kernels.ACTIVE, *kernels.AVAILABLE, kernels.report().compiled)
"""


def python(code: str, choice: str | None) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "KMIN_KERNELS"}
    if choice is not None:
        environment["KMIN_KERNELS"] = choice
    where = Path(kmin.__file__).parents[1]  # the kmin under test, installed or not
    return subprocess.run(
        [sys.executable, "-c", code], cwd=where, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", kernels.AVAILABLE)
def test_environment_forces_a_tier(name: str) -> None:
    done = python("from kmin.ops import kernels; print(kernels.ACTIVE, kernels.report().forced)", name)
    assert done.stdout.split() == [name, "True"], done.stderr


@pytest.mark.parametrize("choice", [None, ""])
def test_best_tier_is_the_default(choice: str | None) -> None:
    done = python("from kmin.ops import kernels; print(kernels.ACTIVE, kernels.report().forced)", choice)
    assert done.stdout.split() == [kernels.AVAILABLE[-1], "False"], done.stderr


def test_unknown_choice_is_refused_by_name() -> None:
    done = python("import kmin.ops.kernels", "sse9")
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert "KMIN_KERNELS must be one of numpy" in last
    assert "received 'sse9'" in last


def test_without_compiled_modules_numpy_runs_everything() -> None:
    done = python(WITHOUT_COMPILED, None)
    assert done.stdout.split() == ["numpy", "numpy", "False"], done.stderr


def test_tiers_by_name() -> None:
    assert kernels.tier("numpy") is None
    for name in kernels.AVAILABLE[1:]:
        found = kernels.tier(name)
        assert found is not None
        assert found.name == name
        assert found.lanes >= 1
    with pytest.raises(KminError, match=r"kernels must be one of numpy.*received 'mmx'"):
        kernels.tier("mmx")


def test_report_has_a_row_per_op() -> None:
    report = kernels.report()
    assert [choice.op for choice in report.choices] == list(OPS)
    by_op = {choice.op: choice for choice in report.choices}
    assert by_op["dense"].tier == report.active
    assert by_op["dense"].available == report.available
    assert by_op["sort"].tier == "numpy"
    assert report.compiled == (len(report.available) > 1)

"""The probe's child bounds itself, too: nobody may be left to end it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytest.importorskip("resource")


def test_the_child_ends_by_itself_when_its_parent_is_gone() -> None:
    code = (
        "import json, sys; sys.path[:] = json.loads(sys.argv[1]); import resource; from kmin.formats import probe;"
        "probe.main(); print(resource.getrlimit(resource.RLIMIT_CPU)[1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(sys.path)], input=b"no HDF5", capture_output=True, check=True
    )
    assert 0 < int(done.stdout) <= 6

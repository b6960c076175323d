"""check_tier.c, which nothing else compiles, knows the kernels as they are."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
HEADERS = HERE.parents[2] / "kmin" / "ops" / "kernels"


def test_it_compiles() -> None:
    compiler = shutil.which("cc")
    if compiler is None:
        return
    command = [compiler, "-fsyntax-only", "-Wall", "-Werror", f"-I{HEADERS}", str(HERE / "check_tier.c")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr

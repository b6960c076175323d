"""Lets the tests import `benchmarks`, which is not installed; an installed kmin goes before the one beside it."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))

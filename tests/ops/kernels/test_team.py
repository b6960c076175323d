"""The team of threads: the same bits on any number of them, after fork, and when many calls want it at once."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from kmin.ops import kernels

TIERS = kernels.AVAILABLE[1:]
pytestmark = pytest.mark.skipif(not TIERS, reason="no compiled kernels in this install")


def product(name: str, rows: int, k: int, n: int, threads: int) -> np.ndarray:
    tier = kernels.tier(name)
    assert tier is not None
    rng = np.random.default_rng(1)
    x, w = rng.normal(size=(rows, k)).astype(np.float32), rng.normal(size=(k, n)).astype(np.float32)
    y = np.full((rows, n), np.nan, np.float32)
    tier.dense(w, None, function="tanh")(x, y, threads=threads)
    return y


@pytest.mark.parametrize("sizes", [(1, 512, 512), (2, 700, 130), (49, 512, 257), (1000, 64, 40), (5, 3, 2)])
@pytest.mark.parametrize("name", TIERS)
def test_same_bits_on_any_number_of_threads(name: str, sizes: tuple[int, int, int]) -> None:
    alone = product(name, *sizes, threads=1)
    for threads in (2, 3, 5, 64, 1000):
        np.testing.assert_array_equal(product(name, *sizes, threads=threads), alone)


def test_many_calls_at_once() -> None:
    wanted = product(TIERS[-1], 300, 128, 128, threads=1)
    start = threading.Barrier(6)

    def work(_: int) -> bool:
        start.wait()
        return all(np.array_equal(product(TIERS[-1], 300, 128, 128, threads=2 + at % 3), wanted) for at in range(30))

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(work, range(6)))


FORK = """
import os, sys
sys.path[:] = sys.argv[2:]
import numpy as np
from kmin.ops import kernels
tier = kernels.tier(sys.argv[1])
x, w = np.ones((400, 256), np.float32), np.ones((256, 256), np.float32)
kernel = tier.dense(w, None)
def run():
    y = np.zeros((400, 256), np.float32)
    for _ in range(20):
        kernel(x, y, threads=3)
    return bool((y == 256).all())
assert run()
children = []
for _ in range(3):
    child = os.fork()
    if child == 0:
        os._exit(0 if run() and run() else 1)
    assert run()
    children.append(child)
assert all(os.waitpid(child, 0)[1] == 0 for child in children)
print("forked")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_the_team_is_made_anew_after_fork() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORK, TIERS[-1], *sys.path], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout == "forked\n", done.stderr

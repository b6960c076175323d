"""Kernel benchmarks: that every row builds, what is counted, and how the probe's figures are read."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.kernels import KERNELS, Kernel, Layers, measure_kernels, multiplications, print_kernels, timed
from benchmarks.probe import read_peak

PEAK = read_peak(2, "fma 100.0\nread_256KB 80.5\nread_4MB 40.0\nread_256MB 20.0\n")


def test_titles_are_unique() -> None:
    assert len({kernel.title for kernel in KERNELS}) == len(KERNELS)


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.title)
def test_every_row_builds(kernel: Kernel) -> None:
    graph = kernel.build().graph()
    assert graph.nodes and len(graph.outputs) == 1


def test_multiplications_are_those_of_the_layers() -> None:
    assert multiplications(Layers(8, 8, 4).conv(6, 3).graph()) == 8 * 8 * 9 * 4 * 6
    assert multiplications(Layers(5).dense(7).graph()) == 35
    assert multiplications(Layers(5).add("softmax", axes=(-1,)).graph()) == 0


def test_a_kernel_is_measured_and_printed() -> None:
    (found,) = measure_kernels(1, "gemv 512", 0.005)
    assert found.flops == 2 * 512 * 512 and 0 < found.least <= found.median
    lines = print_kernels([found], PEAK).splitlines()
    assert lines[0].startswith("peak on 2 threads: 100 GFLOP/s; each thread reads 256KB at 80 GB/s, 4MB at 40 GB/s, 25")
    assert lines[3].startswith("gemv 512 -> 512") and lines[3].endswith("%")
    assert "%" not in print_kernels([found], None)


def test_short_calls_are_timed_in_blocks() -> None:
    calls: list[object] = []
    times = timed(calls.append, np.ones(1), 0.002)
    assert len(calls) > len(times) >= 1

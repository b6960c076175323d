"""Peak: what the machine can do at most, by a small C program that the system's compiler builds for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("probe.c")


@dataclass(frozen=True)
class Peak:
    """Limits on a number of threads.

    Attributes:
        threads: that worked at once.
        fma: GFLOP/s of float32 multiply-adds in registers.
        reading: buffer size per thread -> GB/s of reading it over and over.
    """

    threads: int
    fma: float
    reading: dict[str, float]

    def __str__(self) -> str:
        reading = ", ".join(f"{size} at {rate:.0f} GB/s" for size, rate in self.reading.items())
        return f"peak on {self.threads} threads: {self.fma:.0f} GFLOP/s; each thread reads {reading} altogether"


def measure_peak(threads: int) -> Peak | None:
    """The machine's limits; None without a C compiler."""
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if compiler is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "probe"
        command = [compiler, "-O3", "-march=native", "-o", str(program), str(SOURCE), "-lpthread"]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            return None
        run = subprocess.run([str(program), str(threads)], capture_output=True, text=True, check=True)
    return read_peak(threads, run.stdout)


def read_peak(threads: int, text: str) -> Peak:
    """The Peak that the program printed."""
    values = {name: float(value) for name, value in (line.split() for line in text.splitlines())}
    reading = {name.removeprefix("read_"): value for name, value in values.items() if name.startswith("read_")}
    return Peak(threads, values["fma"], reading)

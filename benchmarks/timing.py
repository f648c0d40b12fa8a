"""What one whole process takes, and several runs of it, told by their median."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Timing:
    """Wall and CPU seconds of a process and its children, and the most memory it held."""

    wall: float
    cpu: float
    mib: float

    def __add__(self, other: Timing) -> Timing:
        return Timing(self.wall + other.wall, self.cpu + other.cpu, max(self.mib, other.mib))


def timed(command: Sequence[str], folder: Path, expected_status: int = 0) -> Timing:
    """Run *command* to its end in *folder* and return what it took.

    Raises:
        RuntimeError: If it ends with another status; that is no measurement.
    """
    # As an installed package has it: compiled once, not at every start.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != expected_status:
        raise RuntimeError(f"{command} ended with {process.returncode}:\n{(folder / 'output.txt').read_text()[-3000:]}")
    return Timing(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def median(timings: Sequence[Timing]) -> Timing:
    """Return the median of each figure."""
    return Timing(*(statistics.median(getattr(t, name) for t in timings) for name in ("wall", "cpu", "mib")))

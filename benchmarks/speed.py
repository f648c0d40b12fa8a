"""How fast: side by side in one run, as ratios, since machines are noisy and a figure alone says little.

    python benchmarks/speed.py [--cases 1000 5000] [--rounds 3] [--large 10000 20000 40000 100000]

Prints a table of wall seconds, CPU seconds and memory, each the median of the rounds, which take turns:
- bare `pytest`, with the plugin switched off and with it installed but unused;
- aiohttp alone and, for the smallest number, litellm's own `acompletion`; and the suite cold, all on a stub server
  (200 ms, 64 in flight);
- bare pytest on as many trivial tests as there are cases; and the suite cached, its cases right, missed or failed.
`--large` measures larger cached suites once each, and the reading of their files.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from project import HERE, stub, write_project
from timing import Timing, median, timed

PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:xdist"]
BARE = [*PYTEST, "-p", "no:llmcost"]
SUITE = [*PYTEST, "--llm-budget"]
START, UNUSED = "pytest on one test, plugin off", "pytest on one test, plugin unused"

Rows = dict[str, Timing]


def measure(folder: Path, base: str, n: int, *, with_litellm: bool) -> Rows:
    """Return one round of all measurements with *n* cases, one after another."""

    def bare_loop(client: str) -> Timing:
        return timed([sys.executable, str(HERE / f"bare_{client}.py"), base, str(n)], folder)

    shutil.rmtree(folder / ".llmcost", ignore_errors=True)
    rows = {START: timed([*BARE, "test_one.py"], folder), UNUSED: timed([*PYTEST, "test_one.py"], folder)}
    if with_litellm:
        rows[f"{n:,} calls, litellm alone"] = bare_loop("litellm")
    rows[f"{n:,} calls, aiohttp alone, and pytest's start"] = bare_loop("aiohttp") + rows[START]
    rows[f"{n:,} cases, cold"] = timed([*SUITE, "bench_mail.yaml"], folder)
    return rows | measure_cached(folder, n)


def measure_cached(folder: Path, n: int) -> Rows:
    """Return trivial tests beside cached cases."""
    return {
        f"{n:,} trivial tests": timed([*BARE, "test_trivial.py"], folder),
        f"{n:,} cases, cached": timed([*SUITE, "bench_mail.yaml"], folder),
        f"{n:,} cases, cached, all missed": timed([*SUITE, "bench_missed.yaml"], folder),
        f"{n:,} cases, cached, all failed": timed([*SUITE, "bench_failed.yaml"], folder, expected_status=1),
    }


def measure_large(folder: Path, n: int) -> Rows:
    """Return what *n* cached cases take, and how long their suite is read."""
    with stub(latency_seconds=0) as base:
        write_project(folder, base, n)
        timed([*SUITE, "bench_mail.yaml"], folder)
    reading = [sys.executable, str(HERE / "read_suite.py"), str(folder), "bench_mail.yaml"]
    return {**measure_cached(folder, n), f"reading a suite of {n:,} cases": timed(reading, folder)}


def show(rows: Rows) -> None:
    """Print the table; each row is compared with the last one before it that is not of the plugin."""
    print(f"{'':46} {'wall s':>8} {'CPU s':>8} {'MiB':>6} {'wall ratio':>11} {'CPU ratio':>10}")
    beside: Timing | None = None
    for name, t in rows.items():
        is_ours = " cases," in name or name == UNUSED
        ratios = f"{t.wall / beside.wall:11.2f} {t.cpu / beside.cpu:10.2f}" if is_ours and beside else ""
        print(f"{name:46} {t.wall:8.2f} {t.cpu:8.2f} {t.mib:6.0f} {ratios}".rstrip())
        beside = beside if is_ours else t
    print("\n".join(memory_lines(rows)))


def memory_lines(rows: Rows) -> Iterator[str]:
    """Yield what a cached case adds to the memory, from the smallest suite to the largest."""
    held = {int(name.split()[0].replace(",", "")): t.mib for name, t in rows.items() if name.endswith("cases, cached")}
    least, most = min(held), max(held)
    if most > least:
        yield f"memory a cached case: {(held[most] - held[least]) * 1024 / (most - least):.1f} KiB"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, nargs="+", default=[1000, 5000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--large", type=int, nargs="*", default=[])
    options = parser.parse_args()
    os.environ["STUB_KEY"] = "none"
    rounds: dict[str, list[Timing]] = {}
    with stub() as base, tempfile.TemporaryDirectory() as root:
        folders = {n: write_project(Path(root) / str(n), base, n) for n in options.cases}
        for _ in range(options.rounds):
            for n, folder in folders.items():
                for name, timing in measure(folder, base, n, with_litellm=n == min(folders)).items():
                    rounds.setdefault(name, []).append(timing)
        for n in options.large:
            rounds |= {name: [timing] for name, timing in measure_large(Path(root) / f"large{n}", n).items()}
    show({name: median(timings) for name, timings in rounds.items()})


if __name__ == "__main__":
    main()

"""How fast: side by side in one run, as ratios, since machines are noisy and a figure alone says little.

    python benchmarks/speed.py [--cases 1000] [--rounds 3]

Prints a table of wall and CPU seconds (the best of the rounds) for
- bare `pytest`, with the plugin switched off and with it installed but unused;
- bare pytest on as many trivial tests as there are cases, and the cached suite;
- litellm's own `acompletion` in a bare loop, and the cold suite, both on a stub server (200 ms, 64 in flight).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
LATENCY_SECONDS = 0.2


@dataclass(frozen=True)
class Timing:
    """Wall and CPU seconds of one whole process and its children."""

    wall: float
    cpu: float


def timed(command: list[str], folder: Path) -> Timing:
    """Run *command* to its end in *folder* and return what it took.

    Raises:
        RuntimeError: If it fails; a failed run is no measurement.
    """
    start = time.perf_counter()
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command} failed:\n{(folder / 'output.txt').read_text()[-3000:]}")
    return Timing(time.perf_counter() - start, used.ru_utime + used.ru_stime)


@contextlib.contextmanager
def stub(lifetime_seconds: float) -> Iterator[str]:
    """Yield the address of a stub server that runs meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        port_file = Path(folder) / "base"
        command = [sys.executable, str(HERE / "stub.py"), str(port_file), str(LATENCY_SECONDS), str(lifetime_seconds)]
        server = subprocess.Popen(command)
        try:
            while not port_file.exists() or not port_file.read_text():
                time.sleep(0.05)
            yield port_file.read_text()
        finally:
            server.terminate()
            server.wait()


def write_project(folder: Path, base: str, n: int) -> None:
    """Write a suite of *n* cases that is answered by the stub, and as many trivial tests."""
    (folder / "llmcost.toml").write_text(
        "concurrency = 64\nmax_cost_usd = 10\n"
        f'[models.stub]\nmodel = "openai/gpt-4o-mini"\napi_base = "{base}"\napi_key_env = "STUB_KEY"\n'
        "[prices.stub]\ninput = 1.0\noutput = 2.0\n"
    )
    head = "prompt: |-\n  Is this mail for the shop, or other?\n  {{ text }}\nlabels: [shop, other]\nparse: label\n"
    head += "scorer: label\nparams: {max_tokens: 8}\nstrategies: {stub: {model: stub}}\ncases:\n"
    cases = "".join(f'  - {{id: c{i}, text: "My order number {i}", expected: shop}}\n' for i in range(n))
    (folder / "bench_mail.yaml").write_text(head + cases)
    body = "import pytest\n@pytest.mark.parametrize('i', range(%d))\ndef test_trivial(i):\n    assert i >= 0\n"
    (folder / "test_trivial.py").write_text(body % n)
    (folder / "test_one.py").write_text("def test_one():\n    assert True\n")


def measure(folder: Path, base: str, n: int) -> dict[str, Timing]:
    """Return one round of all measurements, one after another."""
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:xdist"]
    shutil.rmtree(folder / ".llmcost", ignore_errors=True)
    return {
        "pytest, plugin off": timed([*pytest, "-p", "no:llmcost", "test_one.py"], folder),
        "pytest, plugin unused": timed([*pytest, "test_one.py"], folder),
        f"litellm bare loop, {n} calls": timed([sys.executable, str(HERE / "bare_litellm.py"), base, str(n)], folder),
        f"suite cold, {n} cases": timed([*pytest, "--llm-budget", "bench_mail.yaml"], folder),
        f"pytest, {n} trivial tests": timed([*pytest, "-p", "no:llmcost", "test_trivial.py"], folder),
        f"suite cached, {n} cases": timed([*pytest, "--llm-budget", "bench_mail.yaml"], folder),
    }


def show(best: dict[str, Timing]) -> None:
    """Print the table; each second row is compared with the row above it."""
    print(f"{'':38} {'wall s':>8} {'CPU s':>8} {'wall ratio':>11} {'CPU ratio':>10}")
    beside: Timing | None = None
    for name, timing in best.items():
        ratios = f"{timing.wall / beside.wall:11.2f} {timing.cpu / beside.cpu:10.2f}" if beside else ""
        print(f"{name:38} {timing.wall:8.2f} {timing.cpu:8.2f} {ratios}")
        beside = None if beside else timing


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    os.environ["STUB_KEY"] = "none"
    rounds = []
    with stub(lifetime_seconds=1800) as base, tempfile.TemporaryDirectory() as folder:
        write_project(Path(folder), base, options.cases)
        rounds = [measure(Path(folder), base, options.cases) for _ in range(options.rounds)]
    show({name: min((r[name] for r in rounds), key=lambda t: t.wall) for name in rounds[0]})


if __name__ == "__main__":
    main()

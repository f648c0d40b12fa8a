"""What is measured on: a stub server, and suites that it answers beside as many trivial tests."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
LATENCY_SECONDS = 0.2
_HEAD = """\
prompt: |-
  Is this mail for the shop, or other?
  {{ text }}
labels: [shop, other]
parse: label
scorer: label
params: {max_tokens: 8}
strategies: {stub: {model: stub}}
"""
_TRIVIAL = """\
import pytest

@pytest.mark.parametrize("i", range(%d))
def test_trivial(i):
    assert i >= 0
"""


@contextlib.contextmanager
def stub(latency_seconds: float = LATENCY_SECONDS, lifetime_seconds: float = 7200) -> Iterator[str]:
    """Yield the address of a stub server that runs meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        port_file = Path(folder) / "base"
        command = [sys.executable, str(HERE / "stub.py"), str(port_file), str(latency_seconds), str(lifetime_seconds)]
        server = subprocess.Popen(command)
        try:
            while not port_file.exists() or not port_file.read_text():
                time.sleep(0.05)
            yield port_file.read_text()
        finally:
            server.terminate()
            server.wait()


def write_project(folder: Path, base: str, n: int) -> Path:
    """Write *n* cases three times, right, missed and failed by the same answers, and as many trivial tests."""
    folder.mkdir(exist_ok=True)
    (folder / "llmcost.toml").write_text(
        "concurrency = 64\nmax_cost_usd = 10\n"
        f'[models.stub]\nmodel = "openai/gpt-4o-mini"\napi_base = "{base}"\napi_key_env = "STUB_KEY"\n'
        "[prices.stub]\ninput = 1.0\noutput = 2.0\n"
    )
    for name, strict, expected in (("mail", False, "shop"), ("missed", False, "other"), ("failed", True, "other")):
        cases = (f'  - {{id: c{i}, text: "My order number {i}", expected: {expected}}}\n' for i in range(n))
        head = f"{_HEAD}strict: {str(strict).lower()}\ncases:\n"
        (folder / f"bench_{name}.yaml").write_text(head + "".join(cases))
    (folder / "test_trivial.py").write_text(_TRIVIAL % n)
    (folder / "test_one.py").write_text("def test_one():\n    assert True\n")
    return folder

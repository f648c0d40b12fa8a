"""The example suite on the real model: what the README shows is what happens."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from fakes.weights import needs_weights

pytestmark = [pytest.mark.live, needs_weights]

ROOT = Path(__file__).parents[2]
CASES = 120
"""As many as show a drop of 15 points; all 420 would say the same and take four times as long."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The triage suite's `careful` strategy on every third case, with a baseline that it made itself."""
    folder = tmp_path_factory.mktemp("triage")
    lines = (ROOT / "example_suites/triage/bench_triage.yaml").read_text("utf-8").splitlines(keepends=True)
    start = lines.index("cases:\n") + 1
    head = [line for line in lines[:start] if not line.startswith("  plain:")]
    (folder / "bench_triage.yaml").write_text("".join([*head, *lines[start::3][:CASES]]), "utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n")
    assert run(folder, "--llm-update-baseline").returncode == 0
    return folder


def run(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on the suite in a process of its own."""
    command = [sys.executable, "-m", "pytest", "-p", "no:randomly", "--llm-budget", *args]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)


def last_run(folder: Path) -> list[dict[str, object]]:
    """Return the trials of the newest run file."""
    newest = max((folder / ".llmcost/runs").glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)
    return [json.loads(line) for line in newest.read_text("utf-8").splitlines()[1:]]


def test_the_second_run_makes_no_call_and_nothing_changed(folder: Path) -> None:
    done = run(folder)
    assert done.returncode == 0
    assert f"{CASES + 3} calls, {CASES + 3} of them from the cache" in done.stdout
    assert sum(trial["paid_usd"] for trial in last_run(folder)) == 0  # type: ignore[misc]


def test_two_workers_ask_the_model_for_the_same_answers(folder: Path) -> None:
    run(folder)
    plain = {trial["case"]: trial["answer_sha256"] for trial in last_run(folder)}
    assert run(folder, "--llm-mode=live", "-n2").returncode == 0
    assert {trial["case"]: trial["answer_sha256"] for trial in last_run(folder)} == plain


def test_the_readme_s_spoilt_prompt_fails_the_run_plain_and_with_two_workers(folder: Path, tmp_path: Path) -> None:
    spoilt = tmp_path / "spoilt"
    shutil.copytree(folder, spoilt)
    readme = (ROOT / "README.md").read_text("utf-8")
    (sed,) = re.findall(r"^(sed -i .*) example_suites/triage/bench_triage.yaml$", readme, re.MULTILINE)
    subprocess.run(f"{sed} bench_triage.yaml", shell=True, cwd=spoilt, check=True)
    for workers in ((), ("-n2",)):
        done = run(spoilt, "--junitxml=out.xml", *workers)
        assert done.returncode == 1
        cases = {case.get("name"): case for case in ET.parse(spoilt / "out.xml").iter("testcase")}
        assert cases["gate[quality]"].find("failure") is not None
        properties = {p.get("name"): p.get("value") for p in cases["gate[quality]"].iter("property")}
        assert properties["outcome"] == "fail"
        assert float(properties["estimate"] or 0) <= -0.15

"""The example suites on the real model: what the README shows is what happens."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from fakes.weights import needs_minilm, needs_weights

from pytest_llmcost.gate.baseline import baseline_path, read_baseline
from pytest_llmcost.gate.records import records_of
from pytest_llmcost.reports.run_file import read_run

pytestmark = [pytest.mark.live, needs_weights]

ROOT = Path(__file__).parents[2]
CASES = 120
"""As many as show a drop of 15 points; all 420 would say the same and take four times as long."""

SPOIL = """sed -i 's/^  Topic:/  The topic of this mail is:/; s/^  Message: {{ text }}/  Mail: "{{ text }}"/'"""

FOLDERS = [
    pytest.param(path.name, marks=needs_minilm) if path.name == "paraphrases" else path.name
    for path in sorted((ROOT / "example_suites").iterdir())
    if path.is_dir()
]


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


@pytest.fixture
def alone(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """One folder of `example_suites` in a project of the same configuration, where nothing was asked yet."""
    place = f"example_suites/{request.param}"
    shutil.copytree(ROOT / place, tmp_path / place)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def run(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on the suite in a process of its own."""
    return plain_run(folder, "--llm-budget", *args)


def plain_run(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run pytest there without asking for calls."""
    command = [sys.executable, "-m", "pytest", "-p", "no:randomly", *args]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)


def newest_run(folder: Path) -> Path:
    """Return the newest run file."""
    return max((folder / ".llmcost/runs").glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)


def last_run(folder: Path) -> list[dict[str, object]]:
    """Return the trials of the newest run file."""
    return [json.loads(line) for line in newest_run(folder).read_text("utf-8").splitlines()[1:]]


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


def test_a_spoilt_prompt_fails_the_run_plain_and_with_two_workers(folder: Path, tmp_path: Path) -> None:
    spoilt = tmp_path / "spoilt"
    shutil.copytree(folder, spoilt)
    subprocess.run(f"{SPOIL} bench_triage.yaml", shell=True, cwd=spoilt, check=True)
    for workers in ((), ("-n2",)):
        done = run(spoilt, "--junitxml=out.xml", *workers)
        assert done.returncode == 1
        cases = {case.get("name"): case for case in ET.parse(spoilt / "out.xml").iter("testcase")}
        assert cases["gate[quality]"].find("failure") is not None
        properties = {p.get("name"): p.get("value") for p in cases["gate[quality]"].iter("property")}
        assert properties["outcome"] == "fail"
        assert float(properties["estimate"] or 0) <= -0.15


@pytest.mark.parametrize("alone", FOLDERS, indirect=True)
def test_a_few_cases_asked_cold_are_answered_as_the_baseline_says(alone: Path) -> None:
    # A sample leaves tests in Python whole: of these, two are told by their names.
    assert run(alone, "example_suites", "--llm-sample=4", "-k", "bench_ or lift or keys").returncode == 0
    trials = [trial for trial in read_run(newest_run(alone))[0].trials if trial.score is not None]
    assert trials
    for suite in {trial.suite for trial in trials}:
        stored = read_baseline(baseline_path(alone, suite))
        assert stored is not None
        before = {(record.case, record.strategy): record for record in stored.records}
        for strategy in {trial.strategy for trial in trials}:
            for now in records_of(t for t in trials if (t.suite, t.strategy) == (suite, strategy)):
                was = before[now.case, strategy]
                assert (now.answers, now.scores, now.usage) == (was.answers, was.scores, was.usage)


@pytest.mark.parametrize("alone", ["subjects"], indirect=True)
def test_the_tests_in_python_are_skipped_until_an_answer_is_recorded(alone: Path) -> None:
    one = ("example_suites/subjects", "-k", "lift")
    assert "1 skipped" in plain_run(alone, *one).stdout
    assert run(alone, *one).returncode == 0
    assert "1 passed" in plain_run(alone, *one).stdout

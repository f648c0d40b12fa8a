"""Whatever holds what strategies did is read alike: a run, a baseline, a folder of either, a commit."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from pathlib import Path

import pytest
from fakes.evidence import MODEL, record
from fakes.git_project import commit_all

from pytest_llmcost.assembly.sides import read_side, suite_of
from pytest_llmcost.domain.errors import BaselineError, SettingsError
from pytest_llmcost.domain.trial import VERDICT_CERTAIN, Run, RunHeader, StrategyRecord, Trial
from pytest_llmcost.gate.baseline import Baseline, write_baseline
from pytest_llmcost.reports.run_file import write_run

RECORD = StrategyRecord("0123456789ab", MODEL)
SUITE = "mail/bench_mail.yaml"


def baseline(*cases: str) -> Baseline:
    return Baseline("mail", {"cheap": RECORD}, tuple(record(case) for case in cases or ("late",)))


def run(*cases: str, commit: str = "abc") -> Run:
    trials = (Trial(SUITE, "cheap", c, 1, "9f2c41", 1.0, True, None, (), Decimal(0), "0" * 64) for c in cases)
    header = RunHeader("2026-01-15T12:00:00+00:00", {}, commit, {SUITE: {"cheap": RECORD}})
    return Run(header, tuple(trials))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with a suite and its baseline."""
    root = tmp_path / "project"
    write_baseline(root / "mail/llm_baselines/bench_mail.jsonl", baseline())
    (root / SUITE).write_text("- {text: late, expected: shop}")
    return root


@pytest.mark.parametrize("text", ["", "mail", "mail/llm_baselines", "mail/llm_baselines/bench_mail.jsonl"])
def test_a_baseline_of_this_project_is_its_suites_however_it_is_named(root: Path, text: str) -> None:
    side = read_side(str(root / text), root)

    assert list(side.baselines) == [SUITE]
    assert side.of(SUITE) == baseline()
    assert side.of("mail/bench_other.yaml") is None


def test_a_copy_of_the_project_is_matched_by_its_layout_and_a_lone_file_by_its_name(root: Path, tmp_path: Path) -> None:
    write_baseline(tmp_path / "old/mail/llm_baselines/bench_mail.jsonl", baseline("old"))
    write_baseline(tmp_path / "artifacts/bench_mail.jsonl", baseline("kept"))

    assert read_side(str(tmp_path / "old"), root).of(SUITE) == baseline("old")
    for text in ("artifacts", "artifacts/bench_mail.jsonl"):
        assert read_side(str(tmp_path / text), root).of(SUITE) == baseline("kept")


def test_a_run_and_its_shards_are_what_they_measured(root: Path, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    write_run(tmp_path / "runs" / "1.jsonl", run("late"), keep_text=False)
    write_run(tmp_path / "runs" / "2.jsonl", run("rain"), keep_text=False)

    one, both = (read_side(str(tmp_path / text), root) for text in ("runs/1.jsonl", "runs"))

    assert one.run is not None
    found = both.of(SUITE)
    assert found is not None
    assert found.strategies == {"cheap": RECORD}
    assert [r.case for r in found.of("cheap")] == ["late", "rain"]


def test_a_run_that_was_stopped_early_says_so(root: Path, tmp_path: Path) -> None:
    whole = run("late", "rain")
    needless = dataclasses.replace(whole.trials[1], score=None, correct=None, not_run=VERDICT_CERTAIN)
    write_run(tmp_path / "run.jsonl", dataclasses.replace(whole, trials=(whole.trials[0], needless)), keep_text=False)

    (note,) = read_side(str(tmp_path / "run.jsonl"), root).notes

    assert "was stopped early, 1 of its 2 trials were not needed" in note


def test_a_commit_is_what_it_holds(root: Path) -> None:
    commit_all(root, "Stored")
    write_baseline(root / "mail/llm_baselines/bench_mail.jsonl", baseline("new"))
    (root / "mail/llm_baselines/bench_torn.jsonl").write_text("{")
    second = commit_all(root, "Stored anew")

    before, now = read_side("git:HEAD~1", root), read_side("git:HEAD", root)

    assert (before.of(SUITE), now.of(SUITE)) == (baseline(), baseline("new"))
    assert now.name == f"git:HEAD ({second[:10]})"
    assert f"{second[:10]}:mail/llm_baselines/bench_torn.jsonl: its only line is torn" in str(now.faults)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nope.jsonl", "there is no such file"),
        ("empty", "this folder holds no run and no baseline"),
        ("mixed", "this folder holds runs and other files"),
        ("mixed/torn.jsonl", "its only line is torn"),
        ("mixed/run.jsonl/x", "cannot be read"),
    ],
)
def test_what_is_neither_is_said(root: Path, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "mixed").mkdir()
    write_run(tmp_path / "mixed/run.jsonl", run("late"), keep_text=False)
    (tmp_path / "mixed/torn.jsonl").write_text('{"format":')

    with pytest.raises(BaselineError, match=said):
        read_side(str(tmp_path / text), root)


def test_runs_of_two_commits_are_no_side(root: Path, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    for name in ("one", "two"):
        write_run(tmp_path / "runs" / f"{name}.jsonl", run("late", commit=name), keep_text=False)

    with pytest.raises(BaselineError, match="Join runs of one commit"):
        read_side(str(tmp_path / "runs"), root)


def test_git_without_a_repository_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    with pytest.raises(SettingsError, match="git reads no repository"):
        read_side("git:main", tmp_path)


@pytest.mark.parametrize(
    ("baseline", "files", "suite"),
    [
        ("a/llm_baselines/bench_x.jsonl", ["a/bench_x.yaml"], "a/bench_x.yaml"),
        ("a/llm_baselines/bench_x.jsonl", ["a/bench_x.yml"], "a/bench_x.yml"),
        ("llm_baselines/bench_v1.2.jsonl", ["bench_v1.2.yaml", "bench_v1.py"], "bench_v1.2.yaml"),
        ("llm_baselines/test_x.test_it.jsonl", ["test_x.py"], "test_x.py::test_it"),
        ("llm_baselines/test_x.TestX.test_it.jsonl", ["test_x.py"], "test_x.py::TestX::test_it"),
        ("llm_baselines/bench_gone.jsonl", [], "bench_gone.yaml"),
        ("elsewhere/bench_x.jsonl", ["elsewhere/bench_x.yaml"], "bench_x"),
    ],
)
def test_a_baselines_place_says_whose_it_is(baseline: str, files: list[str], suite: str) -> None:
    assert suite_of(baseline, files.__contains__) == suite

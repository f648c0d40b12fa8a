"""`llmcost baseline show`: what is stored, and a suite's course from commit to commit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fakes.evidence import MODEL, record
from fakes.git_project import commit_all

from pytest_llmcost.cli import main
from pytest_llmcost.domain.trial import StrategyRecord
from pytest_llmcost.gate.baseline import Baseline, write_baseline
from pytest_llmcost.gate.baseline_header import Accepted

SETTINGS = '[prices."stub/small"]\ninput = 2\noutput = 10\n'
SUITE = "mail/bench_mail.yaml"
FILE = "mail/llm_baselines/bench_mail.jsonl"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose baseline was committed three times, and once edited since; commands are typed in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "llmcost.toml").write_text(SETTINGS)
    store(tmp_path, "1000")
    (tmp_path / SUITE).write_text(
        "{prompt: '{{ text }}', strategies: {cheap: {model: stub/small}}, cases: [{text: a, expected: b}]}"
    )
    commit_all(tmp_path, "First")
    (tmp_path / FILE).write_text("<<<<<<< HEAD\n")
    commit_all(tmp_path, "A bad merge", GIT_COMMITTER_DATE="2026-01-16T12:00:00+00:00")
    store(tmp_path, "1110", Accepted("cheap", "quality", -0.031, "half the price"))
    commit_all(tmp_path, "Better", GIT_COMMITTER_DATE="2026-01-17T12:00:00+00:00")
    return tmp_path


def store(root: Path, scores: str, *accepted: Accepted) -> None:
    cases = [record(f"c{place}", float(score)) for place, score in enumerate(scores)]
    write_baseline(root / FILE, Baseline("mail", {"cheap": StrategyRecord("fp", MODEL)}, tuple(cases), accepted))


def shown(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    capsys.readouterr()
    assert main(["baseline", "show", *arguments]) == status
    return capsys.readouterr().out


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    return json.loads(shown(capsys, "--json", *arguments))


def test_all_that_is_stored_is_one_table_at_todays_prices(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys).splitlines() == [
        "suite    strategy      cases    quality      90 %    USD a case    p50 s  date",
        "-------  ----------  -------  ---------  --------  ------------  -------  ----------",
        "mail     cheap             4      75.0%  [36, 94]        0.0011     0.50  2026-01-17",
        "accepted in mail/bench_mail.yaml::cheap: quality of -3.1 pt: half the price",
    ]


@pytest.mark.parametrize("name", ["mail", SUITE, FILE])
def test_a_suites_course_is_told_commit_by_commit_the_oldest_first(
    root: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    course = shown(capsys, name).splitlines()[-5:]

    assert course[0] == "mail/bench_mail.yaml::cheap  ▁█"
    assert [line.split()[0] for line in course[2:]] == ["2026-01-15", "2026-01-16", "2026-01-17"]
    assert [line.split()[-1] for line in course[2:]] == ["First", "read", "Better"]
    assert "25.0%   [6, 64]" in course[2]


def test_the_document_says_the_same_in_numbers(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (suite,) = document(capsys, "mail")

    assert (suite["suite"], suite["name"], suite["file"]) == (SUITE, "mail", FILE)
    assert (suite["date"], suite["is_committed"]) == ("2026-01-17T12:00:00+00:00", True)
    (strategy,) = suite["strategies"]
    assert (strategy["model"], strategy["cases"], strategy["quality"]) == (MODEL, 4, 0.75)
    assert strategy["usd_per_case"] == pytest.approx(500 * 2e-6 + 8 * 10e-6)
    assert suite["accepted"] == [
        {"strategy": "cheap", "metric": "quality", "change": -0.031, "reason": "half the price"}
    ]
    assert [(v["subject"], v["fault"], len(v["strategies"])) for v in suite["versions"]] == [
        ("Better", "", 1),
        ("A bad merge", "cannot be read", 0),
        ("First", "", 1),
    ]
    assert document(capsys)[0]["versions"] == [], "of all suites the course would be long"


def test_what_is_not_as_the_last_commit_has_it_is_told(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store(root, "1111")

    assert "not committed" in shown(capsys)


def test_without_git_and_without_a_price_the_rest_is_told(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(root / "nowhere"))
    (root / "llmcost.toml").write_text("")
    (root / "pyproject.toml").write_text("[tool.llmcost]\nconcurrency = 3\n")

    (suite,) = document(capsys, "mail")

    assert (suite["date"], suite["is_committed"], suite["versions"]) == ("", False, [])
    assert suite["strategies"][0]["usd_per_case"] is None
    assert " - " in shown(capsys)


def test_cases_of_one_group_widen_the_interval_as_they_do_in_a_run(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = document(capsys)[0]["strategies"][0]
    cases = ", ".join(f"{{id: c{n}, text: m{n}, expected: b, group: g{n // 2}}}" for n in range(4))
    (root / SUITE).write_text(
        f"{{prompt: '{{{{ text }}}}', strategies: {{cheap: {{model: stub/small}}}}, cases: [{cases}]}}"
    )

    grouped = document(capsys)[0]["strategies"][0]

    assert grouped["quality"] == alone["quality"]
    assert grouped["lower"] < alone["lower"]


def test_a_damaged_baseline_is_named_and_the_others_are_shown(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "mail/llm_baselines/bench_torn.jsonl").write_text("{")

    assert "75.0%" in shown(capsys, status=1)
    main(["baseline", "show"])
    assert "bench_torn.jsonl: its only line is torn" in capsys.readouterr().err


def test_a_suite_that_has_none_is_told_which_have(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown(capsys, "nope", status=2)
    main(["baseline", "show", "nope"])
    assert f"nope: there is no baseline of such a suite.\nThere are {SUITE}." in capsys.readouterr().err


def test_a_project_without_any_is_told_how_to_store_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["baseline", "show"]) == 2
    assert "pytest --llm-budget --llm-update-baseline stores one" in capsys.readouterr().err

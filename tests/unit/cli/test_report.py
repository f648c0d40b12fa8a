"""`llmcost report RUN`: the same report, from the run's file, without asking anybody."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fakes.project import Project, numbered_cases
from fakes.stub_server import by_keyword

from pytest_llmcost.cli import main

SPOILT = by_keyword({"number 1": "other", "order": "shop"}, otherwise="other")
CASES = numbered_cases(60)


@pytest.fixture
def stored(project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Project:
    """A run that lost 11 of 60 cases, in run.jsonl, and its reports; commands are typed in the project's folder."""
    monkeypatch.chdir(project.path)
    project.suite(CASES)
    assert project.run("--llm-budget", "--llm-update-baseline").ret == 0
    project.suite(CASES, prompt="Whose? {{ text }}")
    project.server.play(SPOILT)
    project.run("--llm-budget", "--llm-run=run.jsonl", "--llm-report=said.md", "--llm-report=said.json")
    capsys.readouterr()
    return project


def test_it_says_what_the_run_said(stored: Project, capsys: pytest.CaptureFixture[str]) -> None:
    typed = "pytest --llm-budget\n"
    assert main(["report", "run.jsonl"]) == 0
    assert capsys.readouterr().out == (stored.path / "said.md").read_text("utf-8").replace(typed, "")

    assert main(["report", "run.jsonl", "--json"]) == 0
    said = json.loads((stored.path / "said.json").read_text("utf-8"))
    said["commands"].remove("pytest --llm-budget")
    assert json.loads(capsys.readouterr().out) == said


def test_it_is_written_where_it_is_wanted(stored: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "run.jsonl", "--output", "a/b.md", "--output", "c.json"]) == 0

    assert capsys.readouterr().out == ""
    assert Path("a/b.md").read_text("utf-8").startswith("Failed: the one strategy fails (quality)\n")
    assert json.loads(Path("c.json").read_text("utf-8"))["outcome"] == "fail"


def test_a_suite_that_has_changed_since_is_said_or_refused(stored: Project, capsys: pytest.CaptureFixture[str]) -> None:
    stored.suite(CASES, prompt="Another: {{ text }}")
    assert main(["report", "run.jsonl"]) == 0
    assert "strategy 'one' has changed since this run" in capsys.readouterr().out

    stored.suite(CASES[:30])
    assert main(["report", "run.jsonl"]) == 2
    assert "bench_mail.yaml: 30 cases are not what the run asked (c030, " in capsys.readouterr().err


def test_a_part_of_a_run_does_not_pass_for_the_whole(stored: Project, capsys: pytest.CaptureFixture[str]) -> None:
    stored.run("--llm-budget", "--llm-shard=1/2", "--llm-run=part.jsonl")
    capsys.readouterr()

    assert main(["report", "part.jsonl"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Failed: ")
    assert "cases are in no run (" in said


def test_what_cannot_be_written_or_is_no_report_is_an_error(
    stored: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    (stored.path / "folder.md").mkdir()
    assert main(["report", "run.jsonl", "--output", "folder.md"]) == 2
    assert "folder.md cannot be written: " in capsys.readouterr().err

    with pytest.raises(SystemExit):
        main(["report", "run.jsonl", "--output", "out.html"])
    assert "out.html: .html is not supported yet; .md and .json are" in capsys.readouterr().err

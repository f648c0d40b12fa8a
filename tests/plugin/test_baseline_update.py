"""`llmcost baseline update`: a finished run becomes the baseline; a loss that is meant needs a reason."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest
from fakes.project import Project, numbered_cases
from fakes.stub_server import by_keyword, error

from pytest_llmcost.cli import main

GOOD = by_keyword({"order": "shop"}, otherwise="other")
SPOILT = by_keyword({"order number 1": "other", "order": "shop"}, otherwise="other")
ACCEPT = ["--accept", "bench_mail.yaml:quality", "--reason", "half the price"]


@pytest.fixture
def there(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with a baseline of sixty right answers, and a run of eleven wrong ones; commands are typed in it."""
    monkeypatch.chdir(project.path)
    project.suite(numbered_cases(60))
    project.server.play(GOOD)
    assert project.run("--llm-budget", "--llm-update-baseline").ret == 0
    project.suite(numbered_cases(60), prompt="Whose mail is this?\n{{ text }}")
    project.server.play(SPOILT)
    return project


def stored(project: Project) -> list[str]:
    return (project.path / "llm_baselines/bench_mail.jsonl").read_text("utf-8").splitlines()


def header(project: Project) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(stored(project)[0])
    return found


def refusal(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    capsys.readouterr()
    status = main(["baseline", "update", *arguments])
    return status, capsys.readouterr().err


def test_the_refusal_of_a_failed_run_prints_the_command_that_accepts_it(
    there: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    before = stored(there)
    result = there.run("--llm-budget", "--llm-update-baseline")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert stored(there) == before
    place = next(n for n, line in enumerate(result.outlines) if "not stored: one::gate[quality] failed." in line)
    command = shlex.split(result.outlines[place + 1].replace("'...'", "'half the price'"))
    assert command[:2] == ["llmcost", "baseline"]
    capsys.readouterr()

    assert main(command[1:]) == 0

    told = capsys.readouterr().out
    assert "accepted: bench_mail.yaml::one::gate[quality]: worse, -18.3 pt" in told
    assert "baseline stored: llm_baselines/bench_mail.jsonl. Commit it." in told
    loss = {"strategy": "one", "metric": "quality", "change": -0.1833, "reason": "half the price"}
    assert header(there)["accepted"] == [loss]
    after = stored(there)
    result = there.run("--llm-budget", "--llm-update-baseline")
    assert result.ret == 0, "what was accepted is what is compared with now"
    result.stdout.fnmatch_lines(["* unchanged"])
    assert stored(there) == after, "and a replay changes no line of it, not even the loss"


def test_a_run_that_lost_nothing_is_stored_as_the_session_would_have(there: Project) -> None:
    there.server.play(GOOD)
    there.run("--llm-budget", "--llm-run=run.jsonl")
    assert main(["baseline", "update", "run.jsonl"]) == 0
    by_command = stored(there)
    there.run("--llm-budget", "--llm-update-baseline")
    assert stored(there) == by_command


def test_what_does_not_fit_is_refused_and_the_baseline_stays(
    there: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    before = stored(there)
    there.run("--llm-budget", "--llm-run=run.jsonl")

    assert refusal("run.jsonl", capsys=capsys) == (
        1,
        "llmcost: baseline of bench_mail.yaml not stored: one::gate[quality] failed. Mend it; or, where the loss is "
        "meant, accept it:\nllmcost baseline update run.jsonl --accept bench_mail.yaml:quality --reason '...'\n",
    )
    together = (2, "llmcost: --accept and --reason go together: --accept says which loss is meant, --reason why.\n")
    assert refusal("run.jsonl", *ACCEPT[:2], capsys=capsys) == together
    assert refusal("run.jsonl", *ACCEPT[:2], "--reason", " ", capsys=capsys) == together
    assert refusal("run.jsonl", *ACCEPT[2:], capsys=capsys) == together
    assert "is no loss of the run. bench_mail.yaml:quality failed." in str(
        refusal("run.jsonl", "--accept", "mail:cost", *ACCEPT[2:], capsys=capsys)
    )
    assert "at most 500 are kept" in str(refusal("run.jsonl", *ACCEPT[:3], "x" * 501, capsys=capsys))

    # What the run asked is not what the suite asks any more.
    there.suite(numbered_cases(60), prompt="Yet another\n{{ text }}")
    assert "is another strategy by now than the run asked" in str(refusal("run.jsonl", *ACCEPT, capsys=capsys))
    there.suite(numbered_cases(60, wrong=2), prompt="Whose mail is this?\n{{ text }}")
    assert "2 cases are not what the run asked (c000, c001)" in str(refusal("run.jsonl", *ACCEPT, capsys=capsys))
    assert stored(there) == before


def test_neither_a_part_nor_a_run_with_errors_is_stored_whatever_is_accepted(
    there: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    before = stored(there)
    there.configure(attempts=1)
    there.run("--llm-budget", "--llm-run=part.jsonl", "-k", "c01 or c02 or c03 or c04")
    assert "only part of the suite was run" in str(refusal("part.jsonl", *ACCEPT, capsys=capsys))
    there.server.play(lambda asked: error(400) if "number 55" in asked.prompt else SPOILT(asked))
    there.run("--llm-budget", "--llm-run=holes.jsonl")
    everything = ["--accept", "mail", "--reason", "all of it"]
    assert "some cases have no answer" in str(refusal("holes.jsonl", *everything, capsys=capsys))
    assert stored(there) == before

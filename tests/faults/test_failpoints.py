"""A run that fails, or is killed, at any one step of its own: files old or new, money never below the bill."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import shutil
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fakes.failpoints import DATABASE_FULL, FULL, FailingRuns, How, Outcome
from fakes.project import CASES, Project
from fakes.stub_server import Asked, Reply, answer

from pytest_llmcost.calls.account import RUN, Account
from pytest_llmcost.gate.baseline import read_baseline
from pytest_llmcost.reports.run_file import read_run

BILL_USD = Decimal("0.000007")
"""Of one answer: five tokens in, one out."""

ARGS = ("--llm-budget", "--llm-update-baseline", "--llm-run=run.jsonl", "--llm-report=report.json")
BASELINE = Path("llm_baselines/bench_mail.jsonl")
CASES_ASKED = 2


def costing_the_same(asked: Asked) -> Reply:
    return answer("shop", usage={"prompt_tokens": 5, "completion_tokens": 1})(asked)


@dataclass(frozen=True)
class State:
    """What is in the files: the baseline's text, and the keys of a run's calls by case."""

    baseline: str
    trials: dict[str, list[str]]


class Faulty:
    """A project with a cache, a run and a baseline of before, to run with other parameters and a failpoint."""

    def __init__(self, project: Project, runs: FailingRuns) -> None:
        self.server = project.server.play(costing_the_same)
        self.runs = runs
        self.path = project.path / "copy"
        self._template = project.path / "template"
        self._template.mkdir()
        project.configure(concurrency=1)
        project.suite(CASES[:CASES_ASKED])
        for file in ("llmcost.toml", "bench_mail.yaml"):
            (project.path / file).rename(self._template / file)
        self._is_fine(self._template)
        suite = self._template / "bench_mail.yaml"
        suite.write_text(suite.read_text().replace("max_tokens: 8", "max_tokens: 9"))
        self.renew()
        self.old = State(self.baseline(), self.trials())
        self._is_fine(self.path)
        self.new = State(self.baseline(), self.trials())
        assert self.old.baseline != self.new.baseline
        assert self.old.trials != self.new.trials

    def _is_fine(self, folder: Path) -> None:
        outcome = self.runs.run(folder, "once", 0, *ARGS)
        assert (outcome.status, outcome.failed_at) == (0, ""), outcome.output

    def renew(self) -> None:
        """Make everything what it was before."""
        shutil.rmtree(self.path, ignore_errors=True)
        shutil.copytree(self._template, self.path)
        self.server.requests.clear()

    def run(self, how: How, at: int) -> Outcome:
        """Run from the state before, with a fault at a step."""
        self.renew()
        return self.runs.run(self.path, how, at, *ARGS)

    def baseline(self) -> str:
        """Return the baseline, which must be whole, without what differs between any two runs."""
        found = read_baseline(self.path / BASELINE)
        assert found is not None
        assert found.notes == ()
        return re.sub(r'"s":[\d.e-]+', "", (self.path / BASELINE).read_text())

    def trials(self) -> dict[str, Any]:
        """Return the run's trials, which must be whole, by the keys of their calls; of those without, the error."""
        run, notes = read_run(self.path / "run.jsonl")
        assert notes == []
        return {trial.case: [call.key for call in trial.calls] for trial in run.trials}

    def report(self) -> dict[str, Any]:
        """Return the report, which must be whole."""
        return json.loads((self.path / "report.json").read_text())  # type: ignore[no-any-return]

    @property
    def billed(self) -> Decimal:
        return len(self.server.requests) * BILL_USD


@pytest.fixture
def faulty(project: Project) -> Any:
    with FailingRuns() as runs:
        yield Faulty(project, runs)


def test_f01_wherever_a_disk_fills_up_that_is_said_and_files_are_whole(faulty: Faulty) -> None:
    survive_at_each_step(faulty, "full")


@pytest.mark.parametrize("how", ["once", "killed"])
def test_f11_wherever_a_run_fails_files_are_old_or_new_and_no_money_is_forgotten(faulty: Faulty, how: How) -> None:
    survive_at_each_step(faulty, how)


def survive_at_each_step(faulty: Faulty, how: How) -> None:
    """Run with a fault at the first step, at the second, and so on until a run has no more; look at what each left."""
    for at in itertools.count(1):
        outcome = faulty.run(how, at)
        if not outcome.failed_at:
            break
        try:
            assert_survived(faulty, how, outcome)
        except Exception as fault:
            fault.add_note(f"after step {at}, {outcome.failed_at}:\n{outcome.output}")
            raise
    assert outcome.status == pytest.ExitCode.OK
    assert at > 40, "in so many places a run writes or connects"


SAID = (FULL, DATABASE_FULL, "charge not recorded", "cannot be locked")


def assert_survived(faulty: Faulty, how: How, outcome: Outcome) -> None:
    baseline, trials, report = faulty.baseline(), faulty.trials(), faulty.report()
    assert baseline in (faulty.old.baseline, faulty.new.baseline)
    assert report["format"] == "llmcost-report/1"
    assert trials == faulty.old.trials or trials.keys() == faulty.new.trials.keys()
    if how == "killed":
        assert outcome.status < 0
        assert held_in_account(faulty.path / "scratch") >= faulty.billed
    else:
        assert_honest(faulty, outcome)
    if how == "killed" or (how == "once" and ".llmcost" in outcome.failed_at):
        assert_resumed(faulty)


def assert_honest(faulty: Faulty, outcome: Outcome) -> None:
    assert "INTERNALERROR" not in outcome.output
    assert "Traceback" not in outcome.output
    assert spent_by(outcome) >= faulty.billed
    if not outcome.failed_at.startswith("connect"):  # that one is tried again
        assert any(text in outcome.output for text in SAID)
    if outcome.status == pytest.ExitCode.OK:
        assert (faulty.baseline(), faulty.trials()) == (faulty.new.baseline, faulty.new.trials)
    else:
        assert outcome.status in (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.USAGE_ERROR)


def held_in_account(scratch: Path) -> Decimal:
    """Return what a killed run had spent or held; nothing where it had no account yet."""
    for path in scratch.glob("llmcost-*/account.sqlite"):
        with contextlib.closing(Account(path)) as account, contextlib.suppress(KeyError):
            budget = account.budget(RUN)
            return budget.spent + budget.reserved
    return Decimal(0)


def spent_by(outcome: Outcome) -> Decimal:
    found = re.search(r"^spent (?:at least )?\$([\d.]+) of", outcome.output, re.MULTILINE)
    return Decimal(found[1]) if found else Decimal(0)


def assert_resumed(faulty: Faulty) -> None:
    """The next run has all that was stored, asks for the rest, and ends well."""
    paid = len(faulty.server.requests)
    again = faulty.runs.run(faulty.path, "once", 0, *ARGS)
    assert again.status == 0, again.output
    assert "set aside" not in again.output
    assert (faulty.baseline(), faulty.trials()) == (faulty.new.baseline, faulty.new.trials)
    assert len(faulty.server.requests) - paid <= CASES_ASKED

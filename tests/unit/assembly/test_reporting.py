"""What a report may tell of a run, and what it rests on."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from pathlib import Path

import pytest
from fakes.reports import HEADER
from fakes.rows import row, verdict

from pytest_llmcost.assembly.base.comparison import STORED
from pytest_llmcost.assembly.judging import JudgedRun
from pytest_llmcost.assembly.reporting import Ending, failed_cases, lost_must_pass, report_of
from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.assembly.summing import Entry
from pytest_llmcost.domain.gate import ErrorsGate, Gate, Outcome
from pytest_llmcost.domain.suite import Case, Prompt, StrategySpec, Suite
from pytest_llmcost.domain.trial import Call, StrategyRecord, Trial
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.reports.report import Report
from pytest_llmcost.reports.summary import Turned

SPEC = StrategySpec("cheap", "ours", Prompt(), {}, "text", calibrate=False, gate=Gate())


def trial(case: str, correct: bool | None = True, *cached: bool, number: int = 1) -> Trial:
    calls = tuple(Call("ours", Usage(5), 0.1, Decimal("0.01"), Decimal(0), 1, is_cached) for is_cached in cached)
    error = None if correct is not None else "time-out"
    return Trial("bench.yaml", "cheap", case, number, "f", correct, correct, error, calls, Decimal(0))


def entry(*trials: Trial, spec: StrategySpec = SPEC, **cases: Case) -> Entry:
    """One strategy; cases that are not given may be wrong."""
    names = dict.fromkeys(trial.case for trial in trials)
    found = tuple(cases.get(name, Case(name, {}, (), "f")) for name in names)
    suite = Suite("bench.yaml", "mail", "", ("shop", "other"), (spec,), (), 0.5, None, found)
    return Entry(suite, spec, StrategyRecord("f", "ours"), trials, (), None)


def reported(
    *entries: Entry,
    keep_text: bool = False,
    ending: Ending | None = None,
    lost: Turned | None = None,
    outcome: Outcome = Outcome.PASS,
) -> Report:
    rows = (row(verdict("quality", outcome), suite_path="bench.yaml", lost=[lost] if lost else ()),)
    run = JudgedRun(
        root=Path("/p"),
        suites=tuple(entry.suite for entry in entries),
        trials=(),
        entries=entries,
        verdicts=(),
        rows=rows,
        faults=(),
        notes=(),
        unread=frozenset(),
        there={},
        comparison=STORED,
        alterations=(),
    )
    settings = Settings(Path("/p"), cache=(Path("/p/.llmcost/cache"),), keep_text=keep_text)
    return report_of(run, HEADER, settings, Decimal(0), ending or Ending())


SAID = Turned("late", "shop", "other", "a secret")


def test_texts_are_left_out_but_for_labels_which_stand_in_the_suite() -> None:
    (told,) = reported(entry(trial("late")), lost=SAID).rows[0].lost

    assert told == dataclasses.replace(SAID, now=None, is_now_known=False)


@pytest.mark.parametrize(("expected", "told"), [("shop or other", "shop or other"), ("shop or secret", "")])
def test_what_was_expected_is_left_out_where_any_of_it_is_no_label(expected: str, told: str) -> None:
    (turned,) = reported(entry(trial("late")), lost=dataclasses.replace(SAID, expected=expected)).rows[0].lost

    assert turned.expected == told


def test_texts_are_told_where_the_project_keeps_them() -> None:
    (told,) = reported(entry(trial("late")), lost=SAID, keep_text=True).rows[0].lost

    assert told == SAID


def test_t15_an_answer_counts_as_cached_if_all_of_its_calls_were() -> None:
    trials = [trial("a", True, True), trial("b", True, True, False), trial("c", True, False), trial("d", None)]
    came = Ending(cache_came="restored from llmcost-Linux-push-17")
    reused = reported(entry(*trials), ending=came).reused

    assert (reused.answers, reused.cached, reused.usd) == (3, 1, Decimal("0.02"))
    assert reused.origin == ".llmcost/cache, restored from llmcost-Linux-push-17"


def case(**changes: object) -> Case:
    return dataclasses.replace(Case("late", {}, (), "f"), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("must_pass", "corrects", "is_lost"),
    [
        (False, [False], False),
        (True, [True], False),
        (True, [True, False], True),
        (True, [None], False),
        (2, [True, True, False], False),
        (2, [True, False, False], True),
    ],
)
def test_a_case_that_must_pass_is_lost_by_wrong_answers(
    must_pass: bool | int, corrects: list[bool | None], is_lost: bool
) -> None:
    trials = [trial("late", correct, number=n) for n, correct in enumerate(corrects, 1)]
    lost = list(lost_must_pass([entry(*trials, late=case(must_pass=must_pass))]))

    assert [one.case.id for one in lost] == ["late"] * is_lost


def test_a_case_in_quarantine_is_never_lost() -> None:
    quarantined = case(must_pass=True, quarantine="ambiguous")

    assert not list(lost_must_pass([entry(trial("late", False), late=quarantined)]))


LENIENT = dataclasses.replace(SPEC, gate=Gate(errors=ErrorsGate(max_rate=0.5)))


@pytest.mark.parametrize(
    ("correct", "changes", "spec", "failed"),
    [
        (True, {"must_pass": True}, SPEC, 0),
        (False, {}, SPEC, 0),
        (False, {"must_pass": True}, SPEC, 1),
        (False, {"must_pass": 2}, SPEC, 0),
        (False, {"strict": True}, SPEC, 1),
        (None, {}, SPEC, 1),
        (None, {}, LENIENT, 0),
        (None, {"quarantine": "ambiguous"}, SPEC, 0),
    ],
)
def test_cases_fail_as_they_do_under_pytest(
    correct: bool | None, changes: dict[str, object], spec: StrategySpec, failed: int
) -> None:
    assert failed_cases([entry(trial("late", correct), spec=spec, late=case(**changes))]) == failed


def test_the_commands_begin_at_the_commit_and_end_with_the_next_step() -> None:
    ending = Ending(commands=["pytest --llm-budget"])
    commands = reported(entry(trial("late")), ending=ending, outcome=Outcome.NEW).commands

    assert commands == (
        "git checkout 4474140  # git fetch origin 4474140, where it is not here",
        "pytest --llm-budget",
        "pytest --llm-budget bench.yaml --llm-update-baseline  # store a baseline",
    )

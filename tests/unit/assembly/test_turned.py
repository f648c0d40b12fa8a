"""Cases that turned, told from digests."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

from fakes.evidence import record

from pytest_llmcost.assembly.trials import answer_digest
from pytest_llmcost.assembly.turned import turned_cases
from pytest_llmcost.domain.digest import digest
from pytest_llmcost.domain.suite import Case, Suite
from pytest_llmcost.domain.trial import Trial
from pytest_llmcost.gate.pairing import pair_cases
from pytest_llmcost.gate.records import DIGITS, CaseRecord, records_of
from pytest_llmcost.reports.summary import Turned


def asked(case: str, *answers: tuple[Any, float], expected: tuple[Any, ...] = ("spam",)) -> list[Trial]:
    """The trials of a case: what was answered, and its score."""
    return [
        Trial(
            suite="bench_mail.yaml",
            strategy="cheap",
            case=case,
            trial=number,
            fingerprint="9f2c41",
            score=score,
            correct=score == 1,
            error=None,
            calls=(),
            paid_usd=Decimal(0),
            answer_sha256=answer_digest(got),
            expected=expected,
            got=got,
        )
        for number, (got, score) in enumerate(answers, 1)
    ]


def before(case: str, *answers: str, scores: tuple[float, ...]) -> CaseRecord:
    return record(case, *scores, answers=digest([answer_digest(text) for text in answers])[:DIGITS])


def turned(old: list[CaseRecord], now: list[Trial]) -> tuple[tuple[Turned, ...], tuple[Turned, ...]]:
    return turned_cases(pair_cases(old, records_of(now), same_strategy=False), now, suite_of(now))


def suite_of(trials: list[Trial]) -> Suite:
    """A suite with the labels spam and ham, in which the cases of *trials* stand."""
    cases = {trial.case: Case(trial.case, {}, trial.expected, trial.fingerprint) for trial in trials}
    return Suite("bench_mail.yaml", "mail", "", ("spam", "ham"), (), (), 1.0, None, tuple(cases.values()))


def test_the_largest_change_comes_first() -> None:
    old = [before(case, "spam", scores=(1.0,)) for case in ("a", "b", "c")]

    lost, _ = turned(old, [*asked("a", ("x", 0.9)), *asked("b", ("y", 0.1)), *asked("c", ("z", 0.5))])

    assert [(case.case, case.scores) for case in lost] == [("b", (1.0, 0.1)), ("c", (1.0, 0.5)), ("a", (1.0, 0.9))]


def test_of_several_trials_the_one_that_shows_it_stands_for_all() -> None:
    """Three equal answers before are told by their digest, too."""
    old = [before("a", "spam", "spam", "spam", scores=(1, 1, 1)), before("b", "ham", "ham", scores=(0, 0))]

    lost, won = turned(old, [*asked("a", ("spam", 1), ("ham", 0), ("spam", 1)), *asked("b", ("spam", 1), ("ham", 0))])

    assert [(case.before, case.now) for case in (*lost, *won)] == [("spam", "ham"), ("ham", "spam")]


def test_answers_and_expectations_in_json_are_told_as_text() -> None:
    lost, _ = turned(
        [before("a", "{}", scores=(1.0,))], asked("a", ({"city": "Rome"}, 0.5), expected=({"city": "Oslo"}, "none"))
    )

    assert [(case.expected, case.now) for case in lost] == [('{"city":"Oslo"} or none', '{"city":"Rome"}')]


def test_right_and_wrong_need_no_scores() -> None:
    lost, _ = turned([before("a", "spam", scores=(1.0,))], asked("a", ("ham", 0.0)))

    assert [case.scores for case in lost] == [None]


def test_a_run_from_its_file_is_told_by_digests_and_by_the_suite() -> None:
    old = [before(case, "spam", scores=(1,)) for case in ("a", "b", "c")]
    now = [*asked("a", ("ham", 0)), *asked("b", ("else", 0)), *asked("c", (None, 0))]
    suite = suite_of(now)
    stored = [dataclasses.replace(trial, got=None, expected=()) for trial in now]

    lost, _ = turned_cases(pair_cases(old, records_of(stored), same_strategy=False), stored, suite)

    assert {case.expected for case in lost} == {"spam"}
    assert {case.case: (case.now, case.is_now_known) for case in lost} == {
        "a": ("ham", True),
        "b": (None, False),
        "c": (None, True),
    }


def test_a_case_is_told_with_its_line_or_with_its_table_s() -> None:
    now = [*asked("a", ("ham", 0)), *asked("b", ("ham", 0))]
    old = [before(case, "spam", scores=(1,)) for case in ("a", "b")]
    suite = suite_of(now)
    here, there = suite.cases
    cases = (
        dataclasses.replace(here, path="bench_mail.yaml", line=24),
        dataclasses.replace(there, path="mails.csv", line=7),
    )

    lost, _ = turned_cases(
        pair_cases(old, records_of(now), same_strategy=False), now, dataclasses.replace(suite, cases=cases)
    )

    assert {case.case: case.place for case in lost} == {"a": "line 24", "b": "mails.csv:7"}

"""One line says who answered how often, and what escalating cost."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

from fakes.strategies import call

from pytest_llmcost.assembly.step_lines import step_lines
from pytest_llmcost.domain.trial import Call, Step, Trial

BLANK = Trial("bench_mail.yaml", "both", "late", 1, "9f2c41", 1.0, True, None, (), Decimal(0))


def trial(*steps: tuple[str, int], usd: str = "0.01") -> Trial:
    calls: list[Call] = []
    for place, (_, count) in enumerate(steps):
        calls += [call(usd=usd if place < len(steps) - 1 else "0.10")] * count
    return dataclasses.replace(BLANK, calls=tuple(calls), steps=tuple(Step(name, count) for name, count in steps))


def test_shares_escalations_and_both_costs() -> None:
    trials = [*[trial(("cheap", 1))] * 6, *[trial(("cheap", 1), ("mid", 1))] * 3, trial(("cheap", 0), ("mid", 1))]

    assert list(step_lines(trials)) == [
        "answered by cheap 60 %, mid 40 %; 40 % escalated; $1.03, not $1.00 (the answering calls alone)"
    ]


def test_checking_an_answer_is_no_answering_call() -> None:
    checked = dataclasses.replace(trial(("cheap", 2)), calls=(call(usd="0.10"), call(usd="0.03")))

    assert list(step_lines([checked])) == ["answered by cheap 100 %; $0.13, not $0.10 (the answering calls alone)"]


def test_a_route_escalates_nothing_and_many_branches_are_cut_short() -> None:
    (line,) = step_lines([trial((f"{kind} > mid", 1)) for kind in "abcdefgh"])

    assert line == f"answered by {', '.join(f'{kind} > mid 12 %' for kind in 'abcdef')}, 2 more"


def test_nothing_is_said_of_one_model() -> None:
    assert list(step_lines([BLANK])) == []

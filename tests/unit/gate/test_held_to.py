"""A change is held to the gate of its base, and to nothing that it says itself of what the base knows."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import pytest

from pytest_llmcost.domain.gate import Gate, QualityGate
from pytest_llmcost.domain.suite import Case, Prompt, ScorerSpec, StrategySpec, Suite
from pytest_llmcost.domain.trial import Trial
from pytest_llmcost.gate.held_to import held_to, retold

PATH = "bench_mail.yaml"
STRICT, LOOSE = Gate(QualityGate(margin=0.02)), Gate(QualityGate(margin=0.5))


def spec(name: str = "cheap", gate: Gate | None = STRICT, prompt: str = "{{ text }}") -> StrategySpec:
    return StrategySpec(name, "stub/small", Prompt(prompt=prompt), {}, "text", calibrate=False, gate=gate)


def case(name: str = "late", fingerprint: str = "aaaa", **changes: Any) -> Case:
    return Case(name, {"text": "My order is late"}, ("shop",), fingerprint, **changes)


def suite(*cases: Case, specs: tuple[StrategySpec, ...] = (spec(),), **changes: Any) -> Suite:
    fields: dict[str, Any] = {"scorer": (ScorerSpec("exact"),), "threshold": 1.0, "repeats": 3, **changes}
    return Suite(PATH, "mail", "", (), specs, budget_usd=None, cases=cases or (case(),), **fields)


def trial(score: float | None, fingerprint: str = "bbbb", correct: bool | None = True) -> Trial:
    return Trial(PATH, "cheap", "late", 1, fingerprint, score, correct, None, (), Decimal(0))


def test_a_suite_held_to_itself_judges_as_before() -> None:
    """Only what was left to the suite is spelt out; no trial is told otherwise."""
    own = suite(case(must_pass=True), case("rain", must_pass=2, quarantine="hard", threshold=0.5), case("hour"))
    held, trials = held_to(own, own), [trial(0.9, "aaaa"), trial(None)]

    assert [dataclasses.replace(c, threshold=None) for c in held.cases] == [
        dataclasses.replace(c, threshold=None) for c in own.cases
    ]
    assert [c.threshold for c in held.cases] == [1.0, 0.5, 1.0]
    assert (held.strategies, list(retold(trials, {PATH: own}, {PATH: held}))) == (own.strategies, trials)


def test_the_gate_is_the_bases_and_everything_else_the_changes() -> None:
    now = suite(specs=(spec(gate=LOOSE, prompt="new"), spec("added", gate=LOOSE)))

    held = held_to(now, suite())

    assert [(s.name, s.gate, s.prompt.prompt) for s in held.strategies] == [
        ("cheap", STRICT, "new"),
        ("added", LOOSE, "{{ text }}"),
    ]


@pytest.mark.parametrize(("base", "now"), [(STRICT, None), (None, STRICT)])
def test_whether_there_is_a_gate_at_all_is_the_bases_to_say(base: Gate | None, now: Gate | None) -> None:
    held = held_to(suite(specs=(spec(gate=now),)), suite(specs=(spec(gate=base),)))

    assert held.strategies[0].gate is base


def test_a_quarantine_is_the_bases_and_that_of_a_new_case_its_own() -> None:
    base = suite(case("kept", quarantine="hard"), case("new in it"))
    now = suite(case("kept"), case("new in it", quarantine="hard"), case("added", quarantine="hard"))

    assert [c.quarantine for c in held_to(now, base).cases] == ["hard", "", "hard"]


@pytest.mark.parametrize(
    ("base", "now", "needed"),
    [
        ({"must_pass": True}, {"must_pass": True}, True),
        ({"must_pass": True}, {}, 3),
        ({"must_pass": True}, {"must_pass": True, "quarantine": "hard"}, 3),
        ({"must_pass": True}, {"must_pass": 1}, 3),
        ({"strict": True}, {"strict": False}, 3),
        ({"must_pass": True}, {"must_pass": True, "threshold": 0.1}, 3),
        ({"must_pass": 2}, {}, 2),
        ({"must_pass": 2}, {"must_pass": 1}, 2),
        ({}, {"must_pass": 2}, False),
        ({"must_pass": 5}, {"must_pass": 5}, 3),
    ],
)
def test_what_has_to_pass_is_the_bases_and_a_verdict_takes_the_place_of_a_test_that_fails_no_more(
    base: dict[str, Any], now: dict[str, Any], needed: bool | int
) -> None:
    """The suite has three trials a case: a number that they cannot reach asks for all of them."""
    (held,) = held_to(suite(case(**now)), suite(case(**base))).cases

    assert held.must_pass == needed
    assert (held.must_pass is True) is (needed is True)


def test_a_suite_that_is_strict_no_more_still_needs_all_answers_right() -> None:
    (held,) = held_to(suite(strict=False), suite(strict=True)).cases

    assert held.must_pass == 3


def test_a_threshold_is_the_bases_and_its_scores_are_compared() -> None:
    base, now = suite(case(fingerprint="aaaa"), threshold=0.8), suite(case(fingerprint="bbbb"), threshold=0.2)
    held = held_to(now, base)

    told = list(retold([trial(0.5), trial(None, correct=None)], {PATH: now}, {PATH: held}))

    assert [(t.fingerprint, t.correct, t.score) for t in told] == [("aaaa", False, 0.5), ("aaaa", None, None)]


@pytest.mark.parametrize(
    "changes",
    [
        {"expected": ("other",)},
        {"fields": {"text": "Where is it?"}},
        {"scorer": (ScorerSpec("contains"),)},
    ],
)
def test_a_case_that_asks_or_expects_otherwise_keeps_the_fingerprint_by_which_it_is_set_aside(
    changes: dict[str, Any],
) -> None:
    now = suite(dataclasses.replace(case(fingerprint="bbbb"), **changes))
    held = held_to(now, suite())

    assert held.cases[0].fingerprint == "bbbb"
    assert next(iter(retold([trial(1.0)], {PATH: now}, {PATH: held}))).fingerprint == "bbbb"


def test_a_trial_of_another_version_of_the_suite_is_left_as_it_is() -> None:
    base, now = suite(threshold=0.8), suite(case(fingerprint="bbbb"), threshold=0.2)

    (told,) = retold([trial(0.5, "cccc")], {PATH: now}, {PATH: held_to(now, base)})

    assert (told.fingerprint, told.correct) == ("cccc", True)

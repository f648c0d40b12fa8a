"""What a change does to its own judge is told: each bound, each case, and whether it is weaker for it."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import pytest

from pytest_llmcost.domain.alteration import Alteration, Altered
from pytest_llmcost.domain.gate import CostGate, ErrorsGate, Gate, LatencyGate, QualityGate
from pytest_llmcost.domain.suite import Case, Prompt, ScorerSpec, StrategySpec, Suite
from pytest_llmcost.gate.altered import altered

PATH = "bench_mail.yaml"


def suite(*gates: Gate | None, cases: int = 4, **changes: Any) -> Suite:
    specs = tuple(
        StrategySpec(f"s{n}", "stub/small", Prompt(), {}, "text", calibrate=False, gate=gate, line=n)
        for n, gate in enumerate(gates or (Gate(),))
    )
    asked = tuple(Case(f"c{n}", {"text": str(n)}, ("shop",), f"{n}", line=10 + n) for n in range(cases))
    fields: dict[str, Any] = {"scorer": (ScorerSpec("exact"),), "threshold": 1.0, "cases": asked, **changes}
    return Suite(PATH, "mail", "", ("shop", "other"), specs, budget_usd=None, **fields)


def with_cases(before: Suite, *places: int, **changes: Any) -> Suite:
    cases = [dataclasses.replace(c, **changes) if n in places else c for n, c in enumerate(before.cases)]
    return dataclasses.replace(before, cases=tuple(cases))


def only(base: Suite, now: Suite) -> Alteration:
    (one,) = altered(base, now)
    assert one.path == PATH
    return one


def test_a_suite_beside_itself_is_altered_in_nothing() -> None:
    assert list(altered(suite(), suite())) == []


@pytest.mark.parametrize(
    ("base", "now", "told", "is_weaker"),
    [
        (QualityGate(0.05), QualityGate(0.5), ("quality.margin", "0.05", "0.5"), True),
        (QualityGate(0.05), QualityGate(0.01), ("quality.margin", "0.05", "0.01"), False),
        (QualityGate(min=0.9), QualityGate(min=0.5), ("quality.min", "0.9", "0.5"), True),
        (QualityGate(min=0.9), QualityGate(), ("quality.min", "0.9", ""), True),
        (QualityGate(), QualityGate(min=0.9), ("quality.min", "", "0.9"), False),
        (
            QualityGate(fail_on="any_drop"),
            QualityGate(fail_on="beyond_margin"),
            ("quality.fail_on", "any_drop", "beyond_margin"),
            True,
        ),
        (CostGate(Decimal("0.002")), CostGate(Decimal("0.2")), ("cost.max_usd_per_case", "0.002", "0.2"), True),
        (LatencyGate(fail=True), LatencyGate(fail=False), ("latency.fail", "true", "false"), True),
        (ErrorsGate(0.0), ErrorsGate(0.5), ("errors.max_rate", "0.0", "0.5"), True),
    ],
)
def test_a_bound_is_told_with_both_values_and_whether_it_holds_to_less(
    base: Any, now: Any, told: tuple[str, str, str], is_weaker: bool
) -> None:
    name = type(base).__name__.removesuffix("Gate").lower()

    one = only(suite(Gate(**{name: base})), suite(Gate(**{name: now})))

    assert (one.kind, one.strategy, one.what, one.before, one.now) == (Altered.GATE, "s0", *told)
    assert one.is_weaker is is_weaker


@pytest.mark.parametrize(("base", "now", "is_weaker"), [(Gate(), None, True), (None, Gate(), False)])
def test_a_gate_that_is_no_more_is_told(base: Gate | None, now: Gate | None, is_weaker: bool) -> None:
    one = only(suite(base), suite(now))

    assert (one.what, one.is_weaker) == ("gate", is_weaker)


def test_what_all_strategies_have_in_common_is_told_once_and_what_one_has_with_its_line() -> None:
    loose = Gate(QualityGate(0.5))

    assert only(suite(Gate(), Gate()), suite(loose, loose)).strategy == ""
    one = only(suite(Gate(), Gate()), suite(Gate(), loose))
    assert (one.strategy, one.line) == ("s1", 1)


def test_a_strategy_that_is_gone_is_told_unless_nothing_judged_it() -> None:
    assert only(suite(Gate(), Gate()), suite(Gate())).strategy == "s1"
    assert list(altered(suite(Gate(), None), suite(Gate()))) == []


def test_cases_are_told_by_what_became_of_them() -> None:
    base = suite()
    now = with_cases(base, 1, quarantine="hard")
    now = with_cases(now, 2, expected=("other",))
    now = with_cases(now, 3, fields={"text": "easy"})
    now = dataclasses.replace(now, cases=now.cases[1:])

    told = {one.kind: (one.cases, one.line) for one in altered(base, now)}

    assert told == {
        Altered.DELETED: (("c0",), 0),
        Altered.ASKED: (("c3",), 13),
        Altered.EXPECTED: (("c2",), 12),
        Altered.QUARANTINE: (("c1",), 11),
    }


def test_a_case_that_leaves_its_quarantine_weakens_nothing() -> None:
    assert list(altered(with_cases(suite(), 0, quarantine="hard"), suite())) == []


@pytest.mark.parametrize("changes", [{"scorer": (ScorerSpec("contains"),)}, {"labels": ("shop",)}])
def test_another_scoring_of_the_suite_is_told_of_all_its_cases(changes: dict[str, Any]) -> None:
    one = only(suite(), dataclasses.replace(suite(), **changes))

    assert (one.kind, len(one.cases)) == (Altered.EXPECTED, 4)


def test_labels_are_a_set_and_a_scorer_that_a_case_repeats_is_the_suites() -> None:
    now = with_cases(dataclasses.replace(suite(), labels=("other", "shop")), 0, scorer=(ScorerSpec("exact"),))

    assert list(altered(suite(), now)) == []


@pytest.mark.parametrize(("now", "is_weaker"), [(0.5, True), (1.0, False)])
def test_a_threshold_is_told_once_for_all_cases(now: float, is_weaker: bool) -> None:
    one = only(suite(threshold=0.8), suite(threshold=now))

    assert (one.what, one.before, one.now, one.cases) == ("threshold", "0.8", f"{now:g}", ())
    assert one.is_weaker is is_weaker


@pytest.mark.parametrize(
    ("base", "now", "before", "after", "is_weaker"),
    [
        ({"must_pass": True}, {}, "true", "false", True),
        ({"must_pass": True}, {"must_pass": 2}, "true", "2", True),
        ({"strict": True}, {"must_pass": True}, None, None, None),
        ({"must_pass": 2}, {"must_pass": 1}, "2", "1", True),
        ({}, {"must_pass": True}, "false", "true", False),
    ],
)
def test_how_many_trials_have_to_be_right_is_told(
    base: dict[str, Any], now: dict[str, Any], before: str | None, after: str, is_weaker: bool
) -> None:
    found = list(altered(with_cases(suite(), 2, **base), with_cases(suite(), 2, **now)))

    assert [(one.what, one.before, one.now, one.is_weaker, one.cases) for one in found] == (
        [("must_pass", before, after, is_weaker, ("c2",))] if before else []
    )

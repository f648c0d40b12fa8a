"""Several verdicts in one run: corrected for their number, and summed up."""

from __future__ import annotations

import dataclasses

import pytest
from fakes.evidence import BLANK, paired

from pytest_llmcost.domain.gate import Outcome, QualityGate, Verdict
from pytest_llmcost.gate.decide import decide, overall
from pytest_llmcost.gate.quality import judge_quality

PASS, FAIL, INCONCLUSIVE, NEW = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.NEW


def a_test(p: float | None, metric: str = "quality", **changes: object) -> Verdict:
    """A tested verdict that fails if its p stays small enough."""
    found = dataclasses.replace(
        BLANK,
        metric=metric,
        outcome=INCONCLUSIVE,
        basis="test",
        estimate=-0.1,
        lower=-0.2,
        upper=0.0,
        possible=0.2,
        margin=0.05,
        n=100,
        p=p,
        may_fail=True,
    )
    return dataclasses.replace(found, **changes)  # type: ignore[arg-type]


def outcomes(*judged: Verdict) -> list[Outcome]:
    return [v.outcome for v in decide(judged)]


def test_a_test_that_is_alone_needs_no_correction() -> None:
    (verdict,) = decide([a_test(0.05)])

    assert (verdict.outcome, verdict.p, verdict.p_adjusted) == (FAIL, 0.05, 0.05)


def test_two_tests_share_the_error_rate_by_holm() -> None:
    """The smaller p counts twice; the larger then counts once, and never less than the smaller."""
    assert [v.p_adjusted for v in decide([a_test(0.03), a_test(0.02)])] == [pytest.approx(0.04)] * 2
    assert outcomes(a_test(0.03), a_test(0.02)) == [FAIL, FAIL]
    assert outcomes(a_test(0.03), a_test(0.03)) == [INCONCLUSIVE, INCONCLUSIVE]


def test_of_twenty_tests_one_has_to_be_twenty_times_as_sure() -> None:
    unchanged = [a_test(0.5)] * 19

    assert outcomes(a_test(0.0025), *unchanged)[0] is FAIL
    assert outcomes(a_test(0.0026), *unchanged)[0] is INCONCLUSIVE


def test_each_metric_is_a_family_of_its_own() -> None:
    assert outcomes(a_test(0.04), a_test(0.04, "cost"), a_test(0.04, "tokens")) == [FAIL] * 3


@pytest.mark.parametrize(
    "other",
    [
        a_test(None, outcome=PASS, basis="unchanged", may_fail=False, reason="unchanged"),
        a_test(None, outcome=NEW, basis="none", may_fail=False, reason="no baseline"),
        a_test(None, outcome=PASS, basis="bound", may_fail=False, reason="cap"),
        a_test(None, outcome=FAIL, basis="exact", may_fail=False, reason="from nothing"),
        a_test(0.9, counts=False),
    ],
    ids=["unchanged", "new", "bound", "exact", "warn-only"],
)
def test_what_was_not_tested_or_cannot_fail_costs_the_others_no_power(other: Verdict) -> None:
    assert outcomes(a_test(0.04), *[other] * 40)[0] is FAIL


def test_a_warning_is_corrected_for_nothing_and_warns() -> None:
    found = decide([a_test(0.04, counts=False), a_test(0.04, counts=False)])

    assert [(v.outcome, v.p_adjusted) for v in found] == [(FAIL, 0.04)] * 2


def test_a_pass_stays_a_pass_whatever_its_p() -> None:
    assert outcomes(a_test(0.001, outcome=PASS, may_fail=False)) == [PASS]


def test_order_and_raw_p_are_kept_and_reasons_written() -> None:
    judged = [a_test(0.04, losses=12, gains=2), a_test(0.5, metric="cost"), a_test(0.001)]

    found = decide(judged)

    assert [(v.metric, v.p) for v in found] == [(v.metric, v.p) for v in judged]
    assert all(v.reason for v in found)


def test_a_reason_that_is_there_is_kept() -> None:
    assert decide([dataclasses.replace(BLANK, reason="no baseline to compare with")])[0].reason == (
        "no baseline to compare with"
    )


def test_a_pull_request_that_touches_one_suite_of_forty_pays_for_one_test() -> None:
    touched = paired(9, 3, 100)  # p = 0.046
    untouched = paired(0, 0, 100, same_strategy=True)
    judged = [
        judge_quality(BLANK, QualityGate(), [pair.now for pair in pairing.pairs], pairing)
        for pairing in [touched] + [untouched] * 39
    ]

    assert [v.outcome for v in decide(judged)] == [FAIL] + [PASS] * 39


@pytest.mark.parametrize(
    ("found", "sum_of_it"),
    [
        ([PASS, PASS], PASS),
        ([PASS, NEW], NEW),
        ([PASS, NEW, INCONCLUSIVE], INCONCLUSIVE),
        ([INCONCLUSIVE, FAIL, PASS], FAIL),
    ],
)
def test_the_worst_outcome_stands_for_all(found: list[Outcome], sum_of_it: Outcome) -> None:
    assert overall([dataclasses.replace(BLANK, outcome=outcome) for outcome in found]) is sum_of_it


def test_what_only_warns_does_not_count_in_the_sum() -> None:
    warned = dataclasses.replace(BLANK, outcome=FAIL, counts=False)

    assert overall([warned, dataclasses.replace(BLANK, outcome=PASS)]) is PASS

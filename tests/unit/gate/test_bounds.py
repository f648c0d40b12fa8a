"""Caps and rates are comparisons: exact, without baseline or test."""

from __future__ import annotations

from decimal import Decimal

import pytest
from fakes.evidence import BLANK, record, records

from pytest_llmcost.domain.gate import Outcome
from pytest_llmcost.gate.bounds import (
    judge_coverage,
    judge_errors,
    judge_first_token,
    judge_p95,
    over_cost_cap,
)
from pytest_llmcost.gate.pairing import pair_cases

PASS, FAIL, INCONCLUSIVE = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE


def test_one_case_without_an_answer_is_one_too_many_where_none_is_accepted() -> None:
    answered, unanswered = records(3), record("late", scores=(), unanswered=1)

    assert judge_errors(BLANK, 0.0, answered).outcome is PASS
    verdict = judge_errors(BLANK, 0.0, [*answered, unanswered])
    assert (verdict.outcome, verdict.value) == (FAIL, 0.25)
    assert verdict.reason == "1 of 4 without an answer, accepted 0.0%"


def test_errors_up_to_the_accepted_rate_pass() -> None:
    assert judge_errors(BLANK, 0.25, [*records(3), record("late", scores=(), unanswered=1)]).outcome is PASS


def test_g03_half_of_the_cases_in_error_is_not_green() -> None:
    unanswered = [record(f"e{n}", scores=(), unanswered=1) for n in range(20)]

    assert judge_errors(BLANK, 0.0, [*records(20), *unanswered]).outcome is FAIL


def test_where_nothing_was_run_there_is_no_rate_and_no_pass() -> None:
    verdict = judge_errors(BLANK, 1.0, [])

    assert (verdict.outcome, verdict.reason) == (INCONCLUSIVE, "no case was run")


@pytest.mark.parametrize(("kept", "outcome"), [(10, PASS), (9, PASS), (8, FAIL)])
def test_g08_too_many_of_the_baselines_cases_gone_fails(kept: int, outcome: Outcome) -> None:
    pairing = pair_cases(records(10), records(kept), same_strategy=True)

    assert judge_coverage(BLANK, 0.9, pairing).outcome is outcome


def test_a_changed_case_is_no_longer_the_baselines() -> None:
    changed = [*records(8), record("c008", fingerprint="000000"), record("c009", fingerprint="000000")]

    verdict = judge_coverage(BLANK, 0.9, pair_cases(records(10), changed, same_strategy=True))

    assert verdict.outcome is FAIL
    assert verdict.reason == "8 of the baseline's 10 cases were asked again, 90% have to be"


def test_an_unanswered_case_is_still_there() -> None:
    pairing = pair_cases(records(2), [record("c000"), record("c001", scores=(), unanswered=1)], same_strategy=True)

    assert judge_coverage(BLANK, 1.0, pairing).outcome is PASS


def test_a_case_may_cost_as_much_as_its_cap() -> None:
    cap = Decimal("0.002")

    assert over_cost_cap(BLANK, cap, cap) is None
    verdict = over_cost_cap(BLANK, cap, cap + Decimal("1e-6"))
    assert verdict is not None
    assert verdict.reason == "$0.002001 a case is over the cap of $0.002"


def test_a_95th_percentile_is_refused_below_59_cases() -> None:
    """0.95^58 > 0.05: of fewer cases the slowest may well lie under it."""
    refused = judge_p95(BLANK, 5.0, [0.1] * 58)

    assert refused is not None
    assert (refused.outcome, refused.reason) == (INCONCLUSIVE, "a 95th percentile needs 59 cases, there are 58")
    assert judge_p95(BLANK, 5.0, [0.1] * 59) is None


def test_the_95th_percentile_is_a_value_that_was_seen() -> None:
    seconds = [float(n) for n in range(1, 101)]

    assert judge_p95(BLANK, 95.0, seconds) is None
    over = judge_p95(BLANK, 94.9, seconds)
    assert over is not None
    assert (over.outcome, over.value, over.reason) == (FAIL, 95.0, "p95 of 95.00 s is over the cap of 94.9 s")


def test_the_first_token_is_held_to_its_cap() -> None:
    seconds = [n / 100 for n in range(1, 101)]

    within, over = (judge_first_token(BLANK, cap, seconds) for cap in (0.95, 0.94))

    assert (within.outcome, within.value, within.reason) == (PASS, 0.95, "p95 0.95 s, cap 0.95 s")
    assert (over.outcome, over.basis) == (FAIL, "bound")
    assert judge_first_token(BLANK, 5.0, seconds[:58]).outcome is INCONCLUSIVE


@pytest.mark.parametrize("missing", [1, 60, 100])
def test_a_first_token_that_was_not_timed_never_passes(missing: int) -> None:
    verdict = judge_first_token(BLANK, 5.0, [None] * missing + [0.1] * (100 - missing))

    assert verdict.outcome is INCONCLUSIVE
    assert f"not timed in {missing} of 100 cases: set params: {{stream: true}}" in verdict.reason

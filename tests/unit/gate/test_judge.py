"""Which metrics of a strategy are judged, and which of them can fail a run."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from fakes.evidence import MODEL, records

from pytest_llmcost.domain.gate import (
    CostGate,
    ErrorsGate,
    Gate,
    LatencyGate,
    Outcome,
    QualityGate,
    TokensGate,
    Verdict,
)
from pytest_llmcost.domain.price import Price
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.gate.decide import decide, overall
from pytest_llmcost.gate.judge import Judged, judge
from pytest_llmcost.gate.pairing import pair_cases
from pytest_llmcost.gate.records import CaseRecord

PASS, FAIL, INCONCLUSIVE, NEW = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.NEW
PRICES = {MODEL: Price(input=Decimal(1), output=Decimal(10))}
TIMED = {MODEL: Price(usd_per_hour=Decimal("0.04"))}


def verdicts(
    now: Sequence[CaseRecord],
    before: Sequence[CaseRecord] | None = None,
    prices: dict[str, Price] = PRICES,
    **gate: Any,
) -> dict[str, Verdict]:
    """The final verdicts by metric."""
    pairing = None if before is None else pair_cases(before, now, same_strategy=True)
    decided = decide(judge(Judged("bench_mail.yaml", "cheap", Gate(**gate), now, pairing, prices)))
    assert len({v.metric for v in decided}) == len(decided), "one verdict a metric"
    return {v.metric: v for v in decided}


def longer(cases: Sequence[CaseRecord], tokens: int) -> list[CaseRecord]:
    """The same cases, each with a prompt longer by a few tokens, more with every case."""
    return [
        dataclasses.replace(
            case, usage={MODEL: case.usage[MODEL] + Usage(input_tokens=tokens + place % 3)}, answers="other "
        )
        for place, case in enumerate(cases)
    ]


def slower(cases: Sequence[CaseRecord], factor: float) -> list[CaseRecord]:
    return [
        dataclasses.replace(case, seconds=case.seconds * (factor + place % 3 / 100)) for place, case in enumerate(cases)
    ]


def test_without_baseline_or_bound_there_are_quality_and_errors_alone() -> None:
    found = verdicts(records(10))

    assert {metric: v.outcome for metric, v in found.items()} == {"quality": NEW, "errors": PASS}


def test_with_a_baseline_every_metric_is_compared() -> None:
    found = verdicts(records(10), records(10))

    assert set(found) == {"quality", "cost", "tokens", "latency", "errors"}
    assert {v.outcome for v in found.values()} == {PASS}


def test_without_a_stated_increase_cost_tokens_and_latency_only_warn() -> None:
    cases = records(60)

    found = verdicts(slower(longer(cases, 500), 3.0), cases)

    assert [v.outcome for v in (found["cost"], found["tokens"], found["latency"])] == [FAIL, FAIL, FAIL]
    assert not any(found[metric].counts for metric in ("cost", "tokens", "latency"))
    assert overall(tuple(found.values())) is not FAIL


def test_with_a_stated_increase_cost_and_tokens_fail() -> None:
    cases = records(60)

    found = verdicts(longer(cases, 500), cases, cost=CostGate(max_increase=0.1), tokens=TokensGate(max_increase=0.1))

    assert [(v.outcome, v.counts) for v in (found["cost"], found["tokens"])] == [(FAIL, True)] * 2


def test_the_first_token_has_a_verdict_only_where_it_has_a_cap() -> None:
    timed = records(60, ttft_seconds=0.2)

    assert "ttft" not in verdicts(timed, latency=LatencyGate(p95_seconds=1.0))
    warned = verdicts(timed, latency=LatencyGate(ttft_p95_seconds=0.1))["ttft"]
    failed = verdicts(timed, timed, latency=LatencyGate(ttft_p95_seconds=0.1, fail=True))["ttft"]
    assert (warned.outcome, warned.counts, failed.outcome, failed.counts) == (FAIL, False, FAIL, True)
    assert verdicts(records(60), latency=LatencyGate(ttft_p95_seconds=9.0))["ttft"].outcome is INCONCLUSIVE


@pytest.mark.parametrize("fail", [False, True])
def test_latency_warns_unless_it_is_told_to_fail(fail: bool) -> None:
    cases = records(60)

    latency = verdicts(slower(cases, 3.0), cases, latency=LatencyGate(max_increase=0.5, fail=fail))["latency"]

    assert (latency.outcome, latency.counts) == (FAIL, fail)


def test_a_cost_by_the_hour_only_warns_as_machines_differ() -> None:
    cases = records(60)
    gate = CostGate(max_increase=0.1, max_usd_per_case=Decimal(1))

    cost = verdicts(slower(cases, 3.0), cases, TIMED, cost=gate)["cost"]
    capped = verdicts(cases, cases, TIMED, cost=CostGate(max_usd_per_case=Decimal("1e-9")))["cost"]

    assert (cost.outcome, cost.counts) == (FAIL, False)
    assert (capped.outcome, capped.counts, capped.basis) == (FAIL, False, "bound")


def test_b08_a_change_of_price_is_no_regression() -> None:
    """Both sides are counted at today's prices, so the same tokens cost the same."""
    dearer = {MODEL: Price(input=Decimal(100), output=Decimal(1000))}

    cost = verdicts(records(10), records(10), dearer, cost=CostGate(max_increase=0.0))["cost"]

    assert (cost.outcome, cost.basis) == (PASS, "unchanged")


def test_a_cap_holds_without_a_baseline() -> None:
    """500 input tokens and 8 output tokens are 580 microdollars."""
    within = verdicts(records(3), cost=CostGate(max_usd_per_case=Decimal("0.00058")))["cost"]
    over = verdicts(records(3), cost=CostGate(max_usd_per_case=Decimal("0.000579")))["cost"]

    assert (within.outcome, within.basis, within.reason) == (PASS, "bound", "$0.000580 a case, cap $0.00058")
    assert (over.outcome, over.basis) == (FAIL, "bound")


def test_a_cap_is_judged_before_the_comparison() -> None:
    cost = verdicts(records(3), records(3), cost=CostGate(max_usd_per_case=Decimal("1e-9"), max_increase=0.1))["cost"]

    assert (cost.outcome, cost.basis) == (FAIL, "bound")


def test_a_model_that_nobody_prices_any_more_makes_cost_inconclusive_and_never_free() -> None:
    old = records(10, usage={"stub/gone": Usage(input_tokens=500)})

    asked = verdicts(records(10), old, cost=CostGate(max_increase=0.1))["cost"]
    unasked = verdicts(records(10), old)["cost"]

    assert asked.reason == "no price is known for stub/gone, so costs cannot be compared"
    assert [(v.outcome, v.counts) for v in (asked, unasked)] == [(INCONCLUSIVE, True), (INCONCLUSIVE, False)]
    capped = verdicts(records(10), old, cost=CostGate(max_usd_per_case=Decimal("1e-9")))["cost"]
    assert (capped.outcome, capped.basis) == (FAIL, "bound"), "today's cost is known"


def test_a_percentile_cap_is_refused_for_few_cases_and_judged_for_enough() -> None:
    gate = LatencyGate(p95_seconds=1.0, fail=True)

    assert verdicts(records(58), latency=gate)["latency"].outcome is INCONCLUSIVE
    enough = verdicts(records(59), latency=gate)["latency"]
    assert (enough.outcome, enough.value, enough.reason) == (PASS, 0.5, "p95 0.50 s, cap 1 s")
    assert verdicts(slower(records(59), 3.0), latency=gate)["latency"].outcome is FAIL


def test_a_percentile_within_its_cap_is_still_compared_with_the_baseline() -> None:
    gate = LatencyGate(p95_seconds=10.0, max_increase=0.5, fail=True)

    assert verdicts(slower(records(60), 3.0), records(60), latency=gate)["latency"].outcome is FAIL


def test_coverage_is_judged_where_it_is_asked_for() -> None:
    assert "coverage" not in verdicts(records(6), records(10))
    assert verdicts(records(6), records(10), coverage_min=0.9)["coverage"].outcome is FAIL
    assert "coverage" not in verdicts(records(6), coverage_min=0.9)


def test_errors_are_judged_apart_from_quality() -> None:
    half = [*records(60), *(dataclasses.replace(case, scores=(), unanswered=1) for case in records(120)[60:])]

    found = verdicts(half, records(120), quality=QualityGate(margin=0.1))

    assert (found["quality"].outcome, found["errors"].outcome) == (PASS, FAIL)
    assert verdicts(half, records(120), errors=ErrorsGate(max_rate=0.5))["errors"].outcome is PASS


def test_where_nothing_was_answered_nothing_is_green() -> None:
    silent = [dataclasses.replace(case, scores=(), unanswered=1, usage={}) for case in records(10)]

    found = verdicts(silent, records(10), latency=LatencyGate(p95_seconds=1.0), cost=CostGate(max_increase=0.1))

    assert (found["quality"].outcome, found["errors"].outcome) == (INCONCLUSIVE, FAIL)
    assert PASS not in {v.outcome for v in found.values()}

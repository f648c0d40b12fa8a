"""All metrics of one strategy against its gate and its baseline."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pytest_llmcost.domain.gate import Gate, Outcome, Verdict
from pytest_llmcost.domain.price import Price
from pytest_llmcost.gate import bounds
from pytest_llmcost.gate.increase import judge_increase, typical_ratio
from pytest_llmcost.gate.latency import percentile_changes
from pytest_llmcost.gate.pairing import Pairing
from pytest_llmcost.gate.quality import judge_quality
from pytest_llmcost.gate.records import CaseRecord

USUAL_INCREASE = {"cost": 0.10, "tokens": 0.10, "latency": 0.50}
"""What is compared with where a gate states no accepted increase; such a verdict only warns."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One strategy of one suite, ready to be judged.

    Attributes:
        records: Every case of this run.
        pairing: The cases common with the baseline; None where there is none.
        prices: Today's prices of the models on both sides; those of the baseline's as far as they are known.
    """

    suite: str
    strategy: str
    gate: Gate
    records: Sequence[CaseRecord]
    pairing: Pairing | None
    prices: Mapping[str, Price]

    @property
    def blank(self) -> Verdict:
        """A verdict that says nothing yet."""
        return Verdict(self.suite, self.strategy, "", Outcome.NEW, "")


def judge(one: Judged) -> Iterator[Verdict]:
    """Yield the verdicts on one strategy; tests among them await the correction by `decide`."""
    yield judge_quality(one.blank, one.gate.quality, one.records, one.pairing)
    yield from _cost(one)
    yield from _tokens(one)
    yield from _latency(one)
    yield from _first_token(one)
    yield bounds.judge_errors(one.blank, one.gate.errors.max_rate, one.records)
    if one.gate.coverage_min is not None and one.pairing is not None:
        yield bounds.judge_coverage(one.blank, one.gate.coverage_min, one.pairing)


def _cost(one: Judged) -> Iterator[Verdict]:
    gate, blank = one.gate.cost, dataclasses.replace(one.blank, metric="cost")
    scored = [record for record in one.records if record.is_scored]
    if gate.max_usd_per_case is not None and scored:
        mean = sum((record.usd_per_trial(one.prices) for record in scored), Decimal(0)) / len(scored)
        over = bounds.over_cost_cap(blank, gate.max_usd_per_case, mean)
        if over is not None:
            yield _warn_only(over) if _is_timed(one) else over
            return
        if one.pairing is None:
            reason = f"${mean:.6f} a case, cap ${gate.max_usd_per_case:f}"
            yield dataclasses.replace(blank, outcome=Outcome.PASS, basis="bound", reason=reason, value=float(mean))
    if one.pairing is not None:
        verdict = _cost_increase(one, blank, one.pairing)
        yield _warn_only(verdict) if gate.max_increase is None or _is_timed(one) else verdict


def _cost_increase(one: Judged, blank: Verdict, pairing: Pairing) -> Verdict:
    unpriced = {model for pair in pairing.pairs for model in pair.before.usage} - set(one.prices)
    if unpriced:
        reason = f"no price is known for {', '.join(sorted(unpriced))}, so costs cannot be compared"
        return dataclasses.replace(blank, outcome=Outcome.INCONCLUSIVE, reason=reason)
    accepted = _or_usual(one.gate.cost.max_increase, "cost")
    return judge_increase(blank, accepted, lambda record: float(record.usd_per_trial(one.prices)), pairing)


def _tokens(one: Judged) -> Iterator[Verdict]:
    if one.pairing is None:
        return
    accepted, blank = one.gate.tokens.max_increase, dataclasses.replace(one.blank, metric="tokens")
    verdict = judge_increase(blank, _or_usual(accepted, "tokens"), lambda record: record.tokens_per_trial, one.pairing)
    yield _warn_only(verdict) if accepted is None else verdict


def _latency(one: Judged) -> Iterator[Verdict]:
    gate, blank = one.gate.latency, dataclasses.replace(one.blank, metric="latency")
    # The provider's load differs between two days, so that latency fails a run only where asked to.
    blank = dataclasses.replace(blank, counts=gate.fail)
    seconds = [record.seconds_per_trial for record in one.records if record.is_scored]
    if gate.p95_seconds is not None and seconds:
        over = bounds.judge_p95(blank, gate.p95_seconds, seconds)
        if over is not None:
            yield over
            return
        if one.pairing is None:
            yield bounds.within_p95(blank, gate.p95_seconds, seconds)
    if one.pairing is not None:
        accepted = gate.max_increase
        verdict = judge_increase(
            blank, _or_usual(accepted, "latency"), lambda r: r.seconds_per_trial, one.pairing, typical_ratio
        )
        verdict = dataclasses.replace(verdict, percentiles=percentile_changes(verdict, one.pairing))
        yield _warn_only(verdict) if accepted is None else verdict


def _first_token(one: Judged) -> Iterator[Verdict]:
    gate, blank = one.gate.latency, dataclasses.replace(one.blank, metric="ttft", counts=one.gate.latency.fail)
    seconds = [record.ttft_seconds_per_trial for record in one.records if record.is_scored]
    if gate.ttft_p95_seconds is not None and seconds:
        yield bounds.judge_first_token(blank, gate.ttft_p95_seconds, seconds)


def _or_usual(accepted: float | None, metric: str) -> float:
    return USUAL_INCREASE[metric] if accepted is None else accepted


def _is_timed(one: Judged) -> bool:
    # Compute time differs between two machines, and so does a price per hour.
    return any(price.usd_per_hour for price in one.prices.values())


def _warn_only(verdict: Verdict) -> Verdict:
    return dataclasses.replace(verdict, counts=False)

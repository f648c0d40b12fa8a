"""Is it dearer, longer, slower? A ratio of candidate to baseline against the accepted increase (section 4)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Protocol

from pytest_llmcost.domain.gate import Outcome, Verdict
from pytest_llmcost.gate.pairing import Pairing
from pytest_llmcost.gate.records import CaseRecord
from pytest_llmcost.statistics.ratio import Ratio, cost_ratio, mean_log_ratio, p_increase

MOST_GROWN = 5

Measure = Callable[[CaseRecord], float]
"""What is compared of a case: USD, tokens or seconds of one trial."""


class RatioOf(Protocol):
    """Estimates candidate over baseline from paired values."""

    def __call__(self, base: Sequence[float], cand: Sequence[float]) -> Ratio | None:
        """Return the ratio with its interval; None where the values have none."""
        ...


def total_ratio(base: Sequence[float], cand: Sequence[float]) -> Ratio:
    """Return the ratio of totals: for money and tokens, which add up."""
    return cost_ratio(base, cand)


def typical_ratio(base: Sequence[float], cand: Sequence[float]) -> Ratio | None:
    """Return the geometric mean of the cases' ratios: for latency, which is felt one case at a time."""
    return mean_log_ratio(base, cand) if all(base) and all(cand) else None


def judge_increase(
    verdict: Verdict, accepted: float, measure: Measure, pairing: Pairing, ratio_of: RatioOf = total_ratio
) -> Verdict:
    """Return whether a measure rose by more than *accepted* (0.10 is a tenth); p not yet corrected.

    Args:
        verdict: With suite, strategy and metric filled in.
        accepted: The largest accepted increase.
        measure: What is compared.
        pairing: The cases common with the baseline.
        ratio_of: How the ratio is estimated.
    """
    n = len(pairing.pairs)
    verdict = dataclasses.replace(verdict, n=n, margin=accepted)
    if pairing.too_few:
        reason = f"too few common cases: {n} of the baseline's {pairing.before}"
        return dataclasses.replace(verdict, outcome=Outcome.INCONCLUSIVE, reason=reason)
    base = [measure(pair.before) for pair in pairing.pairs]
    cand = [measure(pair.now) for pair in pairing.pairs]
    verdict = dataclasses.replace(verdict, before=sum(base) / n, value=sum(cand) / n)
    if base == cand:
        return dataclasses.replace(
            verdict, outcome=Outcome.PASS, basis="unchanged", estimate=0.0, reason="unchanged, case by case"
        )
    if not any(base) or not any(cand):
        return _from_or_to_nothing(verdict, sum(base), sum(cand))
    ratio = ratio_of(base, cand)
    if ratio is None:
        reason = "cannot tell: some cases took nothing, and nothing has no ratio"
        return dataclasses.replace(verdict, outcome=Outcome.INCONCLUSIVE, reason=reason)
    verdict = _tested(verdict, accepted, ratio, n)
    return _with_growth(verdict, pairing, base, cand) if ratio_of is total_ratio else verdict


def _from_or_to_nothing(verdict: Verdict, before: float, now: float) -> Verdict:
    # Nothing has no ratio; that something is more than nothing still holds, whatever was accepted.
    outcome = Outcome.PASS if now <= before else Outcome.FAIL
    reason = f"from {before:.4g} to {now:.4g} in all"
    return dataclasses.replace(verdict, outcome=outcome, basis="exact", reason=reason)


def _tested(verdict: Verdict, accepted: float, ratio: Ratio, n: int) -> Verdict:
    passes = ratio.interval.upper <= 1 + accepted
    return dataclasses.replace(
        verdict,
        outcome=Outcome.PASS if passes else Outcome.INCONCLUSIVE,
        basis="test",
        estimate=ratio.value - 1,
        lower=ratio.interval.lower - 1,
        upper=ratio.interval.upper - 1,
        p=p_increase(ratio, n),
        may_fail=not passes and ratio.value - 1 >= accepted,
    )


def _with_growth(verdict: Verdict, pairing: Pairing, base: Sequence[float], cand: Sequence[float]) -> Verdict:
    """Name the cases that added most: where a few blow up no interval covers, so they are always shown."""
    growth = sorted((b - c, pair.now.case) for b, c, pair in zip(base, cand, pairing.pairs, strict=True) if c > b)
    if not growth:
        return verdict
    most = growth[:MOST_GROWN]
    share = sum(grown for grown, _ in most) / sum(grown for grown, _ in growth)
    return dataclasses.replace(verdict, grew=tuple(case for _, case in most), grew_share=share)

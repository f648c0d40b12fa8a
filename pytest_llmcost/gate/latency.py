"""The typical wait and the long one, before and now: shown beside the verdict, which is on the cases' ratios."""

from __future__ import annotations

from pytest_llmcost.domain.gate import PercentileChange, Verdict
from pytest_llmcost.gate.bounds import FEWEST_FOR_P95
from pytest_llmcost.gate.pairing import Pairing
from pytest_llmcost.statistics.percentiles import percentile_ratios, percentiles


def percentile_changes(verdict: Verdict, pairing: Pairing) -> tuple[PercentileChange, ...]:
    """Return how the median latency changed and, of 59 cases or more, the 95th percentile.

    Args:
        verdict: On latency; nothing is told of one that tested nothing.
        pairing: The cases common with the baseline.
    """
    if verdict.basis != "test":
        return ()
    shares = (0.5, 0.95) if len(pairing.pairs) >= FEWEST_FOR_P95 else (0.5,)
    before = [pair.before.seconds_per_trial for pair in pairing.pairs]
    now = [pair.now.seconds_per_trial for pair in pairing.pairs]
    intervals = percentile_ratios(before, now, shares)
    values = zip(percentiles(before, shares), percentiles(now, shares), strict=True)
    return tuple(
        PercentileChange(share, then, today, today / then - 1, interval.lower - 1, interval.upper - 1)
        for share, (then, today), interval in zip(shares, values, intervals, strict=True)
    )

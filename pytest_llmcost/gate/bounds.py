"""Caps and rates: exact comparisons that need no baseline and no test."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from decimal import Decimal

from pytest_llmcost.domain.gate import Outcome, Verdict
from pytest_llmcost.gate.pairing import Pairing
from pytest_llmcost.gate.records import CaseRecord
from pytest_llmcost.statistics.percentiles import percentile

FEWEST_FOR_P95 = 59
"""Cases below which the largest value may well be under the true 95th percentile: 0.95^59 < 0.05."""


def judge_errors(blank: Verdict, max_rate: float, records: Sequence[CaseRecord]) -> Verdict:
    """Return whether more trials than accepted have no answer, or no score."""
    unanswered, trials = _unanswered(records)
    if not trials:
        return dataclasses.replace(blank, metric="errors", outcome=Outcome.INCONCLUSIVE, reason="no case was run")
    rate = unanswered / trials
    reason = f"{unanswered} of {trials} without an answer"
    if unanswered:
        reason += f", accepted {max_rate:.1%}"
    outcome = Outcome.PASS if rate <= max_rate else Outcome.FAIL
    return dataclasses.replace(blank, metric="errors", outcome=outcome, value=rate, reason=reason, basis="bound")


def error_rate(records: Sequence[CaseRecord]) -> float | None:
    """Return the share of trials without an answer, or a score; None where nothing was run."""
    unanswered, trials = _unanswered(records)
    return unanswered / trials if trials else None


def _unanswered(records: Sequence[CaseRecord]) -> tuple[int, int]:
    unanswered = sum(record.unanswered for record in records)
    return unanswered, unanswered + sum(len(record.scores) for record in records)


def judge_coverage(blank: Verdict, least: float, pairing: Pairing) -> Verdict:
    """Return whether enough of the baseline's cases were asked again, whatever the others fell to."""
    share = coverage(pairing)
    reason = f"{_kept(pairing)} of the baseline's {pairing.before} cases were asked again, {100 * least:g}% have to be"
    outcome = Outcome.PASS if share >= least else Outcome.FAIL
    return dataclasses.replace(blank, metric="coverage", outcome=outcome, value=share, reason=reason, basis="bound")


def coverage(pairing: Pairing) -> float:
    """Return the share of the baseline's cases that were asked again as they were."""
    return _kept(pairing) / pairing.before if pairing.before else 1.0


def _kept(pairing: Pairing) -> int:
    return pairing.before - len(pairing.removed) - len(pairing.changed)


def over_cost_cap(blank: Verdict, cap_usd: Decimal, usd_per_case: Decimal) -> Verdict | None:
    """Return a failed verdict where a case costs more than the cap on average, else None; US dollars."""
    if usd_per_case <= cap_usd:
        return None
    reason = f"${usd_per_case:.6f} a case is over the cap of ${cap_usd:f}"
    return dataclasses.replace(
        blank, metric="cost", outcome=Outcome.FAIL, reason=reason, basis="bound", value=float(usd_per_case)
    )


def judge_p95(blank: Verdict, cap_seconds: float, seconds: Sequence[float]) -> Verdict | None:
    """Return a verdict where the 95th percentile is over the cap or cannot be told, else None.

    Args:
        blank: With its metric filled in.
        cap_seconds: The cap.
        seconds: One a case.
    """
    if len(seconds) < FEWEST_FOR_P95:
        reason = f"a 95th percentile needs {FEWEST_FOR_P95} cases, there are {len(seconds)}"
        return dataclasses.replace(blank, outcome=Outcome.INCONCLUSIVE, reason=reason)
    p95 = percentile(seconds, 0.95)
    if p95 <= cap_seconds:
        return None
    reason = f"p95 of {p95:.2f} s is over the cap of {cap_seconds:g} s"
    return dataclasses.replace(blank, outcome=Outcome.FAIL, reason=reason, basis="bound", value=p95)


def within_p95(blank: Verdict, cap_seconds: float, seconds: Sequence[float]) -> Verdict:
    """Return the verdict that the 95th percentile is not over its cap."""
    p95 = percentile(seconds, 0.95)
    reason = f"p95 {p95:.2f} s, cap {cap_seconds:g} s"
    return dataclasses.replace(blank, outcome=Outcome.PASS, basis="bound", reason=reason, value=p95)


def judge_first_token(blank: Verdict, cap_seconds: float, seconds: Sequence[float | None]) -> Verdict:
    """Return whether the first token's 95th percentile keeps its cap; what was not measured never does.

    Args:
        blank: With its metric filled in.
        cap_seconds: The cap.
        seconds: One a case; None where it was not measured.
    """
    measured = [value for value in seconds if value is not None]
    if len(measured) < len(seconds):
        reason = (
            f"the first token was not timed in {len(seconds) - len(measured)} of {len(seconds)} cases: "
            "set params: {stream: true}, for a model that can be streamed"
        )
        return dataclasses.replace(blank, outcome=Outcome.INCONCLUSIVE, reason=reason)
    return judge_p95(blank, cap_seconds, measured) or within_p95(blank, cap_seconds, measured)

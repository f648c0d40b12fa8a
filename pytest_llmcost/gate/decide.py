"""From single judgements to verdicts: corrected for their number, worded, and summed up."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Sequence

from pytest_llmcost.domain.gate import Family, Outcome, Verdict
from pytest_llmcost.gate.evidence import ALPHA
from pytest_llmcost.gate.explain import explain
from pytest_llmcost.gate.pooled import FEWEST_SUITES
from pytest_llmcost.statistics.multiplicity import false_alarm_rate, holm


def decide(judged: Iterable[Verdict], family: Family = "run") -> tuple[Verdict, ...]:
    """Return final verdicts: one family a metric, Holm-corrected, each with its reason in words.

    The family holds what was really tested and can fail the run: unchanged, new and
    warn-only verdicts and exact comparisons cost the others no power. That on all suites
    is one of the run's family; where each suite has its own, it is a family by itself.

    Args:
        judged: With raw p-values.
        family: Whether a metric's tests are corrected for all of the run, or for those of their suite.
    """
    verdicts = list(judged)
    families: dict[tuple[str | int, ...], list[int]] = defaultdict(list)
    for index, verdict in enumerate(verdicts):
        if verdict.basis == "test":
            place = (verdict.suite,) if family == "suite" else ()
            families[(verdict.metric, *place) if verdict.counts else (index,)].append(index)
    for members in families.values():
        adjusted = holm([verdicts[i].p or 0.0 for i in members])
        for index, p in zip(members, adjusted, strict=True):
            verdicts[index] = _settled(verdicts[index], p)
    return tuple(dataclasses.replace(v, reason=v.reason or explain(v)) for v in verdicts)


def _settled(verdict: Verdict, p_adjusted: float) -> Verdict:
    fails = verdict.may_fail and p_adjusted <= ALPHA
    outcome = Outcome.FAIL if fails else verdict.outcome
    return dataclasses.replace(verdict, p_adjusted=p_adjusted, outcome=outcome)


def false_alarms(suites: int, family: Family) -> str:
    """Return how often a run in which nothing changed fails, where that is not just alpha; else nothing.

    Args:
        suites: How many are gated, and may all be tested.
        family: As of `decide`.
    """
    if family == "run" or suites < FEWEST_SUITES:
        return ""
    rate = false_alarm_rate(suites + 1, ALPHA)
    return (
        f'family = "suite": {suites} suites and the verdict on all keep {ALPHA:.0%} of false alarms each, so that '
        f"up to {rate:.0%} of runs fail in a metric if all are tested and nothing got worse"
    )


def overall(verdicts: Sequence[Verdict]) -> Outcome:
    """Return the outcome that weighs most among those that count: fail, inconclusive, new, pass."""
    outcomes = {v.outcome for v in verdicts if v.counts}
    for outcome in (Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.NEW):
        if outcome in outcomes:
            return outcome
    return Outcome.PASS

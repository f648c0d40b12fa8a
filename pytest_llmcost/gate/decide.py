"""From single judgements to verdicts: corrected for their number, worded, and summed up."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Sequence

from pytest_llmcost.domain.gate import Outcome, Verdict
from pytest_llmcost.gate.evidence import ALPHA
from pytest_llmcost.gate.explain import explain
from pytest_llmcost.statistics.multiplicity import holm


def decide(judged: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """Return final verdicts: one family a metric, Holm-corrected, each with its reason in words.

    The family holds what was really tested and can fail the run: unchanged, new and
    warn-only verdicts and exact comparisons cost the others no power.
    """
    verdicts = list(judged)
    families: dict[str, list[int]] = defaultdict(list)
    for index, verdict in enumerate(verdicts):
        if verdict.basis == "test":
            families[verdict.metric if verdict.counts else f"warning {index}"].append(index)
    for members in families.values():
        adjusted = holm([verdicts[i].p or 0.0 for i in members])
        for index, p in zip(members, adjusted, strict=True):
            verdicts[index] = _settled(verdicts[index], p)
    return tuple(dataclasses.replace(v, reason=v.reason or explain(v)) for v in verdicts)


def _settled(verdict: Verdict, p_adjusted: float) -> Verdict:
    fails = verdict.may_fail and p_adjusted <= ALPHA
    outcome = Outcome.FAIL if fails else verdict.outcome
    return dataclasses.replace(verdict, p_adjusted=p_adjusted, outcome=outcome)


def overall(verdicts: Sequence[Verdict]) -> Outcome:
    """Return the outcome that weighs most among those that count: fail, inconclusive, new, pass."""
    outcomes = {v.outcome for v in verdicts if v.counts}
    for outcome in (Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.NEW):
        if outcome in outcomes:
            return outcome
    return Outcome.PASS

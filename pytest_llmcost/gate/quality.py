"""Is it worse? The paired decision on right and wrong answers (statistics.md, sections 0 to 2)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from pytest_llmcost.domain.gate import Outcome, QualityGate, Verdict
from pytest_llmcost.gate.pairing import Pairing
from pytest_llmcost.gate.records import CaseRecord
from pytest_llmcost.statistics.intervals import critical_z
from pytest_llmcost.statistics.paired import (
    fewest_provable_cases,
    mcnemar_midp,
    passes_zero_discordance,
    smallest_provable_margin,
    tango_interval,
    tango_z,
)
from pytest_llmcost.statistics.power import cases_needed

ALPHA = 0.05


def unprovable(cases: int, margin: float) -> str:
    """Return why so many cases can never pass a margin, or nothing where they can.

    Args:
        cases: How many there are, at least 1.
        margin: The largest accepted drop.
    """
    if passes_zero_discordance(cases, margin, ALPHA):
        return ""
    provable, needed = smallest_provable_margin(cases, ALPHA), fewest_provable_cases(margin, ALPHA)
    return (
        f"{cases} cases can show no drop below {100 * provable:.1f} pt, and the margin is {100 * margin:g} pt: "
        f"a changed strategy cannot pass. {needed} cases could, without a single loss."
    )


def judge_quality(blank: Verdict, gate: QualityGate, records: Sequence[CaseRecord], pairing: Pairing | None) -> Verdict:
    """Return whether the answers got worse; a p of it is not yet corrected for other verdicts.

    Args:
        blank: A verdict with suite and strategy filled in.
        gate: The margin and the floor.
        records: Every case of this run.
        pairing: The cases common with the baseline; None where there is no baseline.
    """
    scored = [record.mean_score for record in records if record.is_scored]
    value = sum(scored) / len(scored) if scored else None
    verdict = dataclasses.replace(blank, metric="quality", value=value, margin=gate.margin)
    if value is None:
        return dataclasses.replace(verdict, outcome=Outcome.INCONCLUSIVE, reason="no case was answered")
    # A floor is a comparison, not a test; the half ulp of a mean must not decide it.
    if gate.min is not None and not value >= gate.min - 1e-12:
        reason = f"{value:.1%} right is below the floor of {gate.min:.1%}"
        return dataclasses.replace(verdict, outcome=Outcome.FAIL, reason=reason, basis="bound")
    if pairing is None:
        return dataclasses.replace(verdict, outcome=Outcome.NEW, reason="no baseline to compare with")
    return _compared(verdict, gate, pairing)


def _compared(verdict: Verdict, gate: QualityGate, pairing: Pairing) -> Verdict:
    n = len(pairing.pairs)
    verdict = dataclasses.replace(verdict, n=n, lost=pairing.lost, won=pairing.won)
    if pairing.too_few:
        reason = f"too few common cases: {n} of the baseline's {pairing.before}"
        return dataclasses.replace(verdict, outcome=Outcome.INCONCLUSIVE, reason=reason)
    before = sum(pair.before.mean_score for pair in pairing.pairs) / n
    verdict = dataclasses.replace(verdict, before=before)
    if pairing.is_unchanged:
        return dataclasses.replace(
            verdict, outcome=Outcome.PASS, basis="unchanged", estimate=0.0, reason=f"unchanged: {n} equal answers"
        )
    graded = next((pair.now.case for pair in pairing.pairs if not pair.is_right_or_wrong), None)
    if graded is not None:
        reason = f"only right and wrong are compared yet, and case {graded!r} scores between them"
        return dataclasses.replace(verdict, outcome=Outcome.INCONCLUSIVE, reason=reason)
    return _tested(verdict, gate, pairing)


def _tested(verdict: Verdict, gate: QualityGate, pairing: Pairing) -> Verdict:
    losses, gains, n, margin = len(pairing.lost), len(pairing.won), len(pairing.pairs), gate.margin
    interval = tango_interval(losses, gains, n)
    passes = tango_z(losses, gains, n, margin) >= critical_z(ALPHA) and passes_zero_discordance(n, margin, ALPHA)
    drop = (losses - gains) / n
    # At no margin at all nothing passes, however many cases there are.
    needed = cases_needed(losses, gains, n, margin) if margin else n
    large_enough = {
        "drop_of_margin": drop >= margin,
        "beyond_margin": interval.upper < -margin,
        "any_drop": drop > 0,
    }[gate.fail_on]
    return dataclasses.replace(
        verdict,
        outcome=Outcome.PASS if passes else Outcome.INCONCLUSIVE,
        basis="test",
        estimate=(gains - losses) / n,
        lower=interval.lower,
        upper=interval.upper,
        p=mcnemar_midp(losses, gains),
        losses=losses,
        gains=gains,
        may_fail=not passes and large_enough,
        # More of the same settle nothing where enough are there, or the drop is no accident of size.
        needed=needed if needed > n and drop < margin else None,
    )

"""Is it worse? The paired decision on the answers (statistics.md, sections 0 to 3)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from pytest_llmcost.domain.gate import Outcome, QualityGate, Verdict
from pytest_llmcost.gate.evidence import ALPHA, evidence_of
from pytest_llmcost.gate.pairing import Pairing
from pytest_llmcost.gate.records import CaseRecord
from pytest_llmcost.statistics.clusters import count_groups
from pytest_llmcost.statistics.paired import fewest_provable_cases, passes_zero_discordance, smallest_provable_margin

TIE = 1e-12
"""Means that are apart by less are equal: the half ulp of a sum must decide nothing."""


def unprovable(groups: Sequence[str | None], margin: float) -> str:
    """Return why so many cases, or groups of them, can never pass a margin, or nothing where they can.

    Args:
        groups: Of each case, at least 1; None stands alone.
        margin: The largest accepted drop.
    """
    units = count_groups(groups)
    if passes_zero_discordance(units, margin, ALPHA):
        return ""
    word = "groups" if units < len(groups) else "cases"
    provable, needed = smallest_provable_margin(units, ALPHA), fewest_provable_cases(margin, ALPHA)
    return (
        f"{units} {word} can show no drop below {100 * provable:.1f} pt, and the margin is {100 * margin:g} pt: "
        f"a changed strategy cannot pass. {needed} {word} could, without a single loss."
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
    # A floor is a comparison, not a test.
    if gate.min is not None and not value >= gate.min - TIE:
        word = "right" if set(scored) <= {0.0, 1.0} else "on average"
        reason = f"{value:.1%} {word} is below the floor of {gate.min:.1%}"
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
    if count_groups(pairing.groups) == 1:
        reason = f"all {n} common cases are in one group, and one group tells nothing of others"
        return dataclasses.replace(verdict, outcome=Outcome.INCONCLUSIVE, reason=reason, groups=1)
    return judge_change(verdict, gate, pairing)


def judge_change(verdict: Verdict, gate: QualityGate, pairing: Pairing, pass_alpha: float = ALPHA) -> Verdict:
    """Return *verdict* with what the paired cases say: at least two, in at least two groups.

    Args:
        verdict: With all that is known without a test.
        gate: The margin, and what fails; a floor is judged elsewhere.
        pairing: The cases common with the baseline.
        pass_alpha: How often a drop of just the margin may pass.
    """
    found, margin = evidence_of(pairing, gate.margin, pass_alpha), gate.margin
    large_enough = {
        "drop_of_margin": -found.change >= margin - TIE,
        "beyond_margin": found.interval.upper < -margin,
        "any_drop": found.change < 0,
    }[gate.fail_on]
    units = count_groups(pairing.groups)
    return dataclasses.replace(
        verdict,
        outcome=Outcome.PASS if found.passes else Outcome.INCONCLUSIVE,
        basis="test",
        estimate=found.change,
        lower=found.interval.lower,
        upper=found.interval.upper,
        possible=found.possible,
        p=found.p,
        method=found.method,
        losses=len(pairing.lost),
        gains=len(pairing.won),
        groups=units if pairing.has_groups else 0,
        trials=pairing.trials,
        may_fail=not found.passes and large_enough,
        # More of the same settle nothing where enough are there, or the drop is no accident of size.
        needed=found.needed if found.needed > units and -found.change < margin - TIE else None,
    )

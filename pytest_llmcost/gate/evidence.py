"""What the paired cases say of a drop: how large it is, how sure, and which drop they exclude."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_llmcost.gate.pairing import Pairing
from pytest_llmcost.statistics.clusters import count_groups, group_means
from pytest_llmcost.statistics.intervals import Interval, cluster_jackknife, critical_z, mean_t
from pytest_llmcost.statistics.paired import mcnemar_midp, passes_zero_discordance, tango_interval, tango_z
from pytest_llmcost.statistics.permutation import sign_flip_groups, within_case_permutation
from pytest_llmcost.statistics.power import cases_needed, graded_cases_needed
from pytest_llmcost.statistics.score import graded_score_z, largest_possible_drop

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a comparison of the same cases found.

    Attributes:
        change: Mean score now less before.
        interval: Its 90 % interval.
        possible: The largest drop that is not excluded.
        passes: Whether a drop of the margin is excluded.
        p: One-sided, of "worse".
        method: How p was found; empty for McNemar's test of right and wrong answers.
        needed: Cases, or groups where there are some, that an unchanged system needs to pass.
    """

    change: float
    interval: Interval
    possible: float
    passes: bool
    p: float
    method: str
    needed: int


def evidence_of(pairing: Pairing, margin: float, pass_alpha: float = ALPHA) -> Evidence:
    """Return what at least two pairs, in at least two groups, say of a drop of *margin*.

    Args:
        pairing: The cases common with the baseline.
        margin: The largest accepted drop.
        pass_alpha: How often a drop of just *margin* may pass.
    """
    if pairing.has_groups or not all(pair.is_right_or_wrong for pair in pairing.pairs):
        return _of_graded(pairing, margin, pass_alpha)
    return _of_right_or_wrong(len(pairing.lost), len(pairing.won), len(pairing.pairs), margin, pass_alpha)


def _of_right_or_wrong(losses: int, gains: int, n: int, margin: float, pass_alpha: float) -> Evidence:
    interval, excluded = tango_interval(losses, gains, n), tango_interval(losses, gains, n, 1 - 2 * pass_alpha)
    return Evidence(
        change=(gains - losses) / n,
        interval=interval,
        possible=-excluded.lower,
        passes=tango_z(losses, gains, n, margin) >= critical_z(pass_alpha)
        and passes_zero_discordance(n, margin, ALPHA),
        p=mcnemar_midp(losses, gains),
        method="",
        needed=cases_needed(losses, gains, n, margin) if margin else n,
    )


def _of_graded(pairing: Pairing, margin: float, pass_alpha: float) -> Evidence:
    changes, groups = pairing.changes, pairing.groups
    means, units = group_means(changes, groups), count_groups(groups)
    estimate = cluster_jackknife(changes, groups) if pairing.has_groups else mean_t(changes)
    interval = _within_scores(estimate.interval)
    is_excluded = graded_score_z(means, margin) >= critical_z(pass_alpha)
    is_excluded = is_excluded and passes_zero_discordance(units, margin, ALPHA)
    possible = largest_possible_drop(means, pass_alpha)
    if pairing.has_groups:  # the score rule weighs groups alike, the interval by their cases
        is_excluded = is_excluded and interval.lower > -margin
        possible = max(possible, -interval.lower)
    p, method = _p_worse(pairing)
    needed = graded_cases_needed(means, margin) if margin else units
    return Evidence(estimate.value, interval, possible, is_excluded, p, method, needed)


def _within_scores(interval: Interval) -> Interval:
    """Return the part of *interval* that a change of scores within 0..1 can reach."""
    return Interval(max(-1.0, interval.lower), min(1.0, interval.upper), interval.level)


def _p_worse(pairing: Pairing) -> tuple[float, str]:
    """Return p and its method: signs of cases, or of whole groups, that might as well be otherwise.

    With unequal numbers of trials a case's change is skewed though nothing changed, and signs err (10 % with 1 trial
    before and 3 now). Exchanging the trials' labels holds then; but where as many cases got better as got worse,
    labels err more (10 to 25 %), and signs hold. So p is the larger of both.
    """
    p = sign_flip_groups(pairing.changes, pairing.groups)
    method = "sign flips of whole groups" if pairing.has_groups else "sign flips"
    if all(len(pair.before.scores) == len(pair.now.scores) for pair in pairing.pairs):
        return p, method
    before, now = [pair.before.scores for pair in pairing.pairs], [pair.now.scores for pair in pairing.pairs]
    return max(p, within_case_permutation(before, now)), f"{method} and exchanged trials"

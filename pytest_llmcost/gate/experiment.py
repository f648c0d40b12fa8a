"""Is the treatment worse? An A/B experiment, judged: not worse by more than a margin, worse, or not to be told yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_llmcost.domain.gate import Outcome
from pytest_llmcost.statistics.intervals import Estimate, Interval
from pytest_llmcost.statistics.two_samples import (
    always_valid,
    difference_of_means,
    difference_of_rates,
    sample_ratio_p,
    users_to_clear,
)

LEVEL = 0.90
MISMATCH = 0.001
"""Below such a chance of the split, the assignment is broken rather than unlucky."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What an experiment says.

    Attributes:
        users: Of treatment and control.
        rates: Their error rates.
        change: Treatment less control; `interval`: its 90 % interval, at one look.
        p: Two-sided, of no difference; None where users have several answers.
        always: The interval that holds however often one looks.
        split_p: The chance of such a split of users, or of one farther off.
        needed: Users of treatment and control in all that would clear the margin if the rates were the same.
        cost: US dollars a user, treatment less control; None where cost is not compared.
    """

    outcome: Outcome
    reason: str
    users: tuple[int, int]
    rates: tuple[float, float]
    change: float
    interval: Interval
    p: float | None
    always: Interval
    split_p: float
    needed: tuple[int, int] | None = None
    cost: Estimate | None = None


def judge_experiment(
    errors: tuple[Sequence[float], Sequence[float]],
    costs: tuple[Sequence[float], Sequence[float]],
    *,
    margin: float,
    share: float,
) -> Reading:
    """Return what the errors of treatment and control say.

    Args:
        errors: Of each user 0..1, treatment first, at least 2 of either.
        costs: Of each user, US dollars; empty where cost is not compared.
        margin: The largest accepted rise of the error rate, above 0 and below 1.
        share: The treatment's intended share of the users, above 0 and below 1.

    Raises:
        ValueError: If an argument is out of range.
    """
    treatment, control = errors
    users = (len(treatment), len(control))
    rates = (sum(treatment) / users[0], sum(control) / users[1])
    change, interval, p = _difference(treatment, control)
    needed = _needed(treatment, control, margin, share)
    split_p = sample_ratio_p(*users, share)
    outcome, reason = _judged(interval, margin, split_p, users, needed)
    planned = sum(needed) if needed else sum(users)
    return Reading(
        outcome,
        reason,
        users,
        rates,
        change,
        interval,
        p,
        always_valid(treatment, control, level=LEVEL, planned=planned),
        split_p,
        needed,
        difference_of_means(*costs, level=LEVEL) if costs[0] else None,
    )


def _difference(treatment: Sequence[float], control: Sequence[float]) -> tuple[float, Interval, float | None]:
    if {*treatment, *control} <= {0.0, 1.0}:
        found = difference_of_rates(round(sum(treatment)), len(treatment), round(sum(control)), len(control), LEVEL)
        return found.value, found.interval, found.p
    means = difference_of_means(treatment, control, LEVEL)
    return means.value, means.interval, None


def _needed(
    treatment: Sequence[float], control: Sequence[float], margin: float, share: float
) -> tuple[int, int] | None:
    rate = (sum(treatment) + sum(control)) / (len(treatment) + len(control))
    if not 0 < rate < 1:
        return None
    return users_to_clear(rate, margin, ratio=(1 - share) / share)


def _judged(
    interval: Interval, margin: float, split_p: float, users: tuple[int, int], needed: tuple[int, int] | None
) -> tuple[Outcome, str]:
    if split_p < MISMATCH:
        return Outcome.INCONCLUSIVE, (
            f"{users[0]:,} and {users[1]:,} users are no split of the intended share (p = {split_p:.1e}): users were "
            "lost, or assigned wrongly. Mend that first"
        )
    if interval.upper < margin:
        return Outcome.PASS, f"not worse by more than {100 * margin:g} pt"
    if interval.lower > margin:
        return Outcome.FAIL, f"worse by more than {100 * margin:g} pt"
    if interval.lower > 0:
        return Outcome.FAIL, f"worse; whether by more than {100 * margin:g} pt cannot be told"
    return Outcome.INCONCLUSIVE, _more(users, needed)


def _more(users: tuple[int, int], needed: tuple[int, int] | None) -> str:
    if needed is None:
        return "no user had an error, or all had"
    more = [max(0, wanted - there) for wanted, there in zip(needed, users, strict=True)]
    if not any(more):
        return "as many users as an equal treatment would need are there; more alone may not settle it"
    return f"{more[0]:,} more users of the treatment and {more[1]:,} of the control, if their rates are the same"

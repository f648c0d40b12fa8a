"""How well two readers agree on labels, beyond what chance would make them: one of them may be the truth."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from pytest_llmcost.statistics.checks import check_counts, check_same_length
from pytest_llmcost.statistics.clusters import gather
from pytest_llmcost.statistics.intervals import Estimate, Interval, around, wilson


@dataclass(frozen=True, slots=True)
class LabelShares:
    """How well one label is found; None where there is nothing to divide by.

    Attributes:
        precision: Of the answers with this label, the share that is right.
        recall: Of the cases with this label, the share that got it.
        f1: The harmonic mean of both; None where nobody gave the label, and no case has it.
    """

    precision: float | None
    recall: float | None
    f1: float | None


def label_shares(right: int, answered: int, expected: int) -> LabelShares:
    """Return precision, recall and F1 of one label.

    Args:
        right: Answers with this label where it is the right one.
        answered: All answers with this label.
        expected: All cases with this label.

    Raises:
        ValueError: If a count is negative, or more are right than there are.
    """
    check_counts(right=right, answered=answered, expected=expected)
    if right > min(answered, expected):
        raise ValueError(f"right is {right}, more than answered, {answered}, or expected, {expected}")
    return LabelShares(
        right / answered if answered else None,
        right / expected if expected else None,
        2 * right / (answered + expected) if answered + expected else None,
    )


def cohen_kappa(
    one: Sequence[Hashable], other: Sequence[Hashable], groups: Sequence[Hashable], level: float = 0.90
) -> Estimate | None:
    """Return Cohen's kappa, (observed - expected by chance)/(1 - expected), with its interval within [-1, 1].

    Source: Cohen 1960; the standard error is that of Fleiss, Cohen and Everitt 1969, eq. 13, in its form as a sum over
    what each judgement adds, so that judgements of one group are taken together; times sqrt(G/(G - 1)), with t(G - 1)
    for G groups. Where that finds no variation, as when all agree, the interval is Wilson's of the agreement among as
    many groups, chance held fixed. One group tells nothing of others: the interval is all of [-1, 1].

    Args:
        one: The label that one reader gave, at least 1.
        other: What the other gave to the same, in the same order.
        groups: What belongs together (trials of a case, cases of a group); `None` is a group of its own.
        level: Two-sided confidence, above 0 and below 1.

    Returns:
        None where both gave one and the same label always: chance explains all there is.

    Raises:
        ValueError: If lengths differ, there is nothing, or *level* is out of range.
    """
    check_same_length(one=one, other=other, groups=groups)
    if not one:
        raise ValueError("one: 0 given, at least 1 needed")
    n, rows, columns = len(one), Counter(one), Counter(other)
    agreed = sum(a == b for a, b in zip(one, other, strict=True)) / n
    by_chance = sum(rows[label] * columns[label] for label in rows) / n**2
    if by_chance == 1:
        return None
    adds = [
        ((a == b) - agreed) * (1 - by_chance) - (1 - agreed) * ((columns[a] + rows[b]) / n - 2 * by_chance)
        for a, b in zip(one, other, strict=True)
    ]
    sums = [math.fsum(cluster) for cluster in gather(adds, groups)]
    units, kappa = len(sums), (agreed - by_chance) / (1 - by_chance)
    if units == 1:
        return Estimate(kappa, math.inf, Interval(-1.0, 1.0, level))
    error = math.sqrt(math.fsum(part * part for part in sums) * units / (units - 1)) / n / (1 - by_chance) ** 2
    found = around(kappa, error, units - 1, level)
    if error < 1e-12:
        share = wilson(round(units * agreed), units, level)
        ends = [(end - by_chance) / (1 - by_chance) for end in (share.lower, share.upper)]
        found = Estimate(kappa, error, Interval(min(ends[0], kappa), max(ends[1], kappa), level))
    return _within(found)


def _within(found: Estimate) -> Estimate:
    ends = found.interval
    return Estimate(
        found.value, found.standard_error, Interval(max(-1.0, ends.lower), min(1.0, ends.upper), ends.level)
    )

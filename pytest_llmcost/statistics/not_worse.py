"""How surely no worse: the p of "it is worse by a margin or more", for claims that stand beside others."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from statistics import NormalDist

from pytest_llmcost.statistics.checks import check_margin
from pytest_llmcost.statistics.clusters import count_groups, group_means
from pytest_llmcost.statistics.intervals import Estimate, cluster_jackknife
from pytest_llmcost.statistics.paired import tango_z
from pytest_llmcost.statistics.score import graded_score_z
from pytest_llmcost.statistics.student import upper_tail


def p_not_worse(losses: int, gains: int, n: int, margin: float) -> float:
    """Return the one-sided p of "the drop is *margin* or more", for right and wrong answers.

    The larger of Tango's and of (1 - margin)^n, the chance of so many cases without a loss: both rules of
    statistics.md section 1, so that p is at most 0.05 where that section lets a comparison pass.

    Args:
        losses: Pairs that were right and are now wrong.
        gains: Pairs that were wrong and are now right.
        n: All pairs, at least 1.
        margin: Largest accepted drop, at least 0 and below 1.

    Raises:
        ValueError: If the counts do not fit into *n*, or *margin* is out of range.
    """
    return max(_above(tango_z(losses, gains, n, margin)), (1 - margin) ** n)


def p_not_worse_graded(diffs: Sequence[float], groups: Sequence[Hashable], margin: float) -> float:
    """Return the same for graded differences and groups, by the rules of section 3.

    Args:
        diffs: Candidate minus baseline, one a case, each within [-1, 1].
        groups: The group of each case, at least 2 of them; `None` is a group of its own.
        margin: Largest accepted mean drop, at least 0 and below 1.

    Raises:
        ValueError: If lengths differ, a value is out of range, NaN or infinite, or there are fewer than 2 groups.
    """
    check_margin(margin)
    units = count_groups(groups)
    p = max(_above(graded_score_z(group_means(diffs, groups), margin)), (1 - margin) ** units)
    return max(p, _p_of_mean(cluster_jackknife(diffs, groups), margin, units)) if units < len(diffs) else p


def _above(z: float) -> float:
    return NormalDist().cdf(-z)


def _p_of_mean(found: Estimate, margin: float, units: int) -> float:
    """Return the p of "the mean is at most -margin", by Student's t of the groups."""
    excess = found.value + margin
    if not found.standard_error:
        return 0.0 if excess > 0 else 1.0
    return upper_tail(excess / found.standard_error, units - 1)

"""Cases that share a group rise and fall together, so they are counted as one."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence

from pytest_llmcost.statistics.checks import check_same_length, check_values


def gather(diffs: Sequence[float], groups: Sequence[Hashable]) -> list[list[float]]:
    """Return the differences of each group, groups in the order of their first case.

    Args:
        diffs: Candidate minus baseline, one a case, at least 1.
        groups: The group of each case; `None` is a group of its own.

    Raises:
        ValueError: If lengths differ, there is no case, or a difference is NaN or infinite.
    """
    check_same_length(diffs=diffs, groups=groups)
    check_values("diffs", diffs)
    if not any(group is not None for group in groups):
        return [[diff] for diff in diffs]
    clusters: dict[Hashable, list[float]] = {}
    for place, (diff, group) in enumerate(zip(diffs, groups, strict=True)):
        key = (True, place) if group is None else (False, group)
        clusters.setdefault(key, []).append(diff)
    return list(clusters.values())


def count_groups(groups: Sequence[Hashable]) -> int:
    """Return how many groups there are; `None` is a group of its own."""
    return len({group for group in groups if group is not None}) + sum(group is None for group in groups)


def group_means(diffs: Sequence[float], groups: Sequence[Hashable]) -> list[float]:
    """Return the mean difference of each group, each group once whatever its size.

    Raises:
        ValueError: As `gather`.
    """
    return [cluster[0] if len(cluster) == 1 else math.fsum(cluster) / len(cluster) for cluster in gather(diffs, groups)]

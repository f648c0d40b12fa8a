"""Asked several times: the chance of one right answer among k, and of k that are all right."""

from __future__ import annotations

import math

from pytest_llmcost.statistics.checks import check_counts


def pass_at(k: int, right: int, trials: int) -> float:
    """Return pass@k: the chance that of *k* trials, drawn from those made, at least one is right.

    1 - C(trials - right, k)/C(trials, k), without bias. Source: Chen et al. 2021, eq. 1.

    Args:
        k: How many are drawn, 1 to *trials*.
        right: How many of the trials are right.
        trials: How many were made.

    Raises:
        ValueError: If *right* is more than *trials*, or *k* is not within 1 and *trials*.
    """
    _check(k, right, trials)
    return 1 - math.comb(trials - right, k) / math.comb(trials, k)


def pass_all(k: int, right: int, trials: int) -> float:
    """Return pass^k: the chance that all of *k* trials, drawn from those made, are right; arguments as of `pass_at`.

    C(right, k)/C(trials, k), without bias. Source: Yao et al. 2024 (tau-bench).

    Raises:
        ValueError: As `pass_at`.
    """
    _check(k, right, trials)
    return math.comb(right, k) / math.comb(trials, k)


def _check(k: int, right: int, trials: int) -> None:
    check_counts(k=k, right=right, trials=trials)
    if right > trials:
        raise ValueError(f"right is {right}, more than trials, {trials}")
    if not 1 <= k <= trials:
        raise ValueError(f"k is {k}, must be at least 1 and at most trials, {trials}")

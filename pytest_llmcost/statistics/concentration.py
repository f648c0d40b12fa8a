"""Whether what was lost lies more in one part of the cases than chance would have it."""

from __future__ import annotations

import math

from pytest_llmcost.statistics.checks import check_counts


def p_concentrated(hits: int, part: int, marked: int, n: int) -> float:
    """Return P(X >= hits), X hypergeometric: so many of the *marked* cases in a *part* of all, by chance.

    Fisher's exact test, one-sided. Source: Fisher 1934; the margins are taken as given.

    Args:
        hits: Marked cases in the part.
        part: Cases in the part.
        marked: Marked cases in all.
        n: All cases.

    Raises:
        ValueError: If the counts do not fit into each other.
    """
    check_counts(hits=hits, part=part, marked=marked, n=n)
    if max(part, marked) > n or not max(0, part + marked - n) <= hits <= min(part, marked):
        raise ValueError(f"{hits} of {marked} marked cases cannot lie in a part of {part} out of {n}")
    if hits <= part * marked / max(n, 1):  # the far tail is summed: its terms fall from the first
        return 1.0 - p_concentrated(part - hits + 1, part, n - marked, n) if hits > part + marked - n and hits else 1.0
    term = total = _chance(hits, part, marked, n)
    for k in range(hits, min(part, marked)):
        term *= (marked - k) * (part - k) / ((k + 1) * (n - marked - part + k + 1))
        total += term
    return min(1.0, total)


def _chance(k: int, part: int, marked: int, n: int) -> float:
    logs = _log_choose(marked, k) + _log_choose(n - marked, part - k) - _log_choose(n, part)
    return math.exp(logs)


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)

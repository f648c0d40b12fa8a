"""One run tells how a second one of the same system would differ: a trial is one of the case's own, or a stranger's.

A case's own trials alone show too little: whatever they have in common looks as if it could not be otherwise, so that
two runs drawn from k trials a case differ less than two real ones, by a share 1/k. So a trial is drawn from the scores
of all cases with a small chance, the *stranger's chance*, chosen so that the noise as a whole is as large as it is.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from pytest_llmcost.statistics.checks import check_probabilities, check_values


def strangers_by_repeats(trials: Sequence[Sequence[float]]) -> list[float]:
    """Return each case's stranger's chance, so that the noise within cases is what the repeats show without bias.

    1 - sqrt(t/(t + s/k)): s the variance within cases, t that between their true means, k the case's trials; both by
    analysis of variance. Drawing so has the variance s on average, as the moments of such a mixture show.
    Source: shrinkage of the James-Stein kind, put on distributions rather than on means.

    Args:
        trials: Scores of each case's trials, at least 2 cases, 1 trial each and 2 of any.

    Raises:
        ValueError: If there are fewer, or a score is NaN or infinite.
    """
    check_values("trials", [score for case in trials for score in case], at_least=2)
    means = [math.fsum(case) / len(case) for case in trials]
    freedom = sum(len(case) - 1 for case in trials)
    if freedom < 1 or len(trials) < 2:
        raise ValueError(f"trials: {len(trials)} cases, {freedom} repeats; at least 2 and 1 needed")
    within = (
        math.fsum((score - mean) ** 2 for case, mean in zip(trials, means, strict=True) for score in case) / freedom
    )
    middle = math.fsum(means) / len(means)
    spread = math.fsum((mean - middle) ** 2 for mean in means) / (len(means) - 1)
    between = max(0.0, spread - within * math.fsum(1 / len(case) for case in trials) / len(trials))
    return [1 - math.sqrt(between / (between + within / len(case))) if within else 0.0 for case in trials]


def stranger_by_discordance(trials: Sequence[Sequence[float]], discordance: float) -> float:
    """Return the stranger's chance at which two trials of a case differ in a share *discordance* of the cases.

    1 where even strangers differ less often: nearly all answers right leave little room for two equally good runs to
    differ. Found to 1e-9 by bisection of `discordance_of`.

    Raises:
        ValueError: If there is no trial, a score is NaN or infinite, or *discordance* is not within [0, 1].
    """
    check_probabilities("discordance", [discordance])
    low, high = 0.0, 1.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (low, middle) if discordance_of(trials, [middle] * len(trials)) >= discordance else (middle, high)
    return high


def discordance_of(trials: Sequence[Sequence[float]], chances: Sequence[float]) -> float:
    """Return the share of cases in which two trials, drawn with these stranger's chances, have different scores.

    Raises:
        ValueError: If there is no trial, or a score is NaN or infinite.
    """
    pool = strangers(trials)
    counts = Counter(pool)
    shares = {score: count / len(pool) for score, count in counts.items()}
    both = 1 - math.fsum(share**2 for share in shares.values())
    total = 0.0
    for case, chance in zip(trials, chances, strict=True):
        own = {score: count / len(case) for score, count in Counter(case).items()}
        neither = 1 - math.fsum(share**2 for share in own.values())
        one = 1 - math.fsum(share * shares[score] for score, share in own.items())
        total += (1 - chance) ** 2 * neither + 2 * chance * (1 - chance) * one + chance**2 * both
    return total / len(trials)


def strangers(trials: Sequence[Sequence[float]]) -> list[float]:
    """Return the scores that strangers are drawn from: all there are, and one 0 and one 1.

    The two are Laplace's: that no answer was wrong in 40 does not mean that none can be.

    Raises:
        ValueError: If there is no trial, or a score is NaN or infinite.
    """
    pool = [score for case in trials for score in case]
    check_values("trials", pool)
    return [*pool, 0.0, 1.0]

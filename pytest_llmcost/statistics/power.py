"""How many cases would settle it, if nothing changed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pytest_llmcost.statistics.checks import check_between, check_pairs, check_values
from pytest_llmcost.statistics.intervals import critical_z
from pytest_llmcost.statistics.paired import fewest_provable_cases


def cases_needed(losses: int, gains: int, n: int, margin: float, alpha: float = 0.05, power: float = 0.80) -> int:
    """Return how many cases in all, those seen included, an unchanged system needs to pass with chance *power*.

    The larger of (z_alpha + z_power)^2 psi/M^2, psi = (losses + gains + 1)/(n + 2) the smoothed share of
    changed cases, and of the cases without which not even zero changes pass. Where it is not above *n*, or the
    observed drop is *margin* or more, more cases alone are not expected to settle it.
    Source: normal approximation of the paired test at no difference, statistics.md section 2.

    Args:
        losses: Pairs that were right and are now wrong.
        gains: Pairs that were wrong and are now right.
        n: All pairs seen, at least 1.
        margin: Largest accepted drop, above 0 and below 1.
        alpha: Accepted chance of a false pass, above 0 and below 1.
        power: Wanted chance of a pass, above 0 and below 1.

    Raises:
        ValueError: If the counts do not fit into *n*, or another argument is out of range.
    """
    check_pairs(losses, gains, n)
    changed = (losses + gains + 1) / (n + 2)
    return _cases_for(changed, changed, margin, alpha, power)


def graded_cases_needed(diffs: Sequence[float], margin: float, alpha: float = 0.05, power: float = 0.80) -> int:
    """Return the same for graded differences, of which the sample variance s^2 stands for the share that changed.

    (z_alpha sqrt(s^2 + M(1 - M)) + z_power sqrt(s^2))^2/M^2: `graded_score_z` puts a drop of M on total losses, so
    that what it must exceed has that much more variance. Without this term (statistics.md section 2 as it stands)
    an unchanged system passed in 36 to 79 % of simulated runs of that many cases, with it in 73 to 93 %.
    With groups, give one mean a group; the answer is in groups.

    Args:
        diffs: Candidate minus baseline, one a case, at least 2.
        margin: Largest accepted mean drop, above 0 and below 1.
        alpha: Accepted chance of a false pass, above 0 and below 1.
        power: Wanted chance of a pass, above 0 and below 1.

    Raises:
        ValueError: If there are fewer than 2 *diffs*, one is NaN or infinite, or another argument is out of range.
    """
    check_values("diffs", diffs, at_least=2)
    mean = math.fsum(diffs) / len(diffs)
    variance = math.fsum((diff - mean) ** 2 for diff in diffs) / (len(diffs) - 1)
    return _cases_for(variance + margin * (1 - margin), variance, margin, alpha, power)


def _cases_for(variance_at_margin: float, variance: float, margin: float, alpha: float, power: float) -> int:
    check_between("power", power, 0, 1)
    fewest = fewest_provable_cases(margin, alpha)
    distance = critical_z(alpha) * math.sqrt(variance_at_margin) + critical_z(1 - power) * math.sqrt(variance)
    return max(fewest, math.ceil(max(0.0, distance) ** 2 / margin**2))

"""Learn, then test: settings are tried in an order fixed beforehand, from the safest, up to the first that fails.

Whatever is then chosen among those that passed, the chance that any of them loses more than the bound is at most
delta. Source: Angelopoulos, Bates, Candes, Jordan and Lei 2021, "Learn then Test", fixed sequence testing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import NormalDist

from pytest_llmcost.statistics.checks import check_between, check_counts, check_probabilities, check_values
from pytest_llmcost.statistics.intervals import Interval
from pytest_llmcost.statistics.score import graded_score_z

_WHOLE = 1e-9


def clopper_pearson_upper(harm: int, n: int, delta: float) -> float:
    """Return the exact upper end of a share of which *harm* of *n* were seen; it is below the truth in delta of cases.

    Source: Clopper and Pearson 1934, one-sided: the largest share whose P(X <= harm) is above delta.

    Raises:
        ValueError: If *n* is 0, *harm* not within 0..n, or *delta* not above 0 and below 1.
    """
    from scipy.special import betaincinv

    check_counts(harm=harm, n=n)
    check_between("delta", delta, 0, 1)
    if n == 0 or harm > n:
        raise ValueError(f"harm is {harm} of n = {n}, must be at most n, and n at least 1")
    return 1.0 if harm == n else float(betaincinv(harm + 1, n - harm, 1 - delta))


def clopper_pearson(x: int, n: int, level: float = 0.90) -> Interval:
    """Return the exact interval of a share of which *x* of *n* were seen: it covers the truth in *level* of cases.

    Source: Clopper and Pearson 1934: two one-sided bounds, each with half of what *level* leaves.

    Raises:
        ValueError: If *n* is 0, *x* not within 0..n, or *level* not above 0 and below 1.
    """
    check_between("level", level, 0, 1)
    delta = (1 - level) / 2
    upper = clopper_pearson_upper(x, n, delta)
    return Interval(1 - clopper_pearson_upper(n - x, n, delta), upper, level)


def harm_p(harms: Sequence[float], bound: float) -> float:
    """Return the p-value of "the mean harm is *bound* or more".

    Where each harm is 0 or 1 it is exact, P(X <= harm), X binomial(n, bound). Else the smaller of Hoeffding's
    exp(-n kl(mean, bound)) and Bentkus's e P(X <= ceil(n mean)), which hold for all values within 0..1 and agree
    with the exact one where there is no harm at all.
    Source: Bates, Angelopoulos, Lei, Malik and Jordan 2021, "Distribution-free, risk-controlling prediction sets".

    Args:
        harms: One a case (or one a group), each within 0..1.
        bound: Above 0 and below 1.

    Raises:
        ValueError: If *harms* is empty or holds a value beyond 0..1, or *bound* is out of range.
    """
    from scipy.special import bdtr

    check_values("harms", harms)
    check_probabilities("harms", harms)
    check_between("bound", bound, 0, 1)
    n, total = len(harms), math.fsum(harms)
    if set(harms) <= {0.0, 1.0}:
        return float(bdtr(round(total), n, bound))
    mean = total / n
    if mean >= bound:
        return 1.0
    bentkus = math.e * float(bdtr(math.ceil(total - _WHOLE), n, bound))
    return min(1.0, bentkus, math.exp(-n * _divergence(mean, bound)))


def _divergence(mean: float, bound: float) -> float:
    """Return the Kullback-Leibler divergence of two coins."""
    first = mean * math.log(mean / bound) if mean else 0.0
    return first + (1 - mean) * math.log((1 - mean) / (1 - bound))


def net_loss_p(diffs: Sequence[float], bound: float, largest: float = 1.0) -> float:
    """Return the p-value of "the mean loss, less what is gained, is *bound* or more".

    The score rule of graded scores; never below the chance that so many cases show no loss at all.

    Args:
        diffs: New less safe, one a case (or one a group), each within [-largest, largest].
        bound: Largest accepted mean loss, above 0 and below 1.
        largest: The largest weight of a case, at least 1, where cases stand for unequal shares of the traffic: what
            is not seen yet is taken to be total losses of the heaviest cases.

    Raises:
        ValueError: If *diffs* is empty or holds a value out of range, or *bound* is out of range.
    """
    check_between("bound", bound, 0, 1)
    margin = bound / largest
    z = graded_score_z([diff / largest for diff in diffs], margin)
    return max(NormalDist().cdf(-z), (1 - margin) ** len(diffs))


def passing(p_values: Iterable[float], delta: float) -> int:
    """Return how many of a fixed sequence pass: those before the first p-value above *delta*.

    Raises:
        ValueError: If *delta* is not above 0 and below 1.
    """
    check_between("delta", delta, 0, 1)
    count = 0
    for p in p_values:
        if not p <= delta:
            break
        count += 1
    return count


def cases_to_show(share: float, bound: float, delta: float) -> int:
    """Return about how many cases show a bound where *share* of them are harmed: the exact test at that very share.

    Args:
        share: At least 0, below *bound*.
        bound: Above 0 and below 1.
        delta: Accepted chance of being wrong, above 0 and below 1.

    Raises:
        ValueError: If an argument is out of range.
    """
    from scipy.special import bdtr

    check_between("bound", bound, max(0.0, share), 1)
    check_between("delta", delta, 0, 1)
    low, high = 0, 1
    while bdtr(math.ceil(share * high), high, bound) > delta:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        is_shown = bdtr(math.ceil(share * middle), middle, bound) <= delta
        low, high = (low, middle) if is_shown else (middle, high)
    return high

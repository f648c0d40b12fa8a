"""How slow are the slow ones: percentiles, and how much they changed, by drawing the same cases again and again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from pytest_llmcost.statistics.checks import check_between, check_counts, check_same_length, check_values
from pytest_llmcost.statistics.intervals import Interval

if TYPE_CHECKING:
    from numpy import float64, int64
    from numpy.typing import NDArray

Amount = TypeVar("Amount", float, Decimal)
"""Seconds, tokens, or US dollars."""

_MOST_SAMPLES, _FEWEST_SAMPLES = 2_000, 200
_DRAWS = 10_000_000  # of cases in all: with more of them the interval is so narrow that fewer samples will do
_BLOCK = 200_000  # draws at a time: what they fill stays near the processor


def percentile(values: Sequence[Amount], share: float) -> Amount:
    """Return the smallest value that at least *share* of the values do not exceed (nearest rank)."""
    return percentiles(values, [share])[0]


def percentiles(values: Sequence[Amount], shares: Sequence[float]) -> list[Amount]:
    """Return several of them, as `percentile` does each."""
    ordered = sorted(values)
    return [ordered[_place(len(ordered), share)] for share in shares]


def percentile_ratios(
    base: Sequence[float], cand: Sequence[float], shares: Sequence[float], level: float = 0.90, seed: int = 0
) -> tuple[Interval, ...]:
    """Return, for each share, the interval of the candidate's percentile over the baseline's.

    A percentile bootstrap of the logarithm: cases are drawn with replacement, both sides of a case together, 2,000
    times (fewer above 5,000 cases, 200 at least). Source: Efron 1979; statistics.md section 4.

    Args:
        base: Seconds of each case with the baseline, above 0, at least 2 cases.
        cand: The same cases with the candidate, in the same order.
        shares: Which percentiles: 0.95 is the 95th.
        level: Two-sided confidence, above 0 and below 1.
        seed: Of the draws, 0 or more; equal seeds give equal intervals.

    Raises:
        ValueError: If lengths differ, there are fewer than 2 cases, a value is 0, negative, NaN or infinite, or
            another argument is out of range.
    """
    import numpy as np

    check_same_length(base=base, cand=cand)
    check_between("level", level, 0, 1)
    check_counts(seed=seed)
    for name, values in (("base", base), ("cand", cand)):
        check_values(name, values, at_least=2)
        if min(values) <= 0:
            raise ValueError(f"{name} holds {min(values)}, must be above 0")
    for share in shares:
        check_between("share", share, 0, 1)
    places = [_place(len(base), share) for share in shares]
    ratios = _log_ratios(np.log(np.asarray(base)), np.log(np.asarray(cand)), places, seed)
    ends = np.quantile(ratios, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return tuple(Interval(math.exp(low), math.exp(high), level) for low, high in ends.T.tolist())


def _place(n: int, share: float) -> int:
    return max(0, math.ceil(share * n) - 1)


def _log_ratios(base: NDArray[float64], cand: NDArray[float64], places: Sequence[int], seed: int) -> NDArray[float64]:
    """Return a row a sample: of logarithms, candidate less baseline, at each of the *places* in order of size."""
    import numpy as np

    n, rows = len(base), []
    orders = [np.argsort(side) for side in (cand, base)]
    samples = min(_MOST_SAMPLES, max(_FEWEST_SAMPLES, _DRAWS // n))
    each = max(1, _BLOCK // n)
    words = np.random.PCG64(seed)  # (its raw words: no release of numpy changes them)
    for start in range(0, samples, each):
        size = min(each, samples - start)
        draws = np.asarray(words.random_raw(size * n // 2 + 1)).view(np.uint32)[: size * n]
        cases = (draws * np.uint64(n) >> np.uint64(32)).view(np.int64).reshape(size, n)
        times = np.bincount((cases + n * np.arange(size)[:, None]).ravel(), minlength=size * n).reshape(size, n)
        drawn = [
            side[order][_reached(times.take(order, axis=1), places)]
            for side, order in zip((cand, base), orders, strict=True)
        ]
        rows.append(drawn[0] - drawn[1])
    return np.concatenate(rows)


def _reached(times: NDArray[int64], places: Sequence[int]) -> NDArray[int64]:
    """Return, a row a sample, the column in which each of the *places* lies, columns being taken so many times."""
    import numpy as np

    so_far = times.cumsum(axis=1)
    return np.stack([(so_far > place).argmax(axis=1) for place in places], axis=1)
